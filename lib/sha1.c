/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "sha1.h"

static uint32_t
rotl(uint32_t x, unsigned n)
{
	return x << n | x >> (32 - n);
}

static uint32_t
mix(unsigned i, const uint32_t v[5])
{
	const uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 20) {
	case 0: return ((b & c) | (~b & d)) + 0x5a827999;
	case 1: return (b ^ c ^ d) + 0x6ed9eba1;
	case 2: return ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
	default: return (b ^ c ^ d) + 0xca62c1d6;
	}
}

static void
block(uint32_t h[5], const uint8_t *p)
{
	uint32_t w[80], v[5], x;
	unsigned i;

	for (i = 0; i < 16; i++)
		w[i] = (uint32_t)p[4 * i] << 24 | (uint32_t)p[4 * i + 1] << 16 |
		       (uint32_t)p[4 * i + 2] << 8 | p[4 * i + 3];
	for (; i < 80; i++)
		w[i] = rotl(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	memcpy(v, h, sizeof(v));
	for (i = 0; i < 80; i++) {
		x = rotl(v[0], 5) + mix(i, v) + v[4] + w[i];
		v[4] = v[3];
		v[3] = v[2];
		v[2] = rotl(v[1], 30);
		v[1] = v[0];
		v[0] = x;
	}
	for (i = 0; i < 5; i++)
		h[i] += v[i];
}

void
sha1_init(struct sha1 *s)
{
	static const uint32_t start[5] = { 0x67452301, 0xefcdab89, 0x98badcfe,
		0x10325476, 0xc3d2e1f0 };

	memset(s, 0, sizeof(*s));
	memcpy(s->h, start, sizeof(start));
}

void
sha1_add(struct sha1 *s, const void *src, size_t n)
{
	const uint8_t *p = src;
	size_t have = s->len % 64, k;

	s->len += n;
	for (; n; n -= k, p += k, have = 0) {
		k = 64 - have < n ? 64 - have : n;
		memcpy(s->block + have, p, k);
		if (have + k == 64)
			block(s->h, s->block);
	}
}

void
sha1_end(struct sha1 *s, uint8_t sum[SHA1_LEN])
{
	static const uint8_t pad[64] = { 0x80 };
	const uint64_t bits = s->len * 8;
	uint8_t len[8];
	unsigned i;

	for (i = 0; i < 8; i++)
		len[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha1_add(s, pad, 1 + (55 - s->len) % 64);
	sha1_add(s, len, 8);
	for (i = 0; i < SHA1_LEN; i++)
		sum[i] = (uint8_t)(s->h[i / 4] >> (24 - 8 * (i % 4)));
	explicit_bzero(s, sizeof(*s));
}
