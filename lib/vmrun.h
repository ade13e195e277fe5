/* limen: ISC licence, see LICENSE */
#ifndef VMRUN_H
#define VMRUN_H

#include <stdint.h>

#include "ere.h"
#include "proc.h"
#include "vmsup.h"

/*
 * A machine from QEMU's start to its end, as every tool that has one runs it:
 * under vmsup, in the background or on the user's terminal.
 */
struct vmrun {
	const char *wait;   /* NULL, or what the console says when it is up */
	struct ere *waitre; /* the same, compiled */
	int64_t wait_ms;
	int64_t timeout_ms; /* from its start, -1: none */
	int background, halted, verbose;
	int live; /* tty_live(2), before it went to the background */
	struct proc_bg *bg;
};

/*
 * What goes wrong is said in a line on stderr, before readiness together with
 * the console's last ones. Returns the exit status; s->dir is still open.
 */
int vmrun(struct vmsup *s, const char *const *argv, const struct vmrun *r);

#endif
