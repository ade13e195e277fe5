/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "l2tp_cc.h"

/*
 * The reliable channel of a control connection (RFC 2661 section 5.8 and
 * appendix A): order, windows, acknowledgements, repetition. What messages
 * mean is l2tp_cc.c's.
 */
static uint16_t
diff(uint16_t a, uint16_t b)
{
	return (uint16_t)(a - b);
}

/* the acknowledgement in a header; section 5.8 and appendix A */
static void
acked(struct l2tp_cc *cc, int64_t now, uint16_t nr)
{
	uint16_t n = diff(nr, cc->una);

	if (!n || n > diff(cc->high, cc->una))
		return; /* old, or of what was never sent */
	cc->una = nr;
	cc->same = 0;
	if (!(diff(nr, cc->recover) & 0x8000))
		cc->recover = nr; /* never so far behind that it is ahead */
	if (diff(cc->nxt, nr) > 0x7fff)
		cc->nxt = nr; /* it had kept more than we thought */
	cc->tries = 0;
	cc->rto = cc->conf->rto;
	cc->resend = cc->nxt == cc->una ? -1 : now + cc->rto;
	for (; n; n--)
		if (cc->cwnd < cc->ssthresh)
			cc->cwnd++;
		else if (++cc->grow >= cc->cwnd) {
			cc->grow = 0;
			cc->cwnd++;
		}
	if (cc->cwnd > cc->win)
		cc->cwnd = cc->win;
	if (cc->cwnd > cc->ntx)
		cc->cwnd = cc->ntx;
	if (cc->stop)
		l2tp_cc_queue_stop(cc);
	if (cc->state == L2TP_CC_CLOSING && !cc->stop && cc->una == cc->end)
		l2tp_cc_setstate(cc, now, L2TP_CC_LINGER);
}

/*
 * A ZLB that acknowledges nothing new while messages are on their way: the
 * peer got something that it did not expect. After two that say the same the
 * oldest is sent again at once, as TCP does (RFC 5681 section 3.2), once in a
 * flight: a burst that overruns the peer's socket costs no second.
 */
static void
repeated(struct l2tp_cc *cc, uint16_t nr)
{
	if (nr != cc->una || cc->nxt == cc->una || ++cc->same != 2 ||
	    (diff(cc->una, cc->recover) & 0x8000))
		return;
	cc->recover = cc->high;
	cc->ssthresh = cc->cwnd / 2 > 2 ? cc->cwnd / 2 : 2;
	cc->cwnd = cc->ssthresh;
	cc->nxt = cc->una;
}

/*
 * Keeps a message that came before its turn, when there is room. Nothing can
 * come before a peer's first: such a one is meant for a tunnel that had this
 * id before, and would be taken for one of this tunnel later.
 */
static void
early(struct l2tp_cc *cc, const struct l2tp_hdr *h)
{
	struct l2tp_cc_slot *s;
	struct l2tp_hdr copy = *h;
	size_t n = rd_left(&copy.body);

	cc->count.early++;
	if (cc->state < L2TP_CC_WAIT_CONN)
		return;
	cc->owed = 1; /* tells the peer where we are */
	if (diff(h->ns, cc->nr) > cc->nrx || n > sizeof(s->pkt))
		return;
	s = &cc->rx[h->ns & (cc->nrx - 1)];
	s->len = (uint16_t)n;
	s->mtype = h->ns;
	s->sid = h->sid;
	memcpy(s->pkt, copy.body.p, n);
}

void
l2tp_cc_input(struct l2tp_cc *cc, int64_t now, const struct l2tp_hdr *h)
{
	uint16_t ahead = diff(h->ns, cc->nr);
	struct rd body = h->body;

	if (cc->state == L2TP_CC_GONE)
		return;
	if (cc->state == L2TP_CC_IDLE && cc->end_at < 0)
		cc->end_at = now + L2TP_CC_SETUP;
	/* a peer's first message, whose Ns and Nr count from 0: after 65536
	 * others they are to be had here, too */
	if (!h->tid && cc->state == L2TP_CC_ESTABLISHED) {
		cc->count.duplicate++;
		cc->owed = 1;
		return;
	}
	if (!rd_left(&body))
		repeated(cc, h->nr);
	acked(cc, now, h->nr);
	if (!rd_left(&body) && h->nr == cc->una && !cc->same)
		cc->same = 1;
	/* a duplicate may be of a peer that began anew, and is no sign of life
	 */
	if (cc->state == L2TP_CC_ESTABLISHED && cc->conf->hello &&
	    !(rd_left(&body) && (ahead & 0x8000)))
		cc->hello = now + cc->conf->hello;
	if (!rd_left(&body))
		return; /* a ZLB; never answered, whatever its Ns */
	if (!ahead)
		cc->in = h;
	else if (ahead & 0x8000) {
		cc->count.duplicate++;
		cc->owed = 1;
	} else
		early(cc, h);
}

void
l2tp_cc_probe(struct l2tp_cc *cc, int64_t now)
{
	if (cc->state == L2TP_CC_ESTABLISHED && cc->conf->hello &&
	    cc->hello - now <= cc->conf->hello - 1000)
		cc->hello = now;
}

/* takes the next message in order, from the input or from what was kept */
static int
take(struct l2tp_cc *cc, int64_t now, struct l2tp_msg *m)
{
	struct l2tp_cc_slot *s =
	    cc->nrx ? &cc->rx[cc->nr & (cc->nrx - 1)] : NULL;
	struct l2tp_hdr h = { 0 };

	if (cc->in) {
		h = *cc->in;
		cc->in = NULL;
		if (s && s->len && s->mtype == cc->nr)
			s->len = 0;
	} else if (s && s->len && s->mtype == cc->nr) {
		h.tid = cc->ltid;
		h.ns = s->mtype;
		h.sid = s->sid;
		rd_init(&h.body, s->pkt, s->len);
		s->len = 0;
	} else
		return 0;
	cc->nr++;
	cc->owed = 1;
	cc->count.received++;
	(void)l2tp_msg_get(m, &h, &cc->conf->secret);
	return l2tp_cc_message(cc, now, m) ? L2TP_CC_MSG : -1;
}

/* the next message that the window lets out, with today's Nr */
static int
send_next(struct l2tp_cc *cc, int64_t now, struct l2tp_cc_act *act)
{
	struct l2tp_cc_slot *s = l2tp_cc_slot_of(cc, cc->nxt);
	uint16_t win = cc->cwnd < cc->win ? cc->cwnd : cc->win;

	if (cc->nxt == cc->end || diff(cc->nxt, cc->una) >= win ||
	    cc->state >= L2TP_CC_LINGER)
		return 0;
	act->first = cc->nxt == cc->high;
	if (!act->first)
		cc->count.resent++;
	act->mtype = s->mtype;
	act->sid = s->sid;
	act->pkt = s->pkt;
	act->len = s->len;
	s->pkt[4] = (uint8_t)(cc->ptid >> 8); /* StopCCN may precede SCCRP */
	s->pkt[5] = (uint8_t)cc->ptid;
	l2tp_put_seq(s->pkt, cc->nxt, cc->nr);
	cc->nxt++;
	if (act->first)
		cc->high = cc->nxt;
	if (cc->resend < 0)
		cc->resend = now + cc->rto;
	cc->owed = 0;
	cc->count.sent++;
	return L2TP_CC_SEND;
}

static int
send_zlb(struct l2tp_cc *cc, struct l2tp_cc_act *act)
{
	wr_init(&cc->w, act->msg.plain, sizeof(act->msg.plain));
	l2tp_put_begin(&cc->w, L2TP_ZLB, cc->ptid, 0);
	l2tp_put_end(&cc->w);
	/* of what was never sent: a number that the peer has had is taken for
	 * a message repeated */
	l2tp_put_seq(act->msg.plain, cc->high, cc->nr);
	act->pkt = act->msg.plain;
	act->len = wr_len(&cc->w);
	act->mtype = act->sid = 0;
	act->first = 1;
	cc->owed = 0;
	return L2TP_CC_SEND;
}

int
l2tp_cc_next(struct l2tp_cc *cc, int64_t now, struct l2tp_cc_act *act)
{
	int got;

	act->type = 0;
	if (cc->state == L2TP_CC_GONE && !cc->up && !cc->down) {
		if (cc->end_at >= 0)
			act->type = L2TP_CC_DEAD;
		cc->end_at = -1;
		return act->type;
	}
	if (cc->up) {
		cc->up = 0;
		return act->type = L2TP_CC_UP;
	}
	if (cc->down) {
		cc->down = 0;
		return act->type = L2TP_CC_DOWN;
	}
	while (!cc->up && !cc->down && (got = take(cc, now, &act->msg)))
		if (got == L2TP_CC_MSG)
			return act->type = got;
	if (cc->up || cc->down)
		return l2tp_cc_next(cc, now, act);
	if ((act->type = send_next(cc, now, act)))
		return act->type;
	if (cc->owed == 2)
		act->type = send_zlb(cc, act);
	return act->type;
}

/* the timer of the oldest message has run out: back off, start slowly */
static void
retransmit(struct l2tp_cc *cc, int64_t now)
{
	if (++cc->tries >= cc->max_tries) {
		if (cc->state < L2TP_CC_CLOSING)
			cc->why = L2TP_CC_WHY_SILENT;
		l2tp_cc_setstate(cc, now, L2TP_CC_GONE);
		return;
	}
	cc->ssthresh = cc->cwnd / 2 > 1 ? cc->cwnd / 2 : 1;
	cc->cwnd = 1;
	cc->grow = 0;
	cc->nxt = cc->una;
	cc->rto =
	    cc->rto * 2 < cc->conf->rto_max ? cc->rto * 2 : cc->conf->rto_max;
	cc->resend = now + cc->rto;
}

void
l2tp_cc_tick(struct l2tp_cc *cc, int64_t now)
{
	if (cc->state == L2TP_CC_GONE)
		return;
	if (cc->owed)
		cc->owed = 2;
	if (cc->end_at >= 0 && now >= cc->end_at) {
		if (cc->state < L2TP_CC_CLOSING) /* SCCRQ was acknowledged */
			cc->why = L2TP_CC_WHY_SILENT;
		l2tp_cc_setstate(cc, now, L2TP_CC_GONE);
		return;
	}
	if (cc->resend >= 0 && now >= cc->resend)
		retransmit(cc, now);
	if (cc->hello >= 0 && now >= cc->hello) {
		cc->hello = now + cc->conf->hello;
		/* what is on its way already asks the same */
		if (cc->una == cc->end && l2tp_cc_queue(cc, L2TP_HELLO, 0, 0))
			(void)l2tp_cc_end(cc);
	}
}

int64_t
l2tp_cc_deadline(const struct l2tp_cc *cc)
{
	int64_t d = -1;

	if (cc->state == L2TP_CC_GONE)
		return -1;
	if (cc->owed)
		return 0;
	if (cc->resend >= 0)
		d = cc->resend;
	if (cc->hello >= 0 && (d < 0 || cc->hello < d))
		d = cc->hello;
	if (cc->end_at >= 0 && (d < 0 || cc->end_at < d))
		d = cc->end_at;
	return d;
}
