/* limen: ISC licence, see LICENSE */
/*
 * Hosts against the access concentrator's core, with a PPP link on top of
 * each session, on a wire that loses, doubles and delays frames. No session
 * may be left over on either side.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ppp_link.h"
#include "pppoe_ac.h"
#include "pppoe_host.h"
#include "tap.h"

#define N      24
#define FLIGHT 4096

struct flight {
	int64_t at;
	int to; /* N: the concentrator */
	size_t len;
	uint8_t b[1518];
};

static struct pppoe_host host[N];
static struct ppp_link cli[N], srv[N];
static int up[2][N], addr[N], over[N], accepted[N];
static struct pppoe_ac ac;
static struct pppoe_ac_conf acconf;
static struct pppoe_host_conf hconf = { "", NULL, 1000, 6, 0 };
static struct ppp_link_cfg scfg, ccfg;
static struct flight f[FLIGHT];
static struct ppp_turn t;
static size_t nf;
static int64_t now;
static uint32_t seed;
static unsigned loss, dup, delay, bad;

static unsigned
dice(unsigned n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static void
fly(int to, const uint8_t *p, size_t len)
{
	int copies = dice(100) >= loss ? 1 : 0;

	if (!len)
		return;
	copies += copies && dice(100) < dup;
	for (; copies; copies--) {
		if (nf == FLIGHT || len > sizeof(f[0].b)) {
			bad++;
			return;
		}
		f[nf].at = now + 1 + (delay ? dice(delay) : 0);
		f[nf].to = to;
		f[nf].len = len;
		memcpy(f[nf++].b, p, len);
	}
}

static uint32_t
slot(const struct pppoe_session *s)
{
	return pppoe_ac_slot(&ac, s);
}

static void ac_drain(void);

static void
session_frame(int who, int server, const struct ppp_act *a)
{
	uint8_t b[2048];
	struct wr w;
	size_t n;

	if (!server) {
		wr_init(&w, b, sizeof(b));
		pppoe_host_head(&host[who], &w, a->len);
		wr_bytes(&w, a->p, a->len);
		fly(N, b, wr_len(&w));
		return;
	}
	n = pppoe_ac_head(pppoe_ac_at(&ac, (uint32_t)who), b, a->len);
	memcpy(b + n, a->p, a->len);
	fly(b[5], b, n + a->len);
}

static void
link_drain(int who, int server)
{
	struct ppp_link *l = server ? &srv[who] : &cli[who];
	const struct ppp_net snet = { PPP_NET_IP4,
		{ 1, (uint32_t)(who + 10), { 1, 2 }, 0 }, { 0, 0 } };
	const struct ppp_net cnet = { PPP_NET_IP4,
		{ 0, 0, { 0, 0 }, PPP_IPCP_ASK_DNS }, { 0, 0 } };
	const struct ppp_act *a;
	uint8_t b[64];
	struct wr w;
	int ended = 0;

	while ((a = ppp_turn_next(&t))) {
		bad += ended;
		switch (a->type) {
		case PPP_ACT_SEND: session_frame(who, server, a); break;
		case PPP_ACT_SECRET: ppp_link_secret(l, &t, "pw", 2); break;
		case PPP_ACT_NETWORK:
			ppp_link_network(l, &t, server ? &snet : &cnet);
			break;
		case PPP_ACT_UP4:
			up[server][who] = 1;
			if (!server)
				addr[who] = (int)a->u.ip4.ours;
			break;
		case PPP_ACT_DOWN4: up[server][who] = 0; break;
		case PPP_ACT_END: ended = 1; break;
		default: break;
		}
	}
	if (!ended)
		return;
	if (server) {
		accepted[who] = 0;
		pppoe_ac_close(&ac, pppoe_ac_at(&ac, (uint32_t)who), NULL);
		ac_drain();
		return;
	}
	wr_init(&w, b, sizeof(b));
	pppoe_host_close(&host[who], &w);
	fly(N, b, wr_len(&w));
	over[who] = 1;
}

static void
new_key(uint8_t key[16])
{
	int i;

	for (i = 0; i < 16; i++)
		key[i] = (uint8_t)dice(256);
}

static void
open_link(uint32_t i)
{
	uint8_t key[16];

	new_key(key);
	bad += accepted[i];
	accepted[i] = 1;
	ppp_link_init(&srv[i], &scfg, key);
	ppp_link_open(&srv[i], ppp_turn(&t, now), 1492);
	link_drain((int)i, 1);
}

static void
close_link(uint32_t i)
{
	accepted[i] = 0;
	up[1][i] = 0;
	ppp_link_down(&srv[i], ppp_turn(&t, now));
	while (ppp_turn_next(&t))
		;
}

/* the link opens after the PADS is out: what comes before it is lost */
static void
ac_drain(void)
{
	struct pppoe_ac_act a;
	struct pppoe_session *opened = NULL;

	while (pppoe_ac_next(&ac, &a)) {
		if (a.type == PPPOE_AC_SEND)
			fly(a.frame[5], a.frame, a.len);
		if (a.type == PPPOE_AC_OPEN)
			pppoe_ac_accept(&ac, opened = a.s);
		if (a.type == PPPOE_AC_CLOSE)
			close_link(slot(a.s));
	}
	if (opened)
		open_link(slot(opened));
}

static void
ac_input(const struct eth *e, const uint8_t *p, size_t len)
{
	struct pppoe_session *s;
	struct pppoe pp;

	if (e->type == ETH_PPPOED) {
		pppoe_ac_input(&ac, now, p, len);
		ac_drain();
		return;
	}
	if (pppoe_get(&pp, e->body, e->len) < 0)
		return;
	if (!(s = pppoe_ac_data(&ac, e, &pp))) {
		pppoe_ac_stray(&ac, now, e, &pp);
		ac_drain();
		return;
	}
	ppp_link_input(&srv[slot(s)], ppp_turn(&t, now), pp.body, pp.len);
	link_drain((int)slot(s), 1);
}

static void
host_event(int i, enum pppoe_host_event ev)
{
	switch (ev) {
	case PPPOE_HOST_NOTHING: break;
	case PPPOE_HOST_OPENED:
		ppp_link_open(&cli[i], ppp_turn(&t, now), 1492);
		link_drain(i, 0);
		break;
	case PPPOE_HOST_CLOSED:
		ppp_link_down(&cli[i], ppp_turn(&t, now));
		link_drain(i, 0);
		break;
	default: over[i] = 1; break;
	}
}

static void
host_input(int i, const struct eth *e)
{
	struct pppoe pp;
	uint8_t b[1518];
	struct wr w;

	if (e->type == ETH_PPPOED) {
		wr_init(&w, b, sizeof(b));
		host_event(i, pppoe_host_input(&host[i], now, e, &w));
		fly(N, b, wr_len(&w));
	} else if (host[i].state == PPPOE_HOST_UP &&
		   pppoe_get(&pp, e->body, e->len) == 0 &&
		   pp.sid == host[i].sid) {
		ppp_link_input(&cli[i], ppp_turn(&t, now), pp.body, pp.len);
		link_drain(i, 0);
	}
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return b < 0 || (a >= 0 && a < b) ? a : b;
}

static void
tick(void)
{
	uint8_t b[1518];
	struct wr w;
	int i;

	for (i = 0; i < N; i++) {
		wr_init(&w, b, sizeof(b));
		host_event(i, pppoe_host_tick(&host[i], now, &w));
		fly(N, b, wr_len(&w));
		ppp_link_tick(&cli[i], ppp_turn(&t, now));
		link_drain(i, 0);
		if (!accepted[i])
			continue;
		ppp_link_tick(&srv[i], ppp_turn(&t, now));
		link_drain(i, 1);
	}
}

static int
step(int64_t until)
{
	size_t i, first = nf;
	struct flight x;
	struct eth e;
	int64_t d = -1;
	int k;

	for (k = 0; k < N; k++) {
		d = sooner(d, host[k].deadline);
		d = sooner(d, ppp_link_deadline(&cli[k]));
		if (accepted[k])
			d = sooner(d, ppp_link_deadline(&srv[k]));
	}
	for (i = 0; i < nf; i++)
		if (first == nf || f[i].at < f[first].at)
			first = i;
	if (first < nf && (d < 0 || f[first].at <= d)) {
		if (f[first].at > until)
			return 0;
		x = f[first];
		memmove(&f[first], &f[first + 1], (--nf - first) * sizeof(x));
		now = x.at > now ? x.at : now;
		if (eth_get(&e, x.b, x.len) < 0)
			bad++;
		else if (x.to == N)
			ac_input(&e, x.b, x.len);
		else if (x.to < N)
			host_input(x.to, &e);
		return 1;
	}
	if (d < 0 || d > until)
		return 0;
	now = d > now ? d : now;
	tick();
	return 1;
}

static void
run(int64_t until)
{
	long i;

	for (i = 0; i < 400000 && step(until); i++)
		;
	bad += i == 400000;
	now = until;
}

static void
dial(int i)
{
	const uint8_t mac[6] = { 2, 0, 0, 0, 0, (uint8_t)i };
	uint8_t key[16], b[1518];
	struct wr w;

	new_key(key);
	pppoe_host_init(&host[i], &hconf, mac, seed);
	ppp_link_init(&cli[i], &ccfg, key);
	over[i] = up[0][i] = addr[i] = 0;
	wr_init(&w, b, sizeof(b));
	pppoe_host_start(&host[i], now, &w);
	fly(N, b, wr_len(&w));
}

static void
hang_up(int i, unsigned how)
{
	uint8_t b[64];
	struct wr w;

	if (how == 0) {
		ppp_link_close(&cli[i], ppp_turn(&t, now));
		link_drain(i, 0);
	} else if (how == 1) { /* PADT alone */
		wr_init(&w, b, sizeof(b));
		pppoe_host_close(&host[i], &w);
		fly(N, b, wr_len(&w));
		ppp_link_down(&cli[i], ppp_turn(&t, now));
		link_drain(i, 0);
	} else { /* the plug is pulled */
		host[i].state = PPPOE_HOST_OVER;
		host[i].deadline = -1;
		ppp_link_down(&cli[i], ppp_turn(&t, now));
		link_drain(i, 0);
	}
}

static void
fresh(uint32_t s, void *mem)
{
	seed = s * 2654435761U + 1;
	now = 1000;
	nf = 0;
	loss = dup = delay = 0;
	memset(accepted, 0, sizeof(accepted));
	memset(up, 0, sizeof(up));
	memset(mem, 0, pppoe_ac_size(&acconf));
	pppoe_ac_init(&ac, &acconf, mem);
}

static int
all_up(void)
{
	int i, n = 0;

	for (i = 0; i < N; i++)
		n += up[0][i] && host[i].state == PPPOE_HOST_UP;
	return n;
}

static void
quiet_wire(void *mem)
{
	int i;

	fresh(1, mem);
	for (i = 0; i < N; i++)
		dial(i);
	run(2000);
	OK(all_up() == N && ac.tab.count == N);
	for (i = 0; i < N; i++)
		hang_up(i, (unsigned)i % 2);
	run(10000);
	OK(all_up() == 0 && ac.tab.count == 0 && nf == 0);
}

/* the first frame under way to the host with that code */
static struct flight *
frame_of(unsigned code)
{
	size_t i;

	for (i = 0; i < nf; i++)
		if (f[i].to == 0 && f[i].b[13] == (ETH_PPPOED & 0xff) &&
		    f[i].b[15] == code)
			return &f[i];
	return NULL;
}

/* a PADT of another concentrator, or of another session, ends nothing; one of
 * ours does. A PADS with session 0xffff opens none. */
static void
strangers(void *mem)
{
	struct flight *x, padt;
	int i;

	fresh(5, mem);
	dial(0);
	while (!frame_of(PPPOE_PADS) && step(2000))
		;
	if ((x = frame_of(PPPOE_PADS)))
		x->b[16] = x->b[17] = 0xff;
	run(900);
	OK(x && host[0].state == PPPOE_HOST_ASKING && !up[0][0]);
	run(3000);
	OK_MSG(up[0][0] && host[0].sid != 0xffff, "its PADR is answered again");
	pppoe_ac_close(&ac, pppoe_ac_at(&ac, 0), NULL);
	accepted[0] = 0;
	ac_drain();
	OK((x = frame_of(PPPOE_PADT)));
	padt = *x;
	for (i = 0; i < 3; i++) {
		now = padt.at;
		nf = 0;
		f[nf++] = padt;
		f[0].b[11] ^= i == 0;
		f[0].b[17] ^= i == 1;
		step(now);
		OK((host[0].state == PPPOE_HOST_UP) == (i < 2));
	}
}

/* each run: dial on a bad wire, some hang up, the wire heals; in the end who
 * is up on one side is on the other, and nothing else is left */
static void
storms(uint32_t n, void *mem)
{
	uint32_t s;
	int i, k, came = 0, left = 0;

	for (s = 1; s <= n; s++) {
		fresh(s, mem);
		loss = dice(30);
		dup = dice(20);
		delay = 1 + dice(300);
		for (i = 0; i < N; i++)
			dial(i);
		run(8000 + dice(9000));
		for (i = 0; i < N; i++)
			if (dice(3) == 0)
				hang_up(i, dice(3));
		run(30000);
		loss = dup = delay = 0;
		/* dead ones are found by echoes, all else by its timers */
		run(400000);
		for (i = k = 0; i < N; i++)
			k += accepted[i];
		came += all_up();
		left += k != all_up() || ac.tab.count != (uint32_t)k;
	}
	printf("# %u runs of %d: %d sessions up, %d runs with leftovers\n",
	    (unsigned)n, N, came, left);
	OK(left == 0 && bad == 0);
	OK(came > (int)n * N / 3);
}

/* dial and hang up, over and over: the same memory */
static void
revolving(uint32_t n, void *mem)
{
	uint32_t r;
	int i, low = N;

	fresh(3, mem);
	for (r = 0; r < n; r++) {
		for (i = 0; i < N; i++)
			dial(i);
		run(now + 100);
		low = all_up() < low ? all_up() : low;
		for (i = 0; i < N; i++)
			hang_up(i, r % 2);
		run(now + 5000);
		low = ac.tab.count ? -1 : low;
	}
	printf("# %u set-ups\n", (unsigned)n * N);
	OK(low == N && bad == 0 && nf == 0);
}

int
main(int argc, char **argv)
{
	const uint32_t n = argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 25;
	void *mem;

	acconf.max = N;
	acconf.flags = PPPOE_AC_ANY;
	acconf.name = "ac";
	acconf.mac[0] = 2;
	acconf.mac[5] = N;
	if (!(mem = calloc(1, pppoe_ac_size(&acconf))))
		return 1;
	scfg = ccfg = ppp_link_defaults;
	scfg.lcp.auth[0] = PPP_AUTH_CHAP;
	ccfg.lcp.own_auth = 1U << PPP_AUTH_CHAP;
	ccfg.peer.name = "user";
	ccfg.peer.secret = "pw";
	quiet_wire(mem);
	strangers(mem);
	storms(n, mem);
	revolving(n * 5, mem);
	free(mem);
	return tap_done();
}
