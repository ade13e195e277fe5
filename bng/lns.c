/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "bng.h"
#include "clock.h"
#include "die.h"
#include "l2tp_why.h"
#include "lns.h"

enum {
	HEADROOM = 32, /* writable before each datagram: nat.h */
	TURNS = 8,
	QUEUE = 4 << 20,
	HELLO = 30000,
};

static void
configure(struct lns *l, const struct conf *c)
{
	l->conf = (struct l2tp_cc_conf){ .host = c->ac_name,
		.vendor = "limen",
		.secret = { (const uint8_t *)c->l2tp_secret,
		    c->l2tp_secret ? strlen(c->l2tp_secret) : 0 },
		.answer_only = c->l2tp_no_challenge != 0,
		.framing = L2TP_SYNC | L2TP_ASYNC,
		.window = LNS_RX,
		.rto = 1000,
		.rto_max = 8000,
		.tries = 6,
		.hello = HELLO,
		.linger = 31000 };
}

struct lns *
lns_open(struct bng *b)
{
	const struct conf *c = b->conf;
	struct lns *l = calloc(1, sizeof(*l));
	union sock_addr a = { 0 };
	char text[ADDR_LEN];

	if (!l)
		die(1, "memory for L2TP:");
	l->bng = b;
	memcpy(&a, &c->l2tp_at, sizeof(a));
	if ((l->fd = sock_udp(&a, NULL)) < 0)
		die(1, "l2tp %s:", addr_portstr(text, &a.sa));
	sock_cut(l->fd); /* packets of 1492 bytes become longer than the MTU */
	sock_queue(l->fd, QUEUE);
	configure(l, c);
	l->outbuf = malloc((size_t)SOCK_BATCH * LNS_BUF);
	l->inbuf = malloc((size_t)SOCK_BATCH * LNS_BUF);
	if (!l->outbuf || !l->inbuf || getentropy(l->key, sizeof(l->key)) < 0 ||
	    lns_tunnel_init(l, c->max) < 0 || lns_call_init(l, c->max) < 0)
		die(1, "memory for L2TP:");
	return l;
}

static void
send_all(struct lns *l)
{
	int at = 0, n;

	while (at < l->nout) {
		n = sock_send(l->fd, l->out + at, (size_t)(l->nout - at));
		at += n > 0 ? n : 1; /* one that cannot be sent is lost */
	}
	l->nout = 0;
}

static uint8_t *
slot(struct lns *l)
{
	if (l->nout == SOCK_BATCH)
		send_all(l);
	return l->outbuf + (size_t)l->nout * LNS_BUF;
}

/* what is written into slot() goes to t, from off on */
static void
queue(struct lns *l, const struct lns_tunnel *t, size_t off, size_t len)
{
	struct sock_msg *m = &l->out[l->nout];

	m->path = t->path;
	m->buf = slot(l) + off;
	m->len = len;
	m->seg = 0;
	l->nout++;
}

uint8_t *
lns_room(struct lns *l, size_t *cap)
{
	*cap = LNS_BUF - LNS_HEAD;
	return slot(l) + LNS_HEAD;
}

void
lns_commit(struct lns *l, struct sub *s, size_t len)
{
	struct lns_call *c = s->call;
	uint8_t *p = slot(l) + LNS_HEAD;
	size_t head = c->sequence ? LNS_HEAD : LNS_HEAD - 4;
	struct wr w;

	wr_init(&w, p - head, head);
	wr_u16(&w, 2 | (c->sequence ? L2TP_S : 0));
	wr_u16(&w, c->t->cc.ptid);
	wr_u16(&w, c->l2.psid);
	if (c->sequence) {
		wr_u16(&w, c->ns++);
		wr_u16(&w, 0); /* Nr is reserved */
	}
	wr_u16(&w, 0xff03);
	queue(l, c->t, LNS_HEAD - head, head + len);
}

void
lns_dirty(struct lns *l, struct lns_tunnel *t)
{
	if (t->dirty)
		return;
	t->dirty = 1;
	t->next_dirty = l->dirty;
	l->dirty = t;
}

static void
send_control(
    struct lns *l, const struct lns_tunnel *t, const uint8_t *p, size_t len)
{
	if (len > LNS_BUF)
		return;
	memcpy(slot(l), p, len);
	queue(l, t, 0, len);
}

static void
up(struct lns *l, struct lns_tunnel *t)
{
	char b[ADDR_LEN];

	lns_tunnel_stands(l, t);
	bng_log(l->bng, NULL, "tunnel %u from %s (%s) established", t->id,
	    addr_portstr(b, &t->path.peer.sa), t->cc.host);
}

static void
down(struct lns *l, struct lns_tunnel *t)
{
	char why[L2TP_WHY];

	bng_log(l->bng, NULL, "tunnel %u down: %s", t->id,
	    l2tp_why_tunnel(&t->cc, why));
	lns_call_down(l, t);
	lns_tunnel_over(l, t);
}

/* does what the core says until it has no more to say; -1: t is gone */
static int
drain(struct lns *l, struct lns_tunnel *t)
{
	struct l2tp_cc_act a;
	int64_t now = l->bng->now;

	do {
		while (l2tp_cc_next(&t->cc, now, &a))
			switch (a.type) {
			case L2TP_CC_SEND:
				send_control(l, t, a.pkt, a.len);
				break;
			case L2TP_CC_UP: up(l, t); break;
			case L2TP_CC_MSG: lns_call_message(l, t, &a.msg); break;
			case L2TP_CC_DOWN: down(l, t); break;
			case L2TP_CC_DEAD:
				lns_call_down(l, t);
				lns_tunnel_free(l, t);
				return -1;
			}
	} while (lns_call_send(l, t));
	return 0;
}

/* the tunnel of a message from a peer that has not heard our id for it */
static struct lns_tunnel *
nameless(struct lns *l, const struct sock_msg *m, const struct l2tp_hdr *h)
{
	struct lns_tunnel *t;
	struct l2tp_msg msg;

	l2tp_msg_get(&msg, h, &l->conf.secret);
	if (!msg.atid)
		return NULL;
	if (msg.type == L2TP_STOPCCN) { /* section 4.4.3 */
		t = lns_tunnel_asked(l, &m->path.peer, msg.atid, L2TP_CC_GONE);
		/* in one that stands the peer has heard it */
		return t && t->cc.state != L2TP_CC_ESTABLISHED ? t : NULL;
	}
	/* else it is the first message of its tunnel: section 5.8 */
	if (msg.type != L2TP_SCCRQ || h->ns)
		return NULL;
	/* what is over only acknowledges, and keeps nobody from a new one */
	t = lns_tunnel_asked(l, &m->path.peer, msg.atid, L2TP_CC_LINGER);
	if (!t)
		return lns_tunnel_new(l, &m->path, msg.atid);
	l2tp_cc_probe(&t->cc, l->bng->now);
	return t;
}

static void
control(struct lns *l, struct sock_msg *m, const struct l2tp_hdr *h)
{
	struct lns_tunnel *t;

	if (h->tid)
		t = h->tid <= l->ids ? l->tunnel[h->tid] : NULL;
	else
		t = nameless(l, m, h);
	if (!t || !addr_same(&t->path.peer.sa, &m->path.peer.sa)) {
		l->strays++;
		return;
	}
	lns_dirty(l, t);
	l2tp_cc_input(&t->cc, l->bng->now, h);
	drain(l, t);
}

static void
datagram(struct lns *l, struct sock_msg *m)
{
	struct lns_call *c;
	struct l2tp_hdr h;

	if (m->truncated || l2tp_hdr_get(&h, m->buf, m->len) < 0) {
		l->bad++;
		return;
	}
	if (h.flags & L2TP_T) {
		control(l, m, &h);
		return;
	}
	c = h.sid < l->ncalls ? &l->call[h.sid] : NULL;
	if (!c || !c->t || c->t->id != h.tid ||
	    !addr_same(&c->t->path.peer.sa, &m->path.peer.sa))
		l->strays++;
	else
		lns_call_data(l, c, &h);
}

void
lns_input(struct lns *l)
{
	struct sock_msg m[SOCK_BATCH];
	int i, n, turn;

	for (turn = 0; turn < TURNS; turn++) {
		for (i = 0; i < SOCK_BATCH; i++) {
			m[i].buf = l->inbuf + (size_t)i * LNS_BUF + HEADROOM;
			m[i].cap = LNS_BUF - HEADROOM;
		}
		n = sock_recv(l->fd, m, SOCK_BATCH);
		for (i = 0; i < n; i++)
			datagram(l, &m[i]);
		if (n < SOCK_BATCH)
			break;
	}
}

int64_t
lns_deadline(const struct lns *l)
{
	return clock_min(
	    timers_next(&l->tunnel_timers), timers_next(&l->call_timers));
}

void
lns_tick(struct lns *l)
{
	uint32_t id;

	lns_call_tick(l);
	while (timers_due(&l->tunnel_timers, l->bng->now, &id))
		if (l->tunnel[id])
			lns_dirty(l, l->tunnel[id]);
}

void
lns_flush(struct lns *l)
{
	struct lns_tunnel *t;

	while ((t = l->dirty)) {
		l->dirty = t->next_dirty;
		t->dirty = 0;
		if (drain(l, t) < 0)
			continue;
		l2tp_cc_tick(&t->cc, l->bng->now);
		if (drain(l, t) == 0)
			timers_set(
			    &l->tunnel_timers, t->id, l2tp_cc_deadline(&t->cc));
	}
	send_all(l);
}

void
lns_stop(struct lns *l)
{
	uint32_t i;

	for (i = 1; i <= l->ids; i++)
		if (l->tunnel[i]) {
			l2tp_cc_close(&l->tunnel[i]->cc, l->bng->now,
			    L2TP_STOP_SHUTDOWN, L2TP_ERR_NONE);
			lns_dirty(l, l->tunnel[i]);
		}
}

int
lns_busy(const struct lns *l)
{
	uint32_t i;

	for (i = 1; i <= l->ids; i++)
		if (l->tunnel[i] && l->tunnel[i]->cc.state < L2TP_CC_LINGER)
			return 1;
	return 0;
}

void
lns_close(struct lns *l)
{
	uint32_t i;

	if (!l)
		return;
	lns_flush(l);
	for (i = 1; i <= l->ids; i++)
		if (l->tunnel[i])
			lns_tunnel_free(l, l->tunnel[i]);
	close(l->fd);
	free(l->tunnel);
	free(l->order);
	free(l->call);
	free(l->by_peer);
	free(l->mem[0]);
	free(l->mem[1]);
	free(l->outbuf);
	free(l->inbuf);
	free(l);
}
