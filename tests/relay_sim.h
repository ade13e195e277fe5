/* limen: ISC licence, see LICENSE */
#ifndef RELAY_SIM_H
#define RELAY_SIM_H

/*
 * For unit/relay_bng.c: the lines between PPPoE clients, relay and LNS, which
 * lose, double, delay and reorder as a seeded generator says, and the
 * clients.
 */
#include <stdint.h>
#include <string.h>

#include "l2tp_call.h"
#include "ppp_link.h"
#include "pppoe_ac.h"
#include "pppoe_host.h"

enum { CLIENTS = 6, CALLS = 24, WIRE = 1024, SLOTS = 16 };
enum { TO_CLIENTS, TO_AC, TO_LAC, TO_LNS };

struct pkt {
	int to; /* -1: free */
	int64_t at;
	size_t len;
	uint8_t b[1600];
};

struct client {
	struct pppoe_host h;
	struct ppp_link l;
	int wanted, over;
	int64_t redial;
	uint32_t addr;
};

struct call { /* of the LAC or of the LNS, by its session id */
	struct l2tp_call l2;
	int used;
	struct pppoe_session *s; /* LAC */
	struct ppp_link l;	 /* LNS */
	int linked;
	uint32_t addr;
};

struct end {
	struct l2tp_cc cc;
	struct l2tp_cc_slot tx[SLOTS], rx[SLOTS];
	struct call call[CALLS]; /* 0 unused */
	int up, down, dead, at;
};

static struct sim {
	uint64_t rnd;
	int64_t now;
	unsigned loss, dup, delay;
	int overflow, busy;
	struct client c[CLIENTS];
	struct pppoe_ac ac;
	uint16_t call_of[CALLS]; /* by slot */
	struct end lac, lns;
	struct pkt wire[WIRE];
} s;
static void *ac_mem;
static struct ppp_turn turn;
static struct ppp_link_cfg client_cfg, server_cfg;
static const struct pppoe_host_conf host_conf = { "", NULL, 500, 6, 0 };
static const struct l2tp_cc_conf cc_conf = { .host = "sim",
	.framing = 3,
	.bearer = 3,
	.window = SLOTS,
	.rto = 100,
	.rto_max = 800,
	.tries = 60,
	.hello = 3000,
	.linger = 3000 };

static uint32_t
rnd(uint32_t n)
{
	s.rnd ^= s.rnd << 13;
	s.rnd ^= s.rnd >> 7;
	s.rnd ^= s.rnd << 17;
	return (uint32_t)(s.rnd >> 11) % n;
}

static void
put(int to, const void *b, size_t n)
{
	int i, k, copies = 1 + (rnd(100) < s.dup);

	for (k = 0; k < copies && n; k++) {
		if (rnd(100) < s.loss)
			continue;
		for (i = 0; i < WIRE && s.wire[i].to >= 0; i++)
			;
		if (i == WIRE || n > sizeof(s.wire[i].b)) {
			s.overflow = 1;
			return;
		}
		s.busy = i >= s.busy ? i + 1 : s.busy;
		s.wire[i].to = to;
		s.wire[i].at = s.now + 1 + rnd(s.delay + 1);
		s.wire[i].len = n;
		memcpy(s.wire[i].b, b, n);
	}
}

static struct ppp_turn *
now(void)
{
	return ppp_turn(&turn, s.now);
}

/* clients */

static void
client_over(struct client *c)
{
	c->over = 1;
	c->addr = 0;
	c->redial = s.now + 100 + rnd(1000);
}

static void
client_drain(struct client *c)
{
	static const struct ppp_net net = { .flags = PPP_NET_IP4 };
	const struct ppp_act *a;
	uint8_t b[1600];
	struct wr w;

	while ((a = ppp_turn_next(&turn))) {
		wr_init(&w, b, sizeof(b));
		if (a->type == PPP_ACT_SEND) {
			pppoe_host_head(&c->h, &w, a->len);
			wr_bytes(&w, a->p, a->len);
		} else if (a->type == PPP_ACT_NETWORK) {
			ppp_link_network(&c->l, &turn, &net);
		} else if (a->type == PPP_ACT_UP4) {
			c->addr = a->u.ip4.ours;
		} else if (a->type == PPP_ACT_DOWN4) {
			c->addr = 0;
		} else if (a->type == PPP_ACT_END) {
			pppoe_host_close(&c->h, &w);
			client_over(c);
		}
		put(TO_AC, b, wr_len(&w));
	}
}

static void
client_says(struct client *c, enum pppoe_host_event ev)
{
	switch (ev) {
	case PPPOE_HOST_OPENED: ppp_link_open(&c->l, now(), PPPOE_MRU); break;
	case PPPOE_HOST_CLOSED: ppp_link_down(&c->l, now()); break;
	case PPPOE_HOST_REFUSED:
	case PPPOE_HOST_TIMEOUT: client_over(c); /* FALLTHROUGH */
	case PPPOE_HOST_NOTHING: return;
	}
	client_drain(c);
}

static void
client_dial(struct client *c)
{
	uint8_t mac[6] = { 2, 0, 0, 0, 1, (uint8_t)(c - s.c) }, b[1600];
	uint8_t seed[16];
	struct wr w;
	int i;

	for (i = 0; i < 16; i++)
		seed[i] = (uint8_t)rnd(256);
	pppoe_host_init(&c->h, &host_conf, mac, rnd(1U << 31));
	ppp_link_init(&c->l, &client_cfg, seed);
	c->over = 0;
	c->addr = 0;
	wr_init(&w, b, sizeof(b));
	pppoe_host_start(&c->h, s.now, &w);
	put(TO_AC, b, wr_len(&w));
}

static void
client_input(const uint8_t *p, size_t n)
{
	uint8_t b[1600];
	struct client *c;
	struct pppoe pp;
	struct eth e;
	struct wr w;

	if (eth_get(&e, p, n) < 0 || e.dst[5] >= CLIENTS || e.dst[4] != 1)
		return;
	c = &s.c[e.dst[5]];
	wr_init(&w, b, sizeof(b));
	if (e.type == ETH_PPPOED && !c->over) {
		client_says(c, pppoe_host_input(&c->h, s.now, &e, &w));
		put(TO_AC, b, wr_len(&w));
	} else if (e.type == ETH_PPPOES && c->h.state == PPPOE_HOST_UP &&
		   !c->over && pppoe_get(&pp, e.body, e.len) == 0 &&
		   pp.sid == c->h.sid) {
		ppp_link_input(&c->l, now(), pp.body, pp.len);
		client_drain(c);
	}
}

static void
client_tick(struct client *c)
{
	uint8_t b[1600];
	struct wr w;

	if (c->over) {
		if (c->wanted && s.now >= c->redial)
			client_dial(c);
		return;
	}
	if (c->h.deadline >= 0 && c->h.deadline <= s.now) {
		wr_init(&w, b, sizeof(b));
		client_says(c, pppoe_host_tick(&c->h, s.now, &w));
		put(TO_AC, b, wr_len(&w));
	}
	if (!c->over) {
		ppp_link_tick(&c->l, now());
		client_drain(c);
	}
}

#endif
