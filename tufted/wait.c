/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>

#include <poll.h>
#include <time.h>

#include "clock.h"
#include "serve.h"

#define FEW    8  /* transfers for which the way to wait does not matter */
#define STREAK 64 /* turns, on balance, for which the other was better */

static int
control(struct serve *s, const struct conn *c, int op)
{
	struct epoll_event ev = { .events = EPOLLIN };

	if (c->blocked)
		ev.events |= EPOLLOUT;
	ev.data.u64 = (uint64_t)c->gen << 32 | (uint32_t)(c - s->conn);
	return epoll_ctl(s->ep, op, c->sock, &ev);
}

int
wait_add(struct serve *s, const struct conn *c)
{
	return s->polling ? 0 : control(s, c, EPOLL_CTL_ADD);
}

void
wait_change(struct serve *s, const struct conn *c)
{
	if (!s->polling)
		(void)control(s, c, EPOLL_CTL_MOD);
}

static void
begin_polling(struct serve *s)
{
	const struct conn *c;

	for (c = s->conn; c < s->conn + s->touched; c++)
		if (c->gen)
			(void)control(s, c, EPOLL_CTL_DEL);
	s->polling = 1;
	s->streak = 0;
}

static void
end_polling(struct serve *s)
{
	struct conn *c;

	s->polling = 0;
	s->streak = 0;
	for (c = s->conn; c < s->conn + s->touched; c++)
		if (c->gen && control(s, c, EPOLL_CTL_ADD) < 0) {
			tftp_xfer_fail(&c->x, TFTP_EUNDEF, "no memory");
			flow_go(s, c);
		}
}

/* left is in ms, -1: for ever */
static int
polled(struct serve *s, struct epoll_event *ev, int left, const void *mask)
{
	const struct timespec ts = { left / 1000, left % 1000 * 1000000L };
	struct pollfd p[1 + WAIT_POLLED];
	uint64_t data[1 + WAIT_POLLED];
	const struct conn *c;
	int i, n = 1, got = 0, more;

	p[0] = (struct pollfd){ s->ep, POLLIN, 0 };
	for (c = s->conn; c < s->conn + s->touched; c++) {
		if (!c->gen)
			continue;
		p[n].fd = c->sock;
		p[n].events = (short)(c->blocked ? POLLIN | POLLOUT : POLLIN);
		data[n++] = (uint64_t)c->gen << 32 | (uint32_t)(c - s->conn);
	}
	if (ppoll(p, (nfds_t)n, left < 0 ? NULL : &ts, mask) <= 0)
		return 0;
	for (i = 1; i < n; i++)
		if (p[i].revents) { /* epoll's bits are poll's */
			ev[got].events = (uint32_t)p[i].revents;
			ev[got++].data.u64 = data[i];
		}
	more = p[0].revents ? epoll_wait(s->ep, ev + got, WAIT_OTHERS, 0) : 0;
	return got + (more > 0 ? more : 0);
}

int
wait_events(
    struct serve *s, struct epoll_event *ev, int64_t next, const void *mask)
{
	const int few = s->nconn < FEW || s->touched > WAIT_POLLED;
	int left, n, busy;

	if (s->polling && (few || s->streak == STREAK))
		end_polling(s);
	else if (!s->polling && !few && s->streak == STREAK)
		begin_polling(s);
	left = clock_left(clock_ms(), next);
	if (s->polling)
		n = polled(s, ev, left, mask);
	else
		n = epoll_pwait(s->ep, ev, WAIT_OTHERS, left, mask);
	/* more than an eighth of them had something; to stay, a 16th */
	busy = n > 0 && (unsigned)n * (s->polling ? 16 : 8) > s->nconn;
	if (few)
		s->streak = 0;
	else if (busy != s->polling && s->streak < STREAK)
		s->streak++;
	else if (busy == s->polling && s->streak > 0)
		s->streak--;
	return n;
}
