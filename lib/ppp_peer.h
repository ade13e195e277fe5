/* limen: ISC licence, see LICENSE */
#ifndef PPP_PEER_H
#define PPP_PEER_H

#include <stddef.h>
#include <stdint.h>

#include "ppp.h"
#include "ppp_turn.h"

/*
 * The other side of ppp_auth: we prove who we are, by PAP (RFC 1334), CHAP
 * with MD5 (RFC 1994) or MS-CHAPv2 (RFC 2759, where the authenticator must
 * prove itself too). PAP requests are repeated; CHAP is driven by the
 * authenticator's Challenges, also those that come later.
 */
enum ppp_peer_result {
	PPP_PEER_WAIT,
	PPP_PEER_OK,
	PPP_PEER_BAD,
	PPP_PEER_TIMEOUT
};

struct ppp_peer_cfg {
	const char *name, *secret;
	int restart;	   /* most ms between PAP requests, 1 s at
			    * first and doubling */
	uint8_t max_tries; /* of them; CHAP: so long we wait in all */
};

struct ppp_peer {
	const struct ppp_peer_cfg *cfg;
	int64_t deadline;
	uint8_t method, id, tries;
	uint8_t state;	       /* enum ppp_peer_state */
	uint8_t challenge[16]; /* MS-CHAPv2: what the authenticator sent */
	uint8_t mine[16];      /* and ours */
};

enum ppp_peer_state {
	PPP_PEER_IDLE,
	PPP_PEER_LISTENING, /* for the first Challenge */
	PPP_PEER_ANSWERED,  /* waiting for the verdict */
	PPP_PEER_PASSED,
	PPP_PEER_FAILED,
	PPP_PEER_NSTATES
};

void ppp_peer_start(struct ppp_peer *p, struct ppp_turn *t,
    const struct ppp_peer_cfg *cfg, enum ppp_method method);
enum ppp_peer_result ppp_peer_input(
    struct ppp_peer *p, struct ppp_turn *t, const struct ppp_frame *f);
enum ppp_peer_result ppp_peer_tick(struct ppp_peer *p, struct ppp_turn *t);
void ppp_peer_stop(struct ppp_peer *p);

#endif
