/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>

#include <errno.h>
#include <string.h>

#include "serve.h"

#define AHEAD 65536 /* bytes read ahead for the only transfer */

void
send_packet(struct serve *s, const struct conn *c, const struct wr *w)
{
	struct sock_train t = { &c->path, w->buf, wr_len(w), wr_len(w), 1 };
	struct tftp_pkt p;

	if (tftp_get(&p, w->buf, wr_len(w)) == 0)
		log_packet(&s->log, ">", &c->path.peer, &p);
	/* lost ones are sent again; an old ICMP error may be in the way */
	if (sock_train(c->sock, &t) < 0 && errno == ECONNREFUSED)
		(void)sock_train(c->sock, &t);
}

/* what is waited for: packets, and with EPOLLOUT room for the rest */
static void
want(struct serve *s, struct conn *c, unsigned events)
{
	struct epoll_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.events = events;
	ev.data.u64 = (uint64_t)c->gen << 32 | (uint32_t)(c - s->conn);
	(void)epoll_ctl(s->ep, EPOLL_CTL_MOD, c->sock, &ev);
	c->blocked = events & EPOLLOUT ? 1 : 0;
}

void
send_resume(struct serve *s, struct conn *c)
{
	want(s, c, EPOLLIN);
}

static void
log_train(struct serve *s, struct conn *c, const struct sock_train *t)
{
	struct tftp_pkt p;
	size_t off, n;

	if (s->conf->loglevel < LOG_PACKETS)
		return;
	for (off = 0; off < t->len; off += n) {
		n = t->len - off < t->seg ? t->len - off : t->seg;
		if (tftp_get(&p, t->buf + off, n) == 0)
			log_packet(&s->log, ">", &c->path.peer, &p);
	}
}

/* where blocks of c are read ahead, and for how many there is room; NULL:
 * there are too many transfers, or its windows are too long */
static struct ahead *
place(struct serve *s, const struct conn *c, uint8_t **buf, uint64_t *room)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	const size_t i = (size_t)(c - s->conn);
	const size_t few = i < AHEAD_FEW ? i : AHEAD_FEW;

	if (c->file.mode != TFTP_OCTET)
		return NULL;
	if (conn_busy(s) == 1) {
		*buf = s->buf;
		*room = AHEAD / each;
		return &s->alone;
	}
	*room = (i < AHEAD_FEW ? AHEAD_ROOM : AHEAD_LESS) / each;
	if (i >= AHEAD_MANY || *room < 2 * c->x.conf.window)
		return NULL;
	*buf = s->manybuf + few * AHEAD_ROOM + (i - few) * AHEAD_LESS;
	return &s->many[i];
}

/* blocks of x->first and after it that a holds, at most x->count */
static uint64_t
held(const struct ahead *a, const struct conn *c)
{
	const uint64_t end = a->first + a->count, first = c->x.first;

	if (a->gen != c->gen || first < a->first || first >= end)
		return 0;
	return end - first < c->x.count ? end - first : c->x.count;
}

/* reads x->count blocks from x->first on, and as many more as there is room
 * for */
static void
read_ahead(struct conn *c, struct ahead *a, uint8_t *buf, uint64_t room)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	struct tftp_xfer *x = &c->x;
	const uint64_t left = x->last + 1 - x->first;

	if (x->count < room)
		x->count = left < room ? left : room;
	a->first = x->first;
	a->len = file_fill(&c->file, x, buf);
	a->count = ((uint64_t)a->len + each - 1) / each;
	a->gen = a->len < 0 ? 0 : c->gen;
}

/*
 * With one client that all waits for, its next windows are read while the
 * last one is on its way: less between an ACK and its answer.
 */
void
send_ahead(struct serve *s, struct conn *c)
{
	struct tftp_xfer *x = &c->x;
	struct ahead *a;
	uint64_t room, left;
	uint8_t *buf;

	if (conn_busy(s) != 1 || !conn_sends(c) || c->blocked ||
	    !x->confirmed || x->next > x->last ||
	    !(a = place(s, c, &buf, &room)))
		return;
	left = x->last + 1 - x->next;
	x->first = x->next;
	x->count = left < x->conf.window ? left : x->conf.window;
	if (!pages_count(c) && held(a, c) < x->count)
		read_ahead(c, a, buf, room);
}

/* the packets that the transfer asks for are at *p: bytes, or -1 */
static long
packets(struct serve *s, struct conn *c, const uint8_t **p)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	const uint64_t count = c->x.count;
	uint64_t room, n = 0;
	uint8_t *buf;
	struct ahead *a = place(s, c, &buf, &room);
	long off, len;

	if (a && !(n = held(a, c)) && c->x.confirmed) {
		read_ahead(c, a, buf, room);
		c->x.count = count;
		n = held(a, c);
	}
	if (!n) {
		s->alone.gen = 0;
		*p = s->buf;
		return file_fill(&c->file, &c->x, s->buf);
	}
	off = (long)((c->x.first - a->first) * each);
	len = (long)(n * each);
	*p = buf + off;
	return len < a->len - off ? len : a->len - off;
}

/* 1 when it is done, 0 when it is not the time, -1 when they are to be copied
 */
static int
send_pages(struct serve *s, struct conn *c)
{
	const uint64_t n = pages_count(c);
	struct tftp_pkt p = { .op = TFTP_DATA, .len = c->x.conf.blksize };
	uint64_t i;

	if (!n)
		return -1;
	if (pages_send(s, c, n) < 0) {
		if (errno == EAGAIN) {
			want(s, c, EPOLLIN | EPOLLOUT);
			return 0;
		}
		c->copied = 1;
		return -1;
	}
	for (i = 0; i < n; i++) {
		p.block = tftp_wire(c->x.first + i, c->x.conf.rollover);
		log_packet(&s->log, ">", &c->path.peer, &p);
	}
	tftp_xfer_sent(&c->x, s->now, n);
	return 1;
}

static int
send_copies(struct serve *s, struct conn *c)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	struct sock_train t = { c->twin < 0 ? &c->path : NULL, NULL, 0, each,
		c->plain };
	const uint8_t *p;
	const long len = packets(s, c, &p);
	size_t gone = 0;
	ssize_t n;

	if (len < 0) {
		tftp_xfer_fail(&c->x, TFTP_EUNDEF,
		    errno ? "cannot read the file"
			  : "the file became shorter while it was sent");
		return 1;
	}
	while (gone < (size_t)len) {
		t.buf = p + gone;
		t.len = (size_t)len - gone;
		n = sock_train(c->sock, &t);
		c->plain = t.plain;
		if (n < 0 && errno == ECONNREFUSED)
			n = sock_train(c->sock, &t);
		if (n < 0 && errno == EMSGSIZE) {
			tftp_xfer_fail(&c->x, TFTP_EUNDEF,
			    "blocks too long for this network");
			return 1;
		}
		if (n < 0 && errno == EAGAIN)
			break;
		/* what else goes wrong on the way is a lost packet */
		gone += n < 0 ? t.len : (size_t)n;
	}
	t.buf = p;
	t.len = gone;
	log_train(s, c, &t);
	tftp_xfer_sent(&c->x, s->now, (gone + each - 1) / each);
	if (gone == (size_t)len)
		return 1;
	want(s, c, EPOLLIN | EPOLLOUT);
	return 0;
}

int
send_blocks(struct serve *s, struct conn *c)
{
	const int ret = send_pages(s, c);

	return ret < 0 ? send_copies(s, c) : ret;
}
