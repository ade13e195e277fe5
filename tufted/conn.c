/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve.h"
#include "siphash.h"

#define PATIENCE 8000  /* for the first answer, ms */
#define RUSH	 128   /* transfers at once whose memory is given back */
#define STUCK	 10000 /* ms without progress that may cost a place */

int
conn_sends(const struct conn *c)
{
	return c->op == TFTP_RRQ;
}

/* of a client's address, and its port when a transfer is looked for by it */
static int32_t *
bucket(const struct serve *s, const union sock_addr *a, int chain)
{
	const uint16_t port = chain == BY_PEER ? sock_port(a) : 0;
	uint8_t b[16 + sizeof(port)];
	size_t n;

	if (a->sa.sa_family == AF_INET6)
		memcpy(b, &a->in6.sin6_addr, n = 16);
	else
		memcpy(b, &a->in.sin_addr, n = 4);
	memcpy(b + n, &port, sizeof(port));
	return &s->bucket[chain][siphash(s->key, b, n + sizeof(port)) %
				 (uint64_t)s->nbucket];
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

struct conn *
conn_find(struct serve *s, const union sock_addr *peer)
{
	int32_t i;

	for (i = *bucket(s, peer, BY_PEER); i; i = s->conn[i - 1].next[BY_PEER])
		if (addr_same(&s->conn[i - 1].path.peer.sa, &peer->sa))
			return &s->conn[i - 1];
	return NULL;
}

unsigned
conn_count(struct serve *s, const union sock_addr *peer)
{
	unsigned n = 0;
	int32_t i;

	for (i = *bucket(s, peer, BY_HOST); i; i = s->conn[i - 1].next[BY_HOST])
		n += !s->conn[i - 1].kept &&
		     same_host(&s->conn[i - 1].path.peer, peer);
	return n;
}

unsigned
conn_busy(const struct serve *s)
{
	return s->nconn - s->nkept;
}

void
conn_entry(const struct serve *s, const struct conn *c, struct log_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->verb = conn_sends(c) ? "sent" : "received";
	e->name = c->name;
	e->peer = &c->path.peer;
	e->size = UINT64_MAX;
	if (conn_sends(c)) {
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

/* whether it counts as a transfer: one that went no further than its options
 * (PXE asks for sizes so) does not, nor one whose client never answered */
void
conn_tell(struct serve *s, struct conn *c, const char *error)
{
	struct log_entry e;

	if (c->told)
		return;
	c->told = 1;
	conn_entry(s, c, &e);
	e.error = error;
	if (!tftp_xfer_flowing(&c->x) || !c->x.confirmed) {
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

/* the last one of a rush has ended: its memory goes back to the system, and
 * is zero when it is used again, as at the start */
static void
give_back(struct serve *s)
{
	if (madvise(s->conn, s->touched * sizeof(*s->conn), MADV_DONTNEED) < 0)
		return;
	s->touched = 0;
	s->free = 0;
	(void)madvise(s->timermem, timers_size(s->conf->limit), MADV_DONTNEED);
	if (madvise(s->port, s->nport * sizeof(*s->port), MADV_DONTNEED) == 0) {
		s->nport = 0;
		s->freeport = NULL;
	}
}

void
conn_close(struct serve *s, struct conn *c, const char *error)
{
	const int i = (int)(c - s->conn);
	int32_t *p;
	int k;

	conn_tell(s, c, error);
	for (k = 0; k < NCHAIN; k++) {
		for (p = bucket(s, &c->path.peer, k); *p != i + 1;
		     p = &s->conn[*p - 1].next[k])
			;
		*p = c->next[k];
	}
	timers_set(&s->timers, (uint32_t)i, -1);
	port_leave(s, c->port);
	file_close(&c->file);
	tree_drop(&c->up);
	free(c->name);
	c->gen = 0;
	c->next[0] = s->free;
	s->free = i + 1;
	s->nkept -= (unsigned)c->kept;
	if (!--s->nconn && s->touched > RUSH)
		give_back(s);
}

/* fills in what was agreed on: RFC 2347 to 2349, 7440 */
static void
agree(const struct serve *s, struct conn *c, struct tftp_conf *t)
{
	const struct conf *conf = s->conf;
	struct tftp_opts *o = &c->opts;

	*o = c->asked;
	o->have &= ~(unsigned)TFTP_HAVE_BAD;
	if (c->file.mode == TFTP_NETASCII && conn_sends(c))
		o->have &= ~(unsigned)TFTP_HAVE_TSIZE; /* not known before */
	else if (conn_sends(c))
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
		/* what comes at once must not get lost */
		if (!conn_sends(c))
			o->window =
			    sock_fit(c->port->fd, o->window, t->blksize);
		t->window = o->window;
	}
	t->patience =
	    t->timeout * 2000 > PATIENCE ? t->timeout * 2000 : PATIENCE;
	if (t->patience > 30000)
		t->patience = 30000;
}

static void
begin(struct serve *s, struct conn *c)
{
	struct tftp_conf t;

	memset(&t, 0, sizeof(t));
	t.blksize = TFTP_BLKSIZE;
	t.window = 1;
	t.retries = s->conf->retries;
	t.rollover = s->conf->rollover;
	t.repeat = s->conf->rto;
	agree(s, c, &t);
	tftp_xfer_start(&c->x, &t,
	    conn_sends(c) ? TFTP_SERVE_READ : TFTP_SERVE_WRITE, s->now);
	if (conn_sends(c) && c->file.mode == TFTP_OCTET)
		tftp_xfer_size(&c->x, c->file.size);
	if (c->opts.have)
		tftp_xfer_oack(&c->x);
}

/* of those that only dally the one that is over first, of the others the one
 * that is longest without progress; NULL: there is none */
static struct conn *
oldest_of(struct serve *s, int kept)
{
	struct conn *c, *oldest = NULL;
	int64_t at, least = 0;
	unsigned i;

	for (i = 0; i < s->touched; i++) {
		c = &s->conn[i];
		if (!c->gen || c->kept != kept)
			continue;
		at = kept ? c->x.deadline : c->x.since;
		if (oldest && at >= least)
			continue;
		oldest = c;
		least = at;
	}
	return oldest;
}

void
conn_room(struct serve *s)
{
	struct conn *oldest;

	if (s->nconn < s->conf->limit)
		return;
	if ((oldest = oldest_of(s, 1)))
		conn_close(s, oldest, NULL);
}

int
conn_evict(struct serve *s)
{
	struct conn *oldest;

	if (s->now < s->evict_at || !(oldest = oldest_of(s, 0)))
		return -1;
	s->evict_at = oldest->x.since + STUCK;
	if (s->now < s->evict_at)
		return -1;
	flow_abort(s, oldest, "another client needs its place");
	return 0;
}

/* a free place, linked into its buckets */
static struct conn *
place(struct serve *s, const union sock_addr *peer)
{
	int32_t i, *b;
	struct conn *c;
	int k;

	i = s->free ? s->free : (int32_t)++s->touched;
	c = &s->conn[i - 1];
	if (s->free)
		s->free = c->next[0];
	memset(c, 0, sizeof(*c));
	for (k = 0; k < NCHAIN; k++) {
		b = bucket(s, peer, k);
		c->next[k] = *b;
		*b = i;
	}
	if (!++s->gen)
		++s->gen;
	c->gen = s->gen;
	s->nconn++;
	return c;
}

void
conn_open(struct serve *s, const struct opening *o)
{
	struct conn *c = place(s, &o->path->peer);

	c->path = *o->path;
	c->path.local.sa.sa_family = 0; /* the port is bound to it */
	c->op = o->req->op;
	c->asked = o->req->opts;
	c->port = o->port;
	c->began = s->now;
	c->name = o->name;
	c->up = o->up;
	file_init(&c->file, o->fd, o->req->mode, o->size);
	c->plain = !(s->can & SOCK_CUTS);
	c->copied = o->req->mode != TFTP_OCTET || !pages_for(s, c);
	begin(s, c);
	flow_go(s, c);
}
