/* limen: ISC licence, see LICENSE */
#ifndef PPP_TURN_H
#define PPP_TURN_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

/*
 * What one call into the PPP cores gets and gives: the time and random
 * numbers in, actions out. It is scratch memory of the caller's, one for
 * all sessions:
 *
 *	ppp_link_input(&link, ppp_turn(&t, now), frame, len);
 *	while ((a = ppp_turn_next(&t)))
 *		perform(a);
 *
 * The pointers in an action are valid until the next ppp_turn() on it.
 */
#define PPP_TURN_ACTS 32
#define PPP_TURN_BUF  8192

enum ppp_act_type {
	PPP_ACT_SEND,	 /* a frame to the peer: p, len, Protocol field first */
	PPP_ACT_DELIVER, /* a packet from the peer: p, len; proto PPP_IP or
			  * PPP_IP6. It lies in the frame that came in. */
	PPP_ACT_SECRET,	 /* p: name of the user (NUL at its end, len without):
			  * answer with ppp_link_secret(), now or later */
	PPP_ACT_NETWORK, /* p, len: the authenticated name, len 0 without:
			  * answer with ppp_link_network() or _close() */
	PPP_ACT_UP4,	 /* u.ip4: IPv4 runs */
	PPP_ACT_DOWN4,
	PPP_ACT_UP6, /* u.ip6: IPv6 runs */
	PPP_ACT_DOWN6,
	PPP_ACT_LOG, /* u.log: a machine changed its state */
	PPP_ACT_END, /* u.end: the link is over, for good */
	PPP_NACTS
};

/* why a link ended */
enum ppp_end {
	PPP_END_NONE,	  /* it has not */
	PPP_END_CLOSED,	  /* ppp_link_close() */
	PPP_END_DOWN,	  /* ppp_link_down() */
	PPP_END_PEER,	  /* the peer's Terminate-Request */
	PPP_END_LCP,	  /* LCP did not come about */
	PPP_END_LOOP,	  /* we hear ourselves */
	PPP_END_AUTH,	  /* wrong name or password, or the peer's proof */
	PPP_END_NOAUTH,	  /* no way to authenticate that both accept */
	PPP_END_AUTHTIME, /* no answer in authentication */
	PPP_END_NCP,	  /* no network protocol came about */
	PPP_END_ECHO,	  /* the peer is silent */
	PPP_END_SETUP,	  /* set-up took too long */
	PPP_NENDS
};

struct ppp_act_ip4 {
	uint32_t ours, peer; /* host order; 0 where none was agreed upon */
	uint32_t dns[2];     /* as client: what the peer told us, or 0 */
	uint16_t mtu;	     /* largest packet to send */
};

struct ppp_act_ip6 {
	uint64_t ours, peer; /* interface identifiers, big end first */
	uint16_t mtu;
};

struct ppp_act_log {
	const char *machine, *from, *to, *event;
};

struct ppp_act {
	enum ppp_act_type type;
	uint16_t proto;
	const uint8_t *p;
	size_t len;
	union {
		struct ppp_act_ip4 ip4;
		struct ppp_act_ip6 ip6;
		struct ppp_act_log log;
		enum ppp_end end;
	} u;
};

struct ppp_turn {
	int64_t now;	    /* monotonic milliseconds */
	const uint8_t *key; /* 16 bytes, of the link whose turn it is */
	uint32_t *count;    /* random numbers taken from that key */
	unsigned n, next, lost;
	size_t used;
	struct ppp_act q[PPP_TURN_ACTS];
	uint8_t buf[PPP_TURN_BUF];
};

/* forgets what t holds and sets its time; returns t */
struct ppp_turn *ppp_turn(struct ppp_turn *t, int64_t now);

/* the next action in order, or NULL */
const struct ppp_act *ppp_turn_next(struct ppp_turn *t);

/* the name of why a link ended, for people; never NULL */
const char *ppp_end_name(enum ppp_end e);

/* For the cores. */

/* a random number that nobody without the key can guess */
uint64_t ppp_turn_rand(struct ppp_turn *t);

/* a new action of a type; a dummy when the turn is full (counted in lost) */
struct ppp_act *ppp_turn_add(struct ppp_turn *t, enum ppp_act_type type);

void ppp_turn_log(struct ppp_turn *t, const struct ppp_act_log *log);

/* queues a frame: proto, then a control packet with data behind its header;
 * what does not fit in PPP_CTL_MAX is cut off */
struct ppp_turn_pkt {
	uint16_t proto;
	uint8_t code, id;
	const void *data;
	size_t len;
};
void ppp_turn_send(struct ppp_turn *t, const struct ppp_turn_pkt *p);

#endif
