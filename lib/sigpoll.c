/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <time.h>

#include "sigpoll.h"

void
sigpoll_busy(struct sigpoll *s)
{
	if (++s->busy % SIGPOLL_BUSY == 0)
		(void)sigpoll(s, NULL, 0, 0);
}

int
sigpoll(struct sigpoll *s, struct pollfd *p, int n, int ms)
{
	const struct timespec t = { ms / 1000, ms % 1000 * 1000000L };
	const int ready = ppoll(p, (nfds_t)n, ms < 0 ? NULL : &t, &s->during);
	int i;

	if (ready > 0) {
		sigpoll_busy(s);
		return ready;
	}
	for (i = 0; i < n; i++)
		p[i].revents = 0;
	return ready < 0 && errno == EINTR ? 0 : ready;
}
