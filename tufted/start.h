/* limen: ISC licence, see LICENSE */
#ifndef START_H
#define START_H

#include "serve.h"

/* What happens once, before the first request; all of it ends the program
 * with one line when it cannot be done. */

/* before any descriptor is opened: those that were handed over are there */
void start_check(const struct conf *c);

/* the sockets: inherited (LISTEN_FDS, --fd) or bound */
void start_listen(struct serve *s, const struct conf *c);

/* gives away what is not needed any more, and tells who waits that requests
 * are answered from now on */
void start_confine(struct serve *s, const struct conf *c);

#endif
