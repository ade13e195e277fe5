/* limen: ISC licence, see LICENSE */
/*
 * The whole way in memory: PPPoE clients, the relay and bng, of the tools' own
 * files (tests/sim.h), on two lines that lose, double, delay and reorder.
 * Clients dial, hang up, vanish and dial again, bng drops sessions, either tool
 * is killed and started again. When the lines are good again all must come to
 * agree, packets must have gone to none but their own session, and at the end
 * nothing may be left. SIM_SEED=N runs that one, SIM_VERBOSE=1 says what the
 * tools would log.
 *
 * link: tests/sim_relay.c pppoe-l2tp-relay/call.c pppoe-l2tp-relay/tunnel.c
 * link: pppoe-l2tp-relay/list.c pppoe-l2tp-relay/kick.c
 * link: pppoe-l2tp-relay/lns.c pppoe-l2tp-relay/path.c
 * link: tests/sim_bng.c bng/lns.c bng/lns_tunnel.c bng/lns_call.c
 * link: bng/subs.c bng/subs_link.c bng/pool.c bng/users.c bng/line.c
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../sim.h"
#include "clock.h"
#include "ppp_link.h"
#include "pppoe_host.h"
#include "rd.h"
#include "tap.h"

enum { WIRE = 1024, FRAME = 1600 };

struct pkt {
	int64_t at; /* -1: free */
	enum sim_to to;
	uint16_t port;
	size_t len;
	uint8_t b[FRAME];
};

struct client {
	struct pppoe_host h;
	struct ppp_link l;
	int wanted, over, heard, opened; /* opened: times that LCP was */
	int64_t redial;
	uint32_t addr;
};

struct sim_how sim;
static uint64_t state; /* of the generator */
static struct pkt wire[WIRE];
static int busy, overflow, strangers, stuck, killed;
static struct client client[SIM_CLIENTS];
static struct ppp_link_cfg cfg[SIM_CLIENTS];
static struct ppp_turn turn;

uint32_t
sim_rnd(uint32_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return (uint32_t)(state >> 11) % n;
}

/* what the tools draw is a life's own, too */
int
getentropy(void *p, size_t n)
{
	uint8_t *b = p;

	while (n)
		b[--n] = (uint8_t)sim_rnd(256);
	return 0;
}

void
sim_put(enum sim_to to, const void *b, size_t n)
{
	int i, k, copies = 1 + (sim_rnd(100) < sim.dup);

	for (k = 0; k < copies && n; k++) {
		if (sim_rnd(100) < sim.loss)
			continue;
		for (i = 0; i < WIRE && wire[i].at >= 0; i++)
			;
		if (i == WIRE || n > FRAME) {
			overflow = 1;
			return;
		}
		busy = i >= busy ? i + 1 : busy;
		wire[i].to = to;
		wire[i].at = sim.now + 1 + sim_rnd(sim.delay + 1) +
			     (to == SIM_LAC || to == SIM_LNS ? sim.far : 0);
		wire[i].port = sim.port;
		wire[i].len = n;
		memcpy(wire[i].b, b, n);
	}
}

/* clients */

static void
client_over(struct client *c)
{
	c->over = 1;
	c->addr = 0;
	c->redial = sim.now + 100 + sim_rnd(1000);
}

/* a packet: the sender's address twice, and back comes the same */
static void
client_delivered(struct client *c, const struct ppp_act *a)
{
	struct rd r;

	rd_init(&r, a->p, a->len);
	if (a->len != 8 || rd_u32(&r) != c->addr)
		strangers++;
	else
		c->heard = 1;
}

static void
client_drain(struct client *c)
{
	static const struct ppp_net net = { .flags = PPP_NET_IP4 };
	const struct ppp_act *a;
	uint8_t b[FRAME];
	struct wr w;

	while ((a = ppp_turn_next(&turn))) {
		wr_init(&w, b, sizeof(b));
		if (a->type == PPP_ACT_SEND) {
			pppoe_host_head(&c->h, &w, a->len);
			wr_bytes(&w, a->p, a->len);
		} else if (a->type == PPP_ACT_LOG) {
			c->opened += !strcmp(a->u.log.machine, "LCP") &&
				     !strcmp(a->u.log.to, "Opened");
		} else if (a->type == PPP_ACT_NETWORK) {
			ppp_link_network(&c->l, &turn, &net);
		} else if (a->type == PPP_ACT_UP4) {
			c->addr = a->u.ip4.ours;
		} else if (a->type == PPP_ACT_DOWN4) {
			c->addr = 0;
		} else if (a->type == PPP_ACT_DELIVER) {
			client_delivered(c, a);
		} else if (a->type == PPP_ACT_END) {
			pppoe_host_close(&c->h, &w);
			client_over(c);
		}
		sim_put(SIM_AC, b, wr_len(&w));
	}
}

static void
client_ping(struct client *c)
{
	uint8_t b[FRAME];
	struct wr w;

	if (c->over || !c->addr)
		return;
	wr_init(&w, b, sizeof(b));
	pppoe_host_head(&c->h, &w, 10);
	wr_u16(&w, PPP_IP);
	wr_u32(&w, c->addr);
	wr_u32(&w, c->addr);
	sim_put(SIM_AC, b, wr_len(&w));
}

static void
client_says(struct client *c, enum pppoe_host_event ev)
{
	struct ppp_turn *t = ppp_turn(&turn, sim.now);

	switch (ev) {
	case PPPOE_HOST_OPENED: ppp_link_open(&c->l, t, PPPOE_MRU); break;
	case PPPOE_HOST_CLOSED: ppp_link_down(&c->l, t); break;
	case PPPOE_HOST_REFUSED:
	case PPPOE_HOST_TIMEOUT: client_over(c); /* FALLTHROUGH */
	case PPPOE_HOST_NOTHING: return;
	}
	client_drain(c);
}

static void
client_dial(struct client *c)
{
	static const struct pppoe_host_conf conf = { "", NULL, 500, 6, 0 };
	const uint8_t i = (uint8_t)(c - client);
	const uint8_t mac[6] = { 2, 0, 0, 0, 1, i };
	uint8_t b[FRAME], seed[16];
	struct wr w;

	(void)getentropy(seed, sizeof(seed));
	pppoe_host_init(&c->h, &conf, mac, sim_rnd(1U << 31));
	ppp_link_init(&c->l, &cfg[i], seed);
	c->over = 0;
	c->addr = 0;
	wr_init(&w, b, sizeof(b));
	pppoe_host_start(&c->h, sim.now, &w);
	sim_put(SIM_AC, b, wr_len(&w));
}

static void
client_input(const uint8_t *p, size_t n)
{
	uint8_t b[FRAME];
	struct client *c;
	struct pppoe pp;
	struct eth e;
	struct wr w;

	if (eth_get(&e, p, n) < 0 || e.dst[5] >= SIM_CLIENTS || e.dst[4] != 1)
		return;
	c = &client[e.dst[5]];
	wr_init(&w, b, sizeof(b));
	if (e.type == ETH_PPPOED && !c->over) {
		client_says(c, pppoe_host_input(&c->h, sim.now, &e, &w));
		sim_put(SIM_AC, b, wr_len(&w));
	} else if (e.type == ETH_PPPOES && c->h.state == PPPOE_HOST_UP &&
		   !c->over && pppoe_get(&pp, e.body, e.len) == 0 &&
		   pp.sid == c->h.sid) {
		ppp_link_input(
		    &c->l, ppp_turn(&turn, sim.now), pp.body, pp.len);
		client_drain(c);
	}
}

static void
client_tick(struct client *c)
{
	uint8_t b[FRAME];
	struct wr w;

	if (c->over) {
		if (c->wanted && sim.now >= c->redial)
			client_dial(c);
		return;
	}
	if (c->h.deadline >= 0 && c->h.deadline <= sim.now) {
		wr_init(&w, b, sizeof(b));
		client_says(c, pppoe_host_tick(&c->h, sim.now, &w));
		sim_put(SIM_AC, b, wr_len(&w));
	}
	if (!c->over) {
		ppp_link_tick(&c->l, ppp_turn(&turn, sim.now));
		client_drain(c);
	}
}

static int64_t
client_deadline(const struct client *c)
{
	if (c->over)
		return c->wanted ? c->redial : -1;
	return clock_min(c->h.deadline, ppp_link_deadline(&c->l));
}

/* time */

static void
deliver(struct pkt *slot)
{
	static uint8_t room[32 + FRAME]; /* the tools write before a packet */
	struct pkt p = *slot;

	slot->at = -1;
	memcpy(room + 32, p.b, p.len);
	switch (p.to) {
	case SIM_CLIENT: client_input(p.b, p.len); break;
	case SIM_AC: sim_relay_frame(room + 32, p.len); break;
	case SIM_LAC:
		if (p.port == sim.port)
			sim_relay_datagram(room + 32, p.len);
		break;
	case SIM_LNS:
		if (p.port == sim.port)
			sim_bng_datagram(p.b, p.len);
		break;
	}
}

static int64_t
next(int64_t end)
{
	int64_t at = clock_min(sim_relay_deadline(), sim_bng_deadline());
	int i;

	for (i = 0; i < SIM_CLIENTS; i++)
		at = clock_min(at, client_deadline(&client[i]));
	for (i = 0; i < busy; i++)
		at = clock_min(at, wire[i].at);
	at = clock_min(at, end);
	return at > sim.now ? at : sim.now + 1;
}

/* the ends of the tools' turns; what is due at once gets another one, but not
 * for ever */
static void
turns(void)
{
	int64_t at;
	int i;

	for (i = 0; i < 4; i++) {
		sim_relay_turn();
		sim_bng_turn();
		at = clock_min(sim_relay_deadline(), sim_bng_deadline());
		if (at < 0 || at > sim.now)
			return;
	}
	stuck++;
}

static void
run(int64_t ms)
{
	const int64_t end = sim.now + ms;
	int i;

	while (sim.now < end) {
		for (i = 0; i < busy; i++)
			if (wire[i].at >= 0 && wire[i].at <= sim.now)
				deliver(&wire[i]);
		while (busy && wire[busy - 1].at < 0)
			busy--;
		for (i = 0; i < SIM_CLIENTS; i++)
			client_tick(&client[i]);
		turns();
		sim.now = next(end);
	}
}

/* what people and machines do */
static void
mischief(void)
{
	struct client *c = &client[sim_rnd(SIM_CLIENTS)];

	switch (sim_rnd(8)) {
	case 0:
	case 1: /* hangs up */
		if (c->over || c->h.state != PPPOE_HOST_UP)
			break;
		ppp_link_close(&c->l, ppp_turn(&turn, sim.now));
		client_drain(c);
		break;
	case 2:
	case 3: client_over(c); break; /* pulls the plug */
	case 4:
	case 5: sim_bng_drop(sim_rnd(SIM_MAX)); break;
	case 6:
		if (sim_rnd(4) == 0) {
			killed = 1;
			sim_bng_kill();
			sim_bng_start();
		}
		break;
	case 7:
		if (sim_rnd(4) == 0) {
			killed = 1;
			sim_relay_kill();
			sim.port = (uint16_t)(sim.port + sim_rnd(2));
			sim_relay_start();
		}
		break;
	}
}

static void
begin(unsigned seed)
{
	int i;

	state = seed * 0x9e3779b97f4a7c15 + 1;
	sim = (struct sim_how){ .now = 1000,
		.loss = seed % 21,
		.dup = seed / 3 % 15,
		.delay = seed % 40,
		.per_session = seed % 5 == 0,
		.secret = seed % 3 == 0,
		.hide = seed % 6 == 0,
		.bad_line = seed % 7 == 0,
		.port = 2000 };
	memset(client, 0, sizeof(client));
	for (i = 0; i < WIRE; i++)
		wire[i].at = -1;
	busy = overflow = killed = 0;
	sim_relay_start();
	sim_bng_start();
	for (i = 0; i < SIM_CLIENTS; i++) {
		client[i].wanted = client[i].over = 1;
		client[i].redial = sim.now + sim_rnd(1000);
	}
}

/* the session of that client, as a tool has it, among n */
static const struct sim_session *
session(const struct sim_session *v, int n, int client_n)
{
	while (n && v[n - 1].mac[5] != client_n)
		n--;
	return n ? &v[n - 1] : NULL;
}

static int
stands(int i, const struct sim_session *a, const struct sim_session *b, int n)
{
	const struct sim_session *s = session(a, n, i);
	const struct client *c = &client[i];

	if (c->over || !c->addr || !c->heard || !s || s->pppoe != c->h.sid ||
	    (i < SIM_USERS && c->addr != SIM_OWN + (uint32_t)i))
		return 0;
	while (n && b[n - 1].psid != s->sid)
		n--;
	return n && b[n - 1].sid == s->psid && b[n - 1].addr == c->addr;
}

/* does each wanted session, and nothing else, stand from end to end? */
static int
agree(void)
{
	struct sim_session a[SIM_CLIENTS], b[SIM_CLIENTS];
	int na = sim_relay_list(a, SIM_CLIENTS),
	    nb = sim_bng_list(b, SIM_CLIENTS), i, n = 0, tunnels;

	for (i = 0; i < SIM_CLIENTS; i++)
		n += client[i].wanted;
	if (na != n || nb != n)
		return 0;
	for (i = 0; i < SIM_CLIENTS; i++)
		if (client[i].wanted && !stands(i, a, b, n))
			return 0;
	tunnels = sim_relay_tunnels(0);
	return tunnels == sim_bng_tunnels(0) &&
	       tunnels == (sim.per_session ? n : 1);
}

/* one client leaves: PADT, CDN, and it is gone everywhere at once */
static int
leaves(void)
{
	struct sim_session v[SIM_CLIENTS];
	uint8_t b[FRAME];
	struct wr w;
	int i, n = 0;

	for (i = 0; i < SIM_CLIENTS; i++)
		n += client[i].wanted;
	for (i = 0; i < SIM_CLIENTS && !client[i].wanted; i++)
		;
	if (i == SIM_CLIENTS)
		return 1;
	client[i].wanted = 0;
	client_over(&client[i]);
	wr_init(&w, b, sizeof(b));
	pppoe_host_close(&client[i].h, &w);
	sim_put(SIM_AC, b, wr_len(&w));
	run(100);
	return sim_relay_list(v, SIM_CLIENTS) == n - 1 &&
	       sim_bng_list(v, SIM_CLIENTS) == n - 1;
}

static void
stop(void)
{
	int i;

	for (i = 0; i < SIM_CLIENTS; i++)
		client[i].wanted = 0;
	sim_relay_stop(0);
	run(1000);
	sim_relay_stop(1);
	run(45000); /* it is known for 31 s after its end */
}

static int
left(void)
{
	struct sim_session v[1];

	return sim_relay_list(v, 1) || sim_bng_list(v, 1) || sim_bng_given() ||
	       sim_relay_tunnels(1) || sim_bng_tunnels(1);
}

static int
life(unsigned seed)
{
	int i, good;

	begin(seed);
	for (i = 0; i < 20; i++) {
		run(300);
		client_ping(&client[sim_rnd(SIM_CLIENTS)]);
		if (i > 5 && sim_rnd(2))
			mischief();
	}
	for (i = 0; i < SIM_CLIENTS; i++)
		if (sim_rnd(3) == 0) {
			client[i].wanted = 0;
			client_over(&client[i]);
		}
	sim.loss = sim.dup = sim.delay = 0;
	sim_bng_mend();
	/* a tool that was killed is missed after a HELLO, and others by echoes
	 */
	run(killed ? 120000 : 40000);
	for (i = 0; i < SIM_CLIENTS; i++) {
		client[i].heard = 0;
		client_ping(&client[i]);
	}
	run(100);
	good = agree() && leaves();
	stop();
	good = good && !left() && !overflow;
	sim_relay_kill();
	sim_bng_kill();
	return good;
}

static void
configure(void)
{
	static char name[SIM_CLIENTS][16];
	int i;

	for (i = 0; i < SIM_CLIENTS; i++) {
		snprintf(name[i], sizeof(name[i]), "u%d", i);
		cfg[i] = ppp_link_defaults;
		cfg[i].peer.name = name[i];
		cfg[i].peer.secret = "hush";
		cfg[i].lcp.own_auth = 1U << PPP_AUTH_CHAP;
		cfg[i].lcp.echo = 5000;
		cfg[i].lcp.echo_failures = 4;
		cfg[i].setup = 10000;
	}
}

/* what is repeated for a client that may have missed it is not for one that is
 * but far away: LCP would begin anew */
static void
far_lns(void)
{
	struct client *c = &client[0];
	unsigned ms;
	char what[64];

	for (ms = 25; ms <= 400; ms *= 2) {
		begin(1);
		sim.loss = sim.dup = sim.delay = 0;
		sim.far = ms;
		client[1].wanted = client[2].wanted = client[3].wanted = 0;
		client[4].wanted = client[5].wanted = 0;
		run(1000 + 20 * ms);
		snprintf(
		    what, sizeof(what), "LCP once, %u ms from the LNS", ms);
		OK_MSG(c->addr && c->opened == 1, what);
		stop();
		sim_relay_kill();
		sim_bng_kill();
	}
}

int
main(void)
{
	const char *one = getenv("SIM_SEED");
	unsigned seed = one ? (unsigned)strtoul(one, NULL, 10) : 1;
	const unsigned last = one ? seed : tap_lives(2000);
	unsigned bad = 0;

	configure();
	far_lns();
	for (; seed <= last; seed++)
		if (!life(seed)) {
			bad++;
			printf("# seed %u\n", seed);
		}
	printf("# up to seed %u\n", last);
	OK_MSG(!bad, "lives end in agreement, nothing is left");
	OK_MSG(!strangers && !sim_bng_strangers(),
	    "no packet came to another's session");
	OK_MSG(!stuck, "no deadline is left in the past");
	return tap_done();
}
