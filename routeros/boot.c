/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "conf.h"
#include "die.h"
#include "proc.h"
#include "vmstate.h"

#define START_MS 60000 /* QEMU's own time to come up, on the worst host */

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

/* from QEMU's start to its end; says one line when it does not come up */
static int
run(struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	s->quiet = 1;
	if (vmsup_start(s, q->argv) < 0 ||
	    vmsup_go(s, 0, clock_ms() + START_MS) < 0 || vmstate_runs(s) < 0) {
		warn("%s", s->err);
		vmsup_end(s);
		return 1;
	}
	if (proc_ready(bg) < 0)
		vmsup_stop(s, VMSUP_STOP, 0); /* nobody waits any more */
	while (vmsup_turn(s, -1) > 0)
		;
	return vmsup_end(s);
}

int
boot(struct conf *c, char **argv)
{
	static const struct vmstate_sock socks[] = { { "monitor",
							 GIVE_MONITOR },
		{ "qmp", GIVE_QMP }, { "qga", GIVE_QGA }, { NULL, 0 } };
	static struct qemu q;
	static struct vmsup s;
	static char mem[1 << 16];
	struct proc_bg bg = { -1, 0 };
	struct vmdir dir;
	int status, fd;

	if (!c->dry && (status = proc_background(&bg)) != PROC_CHILD) {
		if (status < 0)
			die(1, "fork:");
		return bg.status;
	}
	qemu_init(&q, mem, sizeof(mem));
	machine_args(c, &q);
	if (c->dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write to stdout:");
		return 0;
	}
	vmsup_init(&s, &dir);
	if ((fd = disk_open(c)) >= 0 && vmsup_give(&s, GIVE_DISK, fd) < 0)
		die(1, "%s:", c->image);
	wires(c, &s);
	if (vmstate_open(&s, c->dir, socks, argv) < 0)
		die(1, "%s", s.err);
	status = run(&s, &q, &bg);
	vmdir_close(&dir);
	exit(status);
}
