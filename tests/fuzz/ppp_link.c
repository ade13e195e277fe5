/* limen: ISC licence, see LICENSE */
/*
 * A server and a client on one line that the input plays with. Byte 0
 * chooses what both want; then a byte of what to do each (low 4 bits) and
 * with which side (bit 4), and its arguments:
 *	0 deliver the oldest frame to that side, 1 drop it, 2 deliver it and
 *	keep it, 3 deliver it with the bytes N, V changed, 4 deliver it cut,
 *	5 a frame of the input: N bytes, 6 time passes: N * 64 ms, 7 close,
 *	8 down, 9 deliver all there is, 10 the oldest becomes the youngest,
 *	11 an IPv4 packet
 * When the input ends, so does all that comes in: both must end by
 * themselves, unless a network runs and the other end knows no echoes.
 */
#include <stdint.h>
#include <string.h>

#include "ppp_link.h"
#include "rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

#define QUEUE 64

struct side {
	struct ppp_link l;
	struct ppp_link_cfg cfg;
	struct ppp_net net;
	int admitted, up4, up6, ended, sends;
	size_t n; /* frames on their way to it */
	struct {
		size_t len;
		uint8_t b[PPP_HDR + PPP_CTL_MAX];
	} q[QUEUE];
};

static struct side s[2];
static struct ppp_turn t;
static int64_t now;

/* what is sent is a whole packet of a size that any line carries */
static void
sent(struct side *to, const struct ppp_act *a)
{
	struct ppp_frame f;
	struct ppp_ctl c;

	MUST(a->len >= 6 && a->len <= PPP_CTL_MAX + PPP_HDR);
	MUST(ppp_get(&f, a->p, a->len) == 0 && f.proto == a->proto);
	MUST(ppp_ctl_get(&c, f.data, f.len) == 0);
	MUST(c.len + PPP_CTL_HDR == f.len);
	if (to->n == QUEUE)
		return;
	to->q[to->n].len = a->len;
	memcpy(to->q[to->n++].b, a->p, a->len);
}

/* the user's right secret, a wrong one, or none */
static void
secret(struct side *x)
{
	MUST(x->l.auth.state == PPP_AUTH_LOOKUP);
	ppp_link_secret(&x->l, &t, x->l.count % 7 ? "pass" : NULL, 4);
}

static void
perform(int who, const struct ppp_act *a)
{
	struct side *x = &s[who];

	MUST(!x->ended);
	switch (a->type) {
	case PPP_ACT_SEND:
		x->sends++;
		sent(&s[!who], a);
		break;
	case PPP_ACT_SECRET: secret(x); break;
	case PPP_ACT_NETWORK:
		MUST(!x->l.lcp.auth || x->l.auth.state == PPP_AUTH_PASSED);
		MUST(!x->l.lcp.his_auth || x->l.peer.state == PPP_PEER_PASSED);
		MUST(!x->up4 && !x->up6);
		x->admitted = 1;
		ppp_link_network(&x->l, &t, &x->net);
		break;
	case PPP_ACT_UP4:
		MUST(x->admitted && !x->up4++ && a->u.ip4.ours);
		MUST(!x->net.ip4.peer || a->u.ip4.peer == x->net.ip4.peer);
		MUST(a->u.ip4.mtu >= PPP_MRU_MIN && a->u.ip4.mtu <= 1492);
		break;
	case PPP_ACT_UP6:
		MUST(x->admitted && !x->up6++ && a->u.ip6.ours);
		MUST(a->u.ip6.ours != a->u.ip6.peer);
		break;
	case PPP_ACT_DOWN4: MUST(x->up4--); break;
	case PPP_ACT_DOWN6: MUST(x->up6--); break;
	case PPP_ACT_DELIVER:
		MUST(a->proto == PPP_IP ? x->up4 : x->up6);
		MUST(x->l.lcp.cp.state == PPP_CP_OPENED);
		break;
	case PPP_ACT_END:
		MUST(!x->up4 && !x->up6 && a->u.end);
		x->ended = 1;
		break;
	case PPP_ACT_LOG:
		MUST(a->u.log.machine && a->u.log.from && a->u.log.to);
		MUST(strcmp(a->u.log.from, a->u.log.to) != 0);
		if (x->l.phase < PPP_LINK_ADMIT)
			x->admitted = 0;
		break;
	default: MUST(0);
	}
}

/* no more than a few frames come of one that goes in */
static void
drain(int who)
{
	const struct ppp_act *a;
	const int64_t d = ppp_link_deadline(&s[who].l);

	s[who].sends = 0;
	while ((a = ppp_turn_next(&t)))
		perform(who, a);
	MUST(t.lost == 0 && s[who].sends <= 8);
	MUST(!s[who].ended || d == -1);
}

static void
input(int who, const uint8_t *p, size_t len)
{
	ppp_link_input(&s[who].l, ppp_turn(&t, now), p, len);
	drain(who);
}

static void
tick(int who)
{
	ppp_link_tick(&s[who].l, ppp_turn(&t, now));
	drain(who);
	MUST(ppp_link_deadline(&s[who].l) < 0 ||
	     ppp_link_deadline(&s[who].l) > now);
}

/* takes the oldest frame for a side; a length of 0: there is none */
static size_t
oldest(int who, uint8_t b[PPP_HDR + PPP_CTL_MAX])
{
	struct side *x = &s[who];
	size_t len;

	if (!x->n)
		return 0;
	len = x->q[0].len;
	memcpy(b, x->q[0].b, len);
	memmove(&x->q[0], &x->q[1], --x->n * sizeof(x->q[0]));
	return len;
}

static void
keep(int who, const uint8_t *b, size_t len)
{
	if (len && s[who].n < QUEUE) {
		s[who].q[s[who].n].len = len;
		memcpy(s[who].q[s[who].n++].b, b, len);
	}
}

static void
pass_time(int64_t ms)
{
	now += ms;
	tick(0);
	tick(1);
}

static void
deliver_all(void)
{
	uint8_t b[PPP_HDR + PPP_CTL_MAX];
	size_t len;
	int i;

	for (i = 0; i < 200 && (s[0].n || s[1].n); i++) {
		if ((len = oldest(i & 1, b)))
			input(i & 1, b, len);
	}
}

static void
play(struct rd *r, unsigned op)
{
	static const uint8_t ip[] = { 0, 0x21, 0x45 };
	const int who = op >> 4 & 1;
	uint8_t b[PPP_HDR + PPP_CTL_MAX];
	const uint8_t *p;
	size_t n, len = 0;

	if ((op & 15) < 5 || (op & 15) == 10)
		len = oldest(who, b);
	switch (op & 15) {
	case 2: keep(who, b, len); break;
	case 3:
		n = rd_u8(r);
		if (n < len)
			b[n] = rd_u8(r);
		break;
	case 4:
		n = rd_u8(r);
		len = n < len ? n : len;
		break;
	case 1:
	case 10: keep(who, b, op & 8 ? len : 0); return;
	case 5:
		n = rd_u8(r);
		if ((p = rd_bytes(r, n)))
			input(who, p, n);
		return;
	case 6: pass_time(rd_u8(r) * 64); return;
	case 7:
		ppp_link_close(&s[who].l, ppp_turn(&t, now));
		drain(who);
		return;
	case 8:
		ppp_link_down(&s[who].l, ppp_turn(&t, now));
		drain(who);
		return;
	case 9: deliver_all(); return;
	case 11: input(who, ip, sizeof(ip)); return;
	}
	if (len)
		input(who, b, len);
}

static void
begin(unsigned want)
{
	static const uint8_t key[2][16] = { { 1 }, { 2 } };
	int i;

	memset(s, 0, sizeof(s));
	now = 1000;
	for (i = 0; i < 2; i++) {
		s[i].cfg = ppp_link_defaults;
		s[i].cfg.peer.name = "user";
		s[i].cfg.peer.secret = "pass";
		s[i].net.flags = 3;
		s[i].net.ip4.flags = i ? PPP_IPCP_ASK_DNS : 0;
		ppp_link_init(&s[i].l, &s[i].cfg, key[i]);
	}
	s[0].cfg.lcp.auth[0] = want & 3;
	if (want & 4)
		s[0].cfg.lcp.auth[1] = PPP_AUTH_PAP;
	s[1].cfg.lcp.own_auth = want >> 2 & 14;
	s[0].cfg.auth.rechallenge = want & 64 ? 9000 : 0;
	if (want & 128)
		s[1].cfg.lcp.auth[0] = PPP_AUTH_CHAP;
	s[0].cfg.lcp.own_auth = s[1].cfg.lcp.own_auth;
	s[0].net.ip4 = (struct ppp_ipcp_cfg){ 1, 2, { 1, want & 4 }, 0 };
	for (i = 0; i < 2; i++) {
		ppp_link_open(&s[i].l, ppp_turn(&t, now), 1492);
		drain(i);
	}
}

/* RFC 1661 section 4.3: what was Code-Rejected is sent no more */
static int
may_stay(const struct ppp_link *l)
{
	return l->up && l->lcp.unknown >> PPP_ECHO_REQ & 1;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r;
	int64_t d;
	int i, who;

	rd_init(&r, data, len < 4096 ? len : 4096);
	begin(rd_u8(&r));
	while (rd_left(&r))
		play(&r, rd_u8(&r));
	for (who = 0; who < 2; who++)
		for (i = 0; (d = ppp_link_deadline(&s[who].l)) >= 0; i++) {
			MUST(i < 200);
			now = d > now ? d : now;
			tick(who);
		}
	for (who = 0; who < 2; who++)
		MUST(s[who].ended || may_stay(&s[who].l));
	return 0;
}
