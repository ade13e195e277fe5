/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp_lcp.h"

#define LOOPS_MAX 5 /* our own magic number so often in a row: a loop */

enum { WANT_MRU = 1, WANT_MAGIC = 2 };

static struct ppp_lcp *
lcp(struct ppp_cp *cp)
{
	return (struct ppp_lcp *)cp;
}

/* the first method in our list that the peer has not refused */
static uint8_t
next_auth(const struct ppp_lcp *l)
{
	unsigned i;

	for (i = 0; i < PPP_NMETHODS && l->cfg->auth[i]; i++)
		if (!(l->auth_tried >> l->cfg->auth[i] & 1))
			return l->cfg->auth[i];
	return PPP_NOAUTH;
}

static int
allowed(const struct ppp_lcp *l, enum ppp_method m)
{
	unsigned i;

	for (i = 0; i < PPP_NMETHODS && l->cfg->auth[i]; i++)
		if (l->cfg->auth[i] == m)
			return 1;
	return 0;
}

static void
reset(struct ppp_cp *cp)
{
	struct ppp_lcp *l = lcp(cp);

	l->want = WANT_MRU | WANT_MAGIC;
	l->unknown = 0;
	l->mru = l->mru_max;
	l->auth_tried = 0;
	l->auth = next_auth(l);
}

static void
request(struct ppp_cp *cp, struct wr *w)
{
	const struct ppp_lcp *l = lcp(cp);

	if (l->want & WANT_MRU)
		ppp_opt_put16(w, PPP_LCP_MRU, l->mru);
	if (l->auth)
		ppp_method_put(w, (enum ppp_method)l->auth);
	if (l->want & WANT_MAGIC)
		ppp_opt_put32(w, PPP_LCP_MAGIC, l->magic);
}

static void
begin(struct ppp_cp *cp)
{
	lcp(cp)->his_mru = PPP_MRU;
	lcp(cp)->his_auth = PPP_NOAUTH;
}

/* section 6.1: smaller than we can stand, or (RFC 2516 section 7, RFC 4638)
 * larger than the line is, and it hears which */
static enum ppp_verdict
judge_mru(struct ppp_lcp *l, const struct ppp_opt *o, struct wr *nak)
{
	const unsigned v = o->len == 2 ? (unsigned)ppp_opt_num(o) : PPP_MRU;

	if (o->len == 2 && v >= PPP_MRU_MIN && v <= l->mru_max) {
		l->his_mru = (uint16_t)v;
		return PPP_ACK;
	}
	ppp_opt_put16(
	    nak, PPP_LCP_MRU, v < PPP_MRU_MIN ? PPP_MRU_MIN : l->mru_max);
	return PPP_NAK;
}

/* section 6.2: it wants to know who we are. EAP and all that we do not have
 * is answered with the best that we do have. */
static enum ppp_verdict
judge_auth(struct ppp_lcp *l, const struct ppp_opt *o, struct wr *nak)
{
	static const enum ppp_method order[] = { PPP_AUTH_CHAP,
		PPP_AUTH_MSCHAPV2, PPP_AUTH_PAP };
	const enum ppp_method m = ppp_method_get(o);
	unsigned i;

	if (!l->cfg->own_auth)
		return PPP_REJ;
	if (m && l->cfg->own_auth >> m & 1) {
		l->his_auth = (uint8_t)m;
		return PPP_ACK;
	}
	for (i = 0; i < 3; i++)
		if (l->cfg->own_auth >> order[i] & 1) {
			ppp_method_put(nak, order[i]);
			return PPP_NAK;
		}
	return PPP_REJ;
}

/* section 6.4: our own number means a loop, or a rare coincidence */
static enum ppp_verdict
judge_magic(struct ppp_lcp *l, struct ppp_turn *t, const struct ppp_opt *o,
    struct wr *nak)
{
	const uint32_t v = o->len == 4 ? (uint32_t)ppp_opt_num(o) : 0;

	if (v && v != l->magic) {
		l->loops = 0;
		return PPP_ACK;
	}
	if (v && ++l->loops >= LOOPS_MAX)
		l->end = PPP_END_LOOP;
	ppp_opt_put32(nak, PPP_LCP_MAGIC, (uint32_t)ppp_turn_rand(t) | 1);
	return PPP_NAK;
}

/* an option of a wrong length gets a Nak with a right one (section 6) */
static enum ppp_verdict
judge(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_opt *o,
    struct wr *nak)
{
	switch (o->type) {
	case PPP_LCP_MRU: return judge_mru(lcp(cp), o, nak);
	case PPP_LCP_AUTH: return judge_auth(lcp(cp), o, nak);
	case PPP_LCP_MAGIC: return judge_magic(lcp(cp), t, o, nak);
	}
	return PPP_REJ;
}

/* the peer will not do l->auth; what it names instead in a Nak is taken when
 * we allow it, else the next of ours; -1 when there is none left and it must
 * do one */
static int
refused_auth(struct ppp_lcp *l, unsigned code, const struct ppp_opt *o)
{
	const enum ppp_method m = ppp_method_get(o);

	if (!l->auth)
		return 0;
	l->auth_tried |= (uint8_t)(1U << l->auth);
	if (code == PPP_CONF_NAK && m && allowed(l, m) &&
	    !(l->auth_tried >> m & 1))
		l->auth = (uint8_t)m;
	else
		l->auth = next_auth(l);
	if (l->auth || l->cfg->auth_optional)
		return 0;
	l->end = PPP_END_NOAUTH;
	return -1;
}

static void
refused_magic(struct ppp_lcp *l, struct ppp_turn *t, unsigned code)
{
	if (code == PPP_CONF_REJ)
		l->want &= (uint8_t)~WANT_MAGIC;
	l->magic = (uint32_t)ppp_turn_rand(t) | 1;
}

static int
refused(struct ppp_cp *cp, struct ppp_turn *t, unsigned code,
    const struct ppp_opt *o)
{
	struct ppp_lcp *l = lcp(cp);
	const unsigned v = (unsigned)ppp_opt_num(o);

	switch (o->type) {
	case PPP_LCP_MRU:
		if (code == PPP_CONF_REJ)
			l->want &= (uint8_t)~WANT_MRU;
		else if (o->len == 2 && v >= PPP_MRU_MIN && v <= l->mru_max)
			l->mru = (uint16_t)v;
		break;
	case PPP_LCP_AUTH: return refused_auth(l, code, o);
	case PPP_LCP_MAGIC: refused_magic(l, t, code); break;
	}
	return 0;
}

/* the magic number that our packets bear: 0 unless negotiated */
static uint32_t
our_magic(const struct ppp_lcp *l)
{
	return l->want & WANT_MAGIC ? l->magic : 0;
}

static void
echo_reply(struct ppp_lcp *l, struct ppp_turn *t, const struct ppp_ctl *in)
{
	uint8_t buf[PPP_CTL_MAX - PPP_CTL_HDR];
	struct ppp_turn_pkt p = { PPP_LCP, PPP_ECHO_REP, in->id, buf, 0 };
	struct wr w;

	/* a looped line would have us talk to ourselves */
	if (in->len < 4 || in->len > sizeof(buf))
		return;
	if (our_magic(l) &&
	    ppp_opt_num(&(struct ppp_opt){ 0, 4, in->data }) == our_magic(l))
		return;
	wr_init(&w, buf, sizeof(buf));
	wr_u32(&w, our_magic(l));
	wr_bytes(&w, in->data + 4, in->len - 4);
	p.len = wr_len(&w);
	ppp_turn_send(t, &p);
}

static void
extra(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	if (in->code == PPP_ECHO_REQ)
		echo_reply(lcp(cp), t, in);
	else if (in->code == PPP_PROTO_REJ && in->len >= 2)
		lcp(cp)->rejected = (uint16_t)(in->data[0] << 8 | in->data[1]);
}

static void
unknown(struct ppp_cp *cp, unsigned code)
{
	if (code < PPP_NCODES)
		lcp(cp)->unknown |= (uint16_t)(1U << code);
}

static const struct ppp_cp_ops ops = { .proto = PPP_LCP,
	.reset = reset,
	.request = request,
	.begin = begin,
	.judge = judge,
	.refused = refused,
	.codes = 1U << PPP_PROTO_REJ | 1U << PPP_ECHO_REQ | 1U << PPP_ECHO_REP |
		 1U << PPP_DISCARD_REQ | 1U << PPP_IDENT | 1U << PPP_TIMELEFT,
	.extra = extra,
	.unknown = unknown };

void
ppp_lcp_init(struct ppp_lcp *l, struct ppp_turn *t,
    const struct ppp_lcp_cfg *cfg, uint16_t mru)
{
	memset(l, 0, sizeof(*l));
	ppp_cp_init(&l->cp, &ops, &cfg->cp);
	l->cfg = cfg;
	l->mru_max = mru;
	l->his_mru = PPP_MRU;
	l->magic = (uint32_t)ppp_turn_rand(t) | 1;
	l->echo_at = -1;
	reset(&l->cp);
}

/* echoes are asked for while Opened only */
static unsigned
after(struct ppp_lcp *l, const struct ppp_turn *t, unsigned signals)
{
	if (signals & PPP_CP_TLU) {
		l->echoes = 0;
		l->echo_at = l->cfg->echo ? t->now + l->cfg->echo : -1;
	}
	if (signals & PPP_CP_TLD || l->unknown >> PPP_ECHO_REQ & 1)
		l->echo_at = -1;
	return signals;
}

unsigned
ppp_lcp_input(
    struct ppp_lcp *l, struct ppp_turn *t, const void *buf, size_t len)
{
	unsigned got;

	l->rejected = 0;
	got = ppp_cp_input(&l->cp, t, buf, len);
	if (l->end == PPP_END_LOOP)
		got |= ppp_cp_event(&l->cp, t, PPP_CP_CLOSE);
	return after(l, t, got);
}

void
ppp_lcp_heard(struct ppp_lcp *l, const struct ppp_turn *t)
{
	l->heard = t->now;
	l->echoes = 0;
}

static unsigned
echo(struct ppp_lcp *l, struct ppp_turn *t)
{
	uint8_t buf[4];
	const struct ppp_turn_pkt p = { PPP_LCP, PPP_ECHO_REQ, ++l->cp.xid, buf,
		4 };
	struct wr w;

	if (t->now - l->heard < l->cfg->echo) {
		l->echo_at = l->heard + l->cfg->echo;
		return 0;
	}
	if (l->echoes >= l->cfg->echo_failures) {
		l->end = PPP_END_ECHO;
		return ppp_cp_event(&l->cp, t, PPP_CP_CLOSE);
	}
	wr_init(&w, buf, sizeof(buf));
	wr_u32(&w, our_magic(l));
	ppp_turn_send(t, &p);
	l->echoes++;
	l->echo_at = t->now + l->cfg->echo;
	return 0;
}

unsigned
ppp_lcp_tick(struct ppp_lcp *l, struct ppp_turn *t)
{
	unsigned got = ppp_cp_tick(&l->cp, t);

	if (l->echo_at >= 0 && t->now >= l->echo_at)
		got |= echo(l, t);
	return after(l, t, got);
}

int64_t
ppp_lcp_deadline(const struct ppp_lcp *l)
{
	return l->echo_at >= 0 ? l->echo_at : l->cp.deadline;
}

uint16_t
ppp_lcp_mtu(const struct ppp_lcp *l)
{
	return l->his_mru < l->mru_max ? l->his_mru : l->mru_max;
}

void
ppp_lcp_reject(struct ppp_lcp *l, struct ppp_turn *t, const struct ppp_frame *f)
{
	const unsigned mtu = ppp_lcp_mtu(l);
	const size_t max =
	    (mtu < PPP_CTL_MAX ? mtu : PPP_CTL_MAX) - PPP_CTL_HDR - PPP_HDR;
	uint8_t buf[PPP_CTL_MAX - PPP_CTL_HDR];
	struct ppp_turn_pkt p = { PPP_LCP, PPP_PROTO_REJ, 0, buf, 0 };
	struct wr w;

	if (l->cp.state != PPP_CP_OPENED || l->unknown >> PPP_PROTO_REJ & 1)
		return;
	wr_init(&w, buf, sizeof(buf));
	wr_u16(&w, f->proto);
	wr_bytes(&w, f->data, f->len < max ? f->len : max);
	p.id = ++l->cp.xid;
	p.len = wr_len(&w);
	ppp_turn_send(t, &p);
}
