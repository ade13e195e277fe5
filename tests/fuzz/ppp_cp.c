/* limen: ISC licence, see LICENSE */
/*
 * LCP, IPCP or IPV6CP alone, by byte 0, and one peer that says what the
 * input says: a byte of length, 0 lets the Restart timer fire, 1 answers
 * the last request with an Ack, 2 is a Protocol-Reject; else that many bytes
 * are a packet. Then the peer is silent, and it must come to rest.
 */
#include <stdint.h>
#include <string.h>

#include "ppp_ip6cp.h"
#include "ppp_ipcp.h"
#include "ppp_lcp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

static union {
	struct ppp_cp cp;
	struct ppp_lcp lcp;
	struct ppp_ipcp ipcp;
	struct ppp_ip6cp ip6cp;
} m;
static struct ppp_turn t;
static uint8_t last[PPP_CTL_MAX]; /* the last request sent */
static size_t lastlen;
static int up;

/* replies are no longer than what is replied to and a few options; one event
 * has at most two frames (three when a stopped LCP is asked over a loop: a
 * request, the Nak, the end), and the layer above goes up and down in turns */
static void
check(unsigned got, size_t in)
{
	const struct ppp_act *a;
	int sends = 0;

	while ((a = ppp_turn_next(&t))) {
		if (a->type != PPP_ACT_SEND)
			continue;
		sends++;
		MUST(a->len <= PPP_CTL_MAX + PPP_HDR && a->len <= in + 64);
		if (a->p[2] == PPP_CONF_REQ) {
			lastlen = a->len - PPP_HDR;
			memcpy(last, a->p + PPP_HDR, lastlen);
		}
	}
	MUST(sends <= 3 && t.lost == 0);
	if (got & PPP_CP_TLD)
		MUST(up--);
	if (got & PPP_CP_TLU)
		MUST(!up++);
	MUST(up == (m.cp.state == PPP_CP_OPENED));
	MUST((m.cp.deadline >= 0) ==
	     (m.cp.state >= PPP_CP_CLOSING && m.cp.state <= PPP_CP_ACK_SENT));
	MUST(m.cp.tries <= m.cp.cfg->max_configure);
}

static void
begin(unsigned which)
{
	static const uint8_t key[16] = { 3 };
	static uint32_t count;
	static struct ppp_lcp_cfg lcp;
	const struct ppp_ipcp_cfg ip = { which & 8 ? 1 : 0, which & 8 ? 2 : 0,
		{ which & 16, 7 }, PPP_IPCP_ASK_DNS };
	const struct ppp_ip6cp_cfg ip6 = { which & 8, which & 16 };

	ppp_turn(&t, 0);
	count = 0;
	t.key = key;
	t.count = &count;
	up = 0;
	lastlen = 0;
	lcp.cp = ppp_cp_defaults;
	lcp.auth[0] = which >> 3 & 3;
	lcp.auth[1] = PPP_AUTH_PAP;
	lcp.own_auth = which >> 4 & 14;
	memset(&m, 0, sizeof(m));
	if (which % 3 == 0)
		ppp_lcp_init(&m.lcp, &t, &lcp, 1492);
	else if (which % 3 == 1)
		ppp_ipcp_init(&m.ipcp, &ppp_cp_defaults, &ip);
	else
		ppp_ip6cp_init(&m.ip6cp, &t, &ppp_cp_defaults, &ip6);
	check(ppp_cp_event(&m.cp, &t, PPP_CP_OPEN), 64);
	check(ppp_cp_event(&m.cp, ppp_turn(&t, 0), PPP_CP_UP), 64);
}

static void
fire(void)
{
	ppp_turn(&t, m.cp.deadline > t.now ? m.cp.deadline : t.now);
	check(ppp_cp_tick(&m.cp, &t), 64);
	MUST(m.cp.deadline < 0 || m.cp.deadline > t.now);
}

static void
packet(unsigned which, const uint8_t *p, size_t len)
{
	ppp_turn(&t, t.now);
	if (which % 3 == 0)
		check(ppp_lcp_input(&m.lcp, &t, p, len), len);
	else
		check(ppp_cp_input(&m.cp, &t, p, len), len);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r;
	unsigned which, n, i;
	const uint8_t *p;

	rd_init(&r, data, len);
	which = rd_u8(&r);
	begin(which);
	while (rd_left(&r)) {
		n = rd_u8(&r);
		if (n == 0) {
			fire();
		} else if (n == 1 && lastlen) {
			last[0] = PPP_CONF_ACK;
			packet(which, last, lastlen);
		} else if (n == 2) {
			ppp_turn(&t, t.now);
			check(ppp_cp_event(&m.cp, &t, PPP_CP_RXJ_MINUS), 64);
		} else if ((p = rd_bytes(&r, n))) {
			packet(which, p, n);
		}
	}
	if (up)
		check(
		    ppp_cp_event(&m.cp, ppp_turn(&t, t.now), PPP_CP_CLOSE), 64);
	for (i = 0; m.cp.deadline >= 0; i++) {
		MUST(i < 20);
		fire();
	}
	MUST(m.cp.state <= PPP_CP_STOPPED);
	return 0;
}
