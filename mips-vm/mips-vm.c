/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"
#include "ethport.h"
#include "proc.h"
#include "vmrun.h"

static void
find_program(struct conf *c)
{
	const char *own = options_env("QEMU");
	char b[4096];

	c->program = own ? own : c->arch->program;
	if (c->dry || proc_find(c->program, b, sizeof(b)) == 0)
		return;
	die(1, "%s: not found%s", c->program,
	    own ? " (the QEMU variable names it)" : "; is QEMU installed?");
}

/* Its log is not emptied yet: it may be that of a machine that runs in the
 * directory that we are to find taken. And it is opened first: a FIFO waits for
 * its reader, which a signal is to end. */
static void
supervise(struct vmsup *s, struct conf *c, struct vmdir *dir)
{
	int log = -1;

	if (c->log &&
	    (log = open(
		 c->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) < 0)
		die(1, "%s:", c->log);
	vmsup_init(s, c->dir ? dir : NULL);
	s->con.note = log;
	s->con.stamps = c->stamps;
	if (machine_malta(c))
		s->grace = 1000; /* a Malta has no power button */
}

/* now that the directory is ours */
static void
empty_log(const struct conf *c, const struct vmsup *s)
{
	if (s->con.note >= 0 && ftruncate(s->con.note, 0) < 0 &&
	    errno != EINVAL)
		warn("%s:", c->log); /* EINVAL: a pipe, a terminal */
}

/* from QEMU's start to its end: the exit status */
static int
run(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	struct vmrun r = { c->wait, &c->waitre, c->wait_ms, c->timeout_ms,
		c->background, c->halted, c->verbose, c->live, bg };

	return vmrun(s, q->argv, &r);
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
	int status, i;

	(void)argc;
	if ((status = options(&c, argv)) >= 0)
		return status;
	machine_probe(&c);
	find_program(&c);
	if (c.background && !c.dry) {
		if ((status = proc_background(&bg)) < 0)
			die(1, "fork:");
		if (status == PROC_PARENT)
			return bg.status;
	}
	mac_choose(&c, !c.dry);
	qemu_init(&q, mem, sizeof(mem));
	q.plain = c.dry;
	machine_args(&c, &q);
	if (c.dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write to stdout:");
		disk_plain(&c);
		return 0;
	}
	supervise(&s, &c, &dir);
	disk_open(&c, &s);
	for (i = 0; i < NETS; i++)
		if (vmnet_open(&s, &c.net[i], GIVE_NET + i) < 0)
			die(1, "%s: %s", c.net[i].text, ethport_why(errno));
	if (c.dir && vmstate_open(&s, c.dir, conf_socks, argv) < 0)
		die(1, "%s", s.err);
	empty_log(&c, &s);
	status = run(&c, &s, &q, &bg);
	if (c.dir)
		vmdir_close(&dir);
	return status;
}
