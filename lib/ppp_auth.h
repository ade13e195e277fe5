/* limen: ISC licence, see LICENSE */
#ifndef PPP_AUTH_H
#define PPP_AUTH_H

#include <stddef.h>
#include <stdint.h>

#include "mschap.h"
#include "ppp.h"
#include "ppp_turn.h"

/*
 * The authenticator's side of PAP (RFC 1334), CHAP with MD5 (RFC 1994) and
 * MS-CHAPv2 (RFC 2759). A call returns what has come of it, once:
 *
 *	got = ppp_auth_input(&a, &t, &frame);
 *	PPP_AUTH_OK	the peer is who it says, in a.name
 *	PPP_AUTH_BAD	it is not; the Failure is queued
 *	PPP_AUTH_TIMEOUT	it does not answer
 *
 * When the peer has named itself, PPP_ACT_SECRET comes out; the caller
 * answers with ppp_auth_secret(), at once or later.
 */
enum ppp_auth_result {
	PPP_AUTH_WAIT,
	PPP_AUTH_OK,
	PPP_AUTH_BAD,
	PPP_AUTH_TIMEOUT
};

enum ppp_auth_state {
	PPP_AUTH_IDLE,
	PPP_AUTH_ASKED,	 /* waiting for the peer's answer */
	PPP_AUTH_LOOKUP, /* waiting for ppp_auth_secret() */
	PPP_AUTH_PASSED,
	PPP_AUTH_FAILED,
	PPP_AUTH_NSTATES
};

struct ppp_auth_cfg {
	const char *name;  /* ours, in challenges; NULL: empty */
	int restart;	   /* most ms between Challenges unanswered, 1 s at
			    * first and doubling */
	uint8_t max_tries; /* of them; PAP: so long we wait in all */
	int rechallenge;   /* ms between Challenges once open; 0: one only */
};

struct ppp_auth {
	const struct ppp_auth_cfg *cfg;
	int64_t deadline;
	uint8_t state, method, id, tries;
	uint8_t passed;		/* once at least */
	uint8_t namelen, len;	/* of name, of answer */
	char name[PPP_NAMELEN]; /* the peer's, NUL at its end */
	uint8_t challenge[16];
	/* the peer's password (PAP) or response; then our MS-CHAPv2 proof */
	uint8_t answer[PPP_NAMELEN];
};

void ppp_auth_start(struct ppp_auth *a, struct ppp_turn *t,
    const struct ppp_auth_cfg *cfg, enum ppp_method method);
enum ppp_auth_result ppp_auth_input(
    struct ppp_auth *a, struct ppp_turn *t, const struct ppp_frame *f);
enum ppp_auth_result ppp_auth_tick(struct ppp_auth *a, struct ppp_turn *t);

/* the user's secret; NULL: there is no such user. Looks as long at a wrong
 * one as at a right one. */
enum ppp_auth_result ppp_auth_secret(
    struct ppp_auth *a, struct ppp_turn *t, const void *secret, size_t len);

/* stops it and wipes what is secret */
void ppp_auth_stop(struct ppp_auth *a);

#endif
