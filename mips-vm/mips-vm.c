/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "die.h"
#include "proc.h"
#include "tty.h"
#include "words.h"

#define START_MS 60000 /* QEMU's own time to come up, on the worst host */

static void
find_program(struct conf *c)
{
	const char *own = options_env("QEMU");
	char b[4096];

	c->program = own ? own : c->arch->program;
	if (proc_find(c->program, b, sizeof(b)) == 0)
		return;
	die(1, "%s: not found%s", c->program,
	    own ? " (the QEMU variable names it)" : "; is QEMU installed?");
}

/* DIR/args: the command, to be run again */
static int
write_args(struct vmdir *d, char **argv)
{
	char b[16384];
	size_t n = 0;
	int k;

	for (; *argv; argv++) {
		k = words_quote(*argv, b + n, sizeof(b) - n - 2);
		if (k < 0)
			break;
		n += (size_t)k;
		b[n++] = argv[1] ? ' ' : '\n';
	}
	b[n] = 0;
	if (vmdir_put(d, "args", b) == 0)
		return 0;
	warn("%s/args:", d->path);
	return -1;
}

/* the sockets and files of DIR; -1: a message was given */
static int
fill_dir(struct vmdir *d, struct vmsup *s)
{
	static const struct {
		const char *name;
		int give; /* to QEMU as this one, or -1 */
	} t[] = { { "console", -1 }, { "console.all", -1 }, { "control", -1 },
		{ "monitor", GIVE_MONITOR }, { "qmp", GIVE_QMP },
		{ "gdb", GIVE_GDB } };
	int fd[6], i;

	for (i = 0; i < 6; i++)
		if ((fd[i] = vmdir_listen(d, t[i].name)) < 0 ||
		    (t[i].give >= 0 && vmsup_give(s, t[i].give, fd[i]) < 0)) {
			warn("%s/%s:", d->path, t[i].name);
			return -1;
		}
	s->con.listen[0] = fd[0];
	s->con.listen[1] = fd[1];
	vmsup_control(s, fd[2]);
	if ((s->con.log = vmdir_create(d, "console.log")) < 0) {
		warn("%s/console.log:", d->path);
		return -1;
	}
	return 0;
}

static void
open_dir(struct conf *c, struct vmdir *d, struct vmsup *s, char **argv)
{
	if (vmdir_open(d, c->dir) < 0) {
		if (errno == EBUSY)
			die(1, "%s: a machine runs there already (pid %ld)",
			    c->dir, (long)vmdir_owner(c->dir));
		die(1, "%s:", c->dir);
	}
	if (fill_dir(d, s) == 0 && write_args(d, argv) == 0)
		return;
	vmdir_close(d);
	exit(1);
}

static void
open_log(struct conf *c, struct vmsup *s)
{
	if (!c->log)
		return;
	s->con.note = open(
	    c->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (s->con.note < 0)
		die(1, "%s:", c->log);
	s->con.stamps = c->stamps;
}

/* the multicast wires, free of the guest's own frames, and those that go
 * through us */
static void
wires(struct conf *c, struct vmsup *s)
{
	const struct conf_net *n;
	int i;

	for (i = 0; i < NETS; i++) {
		n = &c->net[i];
		if (n->relayed && vmsup_wire(s, GIVE_NET + i, &n->name) < 0)
			die(1, "%s:", n->text);
		if (n->relayed || n->name.kind != NETNAME_MCAST)
			continue;
		s->net[s->nnet].net = n->name;
		memcpy(s->net[s->nnet].mac, n->mac, 6);
		s->nnet++;
	}
}

static void
last_lines(struct vmsup *s)
{
	char b[1025];
	size_t n = conserver_tail(&s->con, b, sizeof(b) - 1);

	if (n && write(2, b, n) == (ssize_t)n && b[n - 1] != '\n')
		(void)!write(2, "\n", 1);
}

/* the end before readiness: one line (after a wait also the console's last
 * ones), and nothing left */
static void
give_up(struct vmsup *s, int code)
{
	last_lines(s);
	vmsup_end(s);
	if (s->dir)
		vmdir_close(s->dir);
	exit(code);
}

/* until the console says what is waited for; or ends here */
static void
await_console(struct conf *c, struct vmsup *s)
{
	int64_t deadline = clock_ms() + c->wait_ms;
	char b[128];

	while (!s->con.matched) {
		if (s->con.panic) {
			warn("the guest panicked before it said \"%s\"; "
			     "the console's last lines are",
			    c->wait);
			give_up(s, 1);
		}
		if (clock_ms() >= deadline) {
			warn("the console did not say \"%s\" in %lld s; its "
			     "last lines are",
			    c->wait, (long long)c->wait_ms / 1000);
			give_up(s, 1);
		}
		if (vmsup_turn(s, deadline) == 0 && !s->con.matched) {
			if (proc_signal)
				give_up(s, 128 + (int)proc_signal);
			warn("the machine ended (%s) before it said \"%s\"",
			    vmsup_words(s, b, sizeof(b)), c->wait);
			give_up(s, 1);
		}
	}
	s->con.wait = NULL;
}

static void
loop(struct conf *c, struct vmsup *s)
{
	int64_t deadline = c->timeout_ms < 0 ? -1 : s->started + c->timeout_ms;

	while (vmsup_turn(s, deadline) > 0)
		if (deadline >= 0 && clock_ms() >= deadline) {
			if (!c->background)
				warn("timed out after %lld s",
				    (long long)c->timeout_ms / 1000);
			vmsup_stop(s, VMSUP_TIMEOUT, 0);
			deadline = -1;
		}
}

/* from QEMU's start to its end: the exit status */
static int
run(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	struct tty tty = { 0 };
	int status;

	if (c->wait)
		s->con.wait = &c->waitre;
	s->quiet = c->background;
	if (vmsup_start(s, q->argv) < 0 ||
	    vmsup_go(s, c->halted, clock_ms() + START_MS) < 0) {
		/* in the foreground QEMU has said it itself */
		if (c->background || s->pid || !s->qmp.eof)
			warn("%s", s->err);
		status = vmsup_end(s);
		return c->background || !status ? 1 : status;
	}
	if (s->err[0] && c->verbose)
		warn("the guest will hear its own frames: %s", s->err);
	if (s->dir && (vmdir_pid(s->dir, s->pid) < 0 ||
			  vmdir_put(s->dir, "status", "running\n") < 0)) {
		warn("%s/pid:", c->dir);
		give_up(s, 1);
	}
	if (c->wait)
		await_console(c, s);
	if (c->verbose)
		warn(
		    "started in %lld ms", (long long)(clock_ms() - s->started));
	if (proc_ready(bg) < 0) /* whoever started us has gone: so do we */
		vmsup_stop(s, VMSUP_STOP, 0);
	if (!c->background) {
		s->con.term[0] = 0;
		s->con.term[1] = 1;
		tty_raw(&tty, 0);
	}
	loop(c, s);
	status = vmsup_end(s);
	tty_restore(&tty);
	return status;
}

int
main(int argc, char **argv)
{
	static struct conf c;
	static struct qemu q;
	static struct vmsup s;
	static char mem[1 << 18];
	struct proc_bg bg = { -1, 0 };
	struct vmdir dir;
	int status;

	(void)argc;
	if ((status = options(&c, argv)) >= 0)
		return status;
	machine_probe(&c);
	if (!c.dry)
		find_program(&c);
	if (!c.program)
		c.program =
		    options_env("QEMU") ? options_env("QEMU") : c.arch->program;
	if (c.background && !c.dry) {
		if ((status = proc_background(&bg)) < 0)
			die(1, "fork:");
		if (status == PROC_PARENT)
			return bg.status;
	}
	mac_choose(&c, !c.dry);
	qemu_init(&q, mem, sizeof(mem));
	machine_args(&c, &q);
	if (c.dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write to stdout:");
		return 0;
	}
	vmsup_init(&s, c.dir ? &dir : NULL);
	if (!strncmp(c.arch->name, "mips", 4))
		s.grace = 1000; /* a Malta has no power button */
	machine_open(&c, &s);
	wires(&c, &s);
	open_log(&c, &s);
	if (c.dir)
		open_dir(&c, &dir, &s, argv);
	status = run(&c, &s, &q, &bg);
	if (c.dir)
		vmdir_close(&dir);
	return status;
}
