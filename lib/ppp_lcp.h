/* limen: ISC licence, see LICENSE */
#ifndef PPP_LCP_H
#define PPP_LCP_H

#include <stddef.h>
#include <stdint.h>

#include "ppp.h"
#include "ppp_cp.h"
#include "ppp_turn.h"

/*
 * The Link Control Protocol (RFC 1661 sections 5 and 6) on ppp_cp: MRU,
 * Magic-Number, the peer's and our authentication, echoes. ACCM, PFC, ACFC
 * and all else is refused, as RFC 2516 section 7 wants it.
 */
struct ppp_lcp_cfg {
	struct ppp_cp_cfg cp;
	/* what the peer must authenticate with, best first, up to the first
	 * PPP_NOAUTH; when it refuses one, the next is tried */
	uint8_t auth[PPP_NMETHODS];
	uint8_t auth_optional; /* a peer that refuses all of them is taken */
	/* what we agree to authenticate with: a set of 1 << method, 0 none */
	unsigned own_auth;
	/* a silence of this many milliseconds is answered with an
	 * Echo-Request (0: never), and that many of them without any frame
	 * from the peer end the link */
	int64_t echo;
	uint8_t echo_failures;
};

struct ppp_lcp {
	struct ppp_cp cp; /* the first member */
	const struct ppp_lcp_cfg *cfg;
	int64_t heard;	 /* when the last frame came in */
	int64_t echo_at; /* when to ask, or -1 */
	uint32_t magic;
	uint16_t mru_max;   /* what the line below carries */
	uint16_t mru;	    /* ours */
	uint16_t his_mru;   /* tentative until Opened */
	uint16_t unknown;   /* codes that the peer does not know: bits */
	uint16_t rejected;  /* protocol that the peer has just rejected, or 0 */
	uint8_t want;	    /* our options that it has not refused: bits */
	uint8_t auth;	    /* the method that we ask of it */
	uint8_t auth_tried; /* a set of those it refused */
	uint8_t his_auth;   /* the method that it asks of us */
	uint8_t loops;	    /* times that we met our own magic number */
	uint8_t echoes;	    /* sent since it was heard last */
	uint8_t end;	    /* enum ppp_end when the cause is known here */
};

/* mru: the largest frame the line carries: 1492 on PPPoE, up to 1500 with
 * RFC 4638. t gives the magic number. */
void ppp_lcp_init(struct ppp_lcp *l, struct ppp_turn *t,
    const struct ppp_lcp_cfg *cfg, uint16_t mru);

/* as of ppp_cp; rejected is set when it was a Protocol-Reject */
unsigned ppp_lcp_input(
    struct ppp_lcp *l, struct ppp_turn *t, const void *buf, size_t len);

/* Restart timer and echoes; end becomes PPP_END_ECHO when it is silent */
unsigned ppp_lcp_tick(struct ppp_lcp *l, struct ppp_turn *t);

/* a frame of any protocol has come from the peer */
void ppp_lcp_heard(struct ppp_lcp *l, const struct ppp_turn *t);

/* when to tick, or -1 */
int64_t ppp_lcp_deadline(const struct ppp_lcp *l);

/* sends a Protocol-Reject for a frame (section 5.7), cut to the peer's MRU,
 * when Opened */
void ppp_lcp_reject(
    struct ppp_lcp *l, struct ppp_turn *t, const struct ppp_frame *f);

/* the largest packet to send */
uint16_t ppp_lcp_mtu(const struct ppp_lcp *l);

#endif
