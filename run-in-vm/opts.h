/* limen: ISC licence, see LICENSE */
#ifndef OPTS_H
#define OPTS_H

#include "job.h"

/* options and environment to a job; ends the program on a wrong one */
void opts_read(struct job *j, char **argv);

/* a directory of the host for the guest: "HOST[:GUEST]" */
void opts_share(struct job *j, const char *text, int ro);

#endif
