/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp_ipcp.h"

enum { ASK_ADDR = 1, ASK_DNS1 = 2, ASK_DNS2 = 4 };

static struct ppp_ipcp *
ipcp(struct ppp_cp *cp)
{
	return (struct ppp_ipcp *)cp;
}

static void
reset(struct ppp_cp *cp)
{
	struct ppp_ipcp *n = ipcp(cp);

	n->ask = n->ask_first;
	n->ours = n->want;
	n->dns[0] = n->dns[1] = 0;
}

static void
request(struct ppp_cp *cp, struct wr *w)
{
	const struct ppp_ipcp *n = ipcp(cp);

	if (n->ask & ASK_ADDR)
		ppp_opt_put32(w, PPP_IPCP_ADDR, n->ours);
	if (n->ask & ASK_DNS1)
		ppp_opt_put32(w, PPP_IPCP_DNS1, n->dns[0]);
	if (n->ask & ASK_DNS2)
		ppp_opt_put32(w, PPP_IPCP_DNS2, n->dns[1]);
}

static void
begin(struct ppp_cp *cp)
{
	ipcp(cp)->his = 0;
	ipcp(cp)->had_addr = 0;
}

/* an address that the peer asks for must be the one we have for it; a wrong
 * length is none (RFC 1661 section 6) */
static enum ppp_verdict
judge_addr(const struct ppp_opt *o, uint32_t right, struct wr *nak)
{
	const uint32_t v = o->len == 4 ? (uint32_t)ppp_opt_num(o) : 0;

	if (!right && !v)
		return PPP_REJ;
	if (!right || v == right)
		return PPP_ACK;
	ppp_opt_put32(nak, o->type, right);
	return PPP_NAK;
}

static enum ppp_verdict
judge(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_opt *o,
    struct wr *nak)
{
	struct ppp_ipcp *n = ipcp(cp);
	uint32_t dns;

	(void)t;
	switch (o->type) {
	case PPP_IPCP_ADDR:
		n->had_addr = 1;
		n->his = (uint32_t)ppp_opt_num(o);
		return judge_addr(o, n->assign, nak);
	case PPP_IPCP_DNS1:
	case PPP_IPCP_DNS2:
		dns = n->give[o->type == PPP_IPCP_DNS2];
		return dns ? judge_addr(o, dns, nak) : PPP_REJ;
	}
	return PPP_REJ;
}

/* RFC 1332 section 3.3: the peer gets its address even if it did not ask, and
 * beyond max_failure: nothing could be sent to one without */
static void
missing(struct ppp_cp *cp, struct ppp_turn *t, struct wr *nak)
{
	const struct ppp_ipcp *n = ipcp(cp);

	(void)t;
	if (n->assign && !n->had_addr)
		ppp_opt_put32(nak, PPP_IPCP_ADDR, n->assign);
}

/* a name server that is not told is done without */
static void
refused_dns(struct ppp_ipcp *n, unsigned code, const struct ppp_opt *o)
{
	const unsigned i = o->type == PPP_IPCP_DNS2;

	if (code == PPP_CONF_REJ || o->len != 4)
		n->ask &= (uint8_t) ~(i ? ASK_DNS2 : ASK_DNS1);
	else
		n->dns[i] = (uint32_t)ppp_opt_num(o);
}

/* who assigns addresses holds to its own, even if the peer does not care to
 * hear it; who does not takes what the peer says, or fails without */
static int
refused(struct ppp_cp *cp, struct ppp_turn *t, unsigned code,
    const struct ppp_opt *o)
{
	struct ppp_ipcp *n = ipcp(cp);
	const uint32_t v = (uint32_t)ppp_opt_num(o);

	(void)t;
	switch (o->type) {
	case PPP_IPCP_ADDR:
		if (code == PPP_CONF_REJ) {
			n->ask &= (uint8_t)~ASK_ADDR;
			return n->want ? 0 : -1;
		}
		if (!(n->want && n->assign) && o->len == 4 && v)
			n->ours = v;
		break;
	case PPP_IPCP_DNS1:
	case PPP_IPCP_DNS2: refused_dns(n, code, o); break;
	}
	return 0;
}

static const struct ppp_cp_ops ops = { .proto = PPP_IPCP,
	.reset = reset,
	.request = request,
	.begin = begin,
	.judge = judge,
	.missing = missing,
	.refused = refused };

void
ppp_ipcp_init(struct ppp_ipcp *n, const struct ppp_cp_cfg *cp,
    const struct ppp_ipcp_cfg *cfg)
{
	memset(n, 0, sizeof(*n));
	ppp_cp_init(&n->cp, &ops, cp);
	n->want = cfg->ours;
	n->assign = cfg->peer;
	n->give[0] = cfg->dns[0];
	n->give[1] = cfg->dns[1];
	n->ask_first = ASK_ADDR;
	if (cfg->flags & PPP_IPCP_ASK_DNS)
		n->ask_first |= ASK_DNS1 | ASK_DNS2;
	reset(&n->cp);
}
