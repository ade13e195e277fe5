/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "clock.h"
#include "pollset.h"

void
pollset_clear(struct pollset *s)
{
	s->n = 0;
}

int
pollset_add(struct pollset *s, int fd, int events)
{
	int cap = s->cap ? s->cap * 2 : 64;
	struct pollfd *p;

	if (s->n == s->cap) {
		p = realloc(s->p, (size_t)cap * sizeof(*p));
		if (!p)
			return -1;
		s->p = p;
		s->cap = cap;
	}
	s->p[s->n].fd = fd;
	s->p[s->n].events = (short)events;
	s->p[s->n].revents = 0;
	return s->n++;
}

int
pollset_got(const struct pollset *s, int index)
{
	return index >= 0 && index < s->n ? s->p[index].revents : 0;
}

int
pollset_wait(
    struct pollset *s, int64_t now, int64_t deadline, struct sigpoll *sig)
{
	return sigpoll(sig, s->p, s->n, clock_left(now, deadline));
}

void
pollset_free(struct pollset *s)
{
	free(s->p);
	s->p = NULL;
	s->n = s->cap = 0;
}
