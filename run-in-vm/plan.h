/* limen: ISC licence, see LICENSE */
#ifndef PLAN_H
#define PLAN_H

#include "job.h"

/* finds kernel, modules, QEMU and accelerator for the job; ends the program
 * with status 125 and one line when something is missing */
void plan_make(struct plan *p, const struct job *j);
void plan_free(struct plan *p);

/* the initramfs: init (this program) and the modules; a descriptor */
int plan_initrd(struct plan *p);

/* $XDG_CACHE_HOME/limen/SUB, made when it is not there; 0, or -1 and errno
 * when there is no place for it or it belongs to somebody else */
int plan_cache(const char *sub, char *b, size_t cap);

#endif
