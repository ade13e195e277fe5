/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp_cp.h"

#define NELEM(a) (sizeof(a) / sizeof(*(a)))
#define LAYERS	 (PPP_CP_TLU | PPP_CP_TLD | PPP_CP_TLS | PPP_CP_TLF)
#define OURS	 64   /* room for the options that we ask for */
#define NEVER	 0xff /* "-" in the table: the event cannot occur */

const struct ppp_cp_cfg ppp_cp_defaults = PPP_CP_DEFAULTS;

/* what a step answers: the packet that came in, and the reply to it */
struct answer {
	struct ppp_ctl in;
	unsigned code;
	const uint8_t *opts;
	size_t len;
};

struct step {
	uint16_t act;
	uint8_t next;
};

/* clang-format off */
#define tlu PPP_CP_TLU
#define tld PPP_CP_TLD
#define tls PPP_CP_TLS
#define tlf PPP_CP_TLF
#define irc PPP_CP_IRC
#define zrc PPP_CP_ZRC
#define scr PPP_CP_SCR
#define sca PPP_CP_SCA
#define scn PPP_CP_SCN
#define str PPP_CP_STR
#define sta PPP_CP_STA
#define scj PPP_CP_SCJ
#define ser PPP_CP_SER
#define NO  { 0, NEVER }
/* RFC 1661 section 4.1, row by row and column by column:
 *   Initial Starting Closed Stopped Closing Stopping
 *   Req-Sent Ack-Rcvd Ack-Sent Opened */
static const struct step table[PPP_CP_NEVENTS][PPP_CP_NSTATES] = {
[PPP_CP_UP] = {
	{0,2}, {irc|scr,6}, NO, NO, NO, NO,
	NO, NO, NO, NO },
[PPP_CP_DOWN] = {
	NO, NO, {0,0}, {tls,1}, {0,0}, {0,1},
	{0,1}, {0,1}, {0,1}, {tld,1} },
[PPP_CP_OPEN] = {
	{tls,1}, {0,1}, {irc|scr,6}, {0,3}, {0,5}, {0,5},
	{0,6}, {0,7}, {0,8}, {0,9} },
[PPP_CP_CLOSE] = {
	{0,0}, {tlf,0}, {0,2}, {0,2}, {0,4}, {0,4},
	{irc|str,4}, {irc|str,4}, {irc|str,4}, {tld|irc|str,4} },
[PPP_CP_TO_PLUS] = {
	NO, NO, NO, NO, {str,4}, {str,5},
	{scr,6}, {scr,6}, {scr,8}, NO },
[PPP_CP_TO_MINUS] = {
	NO, NO, NO, NO, {tlf,2}, {tlf,3},
	{tlf,3}, {tlf,3}, {tlf,3}, NO },
[PPP_CP_RCR_PLUS] = {
	NO, NO, {sta,2}, {irc|scr|sca,8}, {0,4}, {0,5},
	{sca,8}, {sca|tlu,9}, {sca,8}, {tld|scr|sca,8} },
[PPP_CP_RCR_MINUS] = {
	NO, NO, {sta,2}, {irc|scr|scn,6}, {0,4}, {0,5},
	{scn,6}, {scn,7}, {scn,6}, {tld|scr|scn,6} },
[PPP_CP_RCA] = {
	NO, NO, {sta,2}, {sta,3}, {0,4}, {0,5},
	{irc,7}, {scr,6}, {irc|tlu,9}, {tld|scr,6} },
[PPP_CP_RCN] = {
	NO, NO, {sta,2}, {sta,3}, {0,4}, {0,5},
	{irc|scr,6}, {scr,6}, {irc|scr,8}, {tld|scr,6} },
[PPP_CP_RTR] = {
	NO, NO, {sta,2}, {sta,3}, {sta,4}, {sta,5},
	{sta,6}, {sta,6}, {sta,6}, {tld|zrc|sta,5} },
[PPP_CP_RTA] = {
	NO, NO, {0,2}, {0,3}, {tlf,2}, {tlf,3},
	{0,6}, {0,6}, {0,8}, {tld|scr,6} },
[PPP_CP_RUC] = {
	NO, NO, {scj,2}, {scj,3}, {scj,4}, {scj,5},
	{scj,6}, {scj,7}, {scj,8}, {scj,9} },
[PPP_CP_RXJ_PLUS] = {
	NO, NO, {0,2}, {0,3}, {0,4}, {0,5},
	{0,6}, {0,6}, {0,8}, {0,9} },
[PPP_CP_RXJ_MINUS] = {
	NO, NO, {tlf,2}, {tlf,3}, {tlf,2}, {tlf,3},
	{tlf,3}, {tlf,3}, {tlf,3}, {tld|irc|str,5} },
[PPP_CP_RXR] = {
	NO, NO, {0,2}, {0,3}, {0,4}, {0,5},
	{0,6}, {0,7}, {0,8}, {ser,9} },
};
#undef tlu
#undef tld
#undef tls
#undef tlf
#undef irc
#undef zrc
#undef scr
#undef sca
#undef scn
#undef str
#undef sta
#undef scj
#undef ser
#undef NO
/* clang-format on */

static const char *const state_names[] = { "Initial", "Starting", "Closed",
	"Stopped", "Closing", "Stopping", "Req-Sent", "Ack-Rcvd", "Ack-Sent",
	"Opened" };
_Static_assert(NELEM(state_names) == PPP_CP_NSTATES, "a name for each");

static const char *const event_names[] = { "Up", "Down", "Open", "Close",
	"timeout", "timeout, the last", "Configure-Request, good",
	"Configure-Request, to be amended", "Configure-Ack",
	"Configure-Nak or -Reject", "Terminate-Request", "Terminate-Ack",
	"unknown code", "Code-Reject, bearable",
	"Code- or Protocol-Reject, fatal", "Echo or Discard" };
_Static_assert(NELEM(event_names) == PPP_CP_NEVENTS, "a name for each");

const char *
ppp_cp_state_name(unsigned state)
{
	return state < PPP_CP_NSTATES ? state_names[state] : "unknown";
}

void
ppp_cp_init(struct ppp_cp *cp, const struct ppp_cp_ops *ops,
    const struct ppp_cp_cfg *cfg)
{
	memset(cp, 0, sizeof(*cp));
	cp->ops = ops;
	cp->cfg = cfg;
	cp->deadline = -1;
}

static int
negotiating(unsigned state)
{
	return state >= PPP_CP_REQ_SENT && state <= PPP_CP_ACK_SENT;
}

/* the only place that changes the state; the Restart timer runs in the
 * states from Closing to Ack-Sent only */
static void
setstate(struct ppp_cp *cp, struct ppp_turn *t, unsigned next, unsigned ev)
{
	const struct ppp_act_log log = { ppp_proto_name(cp->ops->proto),
		state_names[cp->state], state_names[next], event_names[ev] };

	if (next < PPP_CP_CLOSING || next == PPP_CP_OPENED)
		cp->deadline = -1;
	if (next == cp->state)
		return;
	cp->state = (uint8_t)next;
	ppp_turn_log(t, &log);
}

/* On a line whose round trip takes longer than the Restart timer at first, a
 * request is repeated while its answer is on its way, comes to a peer that is
 * Opened by then, and has it begin anew: with the same haste that would go on
 * for ever. */
static void
arm(struct ppp_cp *cp, const struct ppp_turn *t)
{
	int ms = cp->slow ? cp->cfg->restart_max : cp->cfg->restart;
	unsigned i;

	for (i = 1; i < cp->tries && ms < cp->cfg->restart_max; i++)
		ms *= 2;
	if (ms > cp->cfg->restart_max)
		ms = cp->cfg->restart_max;
	cp->deadline = t->now + ms;
}

static void
put(struct ppp_cp *cp, struct ppp_turn *t, unsigned code,
    const struct answer *a)
{
	const struct ppp_turn_pkt p = { cp->ops->proto, (uint8_t)code,
		a ? a->in.id : cp->id, a ? a->opts : NULL, a ? a->len : 0 };

	ppp_turn_send(t, &p);
}

/* a retransmission keeps its Identifier, so that a late answer counts
 * (section 5.1); any other request is new */
static void
send_request(struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev)
{
	uint8_t buf[OURS];
	struct answer a = { .opts = buf };
	struct wr w;

	if (ev != PPP_CP_TO_PLUS || cp->answered)
		cp->id++;
	cp->answered = 0;
	wr_init(&w, buf, sizeof(buf));
	cp->ops->request(cp, &w);
	a.in.id = cp->id;
	a.len = wr_len(&w);
	cp->tries++;
	arm(cp, t);
	put(cp, t, PPP_CONF_REQ, &a);
}

static void
send_terminate(struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev)
{
	if (ev != PPP_CP_TO_PLUS)
		cp->id++;
	cp->tries++;
	arm(cp, t);
	put(cp, t, PPP_TERM_REQ, NULL);
}

/* section 5.6: the rejected packet, cut to what every peer's MRU holds */
static void
send_code_reject(struct ppp_cp *cp, struct ppp_turn *t, const struct answer *a)
{
	uint8_t buf[PPP_MRU_MIN - PPP_CTL_HDR];
	const size_t max = sizeof(buf) - PPP_CTL_HDR;
	const size_t n = a->in.len < max ? a->in.len : max;
	struct answer r = { .opts = buf };
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, a->in.code);
	wr_u8(&w, a->in.id);
	wr_u16(&w, (unsigned)(a->in.len + PPP_CTL_HDR));
	wr_bytes(&w, a->in.data, n);
	r.in.id = ++cp->xid;
	r.len = wr_len(&w);
	put(cp, t, PPP_CODE_REJ, &r);
}

static void
restart(struct ppp_cp *cp, unsigned act)
{
	if (act & PPP_CP_IRC)
		cp->tries = 0;
	if ((act & PPP_CP_SCR) && !negotiating(cp->state)) {
		cp->slow |= cp->state == PPP_CP_OPENED;
		cp->naks_in = cp->naks_out = cp->refused = 0;
		cp->tries = 0;
		cp->ops->reset(cp);
	}
}

static unsigned
step(struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev,
    const struct answer *a)
{
	const struct step *s = &table[ev][cp->state];

	if (s->next == NEVER)
		return 0;
	restart(cp, s->act);
	/* the table has SCN, SCJ and SER only where a packet came: a is there,
	 * which no analyser can know */
	if (s->act & PPP_CP_SCR)
		send_request(cp, t, ev);
	if (s->act & PPP_CP_STR)
		send_terminate(cp, t, ev);
	if (s->act & PPP_CP_SCA)
		put(cp, t, PPP_CONF_ACK, a);
	if (a && s->act & PPP_CP_SCN)
		put(cp, t, a->code, a);
	if (s->act & PPP_CP_STA)
		put(cp, t, PPP_TERM_ACK, a);
	if (a && s->act & PPP_CP_SCJ)
		send_code_reject(cp, t, a);
	if (a && s->act & PPP_CP_SER)
		cp->ops->extra(cp, t, &a->in);
	if (s->act & PPP_CP_ZRC) {
		cp->tries = cp->cfg->max_terminate;
		cp->deadline = t->now + cp->cfg->restart;
	}
	setstate(cp, t, s->next, ev);
	return s->act & LAYERS;
}

/* an event whose answer, if any, repeats the Identifier and no more */
static unsigned
got_simple(struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev,
    const struct ppp_ctl *in)
{
	const struct answer a = { *in, 0, NULL, 0 };

	return step(cp, t, ev, &a);
}

unsigned
ppp_cp_event(struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev)
{
	return step(cp, t, ev, NULL);
}

/* the reply to a Configure-Request, as it grows */
struct reply {
	struct wr nak, rej;
	uint8_t nakbuf[PPP_CTL_MAX - PPP_CTL_HDR];
	uint8_t rejbuf[PPP_CTL_MAX - PPP_CTL_HDR];
};

/* are its options whole? What is not is discarded before anything is done */
static int
well_formed(const struct ppp_ctl *in)
{
	struct ppp_opt o;
	struct rd r;
	int more;

	rd_init(&r, in->data, in->len);
	while ((more = ppp_opt_get(&r, &o)) > 0)
		;
	return !more;
}

static int
has(const struct wr *w, unsigned type)
{
	struct ppp_opt o;
	struct rd r;

	rd_init(&r, w->buf, wr_len(w));
	while (ppp_opt_get(&r, &o) > 0)
		if (o.type == type)
			return 1;
	return 0;
}

/* every option of the peer's request gets its verdict. Naks beyond
 * max_failure become Rejects (section 4.6); an option has one Nak, however
 * often it stands there. 0, or -1: no room for the reply */
static int
judge(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in,
    struct reply *y)
{
	struct ppp_opt o;
	enum ppp_verdict v;
	struct wr was;
	struct rd r;

	rd_init(&r, in->data, in->len);
	cp->ops->begin(cp);
	while (ppp_opt_get(&r, &o) > 0) {
		was = y->nak;
		v = cp->ops->judge(cp, t, &o, &y->nak);
		if (v == PPP_NAK && cp->naks_out >= cp->cfg->max_failure)
			v = PPP_REJ;
		if (v != PPP_NAK || has(&was, o.type))
			y->nak = was;
		if (v == PPP_REJ)
			ppp_opt_put(&y->rej, &o);
	}
	if (cp->ops->missing)
		cp->ops->missing(cp, t, &y->nak);
	return y->nak.err || y->rej.err ? -1 : 0;
}

/* Configure-Request: RCR+ or RCR- */
static unsigned
got_request(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	struct answer a = { *in, PPP_CONF_ACK, in->data, in->len };
	struct reply y;
	struct wr *w;

	if (cp->state != PPP_CP_STOPPED && cp->state < PPP_CP_REQ_SENT)
		return got_simple(cp, t, PPP_CP_RCR_PLUS, in);
	wr_init(&y.nak, y.nakbuf, sizeof(y.nakbuf));
	wr_init(&y.rej, y.rejbuf, sizeof(y.rejbuf));
	if (!well_formed(in) || judge(cp, t, in, &y) < 0)
		return 0;
	w = wr_len(&y.rej) ? &y.rej : &y.nak;
	if (wr_len(w) == 0) {
		cp->naks_out = cp->refused = 0;
		return step(cp, t, PPP_CP_RCR_PLUS, &a);
	}
	if (cp->refused++ > 2 * cp->cfg->max_failure)
		return step(cp, t, PPP_CP_CLOSE, NULL);
	cp->naks_out += w == &y.nak;
	a.code = w == &y.rej ? PPP_CONF_REJ : PPP_CONF_NAK;
	a.opts = w->buf;
	a.len = wr_len(w);
	return step(cp, t, PPP_CP_RCR_MINUS, &a);
}

/* an answer counts when it is the first to our last request */
static int
fresh(struct ppp_cp *cp, const struct ppp_ctl *in)
{
	if (in->id != cp->id || cp->answered)
		return 0;
	cp->answered = 1;
	return 1;
}

/* the options of our last request */
static struct rd
asked(struct ppp_cp *cp, uint8_t buf[OURS])
{
	struct wr w;
	struct rd r;

	wr_init(&w, buf, OURS);
	cp->ops->request(cp, &w);
	rd_init(&r, buf, wr_len(&w));
	return r;
}

/* Configure-Ack: it must repeat our options exactly (section 5.2) */
static unsigned
got_ack(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	uint8_t buf[OURS];
	struct rd ours;

	if (cp->state < PPP_CP_REQ_SENT)
		return got_simple(cp, t, PPP_CP_RCA, in);
	ours = asked(cp, buf);
	if (in->len != rd_left(&ours) || memcmp(in->data, buf, in->len) != 0 ||
	    !fresh(cp, in))
		return 0;
	return step(cp, t, PPP_CP_RCA, NULL);
}

static int
equal(const struct ppp_opt *a, const struct ppp_opt *b)
{
	return a->type == b->type && a->len == b->len &&
	       memcmp(a->data, b->data, a->len) == 0;
}

/* section 5.4: a Configure-Reject has options of our request only, in their
 * order and with their values */
static int
of_our_request(struct ppp_cp *cp, const struct ppp_ctl *in)
{
	uint8_t buf[OURS];
	struct rd r, ours = asked(cp, buf);
	struct ppp_opt o, mine;

	rd_init(&r, in->data, in->len);
	while (ppp_opt_get(&r, &o) > 0)
		do
			if (ppp_opt_get(&ours, &mine) <= 0)
				return 0;
		while (!equal(&mine, &o));
	return 1;
}

/* Configure-Nak and -Reject; a peer that refuses for ever ends it */
static unsigned
got_refusal(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	struct ppp_opt o;
	struct rd r;
	int bad = 0;

	if (cp->state < PPP_CP_REQ_SENT)
		return got_simple(cp, t, PPP_CP_RCN, in);
	if (!well_formed(in) ||
	    (in->code == PPP_CONF_REJ && !of_our_request(cp, in)) ||
	    !fresh(cp, in))
		return 0;
	rd_init(&r, in->data, in->len);
	while (ppp_opt_get(&r, &o) > 0)
		bad |= cp->ops->refused(cp, t, in->code, &o);
	if (bad || cp->naks_in++ >= 2 * cp->cfg->max_configure)
		return step(cp, t, PPP_CP_CLOSE, NULL);
	return step(cp, t, PPP_CP_RCN, NULL);
}

/* section 5.6: a code that every implementation has is no code to reject */
static unsigned
got_code_reject(struct ppp_cp *cp, struct ppp_turn *t, const struct ppp_ctl *in)
{
	const int vital = in->len && in->data[0] <= PPP_CODE_REJ;

	if (!in->len)
		return 0;
	if (!vital && cp->ops->unknown)
		cp->ops->unknown(cp, in->data[0]);
	return step(cp, t, vital ? PPP_CP_RXJ_MINUS : PPP_CP_RXJ_PLUS, NULL);
}

unsigned
ppp_cp_input(struct ppp_cp *cp, struct ppp_turn *t, const void *buf, size_t len)
{
	struct ppp_ctl in;

	if (ppp_ctl_get(&in, buf, len) < 0 ||
	    in.len > PPP_CTL_MAX - PPP_CTL_HDR)
		return 0;
	switch (in.code) {
	case PPP_CONF_REQ: return got_request(cp, t, &in);
	case PPP_CONF_ACK: return got_ack(cp, t, &in);
	case PPP_CONF_NAK:
	case PPP_CONF_REJ: return got_refusal(cp, t, &in);
	case PPP_TERM_REQ: return got_simple(cp, t, PPP_CP_RTR, &in);
	case PPP_TERM_ACK: return got_simple(cp, t, PPP_CP_RTA, &in);
	case PPP_CODE_REJ: return got_code_reject(cp, t, &in);
	}
	if (in.code < PPP_NCODES && cp->ops->codes >> in.code & 1)
		return got_simple(cp, t, PPP_CP_RXR, &in);
	return got_simple(cp, t, PPP_CP_RUC, &in);
}

unsigned
ppp_cp_tick(struct ppp_cp *cp, struct ppp_turn *t)
{
	unsigned max = cp->cfg->max_configure;

	if (cp->deadline < 0 || t->now < cp->deadline)
		return 0;
	if (cp->state == PPP_CP_CLOSING || cp->state == PPP_CP_STOPPING)
		max = cp->cfg->max_terminate;
	return step(
	    cp, t, cp->tries < max ? PPP_CP_TO_PLUS : PPP_CP_TO_MINUS, NULL);
}
