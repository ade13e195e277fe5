/* limen: ISC licence, see LICENSE */
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "conserver.h"
#include "fd.h"

#define LINES 24 /* of a screenful */

void
conserver_init(struct conserver *c, int guest)
{
	memset(c, 0, sizeof(*c));
	fd_prepare(guest);
	c->guest = guest;
	c->log = c->note = -1;
	c->listen[0] = c->listen[1] = c->term[0] = c->term[1] = -1;
	pump_init(&c->in, c->inbuf, sizeof(c->inbuf));
	pump_init(&c->out, c->outbuf, sizeof(c->outbuf));
	vtline_init(&c->line);
}

/* at most n bytes of the log after from, from the beginning of a line on */
static size_t
lines_at(const struct conserver *c, off_t from, char *b, size_t n)
{
	ssize_t got;
	char *nl;

	from = from > 0 ? from : 0;
	got = c->log < 0 ? 0 : pread(c->log, b, n, from);
	if (got < 0)
		got = 0;
	if (from > 0 && (nl = memchr(b, '\n', (size_t)got))) {
		got -= nl + 1 - b;
		memmove(b, nl + 1, (size_t)got);
	}
	return (size_t)got;
}

size_t
conserver_tail(const struct conserver *c, char *b, size_t n)
{
	return lines_at(c, c->total - (off_t)n, b, n);
}

size_t
conserver_last(const struct conserver *c, char *b, size_t n)
{
	const char *nl;

	if (!c->panic)
		return conserver_tail(c, b, n);
	n = lines_at(c, c->panic_at - (off_t)n * 2 / 3, b, n);
	nl = memrchr(b, '\n', n);
	return nl ? (size_t)(nl + 1 - b) : n;
}

/* where the last screenful begins */
static off_t
screenful(const struct conserver *c)
{
	char b[CONSERVER_TAIL];
	size_t n = conserver_tail(c, b, sizeof(b)), i;
	int lines = 0;

	for (i = n; i > 0; i--)
		if (b[i - 1] == '\n' && ++lines == LINES)
			break;
	return c->total - (off_t)(n - i);
}

static void
enter(struct conserver *c, int which)
{
	struct conserver_viewer *v = &c->v[c->nv];
	int fd =
	    accept4(c->listen[which], NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	if (fd < 0)
		return;
	v->fd = fd;
	v->deaf = 0;
	v->at = which ? 0 : screenful(c);
	c->nv++;
}

static void
leave(struct conserver *c, int i)
{
	close(c->v[i].fd);
	c->v[i] = c->v[--c->nv];
}

/* one more piece of the log to a viewer; -1: it has gone */
static int
serve(struct conserver *c, struct conserver_viewer *v)
{
	ssize_t n = sendfile(v->fd, c->log, &v->at, (size_t)(c->total - v->at));

	if (n == 0) /* the file was emptied */
		v->at = c->total;
	return n < 0 && errno != EAGAIN && errno != EINTR ? -1 : 0;
}

/* the user's log, each line with the seconds since the start before it */
static void
stamped(struct conserver *c, const char *p, size_t n, int64_t now)
{
	char t[32];
	const char *nl;
	size_t k;
	int len;

	while (n > 0) {
		if (!c->midline) {
			len = snprintf(t, sizeof(t), "[%5lld.%03d] ",
			    (long long)(now - c->start) / 1000,
			    (int)((now - c->start) % 1000));
			if (fd_write_all(c->note, t, (size_t)len) < 0)
				c->logerr = errno;
		}
		nl = memchr(p, '\n', n);
		k = nl ? (size_t)(nl - p) + 1 : n;
		if (fd_write_all(c->note, p, k) < 0)
			c->logerr = errno;
		c->midline = !nl;
		p += k;
		n -= k;
	}
}

/* does the kernel's last word stand in what came, maybe begun before? */
static void
look_for_panic(struct conserver *c, const char *p, size_t n)
{
	static const char word[] = "Kernel panic - not syncing";
	const size_t len = sizeof(word) - 1;
	char b[2 * sizeof(c->carry)];
	size_t k = n < len ? n : len;
	const char *at = memmem(p, n, word, len);

	memcpy(b, c->carry, c->ncarry);
	memcpy(b + c->ncarry, p, k);
	c->panic = at || memmem(b, c->ncarry + k, word, len);
	c->panic_at = c->total - (off_t)n + (at ? at - p : 0);
	k = n < len - 1 ? n : len - 1;
	if (n < len - 1 && c->ncarry + n > len - 1) {
		memmove(c->carry, c->carry + c->ncarry + n - (len - 1),
		    len - 1 - n);
		c->ncarry = len - 1 - n;
	} else if (n >= len - 1)
		c->ncarry = 0;
	memcpy(c->carry + c->ncarry, p + n - k, k);
	c->ncarry += k;
}

static void
look_for_match(struct conserver *c, const char *p, size_t n)
{
	size_t i;
	int r;

	for (i = 0; i < n && !c->matched; i++) {
		while ((r = vtline_put(&c->line, (uint8_t)p[i])) == VTLINE_FULL)
			;
		if (r == VTLINE_END || i + 1 == n)
			c->matched = ere_match(
			    c->wait, vtline_text(&c->line), c->line.len);
	}
}

/* the guest said n bytes at p */
static void
said(struct conserver *c, const char *p, size_t n, int64_t now)
{
	int i;

	if (c->log >= 0) {
		if (fd_write_all(c->log, p, n) < 0)
			c->logerr = errno;
		c->total = lseek(c->log, 0, SEEK_END);
		/* who saw more than there is saw it before it was emptied */
		for (i = 0; i < c->nv; i++)
			if (c->v[i].at > c->total)
				c->v[i].at = 0;
	}
	if (c->note >= 0) {
		if (c->stamps)
			stamped(c, p, n, now);
		else if (fd_write_all(c->note, p, n) < 0)
			c->logerr = errno;
	}
	if (!c->panic)
		look_for_panic(c, p, n);
	if (c->wait && !c->matched)
		look_for_match(c, p, n);
}

/* reads what the guest says, as much as the terminal can take; 0 when there
 * was nothing */
static int
hear(struct conserver *c, int64_t now)
{
	char b[65536];
	size_t room = sizeof(b);
	ssize_t n;

	if (c->term[1] >= 0 && (room = pump_room(&c->out)) > sizeof(b))
		room = sizeof(b);
	if (!room || (n = read(c->guest, b, room)) == 0 ||
	    (n < 0 && errno != EAGAIN && errno != EINTR)) {
		if (room) {
			close(c->guest);
			c->guest = -1;
		}
		return 0;
	}
	if (n < 0)
		return 0;
	said(c, b, (size_t)n, now);
	if (c->term[1] >= 0)
		pump_put(&c->out, b, (size_t)n);
	return 1;
}

static void
want(struct pollfd *p, int *n, int fd, int events)
{
	p[(*n)++] = (struct pollfd){ fd, (short)events, 0 };
}

int
conserver_poll(struct conserver *c, struct pollfd *p)
{
	int room = pump_room(&c->in) > 0 && c->guest >= 0, n = 0, i, e;

	e = c->term[1] < 0 || pump_room(&c->out) ? POLLIN : 0;
	e |= pump_held(&c->in) ? POLLOUT : 0;
	/* its end would be told all the time, while the terminal is full */
	want(p, &n, e ? c->guest : -1, e);
	want(p, &n, room ? c->term[0] : -1, POLLIN);
	want(p, &n, pump_held(&c->out) ? c->term[1] : -1, POLLOUT);
	for (i = 0; i < 2; i++)
		want(p, &n, c->nv < CONSERVER_VIEWERS ? c->listen[i] : -1,
		    POLLIN);
	for (i = 0; i < c->nv; i++)
		want(p, &n, c->v[i].fd,
		    (room && !c->v[i].deaf ? POLLIN : 0) |
			(c->v[i].at < c->total ? POLLOUT : 0));
	return n;
}

static void
terminal(struct conserver *c, const struct pollfd *in, const struct pollfd *out)
{
	ssize_t n;

	if (in->revents && c->guest >= 0) {
		n = pump_read(&c->in, c->term[0]);
		if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
			c->term[0] = -1; /* no more is typed: that is all */
	}
	if (out->revents & (POLLERR | POLLNVAL))
		c->term[1] = -1;
	else if (out->revents) {
		n = pump_write(&c->out, c->term[1], 1024);
		if (n < 0 && errno != EAGAIN && errno != EINTR)
			c->term[1] = -1;
	}
	if (c->term[1] < 0)
		pump_init(&c->out, c->outbuf, sizeof(c->outbuf));
}

/* -1: the viewer has gone */
static int
viewer(struct conserver *c, struct conserver_viewer *v, int ev)
{
	ssize_t n;

	if (ev & (POLLHUP | POLLERR | POLLNVAL))
		if (!(ev & POLLIN) || v->deaf)
			return -1;
	if ((ev & POLLIN) && !v->deaf) {
		n = pump_read(&c->in, v->fd);
		if (n == 0)
			v->deaf = 1;
		else if (n < 0 && errno != EAGAIN && errno != EINTR &&
			 errno != ENOBUFS)
			return -1;
	}
	return ev & POLLOUT ? serve(c, v) : 0;
}

void
conserver_turn(struct conserver *c, const struct pollfd *p, int n, int64_t now)
{
	const unsigned all = (unsigned)n - 4; /* viewers and the terminal */
	unsigned i;
	int k;

	/* another one first each time, for who reads first takes all the room;
	 * one that leaves is replaced by the last, which waits */
	c->first++;
	for (i = 0; i < all; i++) {
		k = (int)((c->first + i) % all);
		if (k == n - 5)
			terminal(c, &p[1], &p[2]);
		else if (k < c->nv && p[k + 5].revents &&
			 viewer(c, &c->v[k], p[k + 5].revents) < 0)
			leave(c, k);
	}
	for (i = 0; i < 2; i++)
		if (p[3 + i].revents & POLLIN && c->nv < CONSERVER_VIEWERS)
			enter(c, i);
	if (c->guest >= 0 && p[0].revents & (POLLIN | POLLHUP | POLLERR))
		hear(c, now);
	if (c->guest >= 0 && pump_held(&c->in) &&
	    pump_write(&c->in, c->guest, sizeof(c->inbuf)) < 0 &&
	    errno != EAGAIN && errno != EINTR)
		pump_init(&c->in, c->inbuf, sizeof(c->inbuf));
}

/* is there anything that somebody waits for? */
static int
owed(const struct conserver *c)
{
	int i;

	for (i = 0; i < c->nv; i++)
		if (c->v[i].at < c->total)
			return 1;
	return c->guest >= 0 || (c->term[1] >= 0 && pump_held(&c->out));
}

void
conserver_end(struct conserver *c, int64_t deadline)
{
	struct pollfd p[CONSERVER_FDS];
	int64_t now = clock_ms();
	int n;

	c->term[0] = -1;
	while (owed(c) && now < deadline) {
		n = conserver_poll(c, p);
		if (poll(p, (nfds_t)n, clock_left(now, deadline)) < 0 &&
		    errno != EINTR)
			break;
		now = clock_ms();
		conserver_turn(c, p, n, now);
	}
	while (c->nv > 0)
		leave(c, c->nv - 1);
	for (n = 0; n < 2; n++)
		if (c->listen[n] >= 0)
			close(c->listen[n]);
	c->listen[0] = c->listen[1] = -1;
	if (c->guest >= 0)
		close(c->guest);
	c->guest = -1;
}
