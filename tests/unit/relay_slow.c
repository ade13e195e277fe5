/* limen: ISC licence, see LICENSE */
/*
 * More clients than a slow LNS takes in their time, who dial again and again:
 * it must be of use all the while.
 *
 * link: tests/sim_relay.c pppoe-l2tp-relay/call.c pppoe-l2tp-relay/tunnel.c
 * link: pppoe-l2tp-relay/list.c pppoe-l2tp-relay/kick.c
 * link: pppoe-l2tp-relay/lns.c pppoe-l2tp-relay/path.c
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sim.h"
#include "clock.h"
#include "l2tp_cc.h"
#include "pppoe_host.h"
#include "tap.h"

enum { CLIENTS = 1000, TAKES = 150, SLOTS = 8, WIRE = 2048, FRAME = 1600 };

struct sim_how sim;

static struct pkt {
	int64_t at; /* -1: free */
	enum sim_to to;
	size_t len;
	uint8_t b[FRAME];
} wire[WIRE];
static int64_t idle; /* when the LNS has done all that came */
static struct client {
	struct pppoe_host h;
	int64_t redial; /* -1: it does not */
} client[CLIENTS];
static struct l2tp_cc lns;
static struct l2tp_cc_slot tx[SLOTS], rx[SLOTS];
static unsigned up;

uint32_t
sim_rnd(uint32_t n)
{
	return (uint32_t)rand() % n;
}

int
getentropy(void *p, size_t n)
{
	uint8_t *b = p;

	while (n)
		b[--n] = (uint8_t)rand();
	return 0;
}

/* the LNS takes one datagram at a time */
void
sim_put(enum sim_to to, const void *b, size_t n)
{
	int i;

	for (i = 0; i < WIRE && wire[i].at >= 0; i++)
		;
	if (i == WIRE || n > FRAME)
		abort();
	wire[i].at = sim.now + 1;
	if (to == SIM_LNS)
		wire[i].at = idle = (idle > sim.now ? idle : sim.now) + TAKES;
	wire[i].to = to;
	wire[i].len = n;
	memcpy(wire[i].b, b, n);
}

static void
lns_turn(void)
{
	struct l2tp_cc_act a;
	struct wr *w;

	l2tp_cc_tick(&lns, sim.now);
	while (l2tp_cc_next(&lns, sim.now, &a)) {
		if (a.type == L2TP_CC_SEND)
			sim_put(SIM_LAC, a.pkt, a.len);
		if (a.type != L2TP_CC_MSG || a.msg.type != L2TP_ICRQ ||
		    !(w = l2tp_cc_begin(&lns, L2TP_ICRP, a.msg.asid, 0)))
			continue;
		l2tp_put16(w, L2TP_AVP_SID | L2TP_M, a.msg.asid);
		(void)l2tp_cc_end(&lns);
	}
}

static void
says(struct client *c, enum pppoe_host_event ev, struct wr *w)
{
	up += ev == PPPOE_HOST_OPENED;
	up -= ev == PPPOE_HOST_CLOSED;
	if (ev != PPPOE_HOST_NOTHING && ev != PPPOE_HOST_OPENED)
		c->redial = sim.now + 1000 + sim_rnd(60000);
	if (wr_len(w))
		sim_put(SIM_AC, w->buf, wr_len(w));
}

static void
client_tick(struct client *c)
{
	static const struct pppoe_host_conf conf = { "", NULL, 500, 6, 0 };
	const unsigned i = (unsigned)(c - client);
	const uint8_t mac[6] = { 2, 0, 0, 0, (uint8_t)(i >> 8), (uint8_t)i };
	uint8_t b[FRAME];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	if (c->redial >= 0 && sim.now >= c->redial) {
		c->redial = -1;
		pppoe_host_init(&c->h, &conf, mac, sim_rnd(1U << 31));
		pppoe_host_start(&c->h, sim.now, &w);
		says(c, PPPOE_HOST_NOTHING, &w);
	} else if (c->redial < 0 && c->h.deadline >= 0 &&
		   sim.now >= c->h.deadline)
		says(c, pppoe_host_tick(&c->h, sim.now, &w), &w);
}

static void
deliver(struct pkt *slot)
{
	static uint8_t room[32 + FRAME]; /* the relay writes before a packet */
	uint8_t b[FRAME];
	struct pkt p = *slot;
	struct l2tp_hdr h;
	struct client *c;
	struct eth e;
	struct wr w;

	slot->at = -1;
	memcpy(room + 32, p.b, p.len);
	if (p.to == SIM_AC)
		sim_relay_frame(room + 32, p.len);
	else if (p.to == SIM_LAC)
		sim_relay_datagram(room + 32, p.len);
	else if (p.to == SIM_LNS && l2tp_hdr_get(&h, p.b, p.len) == 0) {
		l2tp_cc_input(&lns, sim.now, &h);
		lns_turn();
	} else if (p.to == SIM_CLIENT && eth_get(&e, p.b, p.len) == 0) {
		c = &client[e.dst[4] << 8 | e.dst[5]];
		wr_init(&w, b, sizeof(b));
		if (c->redial < 0)
			says(c, pppoe_host_input(&c->h, sim.now, &e, &w), &w);
	}
}

static void
run(int64_t end)
{
	int i;

	for (; sim.now < end; sim.now++) {
		for (i = 0; i < WIRE; i++)
			if (wire[i].at >= 0 && wire[i].at <= sim.now)
				deliver(&wire[i]);
		for (i = 0; i < CLIENTS; i++)
			client_tick(&client[i]);
		sim_relay_turn();
		lns_turn();
	}
}

int
main(void)
{
	static const struct l2tp_cc_conf conf = { .host = "slow",
		.framing = 3,
		.window = 4,
		.rto = 1000,
		.rto_max = 8000,
		.tries = 5 };
	struct l2tp_cc_mem mem = { tx, rx, SLOTS, SLOTS };
	uint8_t random[32];
	int i;

	sim = (struct sim_how){ .now = 1000, .max = 2 * CLIENTS };
	for (i = 0; i < WIRE; i++)
		wire[i].at = -1;
	for (i = 0; i < CLIENTS; i++)
		client[i].redial = sim.now + sim_rnd(1000);
	(void)getentropy(random, sizeof(random));
	l2tp_cc_init(&lns, &conf, &mem, random);
	l2tp_cc_listen(&lns, 99);
	sim_relay_start();
	run(150000);
	/* two datagrams a call */
	printf("# %u\n", up);
	OK_MSG(up > 150000 / TAKES / 2 * 9 / 10, "as many as it can take");
	sim_relay_kill();
	return tap_done();
}
