/* limen: ISC licence, see LICENSE */
#ifndef PPP_IP6CP_H
#define PPP_IP6CP_H

#include <stdint.h>

#include "ppp_cp.h"

/*
 * The IPv6 Control Protocol (RFC 5072) on ppp_cp: interface identifiers,
 * different and not zero on both sides.
 */
struct ppp_ip6cp {
	struct ppp_cp cp; /* the first member */
	uint64_t want;	  /* ours at first */
	uint64_t assign;  /* what the peer must take; 0: any */
	uint64_t ours;
	uint64_t his;	/* tentative until Opened; 0: none given */
	uint8_t had_id; /* the peer's request held an identifier */
	uint8_t given;	/* ours was */
};

/* ours 0: a random one from t, which may change; peer 0: what the peer says */
struct ppp_ip6cp_cfg {
	uint64_t ours, peer;
};
void ppp_ip6cp_init(struct ppp_ip6cp *n, struct ppp_turn *t,
    const struct ppp_cp_cfg *cp, const struct ppp_ip6cp_cfg *cfg);

#endif
