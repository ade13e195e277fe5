/* limen: ISC licence, see LICENSE */
#ifndef POLLSET_H
#define POLLSET_H

#include <stdint.h>

#include "sigpoll.h"

/* the descriptors of one turn of a loop, filled anew each time */
struct pollset {
	struct pollfd *p;
	int n, cap;
};

void pollset_clear(struct pollset *s);

/* its index, or -1 when there is no memory; fd -1 is passed over by poll */
int pollset_add(struct pollset *s, int fd, int events);

/* what poll said of that index; 0 for -1 */
int pollset_got(const struct pollset *s, int index);

/* sigpoll() until something is ready, a signal comes or deadline (ms, -1 none)
 */
int pollset_wait(
    struct pollset *s, int64_t now, int64_t deadline, struct sigpoll *sig);

void pollset_free(struct pollset *s);

#endif
