/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "die.h"
#include "ere.h"
#include "guest.h"
#include "kfind.h"
#include "proc.h"
#include "tty.h"
#include "vmstate.h"

#define START_MS 60000 /* QEMU's own time to come up, on the worst host */

/* the end before readiness: the console's last lines, and nothing left */
static int
give_up(struct vmsup *s, int status)
{
	char b[1025];
	size_t n = conserver_tail(&s->con, b, sizeof(b) - 1);

	if (n && write(2, b, n) == (ssize_t)n && b[n - 1] != '\n')
		(void)!write(2, "\n", 1);
	vmsup_end(s);
	return status;
}

/* until the guest says that all is up; 0, or the exit status */
static int
await_ready(struct conf *c, struct vmsup *s)
{
	int64_t deadline = clock_ms() + c->wait_ms;
	char b[128];

	while (!s->con.matched) {
		if (s->con.panic || clock_ms() >= deadline) {
			if (s->con.panic)
				warn("the guest panicked; the console's last "
				     "lines are");
			else
				warn("not up in %g s; the console's last lines "
				     "are",
				    (double)c->wait_ms / 1000);
			return give_up(s, 1);
		}
		if (vmsup_turn(s, deadline) == 0 && !s->con.matched) {
			if (proc_signal)
				return give_up(s, 128 + (int)proc_signal);
			warn("the machine ended (%s) before it was up",
			    vmsup_words(s, b, sizeof(b)));
			return give_up(s, 1);
		}
	}
	s->con.wait = NULL;
	return 0;
}

static int
run(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	struct tty tty = { 0 };
	static struct ere up;
	int status;

	s->quiet = c->background;
	if (c->background && !c->system &&
	    ere_compile(&up, "^" GUEST_READY) == 0)
		s->con.wait = &up;
	if (vmsup_start(s, q->argv) < 0 ||
	    vmsup_go(s, 0, clock_ms() + START_MS) < 0 ||
	    (s->dir && vmstate_runs(s) < 0)) {
		if (c->background || s->pid || !s->qmp.eof)
			warn("%s", s->err);
		status = vmsup_end(s);
		return c->background || !status ? 1 : status;
	}
	if (s->con.wait && (status = await_ready(c, s)))
		return status;
	if (c->verbose)
		warn("up after %lld ms", (long long)(clock_ms() - s->started));
	if (proc_ready(bg) < 0)
		vmsup_stop(s, VMSUP_STOP, 0); /* nobody waits any more */
	if (!c->background) {
		s->con.term[0] = 0;
		s->con.term[1] = 1;
		tty_raw(&tty, 0);
	}
	while (vmsup_turn(s, -1) > 0)
		;
	status = vmsup_end(s);
	tty_restore(&tty);
	return status;
}

static void
wire(struct conf *c, struct vmsup *s)
{
	if (c->b.pci || c->b.usb)
		return;
	if (c->relayed && vmsup_wire(s, GIVE_NET, &c->net) < 0)
		die(1, "nic %s:", c->b.nic);
	if (c->relayed || c->net.kind != NETNAME_MCAST)
		return;
	s->net[0].net = c->net;
	memcpy(s->net[0].mac, c->mac, 6);
	s->nnet = 1;
}

/* what may fail is done before anything is changed on the host */
static int
start(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg,
    char **argv)
{
	static const struct vmstate_sock socks[] = { { "monitor",
							 GIVE_MONITOR },
		{ "qmp", GIVE_QMP }, { "gdb", GIVE_GDB }, { NULL, 0 } };
	int fd, status = 1;

	if (!c->system &&
	    ((fd = pack(c)) < 0 || vmsup_give(s, GIVE_INITRD, fd) < 0))
		die(1, "initramfs:");
	wire(c, s);
	if (c->dir && vmstate_open(s, c->dir, socks, argv) < 0)
		die(1, "%s", s->err);
	if (!c->bind || bind_take(c) == 0)
		status = run(c, s, q, bg);
	bind_undo(c);
	if (c->dir)
		vmdir_close(s->dir);
	return status;
}

int
boot(struct conf *c, char **argv)
{
	static struct qemu q;
	static struct vmsup s;
	static char mem[1 << 17];
	struct proc_bg bg = { -1, 0 };
	struct vmdir dir;
	int status;

	if (c->background && !c->dry) {
		if ((status = proc_background(&bg)) < 0)
			die(1, "fork:");
		if (status == PROC_PARENT)
			return bg.status;
	}
	qemu_init(&q, mem, sizeof(mem));
	if (!c->system)
		kfind_quick(c->kern, c->kernel, c->quick, sizeof(c->quick));
	machine_args(c, &q);
	if (c->dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write to stdout:");
		return 0;
	}
	vmsup_init(&s, c->dir ? &dir : NULL);
	if (!c->system)
		s.grace = 0; /* there is nothing that it could save */
	return start(c, &s, &q, &bg, argv);
}
