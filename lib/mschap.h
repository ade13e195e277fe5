/* limen: ISC licence, see LICENSE */
#ifndef MSCHAP_H
#define MSCHAP_H

#include <stddef.h>
#include <stdint.h>

/*
 * The arithmetic of MS-CHAPv2 (RFC 2759 section 8). Passwords are bytes,
 * each one a UTF-16 unit, as Microsoft's and pppd's peers take them; names
 * are without the domain (all up to a backslash is left out here).
 */
#define MSCHAP_NT_LEN 24 /* the NT-Response */
#define MSCHAP_VALUE  49 /* of a Response: section 4 */
#define MSCHAP_PROOF  42 /* "S=" and 40 hexadecimal digits, no NUL */

struct mschap {
	const uint8_t *auth_challenge; /* 16 bytes, the authenticator's */
	const uint8_t *peer_challenge; /* 16 bytes, the peer's */
	const char *name;
	size_t namelen;
	const void *secret;
	size_t secretlen;
};

/* GenerateNTResponse() */
void mschap_response(const struct mschap *m, uint8_t nt[MSCHAP_NT_LEN]);

/* GenerateAuthenticatorResponse() */
void mschap_proof(const struct mschap *m, const uint8_t nt[MSCHAP_NT_LEN],
    char proof[MSCHAP_PROOF]);

#endif
