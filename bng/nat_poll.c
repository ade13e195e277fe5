/* limen: ISC licence, see LICENSE */
#include <libslirp.h>

#include <poll.h>

#include "clock.h"
#include "nat.h"
#include "nat_shard.h"

enum {
	IDLE = 1000, /* ms: libslirp waits that long for nothing */
};

static int
add_poll(int fd, int events, void *arg)
{
	int e = 0;

	if (events & SLIRP_POLL_IN)
		e |= POLLIN;
	if (events & SLIRP_POLL_OUT)
		e |= POLLOUT;
	if (events & SLIRP_POLL_PRI)
		e |= POLLPRI;
	return pollset_add(arg, fd, e);
}

static int
revents(int index, void *arg)
{
	int got = pollset_got(arg, index), e = 0;

	if (got & POLLIN)
		e |= SLIRP_POLL_IN;
	if (got & POLLOUT)
		e |= SLIRP_POLL_OUT;
	if (got & POLLPRI)
		e |= SLIRP_POLL_PRI;
	if (got & POLLERR)
		e |= SLIRP_POLL_ERR;
	if (got & POLLHUP)
		e |= SLIRP_POLL_HUP;
	return e;
}

static int64_t
next_timer(const struct nat_shard *s, int64_t deadline)
{
	int i;

	for (i = 0; i < RA_TIMERS; i++)
		if (s->timer[i].used)
			deadline = clock_min(deadline, s->timer[i].at);
	return deadline;
}

/* an instance of subscribers that have nothing under way is not looked at
 * until there is input for it: of thousands few have at a time. What its own
 * timers do, advertise a router, nobody gets. */
static int
asleep(struct nat_shard *s, uint32_t ms, int descriptors)
{
	const int fresh = s->fresh;

	s->fresh = 0;
	s->awake = fresh || descriptors || ms < IDLE || s->nat->conf.frame;
	return !s->awake;
}

int64_t
nat_fill(struct nat *n, struct pollset *p, int64_t now)
{
	struct nat_shard *s, **at = &n->awake;
	int64_t deadline = -1;
	uint32_t ms;

	while ((s = *at)) {
		ms = UINT32_MAX;
		s->first = p->n;
		slirp_pollfds_fill(s->slirp, &ms, add_poll, p);
		s->n = p->n - s->first;
		if (asleep(s, ms, s->n)) {
			*at = s->next_awake;
			continue;
		}
		at = &s->next_awake;
		s->due = ms == UINT32_MAX ? -1 : now + ms;
		deadline = clock_min(deadline, s->due);
		deadline = next_timer(s, deadline);
	}
	if (n->busy)
		deadline = now;
	n->busy = 0;
	return deadline;
}

static void
fire(struct nat_shard *s, int64_t now)
{
	struct nat_timer *t;
	int i;

	for (i = 0; i < RA_TIMERS; i++) {
		t = &s->timer[i];
		if (!t->used || t->at < 0 || t->at > now)
			continue;
		t->at = -1;
		slirp_handle_timer(s->slirp, t->id, t->opaque);
	}
}

/* is there something to do for it? */
static int
is_ready(const struct nat_shard *s, const struct pollset *p, int64_t now)
{
	int i;

	if (s->pending || (s->due >= 0 && s->due <= now))
		return 1;
	for (i = 0; i < s->n; i++)
		if (pollset_got(p, s->first + i))
			return 1;
	return 0;
}

void
nat_poll(struct nat *n, struct pollset *p)
{
	int64_t now = clock_ms();
	struct nat_shard *s;

	for (s = n->awake; s; s = s->next_awake) {
		if (is_ready(s, p, now)) {
			s->pending = 0;
			slirp_pollfds_poll(s->slirp, 0, revents, p);
		}
		fire(s, now);
		nat_answer(s);
	}
}
