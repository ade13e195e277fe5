/* limen: ISC licence, see LICENSE */
/*
 * A server and a client of our own on one line in memory that loses,
 * doubles, delays and so reorders frames, by a seed. Every run must end with
 * both sides agreeing, or with both ended.
 */
#include <stdint.h>
#include <stdlib.h>

#include "ppp_link.h"
#include "tap.h"

#define FLIGHT_MAX 512

struct side {
	struct ppp_link l;
	struct ppp_link_cfg cfg;
	struct ppp_net net;
	const char *user, *secret; /* as server */
	struct ppp_act_ip4 ip4;
	struct ppp_act_ip6 ip6;
	int up4, up6, ups, nets;
	enum ppp_end end;
	unsigned sent, got;
};

struct flight {
	int64_t at;
	int to;
	size_t len;
	uint8_t b[1504];
};

struct line {
	struct side s[2]; /* server, client */
	int64_t now, delay, clean_at, far;
	unsigned loss, dup; /* percent */
	uint32_t seed;
	size_t n;
	struct flight f[FLIGHT_MAX];
	struct ppp_turn t;
	int bad; /* something that must not be */
	int padt;
};

static struct line w;

static unsigned
dice(unsigned n)
{
	w.seed = w.seed * 1664525 + 1013904223;
	return (w.seed >> 8) % n;
}

static void
fly(int to, const uint8_t *p, size_t len)
{
	struct flight *f = &w.f[w.n];

	if (w.n == FLIGHT_MAX || len > sizeof(f->b)) {
		w.bad++;
		return;
	}
	w.n++;
	f->at = w.now + 1 + w.far +
		(w.now < w.clean_at ? dice((unsigned)w.delay) : 0);
	f->to = to;
	f->len = len;
	memcpy(f->b, p, len);
}

static void
transmit(int from, const uint8_t *p, size_t len)
{
	w.s[from].sent++;
	if (w.now < w.clean_at && dice(100) < w.loss)
		return;
	fly(!from, p, len);
	if (w.now < w.clean_at && dice(100) < w.dup)
		fly(!from, p, len);
}

static void
secret(struct side *s, const struct ppp_act *a)
{
	const int known = s->user && a->len == strlen(s->user) &&
			  !memcmp(a->p, s->user, a->len);

	ppp_link_secret(&s->l, &w.t, known ? s->secret : NULL,
	    known ? strlen(s->secret) : 0);
}

static void
perform(int who, const struct ppp_act *a)
{
	struct side *s = &w.s[who];

	if (s->end)
		w.bad++;
	switch (a->type) {
	case PPP_ACT_SEND: transmit(who, a->p, a->len); break;
	case PPP_ACT_DELIVER:
		s->got++;
		w.bad += !(a->proto == PPP_IP ? s->up4 : s->up6);
		break;
	case PPP_ACT_SECRET: secret(s, a); break;
	case PPP_ACT_NETWORK:
		s->nets++;
		ppp_link_network(&s->l, &w.t, &s->net);
		break;
	case PPP_ACT_UP4:
		w.bad += s->up4;
		s->up4 = 1;
		s->ups++;
		s->ip4 = a->u.ip4;
		break;
	case PPP_ACT_DOWN4:
		w.bad += !s->up4;
		s->up4 = 0;
		break;
	case PPP_ACT_UP6:
		w.bad += s->up6;
		s->up6 = 1;
		s->ip6 = a->u.ip6;
		break;
	case PPP_ACT_DOWN6:
		w.bad += !s->up6;
		s->up6 = 0;
		break;
	case PPP_ACT_END:
		s->end = a->u.end;
		w.bad += s->up4 || s->up6;
		break;
	default:
		if (getenv("TRACE"))
			printf("# %6d %d %s: %s -> %s (%s)\n", (int)w.now, who,
			    a->u.log.machine, a->u.log.from, a->u.log.to,
			    a->u.log.event);
		break;
	}
}

static void
drain(int who)
{
	const struct ppp_act *a;

	while ((a = ppp_turn_next(&w.t)))
		perform(who, a);
	w.bad += w.t.lost != 0;
	/* as PADT does: the other side hears of the end */
	if (w.s[who].end && w.padt && !w.s[!who].end) {
		w.padt = 0;
		ppp_link_down(&w.s[!who].l, ppp_turn(&w.t, w.now));
		drain(!who);
	}
}

static struct ppp_turn *
turn(void)
{
	return ppp_turn(&w.t, w.now);
}

static int64_t
sooner(int64_t a, int64_t b)
{
	return b < 0 || (a >= 0 && a < b) ? a : b;
}

/* the next thing that happens; 0 when nothing does before until */
static int
turn_on(int64_t until)
{
	int64_t d =
	    sooner(ppp_link_deadline(&w.s[0].l), ppp_link_deadline(&w.s[1].l));
	struct flight f;
	size_t i, first = w.n;
	int who;

	for (i = 0; i < w.n; i++)
		if (first == w.n || w.f[i].at < w.f[first].at)
			first = i;
	if (first < w.n && (d < 0 || w.f[first].at <= d)) {
		if (w.f[first].at > until)
			return 0;
		f = w.f[first];
		memmove(
		    &w.f[first], &w.f[first + 1], (--w.n - first) * sizeof(f));
		w.now = f.at > w.now ? f.at : w.now;
		ppp_link_input(&w.s[f.to].l, turn(), f.b, f.len);
		drain(f.to);
		return 1;
	}
	if (d < 0 || d > until)
		return 0;
	w.now = d > w.now ? d : w.now;
	for (who = 0; who < 2; who++) {
		ppp_link_tick(&w.s[who].l, turn());
		drain(who);
	}
	return 1;
}

/* at most so many events in so much time: else it never settles */
static void
run(int64_t until)
{
	int i;

	for (i = 0; i < 20000; i++)
		if (!turn_on(until))
			break;
	w.bad += i == 20000;
	w.now = until;
}

static void
setup(uint32_t seed)
{
	struct side *srv = &w.s[0], *cli = &w.s[1];

	memset(&w, 0, sizeof(w));
	w.seed = seed * 2654435761U + 1;
	w.delay = 1;
	srv->cfg = cli->cfg = ppp_link_defaults;
	srv->cfg.lcp.auth[0] = PPP_AUTH_CHAP;
	srv->cfg.lcp.auth[1] = PPP_AUTH_MSCHAPV2;
	srv->cfg.lcp.auth[2] = PPP_AUTH_PAP;
	srv->cfg.auth.name = "limen";
	srv->user = "db123@a.1";
	srv->secret = "NotReallyTheSecret";
	srv->net = (struct ppp_net){ PPP_NET_IP4 | PPP_NET_IP6,
		{ 0xc0a86401, 0xc0a8640a, { 0xc0a86401, 0x08080808 }, 0 },
		{ 0, 0 } };
	cli->cfg.lcp.own_auth =
	    1U << PPP_AUTH_CHAP | 1U << PPP_AUTH_PAP | 1U << PPP_AUTH_MSCHAPV2;
	cli->cfg.peer.name = srv->user;
	cli->cfg.peer.secret = srv->secret;
	cli->net = (struct ppp_net){ PPP_NET_IP4 | PPP_NET_IP6,
		{ 0, 0, { 0, 0 }, PPP_IPCP_ASK_DNS }, { 0, 0 } };
}

static void
start(void)
{
	uint8_t key[16];
	int who, i;

	for (who = 0; who < 2; who++) {
		for (i = 0; i < 16; i++)
			key[i] = (uint8_t)dice(256);
		ppp_link_init(&w.s[who].l, &w.s[who].cfg, key);
	}
	for (who = 0; who < 2; who++) {
		ppp_link_open(&w.s[who].l, turn(), 1492);
		drain(who);
	}
}

/* one network protocol gave up in the storm, and both sides know; the other
 * runs on */
static int
half(void)
{
	const struct side *s = &w.s[0], *c = &w.s[1];

	return !s->end && !c->end && s->up4 == c->up4 && s->up6 == c->up6 &&
	       s->up4 + s->up6 == 1;
}

/* both up, and of one mind about it? */
static int
agree(void)
{
	const struct side *s = &w.s[0], *c = &w.s[1];

	return s->up4 && c->up4 && s->up6 && c->up6 &&
	       s->ip4.ours == c->ip4.peer && s->ip4.peer == c->ip4.ours &&
	       c->ip4.ours == s->net.ip4.peer && s->ip6.ours == c->ip6.peer &&
	       s->ip6.peer == c->ip6.ours && s->ip6.ours != s->ip6.peer &&
	       s->ip6.ours && s->ip6.peer &&
	       c->ip4.dns[0] == s->net.ip4.dns[0] &&
	       c->ip4.dns[1] == s->net.ip4.dns[1] && s->ip4.mtu == c->ip4.mtu;
}

static void
each_method(void)
{
	unsigned m;

	for (m = PPP_AUTH_PAP; m < PPP_NMETHODS; m++) {
		setup(m);
		w.s[1].cfg.lcp.own_auth = 1U << m;
		start();
		run(500);
		OK_MSG(agree() && !w.bad, ppp_method_name((enum ppp_method)m));
		OK(w.s[0].l.lcp.auth == m && w.s[1].ip4.mtu == 1492);
		STREQ(ppp_link_name(&w.s[0].l), "db123@a.1");
		run(300000);
		OK_MSG(agree() && w.s[0].ups == 1 && w.s[1].ups == 1,
		    "and it stays, by its echoes");
		ppp_link_close(&w.s[1].l, turn());
		drain(1);
		run(310000);
		OK(w.s[0].end == PPP_END_PEER && w.s[1].end == PPP_END_CLOSED);
		OK(!w.bad);
	}
}

static void
refusals(void)
{
	setup(1);
	w.s[1].cfg.peer.secret = "wrong";
	start();
	run(20000);
	OK(w.s[0].end == PPP_END_AUTH && w.s[1].end && !w.s[0].ups && !w.bad);
	setup(2);
	w.s[1].cfg.peer.name = "nobody";
	w.s[1].cfg.lcp.own_auth = 1U << PPP_AUTH_PAP;
	start();
	run(20000);
	OK(w.s[0].end == PPP_END_AUTH && w.s[1].end && !w.s[0].ups && !w.bad);
	setup(3);
	w.s[1].cfg.lcp.own_auth = 0;
	start();
	run(40000);
	OK(w.s[0].end == PPP_END_NOAUTH && w.s[1].end && !w.bad);
	setup(4);
	w.s[0].secret = "another";
	w.s[1].cfg.lcp.own_auth = 1U << PPP_AUTH_MSCHAPV2;
	start();
	run(20000);
	OK(w.s[0].end == PPP_END_AUTH && w.s[1].end && !w.bad);
	setup(5);
	w.s[0].net.flags = PPP_NET_IP6;
	start();
	run(20000);
	OK(w.s[0].up6 && w.s[1].up6 && !w.s[1].up4 && !w.bad);
	setup(6);
	w.s[0].net.flags = PPP_NET_IP6;
	w.s[1].net.flags = PPP_NET_IP4;
	start();
	run(80000);
	OK(w.s[0].end && w.s[1].end && !w.bad);
}

/* what a Configure-Request that is silently discarded (section 5) must not do
 */
static void
malformed(void)
{
	static const uint8_t lcp[] = { 0xc0, 0x21, 1, 9, 0, 12, 1, 4, 1, 0, 7,
		2, 8, 1 };
	static const uint8_t ipcp[] = { 0x80, 0x21, 1, 9, 0, 12, 3, 6, 10, 0, 0,
		9, 2, 1 };
	const struct side *s = &w.s[0], *c = &w.s[1];

	setup(7);
	start();
	run(500);
	OK(agree());
	ppp_link_input(&w.s[0].l, turn(), ipcp, sizeof(ipcp));
	OK(w.t.n == 0 && s->l.ipcp.his == s->net.ip4.peer);
	ppp_link_input(&w.s[1].l, turn(), lcp, sizeof(lcp));
	OK(w.t.n == 0 && c->l.lcp.his_mru == 1492 &&
	    c->l.lcp.his_auth == PPP_AUTH_CHAP);
}

/* the packet of Protocol- and Code-Rejects, cut to the peer's MRU (sections
 * 5.6 and 5.7): the length of the one control packet that came out */
static size_t
rejected(unsigned proto, unsigned code)
{
	uint8_t b[1000] = { (uint8_t)(proto >> 8), (uint8_t)proto,
		(uint8_t)code, 1, 900 >> 8, 900 & 0xff };
	const struct ppp_act *a;

	ppp_link_input(&w.s[0].l, turn(), b, sizeof(b));
	a = ppp_turn_next(&w.t);
	return a && a->type == PPP_ACT_SEND && !ppp_turn_next(&w.t)
		   ? a->len - PPP_HDR
		   : 0;
}

static void
rejects(void)
{
	setup(8);
	start();
	run(500);
	OK(agree());
	OK(rejected(PPP_CCP, 1) == PPP_CTL_HDR + 1000);
	w.s[0].l.lcp.his_mru = 200;
	OK(rejected(PPP_CCP, 1) == 200);
	w.s[0].l.lcp.his_mru = PPP_MRU_MIN;
	OK(rejected(PPP_CCP, 1) == PPP_MRU_MIN);
	OK(rejected(PPP_LCP, 99) == PPP_MRU_MIN);
	OK(rejected(PPP_IPCP, 99) == PPP_MRU_MIN);
}

/* an echo after a month of silence, and none before */
static void
patient(void)
{
	unsigned sent;

	setup(9);
	w.s[0].cfg.lcp.echo = 30LL * 86400000;
	w.s[1].cfg.lcp.echo = 0;
	start();
	run(500);
	sent = w.s[0].sent;
	run(3600000);
	OK(agree() && w.s[0].sent == sent);
	run(31LL * 86400000);
	OK(agree() && w.s[0].sent == sent + 1);
}

/* a line whose client authenticated, and which another one, who may refuse to,
 * then has: it is nobody's */
static void
another(void)
{
	const uint8_t key[16] = { 1 };

	setup(10);
	w.s[0].cfg.lcp.auth_optional = 1;
	start();
	run(500);
	OK(agree());
	STREQ(ppp_link_name(&w.s[0].l), "db123@a.1");
	w.s[1].cfg.lcp.own_auth = 0;
	w.s[1].up4 = w.s[1].up6 = 0;
	ppp_link_init(&w.s[1].l, &w.s[1].cfg, key);
	ppp_link_open(&w.s[1].l, turn(), 1492);
	drain(1);
	run(20000);
	OK(agree() && !w.bad);
	STREQ(ppp_link_name(&w.s[0].l), "");
}

/* a request that is repeated while its answer is on its way has an Opened peer
 * begin anew, but not again and again; nearly all wait for 3 s, as pppd does */
static void
slow_line(void)
{
	char what[64];
	int far;

	for (far = 100; far <= 1400; far += 100) {
		setup((uint32_t)far);
		w.far = far;
		w.s[1].cfg.lcp.cp.restart = 3000;
		start();
		run(30000);
		snprintf(what, sizeof(what), "up, %d ms from the peer", far);
		OK_MSG(agree() && !w.bad, what);
	}
}

/* seeds 1..n: the line is bad for 15 s, good afterwards */
static void
storms(uint32_t n)
{
	uint32_t seed;
	unsigned good = 0, halves = 0, ended = 0, split = 0, bad = 0;

	for (seed = 1; seed <= n; seed++) {
		setup(seed);
		w.loss = dice(50);
		w.dup = dice(30);
		w.delay = 1 + dice(dice(3) ? 50 : 2500);
		w.clean_at = 15000;
		w.padt = dice(2) != 0;
		w.s[1].cfg.lcp.own_auth = 1U << (1 + dice(3));
		w.s[0].cfg.auth.rechallenge = dice(2) ? 0 : 5000;
		start();
		run(400000);
		if (agree())
			good++;
		else if (half())
			halves++;
		else if (w.s[0].end && w.s[1].end)
			ended++;
		else
			split++;
		bad += w.bad != 0;
	}
	printf("# %u runs: %u agree, %u by half, %u ended, %u split, %u bad\n",
	    (unsigned)n, good, halves, ended, split, bad);
	OK(split == 0 && bad == 0);
	OK_MSG(good > n / 2, "most come up in spite of it");
}

int
main(int argc, char **argv)
{
	printf("# %zu bytes a link\n", sizeof(struct ppp_link));
	OK(sizeof(struct ppp_link) <= 1024);
	each_method();
	refusals();
	malformed();
	rejects();
	patient();
	another();
	slow_line();
	storms(argc > 1 ? (uint32_t)strtoul(argv[1], NULL, 10) : 1000);
	return tap_done();
}
