/* limen: ISC licence, see LICENSE */
#ifndef FSD_H
#define FSD_H

#include "job.h"

/* starts a virtiofsd for the share; a socket that is connected to it, or -1
 * and why in words. It ends when the socket or we do. */
int fsd_start(struct job_share *s, const char **why);
void fsd_end(struct job_share *s);

/* has it ended by itself? */
int fsd_died(const struct job_share *s);

#endif
