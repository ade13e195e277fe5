/* limen: ISC licence, see LICENSE */
#ifndef PLAN_H
#define PLAN_H

#include "job.h"

/* These end the program with status 125 and one line when something is
 * missing. */

/* the kernel's file, QEMU, the accelerator and the network */
void plan_find(struct plan *p, const struct job *j);

/* what a saved guest already has: the kernel in its quickest form, how the
 * shares are to get in; then, when that is certain, the modules */
void plan_kernel(struct plan *p, struct job *j);
void plan_modules(struct plan *p, const struct job *j);

/* can the kernel mount what it needs to share so? */
int plan_has(const struct plan *p, enum msg_fs fs);
/* the file system of that name alone */
int plan_mounts(const struct plan *p, const char *name);
/* are there disks among its devices? */
int plan_disks(const struct job *j);

void plan_free(struct plan *p);

/* the initramfs: init (this program), the modules, and the shares that
 * come with it; a descriptor */
int plan_initrd(struct plan *p, const struct job *j);

#endif
