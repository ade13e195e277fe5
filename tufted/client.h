/* limen: ISC licence, see LICENSE */
#ifndef CLIENT_H
#define CLIENT_H

#include <signal.h>

#include "conf.h"

/* --get and --put: one file from or to another host's server; signals are
 * blocked, *stop turns non-zero by one. The exit status. */
int client_run(const struct conf *c, const volatile sig_atomic_t *stop);

#endif
