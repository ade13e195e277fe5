/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp_ip6cp.h"

static struct ppp_ip6cp *
ip6cp(struct ppp_cp *cp)
{
	return (struct ppp_ip6cp *)cp;
}

/* a random identifier: not zero, the universal bit clear (RFC 4291) */
static uint64_t
random_id(struct ppp_turn *t)
{
	return (ppp_turn_rand(t) & ~((uint64_t)2 << 56)) | 1;
}

static void
reset(struct ppp_cp *cp)
{
	ip6cp(cp)->ours = ip6cp(cp)->want;
}

static void
request(struct ppp_cp *cp, struct wr *w)
{
	if (ip6cp(cp)->ours)
		ppp_opt_put64(w, PPP_IP6CP_ID, ip6cp(cp)->ours);
}

static void
begin(struct ppp_cp *cp)
{
	ip6cp(cp)->his = 0;
	ip6cp(cp)->had_id = 0;
}

/* what the peer should take, never our own */
static uint64_t
suggest(const struct ppp_ip6cp *n, struct ppp_turn *t)
{
	uint64_t id = n->assign ? n->assign : random_id(t);

	return id == n->ours ? id ^ 4 : id;
}

/* section 4.1: a good one is acknowledged; zero, ours or one of a wrong length
 * (RFC 1661 section 6) gets another */
static enum ppp_verdict
judge(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_opt *o,
    struct wr *nak)
{
	struct ppp_ip6cp *n = ip6cp(cp);
	const uint64_t v = o->len == 8 ? ppp_opt_num(o) : 0;

	if (o->type != PPP_IP6CP_ID)
		return PPP_REJ;
	n->had_id = 1;
	n->his = v;
	if (v && v != n->ours && (!n->assign || v == n->assign))
		return PPP_ACK;
	ppp_opt_put64(nak, PPP_IP6CP_ID, suggest(n, t));
	return PPP_NAK;
}

static void
missing(struct ppp_cp *cp, struct ppp_turn *t, struct wr *nak)
{
	const struct ppp_ip6cp *n = ip6cp(cp);

	if (!n->had_id && cp->naks_out < cp->cfg->max_failure)
		ppp_opt_put64(nak, PPP_IP6CP_ID, suggest(n, t));
}

/* section 4.1: a suggestion that is not the peer's own is taken; without
 * one (the same again, or zero) ours is drawn anew. One that was given is held
 * to: what is sent has it. */
static int
refused(struct ppp_cp *cp, struct ppp_turn *t, unsigned code,
    const struct ppp_opt *o)
{
	struct ppp_ip6cp *n = ip6cp(cp);
	const uint64_t v = ppp_opt_num(o);

	if (o->type != PPP_IP6CP_ID)
		return 0;
	if (code == PPP_CONF_REJ)
		return -1;
	if (n->given)
		return 0;
	if (o->len == 8 && v && v != n->his && v != n->ours)
		n->ours = v;
	else
		n->ours = random_id(t);
	return 0;
}

static const struct ppp_cp_ops ops = { .proto = PPP_IP6CP,
	.reset = reset,
	.request = request,
	.begin = begin,
	.judge = judge,
	.missing = missing,
	.refused = refused };

void
ppp_ip6cp_init(struct ppp_ip6cp *n, struct ppp_turn *t,
    const struct ppp_cp_cfg *cp, const struct ppp_ip6cp_cfg *cfg)
{
	memset(n, 0, sizeof(*n));
	ppp_cp_init(&n->cp, &ops, cp);
	n->given = cfg->ours != 0;
	n->want = n->given ? cfg->ours : random_id(t);
	n->assign = cfg->peer;
	reset(&n->cp);
}
