/* limen: ISC licence, see LICENSE */
#ifndef L2TP_CC_H
#define L2TP_CC_H

#include <stddef.h>
#include <stdint.h>

#include "l2tp.h"

/*
 * One L2TP control connection (RFC 2661 sections 5 and 7.2): the tunnel's
 * set-up from either side and its reliable channel. It carries the sessions'
 * messages (l2tp_call.h) and knows nothing else of them.
 *
 * How it is driven. The caller owns the datagrams, the tunnel ids and the
 * memory of the slots. A datagram is given to l2tp_hdr_get(); a control one
 * with our tunnel id goes to l2tp_cc_input() of that tunnel. A LAC starts
 * with l2tp_cc_open(). An LNS that gets a datagram with tunnel id 0 reads it
 * with l2tp_msg_get(); when it is SCCRQ it looks for a tunnel with that peer
 * address and peer id (the request repeated) and gives it to that one, else it
 * sets up a new one with l2tp_cc_init() and gives the request to it.
 *
 *	l2tp_cc_input(&cc, now, &hdr);      or _open _close _tick, or a call's
 *	while (l2tp_cc_next(&cc, now, &act))
 *		perform(&act);
 *	wait until l2tp_cc_deadline(&cc), then l2tp_cc_tick()
 *
 * What act.type asks for:
 * - L2TP_CC_SEND: send act.pkt to the peer; act.first, act.mtype and act.sid
 *   tell what it is: act on an ICCN first sent here
 * - L2TP_CC_UP: the tunnel stands: start the calls that wait
 * - L2TP_CC_MSG: act.msg is for a session: give it to the call of act.msg->sid
 *   (0: look at act.msg->asid), or for ICRQ make one
 * - L2TP_CC_DOWN: sessions are gone, cc->why tells why
 * - L2TP_CC_DEAD: nothing more comes: release it
 *
 * The deadline is "now" when an acknowledgement is owed: tick each tunnel
 * that had input at the end of a turn of the loop, so that one ZLB answers a
 * burst and none is sent where a message carries the acknowledgement.
 *
 * Messages are pulled, not queued without bound: l2tp_cc_room() tells whether
 * one more fits, and the caller keeps a list of calls that want to send.
 */
#define L2TP_CC_MSGMAX	  512 /* bytes of a message of ours */
#define L2TP_CC_SECRETMAX 128
#define L2TP_CC_NAMEMAX	  64
#define L2TP_CC_SETUP	  30000 /* ms until a tunnel must stand */

enum {
	L2TP_CC_IDLE,
	L2TP_CC_WAIT_REPLY, /* LAC: SCCRQ sent */
	L2TP_CC_WAIT_CONN,  /* LNS: SCCRP sent */
	L2TP_CC_ESTABLISHED,
	L2TP_CC_CLOSING, /* StopCCN sent, not acknowledged yet */
	L2TP_CC_LINGER,	 /* only acknowledges (section 5.7) */
	L2TP_CC_GONE,
	L2TP_CC_STATES
};

enum {
	L2TP_CC_SEND = 1,
	L2TP_CC_UP,
	L2TP_CC_MSG,
	L2TP_CC_DOWN,
	L2TP_CC_DEAD,
};

/* why a tunnel is down */
enum {
	L2TP_CC_WHY_NONE,
	L2TP_CC_WHY_CLOSED,  /* l2tp_cc_close() */
	L2TP_CC_WHY_STOPCCN, /* the peer's; result and error are set */
	L2TP_CC_WHY_SILENT,  /* no acknowledgement after all retransmissions */
	L2TP_CC_WHY_SECRET,  /* the peer's response to our challenge is wrong */
	L2TP_CC_WHY_NO_SECRET,	/* the peer challenges and we have no secret */
	L2TP_CC_WHY_VERSION,	/* of L2TP, another than ours */
	L2TP_CC_WHY_MESSAGE,	/* one that cannot be read: bad, bad_avp */
	L2TP_CC_WHY_FSM,	/* one that must not come in this state */
	L2TP_CC_WHY_UNANSWERED, /* it does not respond to our challenge */
	L2TP_CC_WHYS
};

/* shared by all tunnels of a program; must outlive them. Times are ms. */
struct l2tp_cc_conf {
	const char *host, *vendor; /* at most L2TP_CC_NAMEMAX bytes */
	struct l2tp_secret secret; /* len 0: no challenge */
	uint8_t answer_only;	   /* with a secret: no challenge of ours */
	uint32_t framing;	   /* capabilities, L2TP_SYNC and so on */
	uint16_t firmware;
	uint16_t window;  /* our receive window, 1 or more */
	uint16_t rto;	  /* first retransmission after, 1000 */
	uint16_t rto_max; /* the doubling ends at, 8000 or more */
	uint16_t tries;	  /* sendings of one message, 5 or more */
	int32_t hello;	  /* HELLO after this silence, 0: none */
	int32_t linger;	  /* keep acknowledging for, 31000 */
};

/* a sent message until it is acknowledged, or a received one out of order,
 * whose Ns is in mtype */
struct l2tp_cc_slot {
	uint16_t len; /* 0: free */
	uint16_t mtype, sid;
	uint8_t pkt[L2TP_CC_MSGMAX];
};

struct l2tp_cc_counts {
	uint32_t sent, received, resent, duplicate, early, ignored;
};

struct l2tp_cc {
	const struct l2tp_cc_conf *conf;
	struct l2tp_cc_slot *tx, *rx;
	uint16_t ntx, nrx; /* powers of 2; nrx may be 0 */
	uint16_t ltid, ptid;
	uint8_t state, up, down;  /* actions to come */
	uint8_t owed;		  /* an acknowledgement is owed */
	uint8_t challenged, stop; /* StopCCN is still to be queued */
	uint8_t why, bad;
	uint8_t framing;		 /* the peer's capabilities */
	uint16_t bad_avp, result, error; /* of StopCCN, either way */
	uint16_t una, nxt, high, end;	 /* Ns: oldest unacknowledged, next to
					  * send, highest sent + 1, next free */
	uint16_t nr;			 /* next expected from the peer */
	uint16_t win, cwnd, ssthresh, grow;
	uint16_t same, recover; /* acknowledgements repeated; fast resend up
				 * to here */
	uint16_t tries, max_tries;
	int64_t rto, resend, hello, end_at; /* rto: ms; deadlines, -1: none */
	const struct l2tp_hdr *in;	    /* input not taken yet */
	char text[48];			    /* of the peer's StopCCN */
	char host[32];			    /* the peer's, printable */
	uint8_t challenge[16], seed[16];
	uint32_t vectors; /* Random Vectors made so far */
	struct wr w;
	struct l2tp_cc_counts count;
};

struct l2tp_cc_act {
	int type;
	const uint8_t *pkt; /* SEND: valid until the next call */
	size_t len;
	int first;	     /* SEND: not a retransmission */
	uint16_t mtype, sid; /* SEND: message type and our session's id */
	struct l2tp_msg msg; /* MSG; when msg.bad is set the call must end */
};

/*
 * A tunnel with local id ltid (not 0). ntx slots hold what is not
 * acknowledged, nrx what came out of order; both powers of 2 (nrx also 0) that
 * live as long as cc. random: 32 bytes nobody can guess.
 */
struct l2tp_cc_mem {
	struct l2tp_cc_slot *tx, *rx;
	uint16_t ntx, nrx;
};
void l2tp_cc_init(struct l2tp_cc *cc, const struct l2tp_cc_conf *conf,
    const struct l2tp_cc_mem *mem, const uint8_t random[32]);

/* LAC: asks the peer for a tunnel; tries (0: conf's) bounds the request */
void l2tp_cc_open(struct l2tp_cc *cc, int64_t now, uint16_t ltid, int tries);

/* LNS: a tunnel with local id ltid that waits for the SCCRQ to be input; what
 * else is input first ends it after L2TP_CC_SETUP */
void l2tp_cc_listen(struct l2tp_cc *cc, uint16_t ltid);

/* sends StopCCN with result (L2TP_STOP_...) and error; sessions are gone */
void l2tp_cc_close(
    struct l2tp_cc *cc, int64_t now, unsigned result, unsigned error);

/* a control datagram from the peer; h must stay until next returns 0 */
void l2tp_cc_input(struct l2tp_cc *cc, int64_t now, const struct l2tp_hdr *h);

/*
 * The peer asks anew for the tunnel that it has here. One that lost its state
 * does, and so does anyone who forges its address, so it ends nothing: HELLO
 * goes out now, and a peer that does not know the tunnel leaves it unanswered.
 * At most once in a second, and not when the peer was heard in the last one.
 */
void l2tp_cc_probe(struct l2tp_cc *cc, int64_t now);

/* time has passed, or a turn of the loop has ended */
void l2tp_cc_tick(struct l2tp_cc *cc, int64_t now);

/* when to tick at the latest; -1: never */
int64_t l2tp_cc_deadline(const struct l2tp_cc *cc);

/* the next thing to do, or 0 */
int l2tp_cc_next(struct l2tp_cc *cc, int64_t now, struct l2tp_cc_act *act);

/* how many more messages of sessions fit now; 0 when not established */
unsigned l2tp_cc_room(const struct l2tp_cc *cc);

/*
 * Begins a session's message: psid goes to the header, sid (ours) comes back
 * in the SEND action. NULL without room. The AVPs are put into the returned
 * cursor; end queues it (or drops it and returns -1 when it did not fit).
 */
struct wr *l2tp_cc_begin(
    struct l2tp_cc *cc, unsigned mtype, uint16_t psid, uint16_t sid);
int l2tp_cc_end(struct l2tp_cc *cc);

/* fills in hide with the secret and a new Random Vector, whose AVP it puts */
void l2tp_cc_hide(struct l2tp_cc *cc, struct wr *w, struct l2tp_hide *hide);

/* "established"; "no answer from the peer": words for logs, never NULL */
const char *l2tp_cc_statename(unsigned state);
const char *l2tp_cc_whyname(unsigned why);

/*
 * For l2tp_cc_io.c, which has input, next, tick and deadline. message is what
 * a message in its turn does, 1: it is a session's; queue begins one behind
 * those that wait, as l2tp_cc_begin(), in any state; queue_stop does so with
 * the StopCCN that is due, when there is room; slot_of is where a sent one is
 * kept.
 */
void l2tp_cc_setstate(struct l2tp_cc *cc, int64_t now, unsigned state);
int l2tp_cc_message(struct l2tp_cc *cc, int64_t now, const struct l2tp_msg *m);
struct wr *l2tp_cc_queue(
    struct l2tp_cc *cc, unsigned mtype, uint16_t psid, uint16_t sid);
void l2tp_cc_queue_stop(struct l2tp_cc *cc);
struct l2tp_cc_slot *l2tp_cc_slot_of(const struct l2tp_cc *cc, uint16_t ns);

#endif
