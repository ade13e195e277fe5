/* limen: ISC licence, see LICENSE */
#ifndef PPP_CP_H
#define PPP_CP_H

#include <stddef.h>
#include <stdint.h>

#include "ppp.h"
#include "ppp_turn.h"
#include "wr.h"

/*
 * The option negotiation automaton of RFC 1661 section 4, for LCP and each
 * NCP. It is a member, the first, of the struct of one of those (ppp_lcp,
 * ppp_ipcp, ppp_ip6cp), which says through its ops what the options mean.
 * Every call returns what the layer above is to be told: an OR of
 * PPP_CP_TLU, _TLD, _TLS, _TLF. Frames and log lines go to the turn.
 */

/* section 4.2 */
enum ppp_cp_state {
	PPP_CP_INITIAL,
	PPP_CP_STARTING,
	PPP_CP_CLOSED,
	PPP_CP_STOPPED,
	PPP_CP_CLOSING,
	PPP_CP_STOPPING,
	PPP_CP_REQ_SENT,
	PPP_CP_ACK_RCVD,
	PPP_CP_ACK_SENT,
	PPP_CP_OPENED,
	PPP_CP_NSTATES
};

/* section 4.3 */
enum ppp_cp_event {
	PPP_CP_UP,
	PPP_CP_DOWN,
	PPP_CP_OPEN,
	PPP_CP_CLOSE,
	PPP_CP_TO_PLUS,
	PPP_CP_TO_MINUS,
	PPP_CP_RCR_PLUS,
	PPP_CP_RCR_MINUS,
	PPP_CP_RCA,
	PPP_CP_RCN,
	PPP_CP_RTR,
	PPP_CP_RTA,
	PPP_CP_RUC,
	PPP_CP_RXJ_PLUS,
	PPP_CP_RXJ_MINUS,
	PPP_CP_RXR,
	PPP_CP_NEVENTS
};

/* section 4.4: actions; the first four are also what calls return */
enum {
	PPP_CP_TLU = 1 << 0,  /* This-Layer-Up */
	PPP_CP_TLD = 1 << 1,  /* This-Layer-Down */
	PPP_CP_TLS = 1 << 2,  /* This-Layer-Started */
	PPP_CP_TLF = 1 << 3,  /* This-Layer-Finished */
	PPP_CP_IRC = 1 << 4,  /* Initialize-Restart-Count */
	PPP_CP_ZRC = 1 << 5,  /* Zero-Restart-Count */
	PPP_CP_SCR = 1 << 6,  /* Send-Configure-Request */
	PPP_CP_SCA = 1 << 7,  /* Send-Configure-Ack */
	PPP_CP_SCN = 1 << 8,  /* Send-Configure-Nak/Rej */
	PPP_CP_STR = 1 << 9,  /* Send-Terminate-Request */
	PPP_CP_STA = 1 << 10, /* Send-Terminate-Ack */
	PPP_CP_SCJ = 1 << 11, /* Send-Code-Reject */
	PPP_CP_SER = 1 << 12  /* Send-Echo-Reply */
};

/* section 4.6: timers in milliseconds, and counters */
struct ppp_cp_cfg {
	int restart;	 /* the Restart timer at first; it doubles */
	int restart_max; /* up to here */
	uint8_t max_configure;
	uint8_t max_terminate;
	uint8_t max_failure; /* Naks, before they become Rejects */
};
/* 1 s doubling to 3 s, 10 requests, 2 terminations, 5 Naks */
#define PPP_CP_DEFAULTS              \
	{                            \
		1000, 3000, 10, 2, 5 \
	}
extern const struct ppp_cp_cfg ppp_cp_defaults;

enum ppp_verdict { PPP_ACK, PPP_NAK, PPP_REJ };

struct ppp_cp;
struct ppp_cp_ops {
	uint16_t proto;
	/* our options go back to what we want at first */
	void (*reset)(struct ppp_cp *);
	/* our options, for a Configure-Request: the same until told otherwise
	 */
	void (*request)(struct ppp_cp *, struct wr *);
	/* a Configure-Request of the peer's begins */
	void (*begin)(struct ppp_cp *);
	/* one option of it; with PPP_NAK, a better one was put into nak */
	enum ppp_verdict (*judge)(struct ppp_cp *, struct ppp_turn *,
	    const struct ppp_opt *, struct wr *nak);
	/* it ends: options that it lacks go into nak; NULL: it may lack all */
	void (*missing)(struct ppp_cp *, struct ppp_turn *, struct wr *nak);
	/* an option of the peer's Configure-Nak or -Reject (code); -1 when it
	 * is one that we cannot do without */
	int (*refused)(struct ppp_cp *, struct ppp_turn *, unsigned code,
	    const struct ppp_opt *);
	/* a packet of one of the codes above PPP_CODE_REJ that are known here
	 * (a set of bits), got when Opened */
	unsigned codes;
	void (*extra)(
	    struct ppp_cp *, struct ppp_turn *, const struct ppp_ctl *);
	/* the peer does not know one of these: it must not be sent any more
	 * (section 4.3, RXJ+); NULL when none of them is */
	void (*unknown)(struct ppp_cp *, unsigned code);
};

struct ppp_cp {
	const struct ppp_cp_ops *ops;
	const struct ppp_cp_cfg *cfg;
	int64_t deadline; /* of the Restart timer, -1 when it is stopped */
	uint8_t state;
	uint8_t id;	  /* of our last Configure- or Terminate-Request */
	uint8_t xid;	  /* of our last packet of another kind */
	uint8_t tries;	  /* requests sent: max_... less the restart count */
	uint8_t answered; /* a reply to id has been taken */
	uint8_t naks_out; /* Naks sent since our last Ack */
	uint8_t refused;  /* the peer's requests since then, by Rejects too */
	uint8_t naks_in;  /* Naks and Rejects got since negotiation began */
	uint8_t slow;	  /* it was Opened, and began anew */
};

void ppp_cp_init(struct ppp_cp *cp, const struct ppp_cp_ops *ops,
    const struct ppp_cp_cfg *cfg);

/* Up, Down, Open, Close, and RXJ- for a Protocol-Reject */
unsigned ppp_cp_event(
    struct ppp_cp *cp, struct ppp_turn *t, enum ppp_cp_event ev);

/* the Information field of a frame with this protocol; packets that are
 * malformed, or longer than any of ours, are silently discarded (section 5) */
unsigned ppp_cp_input(
    struct ppp_cp *cp, struct ppp_turn *t, const void *buf, size_t len);

/* fires the Restart timer when its time has come */
unsigned ppp_cp_tick(struct ppp_cp *cp, struct ppp_turn *t);

const char *ppp_cp_state_name(unsigned state);

#endif
