/* limen: ISC licence, see LICENSE */
#ifndef L2TP_CALL_H
#define L2TP_CALL_H

#include <stdint.h>

#include "l2tp_cc.h"

/*
 * One incoming call (RFC 2661 section 7.4), seen from the LAC that reports
 * it or from the LNS that takes it. It rides on an l2tp_cc: a call that wants
 * to send says so in want, the caller keeps such calls in a list and calls
 * l2tp_call_send() while l2tp_cc_room() lasts.
 *
 * LAC:	l2tp_call_open(&c, now, sid, serial)	   want is ICRQ
 *	l2tp_call_input(&c, &act.msg)		   ICRP: want is ICCN
 *	l2tp_call_send(&c, cc, &info)
 *	state L2TP_CALL_UP once ICCN is queued; PPP may flow when the SEND
 *	action of that ICCN (act.first, act.sid) comes
 * LNS:	an MSG of ICRQ: l2tp_call_accept(&c, now, sid, &msg); want is ICRP
 *	ICCN comes: state L2TP_CALL_UP, PPP starts. PPP that comes before it
 *	(the order of UDP is not kept) is best kept or dropped.
 * both: l2tp_call_close(&c, result, error)	   want is CDN, or it is over
 *	when l2tp_call_over(): its session id may be used again (best as late
 *	as can be); look after close, send, input, tick
 *
 * l2tp_call_input() returns what has happened; the caller tells PPP or the
 * client. When the tunnel goes down its calls are over without a word.
 */
enum {
	L2TP_CALL_IDLE,
	L2TP_CALL_WAIT_REPLY, /* LAC: ICRQ is to be sent or was */
	L2TP_CALL_WAIT_CONN,  /* LNS: ICRP is to be sent or was */
	L2TP_CALL_UP,
	L2TP_CALL_CANCELLED, /* LAC: closed before ICRP; CDN once the peer's
			      * session id is known */
	L2TP_CALL_STATES
};

/* what an input did */
enum {
	L2TP_CALL_NOTHING,
	L2TP_CALL_REPLIED,   /* LAC: the LNS took the call */
	L2TP_CALL_CONNECTED, /* LNS: the call is up */
	L2TP_CALL_ENDED,     /* by the peer: result, error */
	L2TP_CALL_FAILED,    /* by us, for what the peer sent: the same */
};

struct l2tp_call {
	uint16_t sid, psid; /* ours, the peer's (0: not known) */
	uint16_t result, error;
	uint32_t serial;
	int64_t deadline;		/* until it must be up; -1: none */
	uint8_t state, want, lns, sent; /* sent: ICRQ went out */
	uint16_t bad_avp;		/* to blame for error */
};

/* what a LAC tells of a call; strings of length 0 are left out, and none is
 * kept */
struct l2tp_call_info {
	uint32_t tx_speed, rx_speed; /* bit/s; tx is towards the client */
	uint32_t framing;	     /* type */
	struct l2tp_bytes calling;
	struct l2tp_bytes circuit, remote; /* RFC 5515 */
	uint8_t hide;			   /* as far as RFC 2661 lets us */
};

/* how long a call may take to come up, ms */
#define L2TP_CALL_TIMEOUT 30000

void l2tp_call_open(
    struct l2tp_call *c, int64_t now, uint16_t sid, uint32_t serial);
void l2tp_call_accept(struct l2tp_call *c, int64_t now, uint16_t sid,
    const struct l2tp_msg *icrq);
int l2tp_call_input(struct l2tp_call *c, const struct l2tp_msg *m);

/* ends it with CDN; without one when the peer has never heard of it */
void l2tp_call_close(struct l2tp_call *c, unsigned result, unsigned error);

/* what ICRQ or OCRQ asks for is not taken, and not kept: CDN, if there is room
 * for one; else the peer has its time */
void l2tp_call_refuse(struct l2tp_cc *cc, const struct l2tp_msg *m,
    unsigned result, unsigned error);

/* the peer knows nothing of it any more: over, without a word */
void l2tp_call_forget(struct l2tp_call *c);

/* nothing is to be sent or awaited any more */
int l2tp_call_over(const struct l2tp_call *c);

/* to be called when deadline is reached; 1 when the call has failed by it */
int l2tp_call_tick(struct l2tp_call *c, int64_t now);

/* sends what it wants; info is read by a LAC only. 1 when it did, 0 when
 * there is no room, -1 when the message does not fit into one of ours */
int l2tp_call_send(
    struct l2tp_call *c, struct l2tp_cc *cc, const struct l2tp_call_info *info);

#endif
