/* limen: ISC licence, see LICENSE */
#ifndef TMPL_H
#define TMPL_H

#include "job.h"
#include "mach.h"

/* keeps the guest that is ready, for the next job of its kind */
void tmpl_save(struct mach *m, const struct job *j);

#endif
