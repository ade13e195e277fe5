/* limen: ISC licence, see LICENSE */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "l2tp_why.h"
#include "relay.h"
#include "siphash.h"

enum {
	TX = 64, /* messages in flight of a shared tunnel */
	RX = 16,
	TX1 = 4, /* of a tunnel of one session */
	REASON = 64 + L2TP_WHY,
	QUICK_TRIES = 3, /* of SCCRQ, where another LNS is left */
	MAX_OWN = 65535,
};

int
tunnel_init(struct relay *r)
{
	/* closed ones linger: as many again */
	r->ntunnels = r->conf->per_session ? MAX_OWN : 64 * RELAY_LNS;
	r->tunnels = calloc(r->ntunnels + 1, sizeof(struct tunnel *));
	r->free_ids = calloc(r->ntunnels, sizeof(*r->free_ids));
	/* NOLINTNEXTLINE: the heap is an array of pointers */
	r->heap.v = calloc(r->ntunnels + 1, sizeof(*r->heap.v));
	if (!r->tunnels || !r->free_ids || !r->heap.v)
		return -1;
	r->heap.cap = r->ntunnels;
	/* besides, an LNS takes a number that it still knows, from before we
	 * were killed, for a request repeated (xl2tpd does) */
	siphash_shuffle(r->key, r->free_ids, r->ntunnels);
	r->nfree = r->ntunnels;
	return 0;
}

void
tunnel_dirty(struct relay *r, struct tunnel *t)
{
	if (t->dirty || !t->opened)
		return;
	t->dirty = 1;
	t->next = r->dirty;
	r->dirty = t;
}

static struct tunnel *
new_tunnel(struct relay *r, struct lns *l)
{
	const int ntx = r->conf->per_session ? TX1 : TX;
	const int nrx = r->conf->per_session ? 0 : RX;
	struct tunnel *t;

	if (!r->nfree || !(t = calloc(1, sizeof(*t))))
		return NULL;
	t->slots = malloc((size_t)(ntx + nrx) * sizeof(*t->slots));
	if (!t->slots) {
		free(t);
		return NULL;
	}
	t->id = r->free_ids[r->free_at];
	r->free_at = (r->free_at + 1) % r->ntunnels;
	r->nfree--;
	r->tunnels[t->id] = t;
	r->live++;
	t->lns = l;
	t->segmax = UINT16_MAX;
	t->udp = t->pppol2tp = -1;
	return t;
}

static void
release(struct relay *r, struct tunnel *t)
{
	struct tunnel **p;

	wire_flush(r); /* what is to be sent names it */
	ktunnel_end(r, t);
	lns_settled(r, t);
	for (p = &r->dirty; t->dirty && *p; p = &(*p)->next)
		if (*p == t) {
			*p = t->next;
			break;
		}
	heap_del(&r->heap, &t->due);
	r->tunnels[t->id] = NULL;
	r->free_ids[(r->free_at + r->nfree++) % r->ntunnels] = t->id;
	r->live--;
	if (t->lns->t == t)
		t->lns->t = NULL;
	free(t->slots);
	free(t);
}

struct tunnel *
tunnel_get(struct relay *r, struct lns *l)
{
	struct tunnel *t = l->t;

	if (t && !r->conf->per_session)
		return t;
	if (!(t = new_tunnel(r, l)))
		return NULL;
	if (!r->conf->per_session)
		l->t = t;
	if (lns_wait(r, t) == 0)
		return t;
	lns_failed(r, l, "its name is not found");
	release(r, t);
	return NULL;
}

/* another LNS that is not known to be dead */
static int
others(const struct relay *r, const struct lns *l)
{
	int i, n = 0;

	for (i = 0; i < r->nlns; i++)
		n += &r->lns[i] != l && r->lns[i].dead_until <= r->now;
	return n;
}

void
tunnel_open(struct relay *r, struct tunnel *t)
{
	const int ntx = r->conf->per_session ? TX1 : TX;
	struct l2tp_cc_mem mem = { t->slots, t->slots + ntx, (uint16_t)ntx,
		(uint16_t)(r->conf->per_session ? 0 : RX) };
	uint8_t random[32];
	char b[ADDR_LEN];
	int tries = 0;

	if (getentropy(random, sizeof(random)) < 0)
		memset(random, 0, sizeof(random)); /* cannot be */
	t->peer = t->lns->addr[t->lns->at];
	t->opened = 1;
	note(r, "tunnel %u to %s: SCCRQ to %s", t->id, t->lns->name,
	    addr_portstr(b, &t->peer.sa));
	l2tp_cc_init(&t->cc, &r->conf->cc, &mem, random);
	if ((others(r, t->lns) || t->lns->naddr > 1) &&
	    r->conf->cc.tries > QUICK_TRIES)
		tries = QUICK_TRIES;
	l2tp_cc_open(&t->cc, r->now, t->id, tries);
	tunnel_dirty(r, t);
}

static const char *
reason(const struct tunnel *t, char why[L2TP_WHY])
{
	return t->refused && t->cc.why == L2TP_CC_WHY_SILENT
		   ? "refuses connections"
		   : l2tp_why_tunnel(&t->cc, why);
}

static void
down(struct relay *r, struct tunnel *t)
{
	char text[L2TP_WHY], b[REASON];
	const char *why = reason(t, text);

	snprintf(b, sizeof(b), "%s: %s", t->lns->name, why);
	note(r, "tunnel %u %s: %s", t->id,
	    t->was_up ? "down" : "not established", b);
	if (t->lns->t == t)
		t->lns->t = NULL;
	if (!t->was_up)
		lns_failed(r, t->lns, why);
	else if (t->cc.why != L2TP_CC_WHY_CLOSED)
		t->lns->lost++;
	call_tunnel_down(r, t, b);
	ktunnel_end(r, t);
	lns_settled(r, t);
}

/* a tunnel that never got as far as a control connection */
void
tunnel_fail(struct relay *r, struct tunnel *t, const char *why)
{
	char b[REASON];

	snprintf(b, sizeof(b), "%s: %s", t->lns->name, why);
	note(r, "tunnel %u not established: %s", t->id, b);
	if (t->lns->t == t)
		t->lns->t = NULL;
	lns_settled(r, t);
	t->opened = 1; /* waits no more: it is released here, below */
	call_tunnel_down(r, t, b);
	release(r, t);
}

static void
hang_up(struct relay *r, struct tunnel *t, unsigned result)
{
	l2tp_cc_close(&t->cc, r->now, result, L2TP_ERR_NONE);
	tunnel_dirty(r, t);
}

static void
up(struct relay *r, struct tunnel *t)
{
	t->was_up = 1;
	lns_ready(t->lns);
	lns_settled(r, t);
	note(r, "tunnel %u to %s established: %s, its id %u, window %u", t->id,
	    t->lns->name, t->cc.host[0] ? t->cc.host : "?", t->cc.ptid,
	    t->cc.win);
	if (r->conf->per_session && !t->ncalls) /* its client has left */
		hang_up(r, t, L2TP_STOP_CLEAR);
}

/* does what the core says until it has no more to say; -1 when t is gone */
static int
drain(struct relay *r, struct tunnel *t)
{
	struct l2tp_cc_act a;

	do {
		while (l2tp_cc_next(&t->cc, r->now, &a))
			switch (a.type) {
			case L2TP_CC_SEND:
				wire_control(r, t, a.pkt, a.len);
				if (a.first && a.mtype == L2TP_ICCN)
					call_iccn_sent(r, t, a.sid);
				break;
			case L2TP_CC_UP: up(r, t); break;
			case L2TP_CC_MSG: call_message(r, t, &a.msg); break;
			case L2TP_CC_DOWN: down(r, t); break;
			case L2TP_CC_DEAD: release(r, t); return -1;
			}
	} while (call_send(r, t));
	return 0;
}

static void
schedule(struct relay *r, struct tunnel *t)
{
	int64_t at = l2tp_cc_deadline(&t->cc);

	if (at < 0)
		heap_del(&r->heap, &t->due);
	else
		heap_set(&r->heap, &t->due, at);
}

void
tunnel_input(struct relay *r, struct tunnel *t, const struct l2tp_hdr *h)
{
	tunnel_dirty(r, t);
	l2tp_cc_input(&t->cc, r->now, h);
	(void)drain(r, t);
}

/* the end of a turn: one acknowledgement for all that came in it */
void
tunnel_turn(struct relay *r)
{
	struct tunnel *t;

	while ((t = r->dirty)) {
		r->dirty = t->next;
		t->next = NULL;
		t->dirty = 0;
		if (drain(r, t) < 0)
			continue;
		l2tp_cc_tick(&t->cc, r->now);
		if (drain(r, t) == 0)
			schedule(r, t);
	}
}

void
tunnel_tick(struct relay *r)
{
	struct heap_node *n;

	while ((n = heap_first(&r->heap)) && n->at <= r->now) {
		heap_del(&r->heap, n);
		tunnel_dirty(
		    r, (void *)((char *)n - offsetof(struct tunnel, due)));
	}
}

int64_t
tunnel_deadline(const struct relay *r)
{
	struct heap_node *n = heap_first(&r->heap);

	return n ? n->at : -1;
}

/* a tunnel of one session goes with it; one that waits for its turn must not
 * take that from those whose clients are still there */
void
tunnel_idle(struct relay *r, struct tunnel *t)
{
	if (!r->conf->per_session || t->ncalls)
		return;
	if (!t->opened)
		release(r, t);
	else if (t->was_up)
		hang_up(r, t, L2TP_STOP_CLEAR);
}

/* ICMP says that nobody listens there: what waits for an answer need not;
 * an established tunnel is not ended by it (anybody can forge ICMP) */
void
tunnel_refused(struct relay *r, const union sock_addr *peer)
{
	struct tunnel *t;
	uint32_t i;

	for (i = 0; i < (uint32_t)r->nlns; i++) {
		t = r->lns[i].opening; /* what waits for SCCRP is in set-up */
		if (!t || t->refused || t->cc.state != L2TP_CC_WAIT_REPLY ||
		    !addr_same(&t->peer.sa, &peer->sa))
			continue;
		t->refused = 1;
		t->cc.why = L2TP_CC_WHY_SILENT;
		hang_up(r, t, L2TP_STOP_CLEAR);
	}
}

void
tunnel_stop(struct relay *r)
{
	uint32_t i;

	for (i = 1; i <= r->ntunnels; i++)
		if (r->tunnels[i] && r->tunnels[i]->opened)
			hang_up(r, r->tunnels[i], L2TP_STOP_SHUTDOWN);
}

/* tunnels whose end the peer has not acknowledged */
int
tunnel_live(const struct relay *r)
{
	uint32_t i;
	int n = 0;

	for (i = 1; i <= r->ntunnels; i++)
		n += r->tunnels[i] && r->tunnels[i]->opened &&
		     r->tunnels[i]->cc.state < L2TP_CC_LINGER;
	return n;
}
