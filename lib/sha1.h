/* limen: ISC licence, see LICENSE */
#ifndef SHA1_H
#define SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_LEN 20

/* SHA-1 (FIPS 180-1, RFC 3174), used as md5 is */
struct sha1 {
	uint32_t h[5];
	uint64_t len; /* bytes added */
	uint8_t block[64];
};

void sha1_init(struct sha1 *s);
void sha1_add(struct sha1 *s, const void *p, size_t n);
void sha1_end(struct sha1 *s, uint8_t sum[SHA1_LEN]); /* wipes s */

#endif
