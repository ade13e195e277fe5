/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf.h"
#include "die.h"
#include "ethport.h"
#include "proc.h"
#include "vmrun.h"

int
boot(struct conf *c, char **argv)
{
	static struct qemu q;
	static struct vmsup s;
	static char mem[1 << 16];
	struct proc_bg bg = { -1, 0 };
	struct vmrun r = { .timeout_ms = -1,
		.background = 1,
		.verbose = c->verbose,
		.bg = &bg };
	struct vmdir dir;
	int status, fd, i;

	if (!c->dry && (status = proc_background(&bg)) != PROC_CHILD) {
		if (status < 0)
			die(1, "fork:");
		return bg.status;
	}
	qemu_init(&q, mem, sizeof(mem));
	q.plain = c->dry;
	machine_args(c, &q);
	if (c->dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write to stdout:");
		return 0;
	}
	vmsup_init(&s, &dir);
	if ((fd = disk_open(c)) >= 0 && vmsup_give(&s, GIVE_DISK, fd) < 0)
		die(1, "%s:", c->image);
	for (i = 0; i < NETS; i++)
		if (vmnet_open(&s, &c->net[i], GIVE_NET + i) < 0)
			die(1, "%s: %s", c->net[i].text, ethport_why(errno));
	if (vmstate_open(&s, c->dir, conf_socks, argv) < 0)
		die(1, "%s", s.err);
	status = vmrun(&s, q.argv, &r);
	vmdir_close(&dir);
	exit(status);
}
