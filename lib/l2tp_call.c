/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp_call.h"

/* the only place that changes the state */
static void
setstate(struct l2tp_call *c, unsigned state, unsigned want)
{
	c->state = (uint8_t)state;
	c->want = (uint8_t)want;
	if (state == L2TP_CALL_IDLE || state == L2TP_CALL_UP)
		c->deadline = -1;
}

void
l2tp_call_open(struct l2tp_call *c, int64_t now, uint16_t sid, uint32_t serial)
{
	memset(c, 0, sizeof(*c));
	c->sid = sid;
	c->serial = serial;
	c->deadline = now + L2TP_CALL_TIMEOUT;
	setstate(c, L2TP_CALL_WAIT_REPLY, L2TP_ICRQ);
}

void
l2tp_call_accept(
    struct l2tp_call *c, int64_t now, uint16_t sid, const struct l2tp_msg *icrq)
{
	memset(c, 0, sizeof(*c));
	c->sid = sid;
	c->psid = icrq->asid;
	c->serial = icrq->serial;
	c->lns = 1;
	c->deadline = now + L2TP_CALL_TIMEOUT;
	setstate(c, L2TP_CALL_WAIT_CONN, L2TP_ICRP);
	c->bad_avp = icrq->bad_avp;
	if (icrq->bad)
		l2tp_call_close(c, L2TP_CDN_ERROR, icrq->bad);
}

void
l2tp_call_close(struct l2tp_call *c, unsigned result, unsigned error)
{
	if (c->state == L2TP_CALL_IDLE || c->state == L2TP_CALL_CANCELLED)
		return;
	c->result = (uint16_t)result;
	c->error = (uint16_t)error;
	if (c->state == L2TP_CALL_WAIT_REPLY && c->sent && !c->psid)
		setstate(c, L2TP_CALL_CANCELLED, 0);
	else
		setstate(c, L2TP_CALL_IDLE, c->sent || c->lns ? L2TP_CDN : 0);
}

void
l2tp_call_forget(struct l2tp_call *c)
{
	setstate(c, L2TP_CALL_IDLE, 0);
}

int
l2tp_call_over(const struct l2tp_call *c)
{
	return c->state == L2TP_CALL_IDLE && !c->want;
}

static int
failed(struct l2tp_call *c, unsigned error)
{
	l2tp_call_close(c, L2TP_CDN_ERROR, error);
	return L2TP_CALL_FAILED;
}

static int
ended(struct l2tp_call *c, const struct l2tp_msg *m)
{
	c->result = m->result;
	c->error = m->error;
	l2tp_call_forget(c);
	return L2TP_CALL_ENDED;
}

/* what comes for a call that was closed here */
static void
late(struct l2tp_call *c, const struct l2tp_msg *m)
{
	if (m->type == L2TP_CDN)
		l2tp_call_forget(c);
	else if (c->state == L2TP_CALL_CANCELLED && m->type == L2TP_ICRP) {
		c->psid = m->asid;
		setstate(c, L2TP_CALL_IDLE, L2TP_CDN);
	}
}

int
l2tp_call_input(struct l2tp_call *c, const struct l2tp_msg *m)
{
	if (c->state == L2TP_CALL_IDLE || c->state == L2TP_CALL_CANCELLED) {
		late(c, m);
		return L2TP_CALL_NOTHING;
	}
	if (m->type == L2TP_CDN)
		return ended(c, m);
	if (m->bad) {
		c->bad_avp = m->bad_avp;
		(void)failed(c, m->bad);
		late(c, m); /* ICRP tells the peer's id, and that it knows us */
		return L2TP_CALL_FAILED;
	}
	if (m->type == L2TP_ICRP && c->state == L2TP_CALL_WAIT_REPLY) {
		c->psid = m->asid;
		c->want = L2TP_ICCN;
		return L2TP_CALL_REPLIED;
	}
	if (m->type == L2TP_ICCN && c->state == L2TP_CALL_WAIT_CONN) {
		setstate(c, L2TP_CALL_UP, c->want);
		return L2TP_CALL_CONNECTED;
	}
	switch (m->type) {
	case L2TP_ICRQ:
	case L2TP_ICRP:
	case L2TP_ICCN: return failed(c, L2TP_ERR_SESSION);
	}
	return L2TP_CALL_NOTHING; /* SLI, WEN and what RFC 5515 adds */
}

int
l2tp_call_tick(struct l2tp_call *c, int64_t now)
{
	if (c->deadline < 0 || now < c->deadline)
		return 0;
	if (c->state == L2TP_CALL_CANCELLED) {
		setstate(c, L2TP_CALL_IDLE, L2TP_CDN);
		return 0;
	}
	l2tp_call_close(c, L2TP_CDN_TIMEOUT, L2TP_ERR_NONE);
	if (c->state == L2TP_CALL_CANCELLED)
		setstate(c, L2TP_CALL_IDLE, L2TP_CDN);
	return 1;
}

static void
put_text(struct wr *w, unsigned id, const struct l2tp_bytes *b,
    const struct l2tp_hide *hide)
{
	if (b->len)
		l2tp_put_hidden(w, id, b, hide);
}

static void
put_icrq(struct wr *w, const struct l2tp_call *c, struct l2tp_cc *cc,
    const struct l2tp_call_info *i)
{
	const uint8_t sid[2] = { (uint8_t)(c->sid >> 8), (uint8_t)c->sid };
	const struct l2tp_bytes id = { sid, sizeof(sid) };
	struct l2tp_hide hide = { .secret = { NULL, 0 } };

	if (i->hide)
		l2tp_cc_hide(cc, w, &hide);
	l2tp_put_hidden(w, L2TP_AVP_SID | L2TP_M, &id, &hide);
	l2tp_put32(w, L2TP_AVP_SERIAL | L2TP_M, c->serial);
	put_text(w, L2TP_AVP_CALLING | L2TP_M, &i->calling, &hide);
	put_text(w, L2TP_ADSL_CIRCUIT | L2TP_ADSL, &i->circuit, &hide);
	put_text(w, L2TP_ADSL_REMOTE | L2TP_ADSL, &i->remote, &hide);
}

static void
put_iccn(struct wr *w, const struct l2tp_call_info *i)
{
	l2tp_put32(w, L2TP_AVP_TX_SPEED | L2TP_M, i->tx_speed);
	l2tp_put32(w, L2TP_AVP_FRAMING | L2TP_M, i->framing);
	if (i->rx_speed && i->rx_speed != i->tx_speed)
		l2tp_put32(w, L2TP_AVP_RX_SPEED, i->rx_speed);
}

static void
put(struct wr *w, const struct l2tp_call *c, struct l2tp_cc *cc,
    const struct l2tp_call_info *i)
{
	switch (c->want) {
	case L2TP_ICRQ: put_icrq(w, c, cc, i); break;
	case L2TP_ICRP: l2tp_put16(w, L2TP_AVP_SID | L2TP_M, c->sid); break;
	case L2TP_ICCN: put_iccn(w, i); break;
	case L2TP_CDN:
		l2tp_put_refusal(w, c->result, c->error, c->bad_avp);
		l2tp_put16(w, L2TP_AVP_SID | L2TP_M, c->sid);
		break;
	}
}

int
l2tp_call_send(
    struct l2tp_call *c, struct l2tp_cc *cc, const struct l2tp_call_info *info)
{
	struct wr *w;

	if (!c->want || !(w = l2tp_cc_begin(cc, c->want, c->psid, c->sid)))
		return 0;
	put(w, c, cc, info);
	if (l2tp_cc_end(cc) < 0)
		return -1;
	if (c->want == L2TP_ICRQ)
		c->sent = 1;
	if (c->want == L2TP_ICCN)
		setstate(c, L2TP_CALL_UP, 0);
	c->want = 0;
	return 1;
}

void
l2tp_call_refuse(struct l2tp_cc *cc, const struct l2tp_msg *m, unsigned result,
    unsigned error)
{
	struct l2tp_call none = { .psid = m->asid,
		.result = (uint16_t)result,
		.error = (uint16_t)error,
		.want = L2TP_CDN };

	if (none.psid)
		(void)l2tp_call_send(&none, cc, NULL);
}
