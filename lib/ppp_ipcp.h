/* limen: ISC licence, see LICENSE */
#ifndef PPP_IPCP_H
#define PPP_IPCP_H

#include <stdint.h>

#include "ppp_cp.h"

/*
 * The IP Control Protocol (RFC 1332) with the name servers of RFC 1877, on
 * ppp_cp. Van Jacobson compression and the NBNS addresses are rejected.
 */
struct ppp_ipcp {
	struct ppp_cp cp;  /* the first member */
	uint32_t want;	   /* the address that we should like; 0: any */
	uint32_t assign;   /* the address that the peer must take; 0: its own */
	uint32_t give[2];  /* name servers for the peer; 0: none */
	uint32_t ours;	   /* what we ask for now */
	uint32_t his;	   /* tentative until Opened; 0: none given */
	uint32_t dns[2];   /* as told by the peer */
	uint8_t ask;	   /* options that we ask for: bits */
	uint8_t ask_first; /* the same at the beginning */
	uint8_t had_addr;  /* the peer's request held an address */
};

/* what to negotiate; all in host order */
struct ppp_ipcp_cfg {
	uint32_t ours, peer; /* 0: whatever the peer says */
	uint32_t dns[2];     /* for the peer; 0 none */
	unsigned flags;	     /* PPP_IPCP_ASK_DNS */
};
#define PPP_IPCP_ASK_DNS 1U /* ask the peer for name servers */

void ppp_ipcp_init(struct ppp_ipcp *n, const struct ppp_cp_cfg *cp,
    const struct ppp_ipcp_cfg *cfg);

#endif
