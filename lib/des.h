/* limen: ISC licence, see LICENSE */
#ifndef DES_H
#define DES_H

#include <stdint.h>

/* enciphers one block with DES (FIPS 46-3); the key is its 56 bits without
 * parity, as MS-CHAP has it (RFC 2759 section 8.6) */
void des(const uint8_t key[7], const uint8_t in[8], uint8_t out[8]);

#endif
