/* limen: ISC licence, see LICENSE */
#ifndef MD4_H
#define MD4_H

#include <stddef.h>
#include <stdint.h>

#define MD4_LEN 16

/* MD4 (RFC 1320) of n bytes, all at once: MS-CHAPv2's password hash */
void md4(const void *p, size_t n, uint8_t sum[MD4_LEN]);

#endif
