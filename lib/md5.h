/* limen: ISC licence, see LICENSE */
#ifndef MD5_H
#define MD5_H

#include <stddef.h>
#include <stdint.h>

#define MD5_LEN 16

/*
 * MD5 (RFC 1321), for the protocols that were built on it: CHAP, L2TP's
 * challenge and its hidden AVPs.
 *
 *	md5_init(&m);
 *	md5_add(&m, "abc", 3);
 *	md5_end(&m, sum);		also wipes m
 */
struct md5 {
	uint32_t h[4];
	uint64_t len; /* bytes added */
	uint8_t block[64];
};

void md5_init(struct md5 *m);
void md5_add(struct md5 *m, const void *p, size_t n);
void md5_end(struct md5 *m, uint8_t sum[MD5_LEN]);

/* all at once */
void md5(const void *p, size_t n, uint8_t sum[MD5_LEN]);

#endif
