/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "conf.h"
#include "die.h"
#include "ere.h"
#include "guest.h"
#include "kfind.h"
#include "proc.h"
#include "tty.h"
#include "vmrun.h"

static int
run(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	static struct ere up;
	struct vmrun r = { NULL, &up, c->wait_ms, -1, c->background, 0,
		c->verbose, c->live, bg };

	if (c->background && !c->system &&
	    ere_compile(&up, "^" GUEST_READY) == 0)
		r.wait = GUEST_READY;
	return vmrun(s, q->argv, &r);
}

/* what may fail is done before anything is changed on the host */
static int
start(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg,
    char **argv)
{
	int fd, status = 1;

	if (!c->system &&
	    ((fd = pack(c)) < 0 || vmsup_give(s, GIVE_INITRD, fd) < 0))
		die(1, "initramfs:");
	if (c->b.nic && vmnet_open(s, &c->net, GIVE_NET) < 0)
		die(1, "nic %s:", c->b.nic);
	if (c->dir && vmstate_open(s, c->dir, conf_socks, argv) < 0)
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

	c->live = tty_live(2);
	if (c->background && !c->dry) {
		if ((status = proc_background(&bg)) < 0)
			die(1, "fork:");
		if (status == PROC_PARENT)
			return bg.status;
	}
	qemu_init(&q, mem, sizeof(mem));
	if (!c->system)
		kfind_quick(c->kern, c->kernel, c->quick, sizeof(c->quick));
	q.plain = c->dry;
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
