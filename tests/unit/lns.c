/* limen: ISC licence, see LICENSE */
/*
 * bng's LNS against a LAC of 10 000 calls that thinks better of it, and
 * against strangers that ask for tunnels.
 *
 * link: tests/sim_bng.c bng/lns.c bng/lns_tunnel.c bng/lns_call.c
 * link: bng/subs.c bng/subs_link.c bng/pool.c bng/users.c bng/line.c
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sim.h"
#include "l2tp_cc.h"
#include "tap.h"

enum { CALLS = 10000, SLOTS = 32, WIRE = 64 };

struct sim_how sim;

/* what bng has sent to the LAC */
static struct pkt {
	size_t len;
	uint8_t b[L2TP_CC_MSGMAX];
} wire[WIRE], kept;
static int nwire;

static struct l2tp_cc lac;
static struct l2tp_cc_slot tx[SLOTS], rx[SLOTS];
static unsigned replied, replier, cancelled;
static int up;

int
getentropy(void *p, size_t n)
{
	static uint8_t drawn;
	uint8_t *b = p;

	while (n)
		b[--n] = drawn++;
	return 0;
}

uint32_t
sim_rnd(uint32_t n)
{
	return (uint32_t)rand() % n;
}

void
sim_put(enum sim_to to, const void *p, size_t n)
{
	if (to != SIM_LAC || nwire == WIRE || n > sizeof(wire[0].b))
		abort();
	memcpy(wire[nwire].b, p, n);
	wire[nwire++].len = n;
}

static void
lac_drain(void)
{
	struct l2tp_cc_act a;

	while (l2tp_cc_next(&lac, sim.now, &a))
		switch (a.type) {
		case L2TP_CC_SEND: sim_bng_datagram(a.pkt, a.len); break;
		case L2TP_CC_UP: up = 1; break;
		case L2TP_CC_MSG:
			replied += a.msg.type == L2TP_ICRP;
			replier = a.msg.asid;
			cancelled += a.msg.type == L2TP_CDN;
			break;
		}
}

/* to and fro until nobody has anything to say */
static void
talk(void)
{
	struct l2tp_hdr h;
	int i;

	do {
		l2tp_cc_tick(&lac, sim.now);
		lac_drain();
		sim_bng_turn();
		for (i = 0; i < nwire; i++)
			if (l2tp_hdr_get(&h, wire[i].b, wire[i].len) == 0 &&
			    h.flags & L2TP_T) {
				l2tp_cc_input(&lac, sim.now, &h);
				lac_drain();
			}
		i = nwire;
		nwire = 0;
	} while (i);
}

static void
lac_open(void)
{
	static const struct l2tp_cc_conf conf = { .host = "lac",
		.framing = 3,
		.window = SLOTS,
		.rto = 1000,
		.rto_max = 8000,
		.tries = 5 };
	struct l2tp_cc_mem mem = { tx, rx, SLOTS, SLOTS };
	uint8_t random[32];

	(void)getentropy(random, sizeof(random));
	up = 0;
	l2tp_cc_init(&lac, &conf, &mem, random);
	l2tp_cc_open(&lac, sim.now, 77, 0);
}

static void
ask(unsigned id)
{
	struct wr *w;

	while (!(w = l2tp_cc_begin(&lac, L2TP_ICRQ, 0, (uint16_t)id)))
		talk();
	l2tp_put16(w, L2TP_AVP_SID | L2TP_M, id);
	l2tp_put32(w, L2TP_AVP_SERIAL | L2TP_M, id);
	(void)l2tp_cc_end(&lac);
}

/* as a LAC does that has not heard the LNS's id: the header has none */
static void
cancel(unsigned id)
{
	struct wr *w;

	while (!(w = l2tp_cc_begin(&lac, L2TP_CDN, 0, (uint16_t)id)))
		talk();
	l2tp_put_result(w, L2TP_CDN_CARRIER, 0, NULL);
	l2tp_put16(w, L2TP_AVP_SID | L2TP_M, id);
	(void)l2tp_cc_end(&lac);
}

static struct sim_session list[CALLS];

/* section 9.1: ids that nobody can guess */
static unsigned
guessed(void)
{
	static uint16_t sid[CALLS + 1];
	unsigned i, n = 0;

	for (i = 0; i < CALLS; i++)
		sid[list[i].psid] = list[i].sid;
	for (i = 2; i <= CALLS; i++)
		n += sid[i] == sid[i - 1] + 1;
	return n;
}

static void
mass_cancel(void)
{
	unsigned i, wrong = 0;

	sim = (struct sim_how){ .now = 1000, .max = CALLS, .port = 1701 };
	sim_bng_start();
	lac_open();
	talk();
	OK_MSG(up, "a tunnel");
	for (i = 1; i <= CALLS; i++)
		ask(i);
	talk();
	OK_MSG(replied == CALLS && sim_bng_list(list, CALLS) == CALLS,
	    "10000 calls");
	OK_MSG(guessed() < CALLS / 100, "whose ids do not follow each other");
	OK_MSG(sim_bng_longest() <= 10,
	    "the peer's id of each leads to it in 10 steps at the most");
	for (i = 1; i <= CALLS; i += 2)
		cancel(i);
	talk();
	OK_MSG(sim_bng_list(list, CALLS) == CALLS / 2,
	    "as many are gone as were cancelled");
	for (i = 0; i < CALLS / 2; i++)
		wrong += list[i].psid % 2;
	OK_MSG(!wrong, "and it is those");
	for (i = 2; i <= CALLS; i += 2)
		cancel(i);
	talk();
	OK_MSG(!sim_bng_list(list, CALLS) && !sim_bng_longest() && !cancelled,
	    "then the others");
}

/* a LAC that gives an id to a second call has forgotten the first */
static void
twice(void)
{
	replied = 0;
	ask(5);
	talk();
	ask(6);
	ask(5);
	talk();
	OK_MSG(replied == 3 && sim_bng_list(list, CALLS) == 2 && !cancelled,
	    "an id that a call has, given to another: that one has it");
	cancel(5);
	talk();
	OK_MSG(sim_bng_list(list, CALLS) == 1 && list[0].psid == 6,
	    "and is found by it");
	l2tp_cc_close(&lac, sim.now, L2TP_STOP_CLEAR, 0);
	talk();
	OK(!sim_bng_list(list, CALLS) && !sim_bng_longest());
	sim_bng_kill();
}

/* an SCCRQ of a host that never answers, from another port each */
static void
stranger(uint32_t host, uint16_t id)
{
	const uint16_t port = sim.port;
	const uint32_t mine = sim.host;
	uint8_t b[128];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_SCCRQ, 0, 0);
	l2tp_put16(&w, L2TP_AVP_VERSION | L2TP_M, 0x100);
	l2tp_put32(&w, L2TP_AVP_FRAMING | L2TP_M, 3);
	l2tp_put_bytes(&w, L2TP_AVP_HOST | L2TP_M, "stranger", 8);
	l2tp_put16(&w, L2TP_AVP_TID | L2TP_M, id);
	l2tp_put_end(&w);
	sim.host = host;
	sim.port = id;
	sim_bng_datagram(b, wr_len(&w));
	sim_bng_turn();
	nwire = 0; /* it does not listen */
	sim.host = mine;
	sim.port = port;
}

/* the LAC's tunnel, with n strangers' requests between its own and the answer
 * to it, all of one host or each of another */
static int
amid(unsigned n, int one)
{
	static uint32_t from = 0x0a000000;
	struct l2tp_hdr h;
	unsigned i;

	lac_open();
	lac_drain();
	sim_bng_turn();
	if (nwire != 1)
		return 0;
	memcpy(&kept, &wire[0], sizeof(kept));
	nwire = 0;
	for (i = 1; i <= n; i++)
		stranger(one ? from : ++from, (uint16_t)i);
	if (l2tp_hdr_get(&h, kept.b, kept.len) < 0)
		return 0;
	l2tp_cc_input(&lac, sim.now, &h);
	lac_drain();
	talk();
	i = up && sim_bng_tunnels(0) == 1;
	l2tp_cc_close(&lac, sim.now, L2TP_STOP_CLEAR, 0);
	talk();
	return (int)i;
}

/* the LNS is asked to place a call, which it cannot */
static void
outgoing(void)
{
	struct wr *w;

	sim = (struct sim_how){ .now = 1000, .max = 10, .port = 1701 };
	sim_bng_start();
	lac_open();
	talk();
	cancelled = 0;
	OK((w = l2tp_cc_begin(&lac, L2TP_OCRQ, 0, 9)));
	l2tp_put16(w, L2TP_AVP_SID | L2TP_M, 9);
	l2tp_put32(w, L2TP_AVP_SERIAL | L2TP_M, 1);
	(void)l2tp_cc_end(&lac);
	talk();
	OK_MSG(cancelled == 1 && up, "OCRQ: CDN");
	sim_bng_kill();
}

/* a call whose session was cut, and whose LAC does not hang up */
static void
cut(void)
{
	struct wr *w;

	sim = (struct sim_how){ .now = 1000, .max = 10, .port = 1701 };
	sim_bng_start();
	lac_open();
	talk();
	ask(5);
	talk();
	OK((w = l2tp_cc_begin(&lac, L2TP_ICCN, (uint16_t)replier, 5)));
	l2tp_put32(w, L2TP_AVP_TX_SPEED | L2TP_M, 1000000);
	l2tp_put32(w, L2TP_AVP_FRAMING | L2TP_M, 1);
	(void)l2tp_cc_end(&lac);
	talk();
	sim_bng_cut(0);
	cancelled = 0;
	sim.now += 299999;
	talk();
	OK_MSG(up && !cancelled && sim_bng_list(list, CALLS) == 1,
	    "a call that was cut stays for five minutes");
	sim.now++;
	talk();
	OK_MSG(up && cancelled == 1 && !sim_bng_list(list, CALLS),
	    "and is not kept for good");
	sim_bng_kill();
}

/* a LAC that takes back its request without having heard the LNS's id */
static void
taken_back(void)
{
	struct l2tp_hdr h;
	uint8_t b[64];
	struct wr w;
	int i;

	sim = (struct sim_how){ .now = 1000, .max = 10, .port = 1701 };
	sim_bng_start();
	lac_open();
	lac_drain();
	sim_bng_turn();
	OK(nwire == 1 && sim_bng_tunnels(1) == 1);
	for (i = 0; i < 2; i++) { /* and once more: it heard nothing */
		nwire = 0;
		wr_init(&w, b, sizeof(b));
		l2tp_put_begin(&w, L2TP_STOPCCN, 0, 0);
		l2tp_put16(&w, L2TP_AVP_TID | L2TP_M, 77);
		l2tp_put_result(&w, L2TP_STOP_CLEAR, 0, NULL);
		l2tp_put_end(&w);
		l2tp_put_seq(b, 1, 0);
		sim_bng_datagram(b, wr_len(&w));
		sim_bng_turn();
		OK_MSG(nwire == 1 &&
			   l2tp_hdr_get(&h, wire[0].b, wire[0].len) == 0 &&
			   wire[0].len == 12 && h.tid == 77 && h.nr == 2,
		    "StopCCN with the LAC's id alone is acknowledged");
	}
	sim.now += 2000;
	nwire = 0;
	sim_bng_turn();
	OK_MSG(!nwire, "and SCCRP not sent again");
	lac_open();
	talk();
	nwire = 0;
	l2tp_put_seq(b, 2, 1);
	sim_bng_datagram(b, wr_len(&w));
	sim_bng_turn();
	OK_MSG(sim_bng_tunnels(0) == 1,
	    "in a tunnel that stands it needs the LNS's, too");
	sim_bng_kill();
}

/* tunnels of a session each, all hung up and dialled again */
static void
redial(void)
{
	unsigned i, n = 0;

	sim = (struct sim_how){ .now = 1000, .max = 300, .port = 1 };
	sim_bng_start();
	for (i = 0; i < 1000; i++) {
		sim.port++;
		lac_open();
		talk();
		n += (unsigned)up;
		l2tp_cc_close(&lac, sim.now, L2TP_STOP_CLEAR, 0);
		talk();
	}
	OK_MSG(n == 1000, "tunnels that are over keep no new one out");
	OK(sim_bng_tunnels(1) == 300 && !sim_bng_tunnels(0));
	sim.now += 31001;
	sim_bng_turn();
	OK(!sim_bng_tunnels(1));
	sim_bng_kill();
}

static void
flood(uint32_t max)
{
	const int most = 1024 + 2; /* and those of the LAC that linger */

	sim = (struct sim_how){ .now = 1000, .max = max, .port = 1701 };
	sim_bng_start();
	OK_MSG(amid(20000, 1), "20000 requests of one host between a LAC's");
	OK(sim_bng_tunnels(1) > 900 && sim_bng_tunnels(1) <= most);
	OK_MSG(amid(900, 0), "900 of as many hosts");
	OK_MSG(!amid(3000, 0), "not 3000 of as many hosts");
	OK(sim_bng_tunnels(1) <= most);
	while (sim_bng_deadline() >= 0 && sim.now < 100000) {
		sim.now = sim_bng_deadline();
		sim_bng_turn();
	}
	OK_MSG(!sim_bng_tunnels(1), "none is left of them in the end");
	sim_bng_kill();
}

int
main(void)
{
	mass_cancel();
	twice();
	outgoing();
	cut();
	taken_back();
	redial();
	flood(1000);
	flood(65534);
	return tap_done();
}
