/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "bng.h"
#include "l2tp_why.h"
#include "lns.h"
#include "siphash.h"
#include "subs.h"

/* in the lists 0 is none, and the number of a call is its session id */

/* all are free, and come in an order that nobody can guess */
static int
free_all(struct lns *l)
{
	uint16_t *ids = calloc(l->ncalls, sizeof(*ids));
	uint32_t i;

	if (!ids)
		return -1;
	siphash_shuffle(l->key, ids, l->ncalls - 1);
	for (i = 1; i < l->ncalls; i++)
		l->call[ids[i - 1]].next = ids[i]; /* the last is 0 */
	l->free_first = ids[0];
	l->free_last = ids[l->ncalls - 2];
	free(ids);
	return 0;
}

int
lns_call_init(struct lns *l, uint32_t max)
{
	/* more calls than sessions: those whose end is still to be told */
	l->ncalls = max + max / 8 + 16;
	if (l->ncalls > 65535)
		l->ncalls = 65535;
	while (l->peer_mask < l->ncalls)
		l->peer_mask = 2 * l->peer_mask + 1;
	l->call = calloc(l->ncalls + 1, sizeof(*l->call));
	l->by_peer = calloc(l->peer_mask + 1, sizeof(*l->by_peer));
	l->mem[1] = calloc(1, timers_size(l->ncalls + 1));
	if (!l->call || !l->by_peer || !l->mem[1])
		return -1;
	timers_init(&l->call_timers, l->ncalls + 1, l->mem[1]);
	return free_all(l);
}

static uint32_t
number(const struct lns *l, const struct lns_call *c)
{
	return (uint32_t)(c - l->call);
}

/*
 * Calls by the peer's id for them, which a CDN names whose sender had not
 * heard ours. The hash is keyed: a peer chooses its ids. It is to use each for
 * one call at a time (section 4.4.4), and here it does.
 */
static uint32_t *
chain(const struct lns *l, const struct lns_tunnel *t, uint16_t psid)
{
	const uint16_t id[2] = { t->id, psid };

	return &l->by_peer[siphash(l->key, id, sizeof(id)) & l->peer_mask];
}

/* where the number of that call stands, or where it would */
static uint32_t *
peer_place(struct lns *l, const struct lns_tunnel *t, uint16_t psid)
{
	uint32_t *at = chain(l, t, psid);

	while (*at && (l->call[*at].t != t || l->call[*at].l2.psid != psid))
		at = &l->call[*at].next_peer;
	return at;
}

static void
index_call(struct lns *l, struct lns_call *c)
{
	uint32_t *at = chain(l, c->t, c->l2.psid);

	c->next_peer = *at;
	*at = number(l, c);
}

static void
unindex(struct lns *l, const struct lns_call *c)
{
	uint32_t *at = peer_place(l, c->t, c->l2.psid);

	if (*at == number(l, c))
		*at = c->next_peer;
}

static struct lns_call *
take(struct lns *l, struct lns_tunnel *t)
{
	uint32_t n = l->free_first;
	struct lns_call *c = &l->call[n];

	if (!n)
		return NULL;
	l->free_first = c->next;
	if (!l->free_first)
		l->free_last = 0;
	memset(c, 0, sizeof(*c));
	c->t = t;
	c->next = t->calls;
	if (c->next)
		l->call[c->next].prev = n;
	t->calls = n;
	t->ncalls++;
	return c;
}

/* to the end of the free list: session ids rest */
static void
put_back(struct lns *l, struct lns_call *c)
{
	uint32_t n = number(l, c);
	struct lns_tunnel *t = c->t;

	if (c->prev)
		l->call[c->prev].next = c->next;
	else
		t->calls = c->next;
	if (c->next)
		l->call[c->next].prev = c->prev;
	t->ncalls--;
	unindex(l, c);
	timers_set(&l->call_timers, n, -1);
	memset(c, 0, sizeof(*c));
	if (l->free_last)
		l->call[l->free_last].next = n;
	else
		l->free_first = n;
	l->free_last = n;
}

static void
enqueue(struct lns *l, struct lns_call *c)
{
	struct lns_tunnel *t = c->t;
	uint32_t n = number(l, c);

	if (c->queued)
		return;
	c->queued = 1;
	c->next_queued = 0;
	if (t->last_queued)
		l->call[t->last_queued].next_queued = n;
	else
		t->first_queued = n;
	t->last_queued = n;
}

/* after each event: what it wants to send is queued, and it goes when it is
 * over (at once, or once what is queued has been sent) */
static void
settle(struct lns *l, struct lns_call *c)
{
	if (c->l2.want) {
		enqueue(l, c);
		lns_dirty(l, c->t);
	}
	if (l2tp_call_over(&c->l2) && !c->queued)
		put_back(l, c);
	else
		timers_set(&l->call_timers, number(l, c), c->l2.deadline);
}

int
lns_call_send(struct lns *l, struct lns_tunnel *t)
{
	static const struct l2tp_call_info info;
	struct lns_call *c;
	int sent = 0;

	while (t->first_queued && l2tp_cc_room(&t->cc)) {
		c = &l->call[t->first_queued];
		if (c->l2.want && !l2tp_call_send(&c->l2, &t->cc, &info))
			break;
		sent = 1;
		t->first_queued = c->next_queued;
		if (!t->first_queued)
			t->last_queued = 0;
		c->queued = 0;
		settle(l, c);
	}
	return sent;
}

/* the Calling Number, else the peer's address: for status and log */
static void
name(struct lns_call *c, const struct l2tp_msg *m)
{
	char addr[ADDR_LEN];
	size_t i;

	for (i = 0; i < m->calling.len && i < sizeof(c->where) - 1; i++) {
		c->where[i] = (char)m->calling.p[i];
		if (c->where[i] <= ' ' || c->where[i] > '~')
			c->where[i] = '.';
	}
	if (!i)
		snprintf(c->where, sizeof(c->where), "%.39s",
		    addr_str(addr, &c->t->path.peer.sa));
}

static void
connected(struct lns *l, struct lns_call *c, const struct l2tp_msg *m)
{
	struct bng *b = l->bng;
	struct sub *s = subs_new(b, BEARER_L2TP);

	if (!s) {
		l2tp_call_close(&c->l2, L2TP_CDN_BUSY, L2TP_ERR_RESOURCES);
		return;
	}
	c->required = !!(m->have & 1ULL << L2TP_AVP_SEQUENCING);
	c->sequence = c->required;
	c->s = s;
	s->call = c;
	s->id = c->l2.sid;
	s->far = b->now - c->asked;
	memcpy(s->where, c->where, sizeof(s->where));
	bng_log(b, s, "session opened by ICCN of tunnel %u", c->t->id);
	subs_start(b, s, b->conf->mtu);
}

/* the line under its subscriber is gone */
static void
lose(struct lns *l, struct lns_call *c, const char *reason)
{
	struct sub *s = c->s;

	if (!s)
		return;
	c->s = NULL;
	s->call = NULL;
	subs_down(l->bng, s, reason);
}

/* a peer that gives its id to another call has lost the one that had it */
static void
anew(struct lns *l, const struct lns_tunnel *t, uint16_t psid)
{
	struct lns_call *c = &l->call[*peer_place(l, t, psid)];

	if (!c->t)
		return;
	unindex(l, c);
	l2tp_call_forget(&c->l2);
	lose(l, c, "its id was given to another call");
	settle(l, c);
}

static void
request(struct lns *l, struct lns_tunnel *t, const struct l2tp_msg *m)
{
	struct bng *b = l->bng;
	struct lns_call *c;

	anew(l, t, m->asid);
	if (!(c = take(l, t))) {
		l2tp_call_refuse(&t->cc, m, L2TP_CDN_BUSY, L2TP_ERR_RESOURCES);
		return;
	}
	l2tp_call_accept(&c->l2, b->now, (uint16_t)number(l, c), m);
	c->asked = b->now;
	index_call(l, c);
	name(c, m);
	if (b->stopping || b->subs.count >= b->subs.max)
		l2tp_call_close(&c->l2, L2TP_CDN_BUSY, L2TP_ERR_RESOURCES);
	settle(l, c);
}

void
lns_call_message(struct lns *l, struct lns_tunnel *t, const struct l2tp_msg *m)
{
	char why[L2TP_WHY];
	struct lns_call *c;
	uint32_t n;

	if (m->type == L2TP_ICRQ) {
		request(l, t, m);
		return;
	}
	if (m->type == L2TP_OCRQ) {
		l2tp_call_refuse(&t->cc, m, L2TP_CDN_UNABLE, L2TP_ERR_NONE);
		return;
	}
	n = m->sid ? m->sid : *peer_place(l, t, m->asid);
	if (n >= l->ncalls || l->call[n].t != t)
		return;
	c = &l->call[n];
	switch (l2tp_call_input(&c->l2, m)) {
	case L2TP_CALL_CONNECTED: connected(l, c, m); break;
	case L2TP_CALL_ENDED:
	case L2TP_CALL_FAILED: lose(l, c, l2tp_why_call(&c->l2, m, why)); break;
	}
	settle(l, c);
}

/* data with sequence numbers: we answer in kind, and with them always when
 * the LAC said Sequencing Required (RFC 2661 sections 4.4.4 and 5.4) */
static int
in_sequence(struct lns_call *c, const struct l2tp_hdr *h)
{
	c->sequence = c->required || (h->flags & L2TP_S);
	if (!(h->flags & L2TP_S))
		return 1;
	if ((uint16_t)(h->ns - c->nr) >= 0x8000)
		return 0; /* late, or twice */
	c->nr = (uint16_t)(h->ns + 1);
	return 1;
}

void
lns_call_data(struct lns *l, struct lns_call *c, struct l2tp_hdr *h)
{
	size_t len = rd_left(&h->body);

	if (!c->s || !in_sequence(c, h))
		return;
	subs_input(l->bng, c->s, (uint8_t *)(uintptr_t)h->body.p, len);
}

void
lns_call_down(struct lns *l, struct lns_tunnel *t)
{
	while (t->calls) {
		lose(l, &l->call[t->calls], "the tunnel is down");
		put_back(l, &l->call[t->calls]);
	}
	t->first_queued = t->last_queued = 0;
}

void
lns_call_tick(struct lns *l)
{
	struct lns_call *c;
	uint32_t n;

	while (timers_due(&l->call_timers, l->bng->now, &n)) {
		c = &l->call[n];
		if (c->l2.state == L2TP_CALL_UP) /* it was cut */
			l2tp_call_close(&c->l2, L2TP_CDN_ADMIN, L2TP_ERR_NONE);
		else if (!c->t || !l2tp_call_tick(&c->l2, l->bng->now))
			continue;
		settle(l, c);
	}
}

void
lns_hangup(struct lns *l, struct sub *s)
{
	struct lns_call *c = s->call;

	if (!c)
		return;
	c->s = NULL;
	s->call = NULL;
	l2tp_call_close(&c->l2, L2TP_CDN_ADMIN, L2TP_ERR_NONE);
	settle(l, c);
}

/* the call stays for a while, so that the peer sees a session gone silent */
void
lns_cut(struct lns *l, struct sub *s)
{
	struct lns_call *c = s->call;

	if (!c)
		return;
	c->s = NULL;
	s->call = NULL;
	c->l2.deadline = l->bng->now + BNG_CUT_FOR;
	settle(l, c);
}
