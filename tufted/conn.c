/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve.h"
#include "siphash.h"

#define PATIENCE 8000 /* for the first answer, ms */
#define ROUNDS	 16   /* datagrams of one transfer before the others' turn */

static int
sending(const struct conn *c)
{
	return c->op == TFTP_RRQ;
}

/* clients of one address share a bucket: looking for one and counting them
 * is the same walk */
static int32_t *
bucket(struct serve *s, const union sock_addr *a)
{
	uint64_t h;

	if (a->sa.sa_family == AF_INET6)
		h = siphash(s->key, &a->in6.sin6_addr, 16);
	else
		h = siphash(s->key, &a->in.sin_addr, 4);
	return &s->bucket[h % (uint64_t)s->nbucket];
}

static int
same_host(const union sock_addr *a, const union sock_addr *b)
{
	if (a->sa.sa_family != b->sa.sa_family)
		return 0;
	if (a->sa.sa_family == AF_INET)
		return a->in.sin_addr.s_addr == b->in.sin_addr.s_addr;
	return !memcmp(&a->in6.sin6_addr, &b->in6.sin6_addr, 16);
}

static int
same_peer(const union sock_addr *a, const union sock_addr *b)
{
	return sock_port(a) == sock_port(b) && same_host(a, b);
}

struct conn *
conn_find(struct serve *s, const union sock_addr *peer)
{
	int32_t i;

	for (i = *bucket(s, peer); i; i = s->conn[i - 1].next)
		if (same_peer(&s->conn[i - 1].path.peer, peer))
			return &s->conn[i - 1];
	return NULL;
}

unsigned
conn_count(struct serve *s, const union sock_addr *peer)
{
	unsigned n = 0;
	int32_t i;

	for (i = *bucket(s, peer); i; i = s->conn[i - 1].next)
		n += (unsigned)same_host(&s->conn[i - 1].path.peer, peer);
	return n;
}

void
conn_entry(const struct serve *s, const struct conn *c, struct log_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->verb = sending(c) ? "sent" : "received";
	e->name = c->name;
	e->peer = &c->path.peer;
	e->size = UINT64_MAX;
	if (sending(c)) {
		e->bytes = (c->x.base - 1) * c->x.conf.blksize;
		if (c->file.mode == TFTP_OCTET)
			e->size = c->file.size;
		if (e->bytes > e->size)
			e->bytes = e->size;
	} else {
		e->bytes = c->file.pos;
		if (c->opts.have & TFTP_HAVE_TSIZE)
			e->size = c->opts.tsize;
	}
	e->ms = s->now - c->began;
	e->blksize = c->x.conf.blksize;
	e->window = c->x.conf.window;
	e->resent = c->x.resent;
}

/* its one line, and whether it counts as a transfer: one that went no
 * further than its options (PXE asks for sizes so) does not */
static void
tell(struct serve *s, struct conn *c, const char *error)
{
	struct log_entry e;

	if (c->told)
		return;
	c->told = 1;
	conn_entry(s, c, &e);
	e.error = error;
	if (!tftp_xfer_flowing(&c->x) || c->x.result == TFTP_UNASKED) {
		if (s->conf->loglevel == LOG_PACKETS)
			log_end(&s->log, &e);
		else if (error && c->x.result != TFTP_PEER)
			log_refused(&s->log, s->now, &e);
		return;
	}
	s->served++;
	s->failed += !!error;
	log_end(&s->log, &e);
}

void
conn_close(struct serve *s, struct conn *c, const char *error)
{
	const int i = (int)(c - s->conn);
	int32_t *p;

	tell(s, c, error);
	for (p = bucket(s, &c->path.peer); *p != i + 1;
	     p = &s->conn[*p - 1].next)
		;
	*p = c->next;
	timers_set(&s->timers, i, -1);
	close(c->sock);
	file_close(&c->file);
	tree_drop(&c->up);
	free(c->name);
	c->gen = 0;
	c->next = s->free;
	s->free = i + 1;
	s->nconn--;
}

static void
send_packet(struct serve *s, struct conn *c, const struct wr *w)
{
	struct sock_train t = { &c->path, w->buf, wr_len(w), wr_len(w), 1 };
	struct tftp_pkt p;

	if (tftp_get(&p, w->buf, wr_len(w)) == 0)
		log_packet(&s->log, ">", &c->path.peer, &p);
	/* lost ones are sent again; an old ICMP error may be in the way */
	if (sock_train(c->sock, &t) < 0 && errno == ECONNREFUSED)
		(void)sock_train(c->sock, &t);
}

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

/*
 * With one client that all waits for, its next window is read while the last
 * one is on its way: not more work, but less between an ACK and its answer.
 */
static void
prepare(struct serve *s, struct conn *c)
{
	struct tftp_xfer *x = &c->x;

	if (s->nconn != 1 || !sending(c) || c->blocked || !x->confirmed ||
	    c->file.mode != TFTP_OCTET || x->next > x->last ||
	    s->ahead.gen == c->gen)
		return;
	x->first = x->next;
	x->count = x->last + 1 - x->next;
	if (x->count > x->conf.window)
		x->count = x->conf.window;
	s->ahead.len = file_fill(&c->file, x, s->buf);
	s->ahead.first = x->first;
	s->ahead.count = x->count;
	s->ahead.gen = s->ahead.len < 0 ? 0 : c->gen;
}

/* the packets that the transfer asks for, in buf: bytes, or -1 */
static long
packets(struct serve *s, struct conn *c)
{
	const int had = s->ahead.gen == c->gen &&
			s->ahead.first == c->x.first &&
			s->ahead.count == c->x.count;

	s->ahead.gen = 0;
	return had ? s->ahead.len : file_fill(&c->file, &c->x, s->buf);
}

/* the blocks that the transfer asks for; 0 when no more can go now */
static int
send_blocks(struct serve *s, struct conn *c)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	struct sock_train t = { &c->path, s->buf, 0, each, c->plain };
	const long len = packets(s, c);
	size_t gone = 0;
	ssize_t n;

	if (len < 0) {
		tftp_xfer_fail(&c->x, TFTP_EUNDEF,
		    errno ? "cannot read the file"
			  : "the file became shorter while it was sent");
		return 1;
	}
	while (gone < (size_t)len) {
		t.buf = s->buf + gone;
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
	t.buf = s->buf;
	t.len = gone;
	log_train(s, c, &t);
	tftp_xfer_sent(&c->x, s->now, (gone + each - 1) / each);
	if (gone == (size_t)len)
		return 1;
	want(s, c, EPOLLIN | EPOLLOUT);
	return 0;
}

static void
commit(struct serve *s, struct conn *c)
{
	if (file_finish(&c->file) < 0 || tree_keep(&c->up, s->conf) < 0) {
		if (errno == EEXIST)
			tftp_xfer_fail(
			    &c->x, TFTP_EEXIST, tftp_strerror(TFTP_EEXIST));
		else
			tftp_xfer_fail(
			    &c->x, TFTP_EFULL, "cannot keep the file");
		return;
	}
	file_close(&c->file);
	tell(s, c, NULL);
}

static void
store(struct serve *s, struct conn *c)
{
	if (c->file.pos + c->x.len > (uint64_t)s->conf->maxsize)
		tftp_xfer_fail(&c->x, TFTP_EFULL, "larger than is allowed");
	else if (file_store(&c->file, &c->x, s->buf + FILE_BUF / 2) < 0)
		tftp_xfer_fail(&c->x, TFTP_EFULL,
		    errno == ENOSPC || errno == EDQUOT || errno == EFBIG
			? tftp_strerror(TFTP_EFULL)
			: "cannot write the file");
}

static const char *
why(const struct conn *c)
{
	switch (c->x.result) {
	case TFTP_DONE: return NULL;
	case TFTP_PEER: return tftp_strerror(c->x.code);
	case TFTP_SILENT: return "the client answers no more";
	case TFTP_UNASKED: return "the client never answered";
	default: return c->x.text ? c->x.text : "ended";
	}
}

/* performs what the core asks for; c may be gone afterwards */
static void
perform(struct serve *s, struct conn *c)
{
	uint8_t b[256];
	enum tftp_act act;
	struct wr w;

	while (!c->blocked && (act = tftp_xfer_next(&c->x))) {
		wr_init(&w, b, sizeof(b));
		switch (act) {
		case TFTP_ACT_SEND:
			if (!send_blocks(s, c))
				goto armed;
			break;
		case TFTP_ACT_WRITE: store(s, c); break;
		case TFTP_ACT_COMMIT: commit(s, c); break;
		case TFTP_ACT_HELLO: tftp_put_oack(&w, &c->opts); break;
		case TFTP_ACT_SENDACK: tftp_put_ack(&w, c->x.ackno); break;
		case TFTP_ACT_FAIL:
			tftp_put_error(&w, c->x.code, c->x.text);
			break;
		default: conn_close(s, c, why(c)); return;
		}
		if (wr_len(&w))
			send_packet(s, c, &w);
	}
	prepare(s, c);
armed:
	timers_set(&s->timers, (int)(c - s->conn), c->x.deadline);
}

void
conn_tick(struct serve *s, int i)
{
	s->conn[i].blocked = 0; /* what could not go is lost by now */
	tftp_xfer_tick(&s->conn[i].x, s->now);
	perform(s, &s->conn[i]);
}

void
conn_abort(struct serve *s, struct conn *c)
{
	c->blocked = 0;
	if (tftp_xfer_dallying(&c->x)) {
		conn_close(s, c, NULL);
		return;
	}
	tftp_xfer_fail(&c->x, TFTP_EUNDEF, "the server ends");
	perform(s, c);
}

void
conn_repeat(struct serve *s, struct conn *c)
{
	tftp_xfer_repeat(&c->x, s->now);
	perform(s, c);
}

/* RFC 1350 section 4: a stranger is told, and nothing else happens */
static void
stranger(struct serve *s, struct conn *c, const union sock_addr *from)
{
	struct sock_path to = { .peer = *from };
	struct sock_train t = { .to = &to, .plain = 1 };
	uint8_t b[64];
	struct tftp_pkt p;
	struct wr w;

	wr_init(&w, b, sizeof(b));
	tftp_put_error(&w, TFTP_ETID, tftp_strerror(TFTP_ETID));
	t.buf = b;
	t.len = t.seg = wr_len(&w);
	if (tftp_get(&p, b, t.len) == 0)
		log_packet(&s->log, ">", from, &p);
	(void)sock_train(c->sock, &t);
}

/* one datagram; c may be gone when it returns 0 */
static int
packet(struct serve *s, struct conn *c, const uint8_t *b, size_t len)
{
	const uint32_t gen = c->gen;
	struct tftp_pkt p;
	int good = tftp_get(&p, b, len) == 0;

	if (good)
		log_packet(&s->log, "<", &c->path.peer, &p);
	tftp_xfer_input(&c->x, s->now, good ? &p : NULL);
	perform(s, c);
	return c->gen == gen;
}

/* an ICMP error: only "nobody listens there" of the client itself ends it */
static int
errors(struct serve *s, struct conn *c)
{
	union sock_addr to;
	int err;

	while (sock_error(c->sock, &to, &err)) {
		if (err != ECONNREFUSED || !same_peer(&to, &c->path.peer))
			continue;
		conn_close(s, c,
		    tftp_xfer_dallying(&c->x) ? NULL : "the client has gone");
		return 0;
	}
	return 1;
}

static void
acks(struct serve *s, struct conn *c)
{
	uint8_t b[600];
	union sock_addr from;
	ssize_t n = sock_recv1(c->sock, b, sizeof(b), &from);

	if (n < 0)
		return;
	if (same_peer(&from, &c->path.peer))
		packet(s, c, b, (size_t)n);
	else
		stranger(s, c, &from);
}

static void
blocks(struct serve *s, struct conn *c)
{
	struct sock_msg m = { .buf = s->buf, .cap = FILE_BUF / 2 };
	size_t off, n;
	int i;

	s->ahead.gen = 0;
	for (i = 0; i < ROUNDS && sock_recv(c->sock, &m, 1) == 1; i++) {
		if (!same_peer(&m.path.peer, &c->path.peer)) {
			stranger(s, c, &m.path.peer);
			continue;
		}
		for (off = 0; off < m.len || !off; off += n) {
			n = m.seg && m.seg < m.len - off ? m.seg : m.len - off;
			if (!packet(s, c, m.buf + off, n))
				return;
			if (!n)
				break;
		}
	}
}

void
conn_event(struct serve *s, uint64_t data, unsigned events)
{
	struct conn *c = &s->conn[(uint32_t)data];

	if (c->gen != data >> 32)
		return; /* it has ended in this very turn */
	if (events & EPOLLERR && !errors(s, c))
		return;
	if (events & EPOLLOUT) {
		want(s, c, EPOLLIN);
		perform(s, c);
	}
	if (!(events & EPOLLIN) || c->gen != data >> 32)
		return;
	if (sending(c))
		acks(s, c);
	else
		blocks(s, c);
}

/* fills in what was agreed on: RFC 2347 to 2349, 7440 */
static void
agree(const struct serve *s, struct conn *c, const struct tftp_opts *asked,
    struct tftp_conf *t)
{
	const struct conf *conf = s->conf;
	struct tftp_opts *o = &c->opts;

	*o = *asked;
	o->have &= ~(unsigned)TFTP_HAVE_BAD;
	if (c->file.mode == TFTP_NETASCII && sending(c))
		o->have &= ~(unsigned)TFTP_HAVE_TSIZE; /* not known before */
	else if (sending(c))
		o->tsize = c->file.size;
	if (conf->rto)
		o->have &= ~(unsigned)TFTP_HAVE_TIMEOUT;
	if (o->have & TFTP_HAVE_TIMEOUT)
		t->timeout = o->timeout;
	if (o->have & TFTP_HAVE_BLKSIZE) {
		if (o->blksize > conf->maxblk)
			o->blksize = conf->maxblk;
		t->blksize = o->blksize;
	}
	if (o->have & TFTP_HAVE_WINDOW) {
		if (o->window > conf->maxwin)
			o->window = conf->maxwin;
		if (c->file.mode == TFTP_NETASCII)
			o->window = 1;
		t->window = o->window;
	}
	t->patience =
	    t->timeout * 2000 > PATIENCE ? t->timeout * 2000 : PATIENCE;
	if (t->patience > 30000)
		t->patience = 30000;
}

static void
begin(struct serve *s, struct conn *c, const struct tftp_opts *asked)
{
	struct tftp_conf t;

	memset(&t, 0, sizeof(t));
	t.blksize = TFTP_BLKSIZE;
	t.window = 1;
	t.retries = s->conf->retries;
	t.rollover = s->conf->rollover;
	agree(s, c, asked, &t);
	tftp_xfer_start(
	    &c->x, &t, sending(c) ? TFTP_SERVE_READ : TFTP_SERVE_WRITE, s->now);
	if (s->conf->rto)
		c->x.rto = s->conf->rto;
	if (sending(c) && c->file.mode == TFTP_OCTET)
		tftp_xfer_size(&c->x, c->file.size);
	if (c->opts.have)
		tftp_xfer_oack(&c->x);
}

/* a free place, linked into its bucket */
static struct conn *
place(struct serve *s, const union sock_addr *peer)
{
	const int32_t i = s->free ? s->free : (int32_t)++s->touched;
	int32_t *b = bucket(s, peer);
	struct conn *c = &s->conn[i - 1];

	if (s->free)
		s->free = c->next;
	memset(c, 0, sizeof(*c));
	c->next = *b;
	*b = i;
	if (!++s->gen)
		++s->gen;
	c->gen = s->gen;
	s->nconn++;
	return c;
}

void
conn_open(struct serve *s, const struct opening *o)
{
	struct epoll_event ev;
	struct conn *c = place(s, &o->path->peer);

	c->path = *o->path;
	c->path.local.sa.sa_family = 0; /* the socket is bound to it */
	c->op = o->req->op;
	c->sock = o->sock;
	c->began = s->now;
	c->name = o->name;
	c->up = o->up;
	file_init(&c->file, o->fd, o->req->mode, o->size);
	c->plain = !(s->can & SOCK_CUTS);
	if (!sending(c)) {
		if (s->can & SOCK_JOINS)
			sock_gro(c->sock);
		sock_queue(c->sock, 1 << 20);
	}
	sock_wanterrors(c->sock);
	memset(&ev, 0, sizeof(ev));
	ev.events = EPOLLIN;
	ev.data.u64 = (uint64_t)c->gen << 32 | (uint32_t)(c - s->conn);
	begin(s, c, &o->req->opts);
	if (epoll_ctl(s->ep, EPOLL_CTL_ADD, c->sock, &ev) < 0)
		tftp_xfer_fail(&c->x, TFTP_EUNDEF, "no memory");
	perform(s, c);
}
