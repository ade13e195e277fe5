/* limen: ISC licence, see LICENSE */
#ifndef VMSTATE_H
#define VMSTATE_H

#include "qemu.h"
#include "vmsup.h"

/*
 * The state directory of a machine: what a tool that runs QEMU under vmsup
 * puts there, and what QEMU is told of it.
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

/*
 * How QEMU talks: its console on stdin and stdout, with its monitor when the
 * terminal is the user's (path or background: without), the sockets of t
 * (path NULL: none) of which it knows the use of monitor, qmp and gdb, and our
 * own connection.
 */
enum vmstate_term { VMSTATE_TERMINAL, VMSTATE_BACKGROUND };
void vmstate_args(struct qemu *q, enum vmstate_term term, const char *path,
    const struct vmstate_sock *t);

/* DIR/pid and DIR/status, once QEMU runs; 0, or -1 with s->err */
int vmstate_runs(struct vmsup *s);

#endif
