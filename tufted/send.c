/* limen: ISC licence, see LICENSE */
#include <errno.h>

#include "serve.h"

#define AHEAD 65536 /* bytes read ahead for the only transfer */

void
send_packet(struct serve *s, const struct conn *c, const struct wr *w)
{
	struct sock_train t = { &c->path, w->buf, wr_len(w), wr_len(w), 1 };

	log_sent(&s->log, &c->path.peer, w->buf, wr_len(w));
	(void)sock_train(c->port->fd, &t); /* lost ones are sent again */
}

void
send_log(struct serve *s, const struct conn *c, const uint8_t *b, size_t len)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	size_t off, n;

	if (s->conf->loglevel < LOG_PACKETS)
		return;
	for (off = 0; off < len; off += n) {
		n = len - off < each ? len - off : each;
		log_sent(&s->log, &c->path.peer, b + off, n);
	}
}

long
send_fill(struct conn *c, uint8_t *buf)
{
	const long len = file_fill(&c->file, &c->x, buf);

	if (len < 0)
		tftp_xfer_fail(&c->x, TFTP_EUNDEF,
		    errno ? "cannot read the file"
			  : "the file became shorter while it was sent");
	return len;
}

/* the blocks of the only transfer that there is room for in buf; 0: they are
 * not read ahead */
static uint64_t
room(const struct serve *s, const struct conn *c)
{
	if (c->file.mode != TFTP_OCTET || conn_busy(s) != 1)
		return 0;
	return AHEAD / (c->x.conf.blksize + TFTP_HDR);
}

/* blocks of x->first and after it that are there, at most x->count */
static uint64_t
held(const struct serve *s, const struct conn *c)
{
	const struct ahead *a = &s->alone;
	const uint64_t end = a->first + a->count, first = c->x.first;

	if (a->gen != c->gen || first < a->first || first >= end)
		return 0;
	return end - first < c->x.count ? end - first : c->x.count;
}

/* reads x->count blocks from x->first on, and as many more as there is room
 * for */
static void
read_ahead(struct serve *s, struct conn *c)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	struct ahead *a = &s->alone;
	struct tftp_xfer *x = &c->x;
	const uint64_t left = x->last + 1 - x->first, most = room(s, c);

	if (x->count < most)
		x->count = left < most ? left : most;
	a->first = x->first;
	a->len = file_fill(&c->file, x, s->buf);
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
	uint64_t left;

	if (!room(s, c) || !conn_sends(c) || c->blocked || !x->confirmed ||
	    x->next > x->last)
		return;
	left = x->last + 1 - x->next;
	x->first = x->next;
	x->count = left < x->conf.window ? left : x->conf.window;
	if ((left = pages_count(c)))
		pages_ahead(s, c, left);
	else if (held(s, c) < x->count)
		read_ahead(s, c);
}

/* the packets that the transfer asks for are at *p: bytes, or -1: it ends */
static long
packets(struct serve *s, struct conn *c, const uint8_t **p)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	const uint64_t count = c->x.count;
	struct ahead *a = &s->alone;
	uint64_t n = held(s, c);
	long off, len;

	*p = s->buf;
	if (!n && room(s, c) && c->x.confirmed) {
		read_ahead(s, c);
		c->x.count = count;
		n = held(s, c);
	}
	if (!n) {
		a->gen = 0;
		return send_fill(c, s->buf);
	}
	off = (long)((c->x.first - a->first) * each);
	len = (long)(n * each);
	*p += off;
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
			port_wait(s, c);
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
	struct sock_train t = { c->port->twin < 0 ? &c->path : NULL, NULL, 0,
		each, c->plain };
	const uint8_t *p;
	const long len = packets(s, c, &p);
	size_t gone = 0;
	ssize_t n;

	if (len < 0)
		return 1;
	while (gone < (size_t)len) {
		t.buf = p + gone;
		t.len = (size_t)len - gone;
		n = sock_train(c->port->fd, &t);
		c->plain = t.plain;
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
	send_log(s, c, p, gone);
	tftp_xfer_sent(&c->x, s->now, (gone + each - 1) / each);
	if (gone == (size_t)len)
		return 1;
	port_wait(s, c);
	return 0;
}

int
send_blocks(struct serve *s, struct conn *c)
{
	int ret;

	if (s->out.port == c->port)
		return out_add(s, c);
	ret = send_pages(s, c);
	return ret < 0 ? send_copies(s, c) : ret;
}
