/* limen: ISC licence, see LICENSE */
#ifndef OPTS_H
#define OPTS_H

#include "job.h"

/* options and environment to a job; ends the program on a wrong one */
void opts_read(struct job *j, char **argv);

/* opts_env.c: what the options left open, from variables */
void opts_environment(struct job *j);

/* one more share: read-only, by 9p, without its paths */
struct job_share *opts_share(struct job *j);

/* what both of them use: a copy of s; one more of JOB_WORDS words, called what
 * in a message; the memory, of what size */
#define OPTS_MEMORY (1LL << 44)
char *opts_copy(const char *s);
void opts_word(const char **v, size_t *n, const char *s, const char *what);
void opts_memory(struct job *j, const char *s, const char *what);

#endif
