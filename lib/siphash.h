/* limen: ISC licence, see LICENSE */
#ifndef SIPHASH_H
#define SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 (Aumasson and Bernstein, 2012): a keyed 64-bit hash, for
 * cookies and for tables that a stranger fills */
uint64_t siphash(const uint8_t key[16], const void *in, size_t len);

/* the numbers 1 to n in an order that tells nobody without the key which comes
 * next: ids that are not to be guessed */
void siphash_shuffle(const uint8_t key[16], uint16_t *v, uint32_t n);

#endif
