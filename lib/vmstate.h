/* limen: ISC licence, see LICENSE */
#ifndef VMSTATE_H
#define VMSTATE_H

#include "qemu.h"
#include "vmsup.h"

/*
 * The state directory of a machine: what a tool that runs QEMU under vmsup
 * puts there beyond the console's own sockets.
 */
struct vmstate_sock {
	const char *name; /* in DIR; NULL ends the list */
	int give;	  /* QEMU gets it as this one: see vmsup_give() */
};

/*
 * Takes the directory path for s: DIR/console, console.all, control, the
 * sockets of t, console.log, and args, which is argv quoted for sh(1). 0, or
 * -1 with s->err, and then nothing is left.
 */
int vmstate_open(struct vmsup *s, const char *path,
    const struct vmstate_sock *t, char **argv);

/* -chardev socket,id=ID for one of them */
void vmstate_chardev(struct qemu *q, const char *id, int give);

/* DIR/pid and DIR/status, once QEMU runs; 0, or -1 with s->err */
int vmstate_runs(struct vmsup *s);

#endif
