/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "md5.h"

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

/* RFC 1321 section 3.4: round i / 16 mixes b, c, d and picks word *g */
static uint32_t
mix(unsigned i, const uint32_t v[4], unsigned *g)
{
	const uint32_t b = v[1], c = v[2], d = v[3];

	switch (i / 16) {
	case 0: *g = i; return (b & c) | (~b & d);
	case 1: *g = (5 * i + 1) % 16; return (d & b) | (~d & c);
	case 2: *g = (3 * i + 5) % 16; return b ^ c ^ d;
	default: *g = 7 * i % 16; return c ^ (b | ~d);
	}
}

static void
block(uint32_t h[4], const uint8_t *p)
{
	static const uint8_t shift[4][4] = { { 7, 12, 17, 22 },
		{ 5, 9, 14, 20 }, { 4, 11, 16, 23 }, { 6, 10, 15, 21 } };
	/* floor(2^32 * abs(sin(i + 1))) */
	static const uint32_t k[64] = { 0xd76aa478, 0xe8c7b756, 0x242070db,
		0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
		0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122,
		0xfd987193, 0xa679438e, 0x49b40821, 0xf61e2562, 0xc040b340,
		0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681,
		0xe7d3fbc8, 0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed,
		0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a, 0xfffa3942,
		0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9,
		0xf6bb4b60, 0xbebfbc70, 0x289b7ec6, 0xeaa127fa, 0xd4ef3085,
		0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
		0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3,
		0x8f0ccc92, 0xffeff47d, 0x85845dd1, 0x6fa87e4f, 0xfe2ce6e0,
		0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb,
		0xeb86d391 };
	uint32_t f, v[4];
	unsigned i, g;

	memcpy(v, h, sizeof(v));
	for (i = 0; i < 64; i++) {
		f = mix(i, v, &g) + v[0] + k[i] + le32(p + 4 * g);
		v[0] = v[3];
		v[3] = v[2];
		v[2] = v[1];
		v[1] += rotl(f, shift[i / 16][i % 4]);
	}
	for (i = 0; i < 4; i++)
		h[i] += v[i];
}

void
md5_init(struct md5 *m)
{
	memset(m, 0, sizeof(*m));
	m->h[0] = 0x67452301;
	m->h[1] = 0xefcdab89;
	m->h[2] = 0x98badcfe;
	m->h[3] = 0x10325476;
}

void
md5_add(struct md5 *m, const void *src, size_t n)
{
	const uint8_t *p = src;
	size_t have = m->len % 64, k;

	m->len += n;
	for (; n; n -= k, p += k, have = 0) {
		k = 64 - have < n ? 64 - have : n;
		memcpy(m->block + have, p, k);
		if (have + k == 64)
			block(m->h, m->block);
	}
}

void
md5_end(struct md5 *m, uint8_t sum[MD5_LEN])
{
	static const uint8_t pad[64] = { 0x80 };
	const uint64_t bits = m->len * 8;
	uint8_t len[8];
	unsigned i;

	for (i = 0; i < 8; i++)
		len[i] = (uint8_t)(bits >> 8 * i);
	md5_add(m, pad, 1 + (55 - m->len) % 64);
	md5_add(m, len, 8);
	for (i = 0; i < MD5_LEN; i++)
		sum[i] = (uint8_t)(m->h[i / 4] >> 8 * (i % 4));
	explicit_bzero(m, sizeof(*m));
}

void
md5(const void *p, size_t n, uint8_t sum[MD5_LEN])
{
	struct md5 m;

	md5_init(&m);
	md5_add(&m, p, n);
	md5_end(&m, sum);
}
