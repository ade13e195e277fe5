/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp_cc.h"
#include "md5.h"
#include "nth.h"

/* slots that are taken */
static uint16_t
used(const struct l2tp_cc *cc)
{
	return (uint16_t)(cc->end - cc->una);
}

struct l2tp_cc_slot *
l2tp_cc_slot_of(const struct l2tp_cc *cc, uint16_t ns)
{
	return &cc->tx[ns & (cc->ntx - 1)];
}

void
l2tp_cc_setstate(struct l2tp_cc *cc, int64_t now, unsigned state)
{
	if (state == L2TP_CC_WAIT_REPLY || state == L2TP_CC_WAIT_CONN)
		cc->end_at = now + L2TP_CC_SETUP;
	if (state == L2TP_CC_ESTABLISHED) {
		cc->up = 1;
		cc->end_at = -1;
		if (cc->conf->hello)
			cc->hello = now + cc->conf->hello;
	}
	if (state >= L2TP_CC_CLOSING && cc->state < L2TP_CC_CLOSING) {
		cc->down = 1;
		cc->end_at = -1;
		cc->hello = -1;
	}
	if (state == L2TP_CC_LINGER) {
		cc->end_at = now + cc->conf->linger;
		cc->resend = -1;
		cc->una = cc->nxt = cc->end = cc->high;
	}
	if (state == L2TP_CC_GONE) {
		cc->resend = -1;
		cc->end_at = now;
		cc->owed = 0;
	}
	cc->state = (uint8_t)state;
}

void
l2tp_cc_init(struct l2tp_cc *cc, const struct l2tp_cc_conf *conf,
    const struct l2tp_cc_mem *mem, const uint8_t random[32])
{
	unsigned i;

	memset(cc, 0, sizeof(*cc));
	cc->conf = conf;
	cc->tx = mem->tx;
	cc->rx = mem->rx;
	cc->ntx = mem->ntx;
	cc->nrx = mem->nrx;
	for (i = 0; i < cc->nrx; i++)
		cc->rx[i].len = 0;
	cc->win = 4; /* section 4.4.3: until the peer tells */
	cc->cwnd = 1;
	cc->ssthresh = cc->ntx;
	cc->max_tries = conf->tries;
	cc->rto = conf->rto;
	cc->resend = cc->hello = cc->end_at = -1;
	memcpy(cc->challenge, random, 16);
	memcpy(cc->seed, random + 16, 16);
}

/* begins a message in the next slot, whatever the state */
struct wr *
l2tp_cc_queue(struct l2tp_cc *cc, unsigned mtype, uint16_t psid, uint16_t sid)
{
	struct l2tp_cc_slot *s = l2tp_cc_slot_of(cc, cc->end);

	if (used(cc) >= cc->ntx)
		return NULL;
	s->mtype = (uint16_t)mtype;
	s->sid = sid;
	wr_init(&cc->w, s->pkt, sizeof(s->pkt));
	l2tp_put_begin(&cc->w, mtype, cc->ptid, psid);
	return &cc->w;
}

int
l2tp_cc_end(struct l2tp_cc *cc)
{
	l2tp_put_end(&cc->w);
	if (cc->w.err)
		return -1;
	l2tp_cc_slot_of(cc, cc->end)->len = (uint16_t)wr_len(&cc->w);
	cc->end++;
	return 0;
}

unsigned
l2tp_cc_room(const struct l2tp_cc *cc)
{
	/* one slot stays free for HELLO or StopCCN */
	if (cc->state != L2TP_CC_ESTABLISHED || used(cc) + 1 >= cc->ntx)
		return 0;
	return cc->ntx - 1U - used(cc);
}

struct wr *
l2tp_cc_begin(struct l2tp_cc *cc, unsigned mtype, uint16_t psid, uint16_t sid)
{
	return l2tp_cc_room(cc) ? l2tp_cc_queue(cc, mtype, psid, sid) : NULL;
}

void
l2tp_cc_hide(struct l2tp_cc *cc, struct wr *w, struct l2tp_hide *hide)
{
	const uint32_t n = ++cc->vectors;
	struct md5 m;

	hide->secret = cc->conf->secret;
	md5_init(&m);
	md5_add(&m, cc->seed, sizeof(cc->seed));
	md5_add(&m, &n, sizeof(n));
	md5_end(&m, hide->rv);
	if (hide->secret.len)
		l2tp_put_bytes(
		    w, L2TP_AVP_RANDOM | L2TP_M, hide->rv, sizeof(hide->rv));
}

/* what SCCRQ and SCCRP share */
static void
put_offer(struct l2tp_cc *cc, struct wr *w)
{
	const struct l2tp_cc_conf *c = cc->conf;

	l2tp_put16(w, L2TP_AVP_VERSION | L2TP_M, L2TP_VERSION);
	l2tp_put32(w, L2TP_AVP_FRAMING_CAP | L2TP_M, c->framing);
	l2tp_put16(w, L2TP_AVP_FIRMWARE, c->firmware);
	l2tp_put_bytes(w, L2TP_AVP_HOST | L2TP_M, c->host, strlen(c->host));
	if (c->vendor)
		l2tp_put_bytes(
		    w, L2TP_AVP_VENDOR, c->vendor, strlen(c->vendor));
	l2tp_put16(w, L2TP_AVP_TID | L2TP_M, cc->ltid);
	l2tp_put16(w, L2TP_AVP_WINDOW | L2TP_M, c->window);
	if (c->secret.len && !c->answer_only) {
		l2tp_put_bytes(w, L2TP_AVP_CHALLENGE | L2TP_M, cc->challenge,
		    sizeof(cc->challenge));
		cc->challenged = 1;
	}
}

/* a tunnel that had its end before it had a peer needs no StopCCN */
static void
fail(struct l2tp_cc *cc, int64_t now, unsigned why)
{
	cc->why = (uint8_t)why;
	l2tp_cc_setstate(cc, now, L2TP_CC_GONE);
}

void
l2tp_cc_open(struct l2tp_cc *cc, int64_t now, uint16_t ltid, int tries)
{
	struct wr *w;

	cc->ltid = ltid;
	if (tries > 0)
		cc->max_tries = (uint16_t)tries;
	w = l2tp_cc_queue(cc, L2TP_SCCRQ, 0, 0);
	put_offer(cc, w);
	l2tp_cc_setstate(cc, now, L2TP_CC_WAIT_REPLY);
	if (l2tp_cc_end(cc) < 0)
		fail(cc, now, L2TP_CC_WHY_MESSAGE);
}

void
l2tp_cc_listen(struct l2tp_cc *cc, uint16_t ltid)
{
	cc->ltid = ltid;
}

void
l2tp_cc_queue_stop(struct l2tp_cc *cc)
{
	struct wr *w = l2tp_cc_queue(cc, L2TP_STOPCCN, 0, 0);

	if (!w)
		return;
	l2tp_put16(w, L2TP_AVP_TID | L2TP_M, cc->ltid);
	l2tp_put_refusal(w, cc->result, cc->error, cc->bad_avp);
	(void)l2tp_cc_end(cc);
	cc->stop = 0;
}

void
l2tp_cc_close(struct l2tp_cc *cc, int64_t now, unsigned result, unsigned error)
{
	if (cc->state >= L2TP_CC_CLOSING)
		return;
	if (!cc->why)
		cc->why = L2TP_CC_WHY_CLOSED;
	if (!cc->ptid) { /* nobody to tell */
		l2tp_cc_setstate(cc, now, L2TP_CC_GONE);
		return;
	}
	cc->result = (uint16_t)result;
	cc->error = (uint16_t)error;
	cc->max_tries = cc->conf->tries;
	cc->end = cc->high; /* what was never sent is void */
	cc->stop = 1;
	l2tp_cc_queue_stop(cc);
	l2tp_cc_setstate(cc, now, L2TP_CC_CLOSING);
}

static void
close_why(struct l2tp_cc *cc, int64_t now, unsigned why, unsigned result)
{
	if (cc->state >= L2TP_CC_CLOSING)
		return;
	cc->why = (uint8_t)why;
	l2tp_cc_close(cc, now, result, cc->bad);
}

static void
take_offer(struct l2tp_cc *cc, const struct l2tp_msg *m)
{
	cc->ptid = m->atid;
	cc->framing = m->framing_cap & (L2TP_SYNC | L2TP_ASYNC);
	l2tp_text(cc->host, sizeof(cc->host), &m->host);
	if (m->window)
		cc->win = m->window;
}

/* what is wrong with the peer's response to our challenge, or 0 */
static unsigned
response_bad(const struct l2tp_cc *cc, const struct l2tp_msg *m)
{
	const struct l2tp_bytes ch = { cc->challenge, sizeof(cc->challenge) };
	uint8_t sum[16], d = 0;
	unsigned i;

	if (!cc->challenged)
		return 0;
	if (!m->response.p)
		return L2TP_CC_WHY_UNANSWERED;
	if (m->response.len != 16)
		return L2TP_CC_WHY_SECRET;
	l2tp_response(sum, m->type, &cc->conf->secret, &ch);
	for (i = 0; i < 16; i++)
		d |= sum[i] ^ m->response.p[i];
	return d ? L2TP_CC_WHY_SECRET : 0;
}

static void
put_response(
    struct l2tp_cc *cc, struct wr *w, const struct l2tp_msg *m, unsigned type)
{
	uint8_t sum[16];

	if (!m->challenge.p)
		return;
	l2tp_response(sum, type, &cc->conf->secret, &m->challenge);
	l2tp_put_bytes(w, L2TP_AVP_RESPONSE | L2TP_M, sum, sizeof(sum));
}

/* what both offers are checked for; 0 when the tunnel may go on */
static int
offer_refused(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	if (m->version >> 8 != L2TP_VERSION >> 8) {
		cc->bad = 1; /* the error code is the version we speak */
		close_why(cc, now, L2TP_CC_WHY_VERSION, L2TP_STOP_VERSION);
	} else if (m->challenge.p && !cc->conf->secret.len)
		close_why(
		    cc, now, L2TP_CC_WHY_NO_SECRET, L2TP_STOP_NOT_AUTHORIZED);
	else
		return 0;
	return 1;
}

static void
on_sccrq(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	struct wr *w;

	take_offer(cc, m);
	if (offer_refused(cc, now, m) ||
	    !(w = l2tp_cc_queue(cc, L2TP_SCCRP, 0, 0)))
		return;
	put_offer(cc, w);
	put_response(cc, w, m, L2TP_SCCRP);
	(void)l2tp_cc_end(cc);
	l2tp_cc_setstate(cc, now, L2TP_CC_WAIT_CONN);
}

static void
on_sccrp(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	const unsigned bad = response_bad(cc, m);
	struct wr *w;

	take_offer(cc, m);
	if (offer_refused(cc, now, m))
		return;
	if (bad) {
		close_why(cc, now, bad, L2TP_STOP_NOT_AUTHORIZED);
		return;
	}
	if (!(w = l2tp_cc_queue(cc, L2TP_SCCCN, 0, 0)))
		return;
	put_response(cc, w, m, L2TP_SCCCN);
	(void)l2tp_cc_end(cc);
	cc->max_tries = cc->conf->tries;
	l2tp_cc_setstate(cc, now, L2TP_CC_ESTABLISHED);
}

static void
on_scccn(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	const unsigned bad = response_bad(cc, m);

	if (!bad)
		l2tp_cc_setstate(cc, now, L2TP_CC_ESTABLISHED);
	else
		close_why(cc, now, bad, L2TP_STOP_NOT_AUTHORIZED);
}

static void
on_stopccn(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	if (cc->state < L2TP_CC_CLOSING) {
		cc->why = L2TP_CC_WHY_STOPCCN;
		cc->result = m->result;
		cc->error = m->error;
		l2tp_text(cc->text, sizeof(cc->text), &m->text);
	}
	if (!cc->ptid) /* a refusal before SCCRP names the peer's id */
		cc->ptid = m->atid;
	if (cc->state < L2TP_CC_LINGER)
		l2tp_cc_setstate(cc, now, L2TP_CC_LINGER);
}

/* a message of the control connection itself, RFC 2661 section 7.2.1 */
static void
control(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	static const uint8_t wants[L2TP_CC_STATES] = {
		[L2TP_CC_IDLE] = L2TP_SCCRQ,
		[L2TP_CC_WAIT_REPLY] = L2TP_SCCRP,
		[L2TP_CC_WAIT_CONN] = L2TP_SCCCN,
	};

	if (m->type == L2TP_STOPCCN) {
		on_stopccn(cc, now, m);
		return;
	}
	if (cc->state >= L2TP_CC_CLOSING || m->type == L2TP_HELLO)
		return;
	if (m->type != wants[cc->state]) {
		close_why(cc, now, L2TP_CC_WHY_FSM, L2TP_STOP_FSM);
		return;
	}
	switch (m->type) {
	case L2TP_SCCRQ: on_sccrq(cc, now, m); break;
	case L2TP_SCCRP: on_sccrp(cc, now, m); break;
	case L2TP_SCCCN: on_scccn(cc, now, m); break;
	}
}

static int
of_session(unsigned type)
{
	return (type >= L2TP_OCRQ && type <= L2TP_SLI && type != 13) ||
	       type == L2TP_CSUN || type == L2TP_CSURQ;
}

static int
of_control(unsigned type)
{
	return (type >= L2TP_SCCRQ && type <= L2TP_STOPCCN) ||
	       type == L2TP_HELLO;
}

/* a message in its turn; 1 when it is a session's */
int
l2tp_cc_message(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m)
{
	if (m->type && of_session(m->type)) {
		if (cc->state == L2TP_CC_ESTABLISHED)
			return 1;
		cc->count.ignored++;
		return 0;
	}
	if (m->bad && (of_control(m->type) || m->type_mandatory || !m->type) &&
	    m->type != L2TP_STOPCCN) {
		cc->bad = m->bad;
		cc->bad_avp = m->bad_avp;
		/* to whom a refusal goes stands in the message itself */
		if (!cc->ptid)
			cc->ptid = m->atid;
		close_why(cc, now, L2TP_CC_WHY_MESSAGE, L2TP_STOP_ERROR);
	} else if (of_control(m->type))
		control(cc, now, m);
	else if (m->type_mandatory) {
		cc->bad = L2TP_ERR_UNKNOWN_AVP;
		cc->bad_avp = L2TP_AVP_TYPE;
		close_why(cc, now, L2TP_CC_WHY_MESSAGE, L2TP_STOP_ERROR);
	} else
		cc->count.ignored++;
	return 0;
}

const char *
l2tp_cc_statename(unsigned state)
{
	return nth("idle\0connecting\0accepting\0established\0closing\0"
		   "closed\0gone\0",
	    state);
}

const char *
l2tp_cc_whyname(unsigned why)
{
	return nth("none\0closed here\0closed by the peer\0"
		   "the peer does not answer\0"
		   "the peer does not know the secret\0"
		   "the peer asks for a secret and none is set\0"
		   "the peer has another version of L2TP\0"
		   "the peer's message cannot be read\0"
		   "the peer's message does not fit the state\0"
		   "the peer does not answer our challenge\0",
	    why);
}
