/* limen: ISC licence, see LICENSE */
#ifndef PLAN_H
#define PLAN_H

#include "job.h"

/* Both end the program with status 125 and one line when something is
 * missing. */

/* the kernel's file, QEMU, the accelerator and the network */
void plan_find(struct plan *p, const struct job *j);

/* what a saved guest already has: the kernel in its quickest form, how the
 * shares get in, the modules */
void plan_kernel(struct plan *p, struct job *j);
/* are there disks among its devices? */
int plan_disks(const struct job *j);

void plan_free(struct plan *p);

/* the initramfs: init (this program) and the modules; a descriptor */
int plan_initrd(struct plan *p);

#endif
