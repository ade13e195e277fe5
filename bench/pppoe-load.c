/* limen: ISC licence, see LICENSE */
/*
 * Many PPPoE clients on one network, made of the same cores as the tools:
 * sets sessions up, sends traffic, tears them down, and says what it saw in
 * lines of key=value that a shell can read.
 */
#include <sys/random.h>

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "addr.h"
#include "arg.h"
#include "clock.h"
#include "die.h"
#include "eth.h"
#include "ethport.h"
#include "heap.h"
#include "ip.h"
#include "ip_sum.h"
#include "netname.h"
#include "num.h"
#include "ppp_link.h"
#include "pppoe.h"
#include "pppoe_host.h"

enum {
	HEAD = ETH_HEAD + PPPOE_HEAD + PPP_HDR, /* before the IP packet */
	FULL_HEAD = HEAD + IP4_HEAD + 8,
	MARK = 0x6c696d65,
	PORT = 9009,
	STUCK = 300, /* ms without an answer: what is under way is lost */
};

struct sub {
	struct pppoe_host h;
	struct ppp_link l;
	struct heap_node timer;
	int64_t began;
	uint32_t addr, seq, last, got; /* packets: sent, their last, all */
	uint8_t up, busy, over;
	uint8_t head[FULL_HEAD];
};

struct load {
	struct ethport port;
	struct pppoe_host_conf host;
	struct ppp_link_cfg ppp;
	struct ppp_net net;
	struct ppp_turn turn;
	struct heap heap;
	struct sub *s;
	uint32_t n, started, up, failed, busy, ever;
	uint32_t at_once, first;
	int64_t timeout, settle, hold, traffic, churn;
	uint32_t size, window, pps, to;
	int abandon, verbose, no_loss;
	/* what was seen */
	uint64_t sent, got, wrong, reordered, cycles;
	int64_t now, heard;
	int32_t *ms; /* each session's set-up time */
};

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	stop = sig;
}

static uint32_t
number(const struct load *g, const struct sub *s)
{
	return (uint32_t)(s - g->s);
}

/* 02:4c:69 and the session's number, from --first */
static void
mac_of(uint32_t i, uint8_t mac[6])
{
	const uint8_t m[6] = { 2, 0x4c, 0x69, (uint8_t)(i >> 16),
		(uint8_t)(i >> 8), (uint8_t)i };

	memcpy(mac, m, 6);
}

static struct sub *
by_mac(struct load *g, const uint8_t m[6])
{
	const uint32_t i =
	    ((uint32_t)m[3] << 16 | (uint32_t)m[4] << 8 | m[5]) - g->first;

	if (m[0] != 2 || m[1] != 0x4c || m[2] != 0x69 || i >= g->n)
		return NULL;
	return &g->s[i];
}

static void
set_timer(struct load *g, struct sub *s)
{
	int64_t d = clock_min(s->h.deadline, ppp_link_deadline(&s->l));

	if (d < 0)
		heap_del(&g->heap, &s->timer);
	else
		heap_set(&g->heap, &s->timer, d);
}

static void
send_ppp(struct load *g, struct sub *s, const uint8_t *p, size_t len)
{
	uint8_t b[2048];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	pppoe_host_head(&s->h, &w, len);
	wr_bytes(&w, p, len);
	if (!w.err)
		ethport_add(&g->port, b, wr_len(&w));
}

/* what stands before each packet to the neighbour, or to g->to */
static void
make_head(struct load *g, struct sub *s, uint32_t dst)
{
	struct ip ip = { .version = 4, .proto = IP_UDP, .ttl = 64 };
	const size_t len = g->size - IP4_HEAD;
	struct wr w;

	wr_init(&w, s->head, sizeof(s->head));
	pppoe_host_head(&s->h, &w, g->size + PPP_HDR);
	wr_u16(&w, PPP_IP);
	ip_put4(ip.src, s->addr);
	ip_put4(ip.dst, dst);
	if (g->to)
		ip.proto = IP_ICMP;
	ip_put(&w, &ip, len);
	wr_u16(&w, g->to ? ICMP_ECHO << 8 : PORT);
	wr_u16(&w, g->to ? 0 : PORT);
	wr_u16(&w, g->to ? number(g, s) & 0xffff : len);
	wr_u16(&w, 0); /* no checksum */
}

/* in set-up, 1, or not, 0 */
static void
set_busy(struct load *g, struct sub *s, unsigned busy)
{
	g->busy += busy - s->busy;
	s->busy = (uint8_t)busy;
}

static void
over(struct load *g, struct sub *s, const char *why)
{
	if (s->over)
		return;
	s->over = 1;
	set_busy(g, s, 0);
	g->failed += !s->addr;
	g->up -= s->up;
	s->up = 0;
	if (g->verbose)
		warn("session %u: %s", number(g, s), why);
}

static void
came_up(struct load *g, struct sub *s, const struct ppp_act_ip4 *ip)
{
	if (s->up)
		return;
	s->up = 1;
	set_busy(g, s, 0);
	g->up++;
	g->ms[g->ever++ % g->n] = (int32_t)(g->now - s->began);
	s->addr = ip->ours;
	if (g->verbose)
		warn("session %u: up", number(g, s));
}

/* marked, for us, and in order? */
static void
deliver(struct load *g, struct sub *s, const struct ppp_act *a)
{
	struct rd r;
	struct ip ip;
	uint32_t mark, to, seq;

	if (a->proto != PPP_IP || ip_get(&ip, a->p, a->len) < 0)
		return;
	rd_init(&r, ip.body, ip.len);
	rd_skip(&r, 8);
	mark = rd_u32(&r);
	to = rd_u32(&r);
	seq = rd_u32(&r);
	if (r.err || mark != MARK || (g->to && ip.body[0] != ICMP_ECHO_REPLY))
		return;
	g->heard = g->now;
	if (to != number(g, s)) {
		g->wrong++;
		return;
	}
	g->reordered += seq <= s->last;
	s->last = seq;
	s->got++;
	g->got++;
}

static void
perform(struct load *g, struct sub *s, const struct ppp_act *a)
{
	struct wr w;
	uint8_t b[64];

	switch (a->type) {
	case PPP_ACT_SEND: send_ppp(g, s, a->p, a->len); break;
	case PPP_ACT_DELIVER: deliver(g, s, a); break;
	case PPP_ACT_NETWORK: ppp_link_network(&s->l, &g->turn, &g->net); break;
	case PPP_ACT_UP4: came_up(g, s, &a->u.ip4); break;
	case PPP_ACT_DOWN4:
		g->up -= s->up;
		s->up = 0;
		set_busy(g, s, 1);
		break;
	case PPP_ACT_LOG:
		if (g->verbose > 1)
			warn("session %u: %s: %s -> %s: %s", number(g, s),
			    a->u.log.machine, a->u.log.from, a->u.log.to,
			    a->u.log.event);
		break;
	case PPP_ACT_END:
		wr_init(&w, b, sizeof(b));
		pppoe_host_close(&s->h, &w);
		ethport_add(&g->port, b, wr_len(&w));
		over(g, s, ppp_end_name(a->u.end));
		break;
	default: break;
	}
}

static void
drain(struct load *g, struct sub *s)
{
	const struct ppp_act *a;

	while ((a = ppp_turn_next(&g->turn)))
		perform(g, s, a);
}

static struct ppp_turn *
turn(struct load *g)
{
	return ppp_turn(&g->turn, g->now);
}

static void
host_says(struct load *g, struct sub *s, enum pppoe_host_event ev)
{
	switch (ev) {
	case PPPOE_HOST_NOTHING: break;
	case PPPOE_HOST_OPENED:
		ppp_link_open(&s->l, turn(g),
		    s->h.max_payload ? s->h.max_payload : PPPOE_MRU);
		drain(g, s);
		break;
	case PPPOE_HOST_REFUSED: over(g, s, "refused"); break;
	case PPPOE_HOST_TIMEOUT: over(g, s, "no answer to PADI"); break;
	case PPPOE_HOST_CLOSED:
		ppp_link_down(&s->l, turn(g));
		drain(g, s);
		break;
	}
}

static void
start(struct load *g, struct sub *s)
{
	uint8_t key[16], mac[6], b[1518];
	struct wr w;

	if (getrandom(key, sizeof(key), 0) != sizeof(key))
		die(1, "getrandom:");
	mac_of(g->first + number(g, s), mac);
	pppoe_host_init(&s->h, &g->host, mac, number(g, s));
	ppp_link_init(&s->l, &g->ppp, key);
	s->over = s->up = 0;
	s->addr = 0;
	s->began = g->now;
	set_busy(g, s, 1);
	wr_init(&w, b, sizeof(b));
	pppoe_host_start(&s->h, g->now, &w);
	ethport_add(&g->port, b, wr_len(&w));
	set_timer(g, s);
}

static void
input(struct load *g, const uint8_t *p, size_t len)
{
	uint8_t b[1518];
	struct eth e;
	struct pppoe pp;
	struct sub *s;
	struct wr w;

	if (eth_get(&e, p, len) < 0 || e.ntag || !(s = by_mac(g, e.dst)))
		return;
	if (e.type == ETH_PPPOED) {
		wr_init(&w, b, sizeof(b));
		host_says(g, s, pppoe_host_input(&s->h, g->now, &e, &w));
		if (wr_len(&w))
			ethport_add(&g->port, b, wr_len(&w));
		set_timer(g, s);
	} else if (e.type == ETH_PPPOES && s->h.state == PPPOE_HOST_UP &&
		   pppoe_get(&pp, e.body, e.len) == 0 && pp.sid == s->h.sid &&
		   !memcmp(e.src, s->h.ac, 6)) {
		ppp_link_input(&s->l, turn(g), pp.body, pp.len);
		drain(g, s);
		set_timer(g, s);
	}
}

static void
tick(struct load *g)
{
	struct heap_node *n;
	struct sub *s;
	uint8_t b[1518];
	struct wr w;

	while ((n = heap_first(&g->heap)) && n->at <= g->now) {
		s = (struct sub *)(void *)((char *)n -
					   offsetof(struct sub, timer));
		wr_init(&w, b, sizeof(b));
		host_says(g, s, pppoe_host_tick(&s->h, g->now, &w));
		if (wr_len(&w))
			ethport_add(&g->port, b, wr_len(&w));
		ppp_link_tick(&s->l, turn(g));
		drain(g, s);
		set_timer(g, s);
	}
}

/* one turn: what came in, what time brings, what is to go out; waits at most
 * until the deadline given */
static void
loop(struct load *g, int64_t until)
{
	struct pollfd pfd = { .fd = g->port.fd, .events = POLLIN };
	struct ethport_frame f[ETHPORT_BATCH];
	struct heap_node *first = heap_first(&g->heap);
	int i, n, rounds;

	ethport_flush(&g->port);
	if (first)
		until = clock_min(until, first->at);
	if (poll(&pfd, 1, clock_left(clock_ms(), until)) < 0 && errno != EINTR)
		die(1, "poll:");
	g->now = clock_ms();
	for (rounds = 0; rounds < 8; rounds++) {
		if ((n = ethport_recv(&g->port, f, ETHPORT_BATCH)) < 0)
			die(1, "the port is gone:");
		for (i = 0; i < n; i++)
			input(g, f[i].p, f[i].len);
		if (n < ETHPORT_BATCH)
			break;
	}
	tick(g);
	ethport_flush(&g->port);
}

static int
by_value(const void *a, const void *b)
{
	const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;

	return (x > y) - (x < y);
}

static void
set_up(struct load *g)
{
	const int64_t t0 = clock_ns(), end = clock_ms() + g->timeout;
	double sec;

	g->now = clock_ms();
	while (!stop && g->now < end && g->up + g->failed < g->n) {
		while (g->started < g->n && g->busy < g->at_once)
			start(g, &g->s[g->started++]);
		loop(g, end);
	}
	sec = (double)(clock_ns() - t0) / 1e9;
	if (g->up)
		qsort(g->ms, g->up, sizeof(*g->ms), by_value);
	printf("setup up=%u failed=%u seconds=%.3f rate=%.0f median_ms=%d "
	       "max_ms=%d\n",
	    g->up, g->n - g->up, sec, g->up / sec, g->up ? g->ms[g->up / 2] : 0,
	    g->up ? g->ms[g->up - 1] : 0);
	fflush(stdout);
}

static uint32_t
target(const struct load *g, uint32_t i)
{
	uint32_t k;

	for (k = 1; k <= g->n; k++)
		if (g->s[(i + k) % g->n].up)
			return (i + k) % g->n;
	return i;
}

/* one packet of session i, with its mark, receiver and number */
static void
send_data(struct load *g, struct sub *s, uint32_t to)
{
	static uint8_t b[2048];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_bytes(&w, s->head, sizeof(s->head));
	wr_u32(&w, MARK);
	wr_u32(&w, to);
	wr_u32(&w, ++s->seq);
	/* the body is zero; ICMP has a checksum to be made */
	if (g->to) {
		uint8_t *icmp = b + HEAD + IP4_HEAD;
		uint16_t sum;

		icmp[2] = icmp[3] = 0;
		sum = ip_sum_fold(ip_sum(0, icmp, 20));
		icmp[2] = (uint8_t)(sum >> 8);
		icmp[3] = (uint8_t)sum;
	}
	ethport_add(&g->port, b, HEAD + g->size);
	g->sent++;
}

/* as many as may be under way, or as the time since start allows */
static uint64_t
allowance(struct load *g, int64_t ns, uint64_t given_up)
{
	const uint64_t out = g->sent - g->got - given_up;
	uint64_t due;

	if (g->pps) {
		due = (uint64_t)((double)ns * g->pps / 1e9) + 1;
		due = due > g->sent ? due - g->sent : 0;
		return due > 256 ? 256 : due;
	}
	return out < g->window ? g->window - out : 0;
}

/* what came of packets from each session i to session to[i]: served are
 * those that got any, uneven those that did not get as many as were sent */
static void
told(const struct load *g, const uint32_t *to, double sec)
{
	uint32_t i, served = 0, uneven = 0;

	for (i = 0; i < g->n; i++) {
		served += g->s[i].got > 0;
		uneven += g->s[to[i]].got != g->s[i].seq;
	}
	printf("traffic bytes=%u sent=%llu received=%llu lost=%lld wrong=%llu "
	       "reordered=%llu served=%u uneven=%u seconds=%.2f pps=%.0f "
	       "mbit=%.1f\n",
	    g->size, (unsigned long long)g->sent, (unsigned long long)g->got,
	    (long long)(g->sent - g->got), (unsigned long long)g->wrong,
	    (unsigned long long)g->reordered, served, uneven, sec,
	    (double)g->got / sec, (double)g->got * g->size * 8 / sec / 1e6);
	fflush(stdout);
}

static void
traffic(struct load *g)
{
	uint32_t *to = calloc(g->n, sizeof(*to)), i = 0;
	const int64_t end = clock_ms() + g->traffic;
	uint64_t given_up = 0, more;
	int64_t t0, t1;

	if (!to)
		die(1, "calloc:");
	for (i = 0; i < g->n; i++) {
		to[i] = g->to ? i : target(g, i);
		make_head(g, &g->s[i], g->to ? g->to : g->s[to[i]].addr);
	}
	t0 = clock_ns();
	g->heard = g->now = clock_ms();
	for (i = 0; !stop && g->up && g->now < end;) {
		more = allowance(g, clock_ns() - t0, given_up);
		for (; more && g->up; more--) {
			while (!g->s[i].up)
				i = (i + 1) % g->n;
			send_data(g, &g->s[i], to[i]);
			i = (i + 1) % g->n;
		}
		loop(g, g->now + (g->pps ? 1 : STUCK / 2));
		if (g->now - g->heard > STUCK) {
			given_up = g->sent > g->got ? g->sent - g->got : 0;
			g->heard = g->now;
		}
	}
	t1 = clock_ns();
	while (!stop && g->got < g->sent && g->now < end + 1000 &&
	       g->now - g->heard < 1000)
		loop(g, g->now + 100);
	told(g, to, (double)(t1 - t0) / 1e9);
	free(to);
}

static void
hang_up(struct load *g, struct sub *s)
{
	ppp_link_close(&s->l, turn(g));
	drain(g, s);
	set_timer(g, s);
}

/* sessions come and go */
static void
churn(struct load *g)
{
	const int64_t t0 = clock_ms(), end = t0 + g->churn;
	uint32_t i = 0, k;

	while (!stop && g->now < end) {
		for (k = 0; k < g->n && g->busy < g->at_once; k++) {
			i = (i + 1) % g->n;
			if (g->s[i].up) {
				hang_up(g, &g->s[i]);
			} else if (g->s[i].over) {
				g->cycles++;
				start(g, &g->s[i]);
			}
		}
		loop(g, end);
	}
	printf("churn cycles=%llu rate=%.0f\n", (unsigned long long)g->cycles,
	    (double)g->cycles * 1000 / (double)(g->now - t0 + 1));
	fflush(stdout);
}

static void
tear_down(struct load *g)
{
	const int64_t t0 = clock_ms(), end = t0 + 10000;
	uint32_t i, was = g->up;

	for (i = 0; i < g->started; i++) {
		if (!g->s[i].over)
			hang_up(g, &g->s[i]);
		if (i % 32 == 31)
			loop(g, clock_ms());
	}
	while (g->now < end && heap_first(&g->heap))
		loop(g, end);
	printf("teardown sessions=%u seconds=%.3f\n", was,
	    (double)(clock_ms() - t0) / 1000);
}

enum {
	OPT_METHOD = 256,
	OPT_AC,
	OPT_ABANDON,
	OPT_NO_LOSS,
	OPT_CHURN,
	OPT_TO,
	OPT_SETTLE,
	OPT_FIRST
};

static const struct arg_opt opts[] = { { 'n', "sessions", "N",
					   "how many clients (default 1)" },
	{ OPT_FIRST, "first", "N", "number of the first, its MAC (default 1)" },
	{ 'c', "at-once", "N", "so many in set-up at once (default 100)" },
	{ 'u', "user", "NAME", "user name (default db123@a.1)" },
	{ 'p', "password", "WORD", "password (default NotReallyTheSecret)" },
	{ OPT_METHOD, "method", "M", "only pap, chap or mschapv2" },
	{ 'S', "service", "NAME", "Service-Name to ask for (default any)" },
	{ OPT_AC, "ac", "NAME", "only the concentrator of this name" },
	{ 'M', "mtu", "N", "ask for a larger payload (RFC 4638)" },
	{ '6', "ipv6", NULL, "open IPV6CP as well" },
	{ 'T', "timeout", "TIME", "for the set-up (default 60s)" },
	{ OPT_SETTLE, "settle", "TIME", "wait so long after the set-up" },
	{ 't', "traffic", "TIME", "send packets so long (default: none)" },
	{ 's', "size", "N", "bytes of an IP packet (default 1400)" },
	{ 'w', "window", "N", "packets under way at most (default 64)" },
	{ 'R', "pps", "N", "packets a second, instead of a window" },
	{ OPT_TO, "to", "ADDR", "ping ADDR, not the next session" },
	{ OPT_CHURN, "churn", "TIME", "sessions close and come so long" },
	{ 'H', "hold", "TIME", "then stay so long" },
	{ OPT_ABANDON, "abandon", NULL, "leave without a word at the end" },
	{ OPT_NO_LOSS, "no-loss", NULL, "a lost packet is a failure" },
	{ 'v', "verbose", NULL, "say what sessions do; twice: each state" },
	{ 0 } };
static const struct arg_tool tool = { "pppoe-load", "[options] PORT", opts, 0,
	0 };

static unsigned
method(const struct arg *a)
{
	static const char *const names[] = { "", "pap", "chap", "mschapv2" };
	unsigned i;

	for (i = 1; i < PPP_NMETHODS; i++)
		if (!strcmp(a->value, names[i]))
			return 1U << i;
	arg_usage(a, "%s: not a method: %s", a->shown, a->value);
}

static int64_t
duration(const struct arg *a)
{
	int64_t v;

	if (num_msec(a->value, 0, 86400000, &v) < 0)
		arg_usage(a, "%s: not a time: %s", a->shown, a->value);
	return v;
}

static void
option(struct load *g, struct arg *a, int c)
{
	switch (c) {
	case 'n': g->n = (uint32_t)arg_num(a, 1, 60000); break;
	case OPT_FIRST: g->first = (uint32_t)arg_num(a, 1, 1 << 20); break;
	case 'c': g->at_once = (uint32_t)arg_num(a, 1, 60000); break;
	case 'u': g->ppp.peer.name = a->value; break;
	case 'p': g->ppp.peer.secret = a->value; break;
	case OPT_METHOD: g->ppp.lcp.own_auth = method(a); break;
	case 'S': g->host.service = a->value; break;
	case OPT_AC: g->host.ac_name = a->value; break;
	case 'M': g->host.max_payload = (uint16_t)arg_num(a, 1492, 1500); break;
	case '6': g->net.flags |= PPP_NET_IP6; break;
	case 'T': g->timeout = duration(a); break;
	case OPT_SETTLE: g->settle = duration(a); break;
	case 't': g->traffic = duration(a); break;
	case 's': g->size = (uint32_t)arg_num(a, 40, 1500); break;
	case 'w': g->window = (uint32_t)arg_num(a, 1, 4096); break;
	case 'R': g->pps = (uint32_t)arg_num(a, 1, 10000000); break;
	case OPT_TO:
		if (addr_ip4(a->value, &g->to) < 0)
			arg_usage(a, "not an address: %s", a->value);
		break;
	case OPT_CHURN: g->churn = duration(a); break;
	case 'H': g->hold = duration(a); break;
	case OPT_ABANDON: g->abandon = 1; break;
	case OPT_NO_LOSS: g->no_loss = 1; break;
	case 'v': g->verbose++; break;
	}
}

static void
defaults(struct load *g)
{
	g->n = 1;
	g->at_once = 100;
	g->first = 1;
	g->timeout = 60000;
	g->size = 1400;
	g->window = 64;
	g->host = (struct pppoe_host_conf){ "", NULL, 1000, 5, 0 };
	g->ppp = ppp_link_defaults;
	g->ppp.peer.name = "db123@a.1";
	g->ppp.peer.secret = "NotReallyTheSecret";
	g->ppp.lcp.own_auth =
	    1U << PPP_AUTH_PAP | 1U << PPP_AUTH_CHAP | 1U << PPP_AUTH_MSCHAPV2;
	g->net.flags = PPP_NET_IP4;
	g->net.ip4.flags = PPP_IPCP_ASK_DNS;
}

static void
allocate(struct load *g)
{
	uint32_t i;

	g->s = calloc(g->n, sizeof(*g->s));
	g->ms = calloc(g->n, sizeof(*g->ms));
	g->heap.v = calloc(g->n + 1, sizeof(*g->heap.v));
	g->heap.cap = g->n;
	if (!g->s || !g->ms || !g->heap.v)
		die(1, "no memory for %u sessions", g->n);
	for (i = 0; i < g->n; i++)
		g->s[i].l.setup_at = -1;
}

/* the sessions live on */
static void
wait_for(struct load *g, int64_t ms)
{
	const int64_t end = clock_ms() + ms;

	while (!stop && g->now < end && g->up)
		loop(g, end);
}

static int
work(struct load *g)
{
	int bad;

	set_up(g);
	bad = g->up < g->n;
	wait_for(g, g->settle);
	if (g->traffic)
		traffic(g);
	if (g->churn)
		churn(g);
	wait_for(g, g->hold);
	if (!g->abandon)
		tear_down(g);
	ethport_close(&g->port);
	return bad || g->wrong || (g->no_loss && g->sent != g->got);
}

int
main(int argc, char **argv)
{
	static struct load g;
	struct sigaction sa = { .sa_handler = on_signal };
	struct netname name;
	struct arg a;
	const char *port = NULL;
	int c, status;

	(void)argc;
	defaults(&g);
	arg_init(&a, &tool, argv);
	while ((c = arg_next(&a)) != ARG_END) {
		if (c != ARG_OPERAND)
			option(&g, &a, c);
		else if (port)
			arg_usage(&a, "one PORT only: %s", a.value);
		else
			port = a.value;
	}
	if (!port)
		arg_usage(&a, "PORT is missing");
	if (netname_parse(&name, port) < 0)
		arg_usage(&a, "not a network: %s", port);
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	if (ethport_open(&g.port, &name, ETHPORT_PPPOE) < 0)
		die(1, "open %s:", port);
	if (name.kind == NETNAME_PACKET && ethport_promisc(&g.port) < 0)
		die(1, "%s: promiscuous mode:", port);
	allocate(&g);
	status = work(&g);
	free(g.s);
	free(g.ms);
	free(g.heap.v);
	return status;
}
