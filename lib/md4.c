/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "md4.h"

static uint32_t
rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
le32(const uint8_t *p)
{
	return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

/* RFC 1320 section 3.4: what round i / 16 adds, and to which word's turn it
 * is */
static uint32_t
mix(unsigned i, const uint32_t v[4], const uint8_t *p)
{
	static const uint8_t third[16] = { 0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5,
		13, 3, 11, 7, 15 };
	const uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 16) {
	case 0: return ((b & c) | (~b & d)) + le32(p + 4 * i);
	case 1:
		return ((b & c) | (b & d) | (c & d)) + 0x5a827999 +
		       le32(p + 4 * (i % 4 * 4 + i / 4 % 4));
	default: return (b ^ c ^ d) + 0x6ed9eba1 + le32(p + 4 * third[i % 16]);
	}
}

static void
block(uint32_t h[4], const uint8_t *p)
{
	static const uint8_t shift[3][4] = { { 3, 7, 11, 19 }, { 3, 5, 9, 13 },
		{ 3, 9, 11, 15 } };
	uint32_t x, v[4];
	unsigned i;

	memcpy(v, h, sizeof(v));
	for (i = 0; i < 48; i++) {
		x = rotl(v[0] + mix(i, v, p), shift[i / 16][i % 4]);
		v[0] = v[3];
		v[3] = v[2];
		v[2] = v[1];
		v[1] = x;
	}
	for (i = 0; i < 4; i++)
		h[i] += v[i];
}

void
md4(const void *src, size_t n, uint8_t sum[MD4_LEN])
{
	uint32_t h[4] = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 };
	const uint64_t bits = (uint64_t)n * 8;
	const uint8_t *p = src;
	uint8_t last[128] = { 0 };
	const size_t whole = n / 64 * 64, left = n - whole;
	const size_t pad = left < 56 ? 64 : 128;
	size_t i;

	for (i = 0; i < whole; i += 64)
		block(h, p + i);
	if (left)
		memcpy(last, p + whole, left);
	last[left] = 0x80;
	for (i = 0; i < 8; i++)
		last[pad - 8 + i] = (uint8_t)(bits >> 8 * i);
	for (i = 0; i < pad; i += 64)
		block(h, last + i);
	for (i = 0; i < MD4_LEN; i++)
		sum[i] = (uint8_t)(h[i / 4] >> 8 * (i % 4));
	explicit_bzero(last, sizeof(last));
}
