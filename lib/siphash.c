/* limen: ISC licence, see LICENSE */
#include "siphash.h"

static uint64_t
le64(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n--)
		v = v << 8 | p[n];
	return v;
}

static uint64_t
rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

static void
rounds(uint64_t v[4], int n)
{
	while (n--) {
		v[0] += v[1];
		v[2] += v[3];
		v[1] = rotl(v[1], 13) ^ v[0];
		v[3] = rotl(v[3], 16) ^ v[2];
		v[0] = rotl(v[0], 32);
		v[2] += v[1];
		v[0] += v[3];
		v[1] = rotl(v[1], 17) ^ v[2];
		v[3] = rotl(v[3], 21) ^ v[0];
		v[2] = rotl(v[2], 32);
	}
}

uint64_t
siphash(const uint8_t key[16], const void *in, size_t len)
{
	const uint64_t k0 = le64(key, 8), k1 = le64(key + 8, 8);
	const uint8_t *p = in;
	size_t left = len;
	uint64_t m, v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d,
		k0 ^ 0x6c7967656e657261, k1 ^ 0x7465646279746573 };

	for (; left >= 8; left -= 8, p += 8) {
		m = le64(p, 8);
		v[3] ^= m;
		rounds(v, 2);
		v[0] ^= m;
	}
	m = le64(p, left) | (uint64_t)len << 56;
	v[3] ^= m;
	rounds(v, 2);
	v[0] ^= m;
	v[2] ^= 0xff;
	rounds(v, 4);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

void
siphash_shuffle(const uint8_t key[16], uint16_t *v, uint32_t n)
{
	uint32_t i, k;

	for (i = 0; i < n; i++) {
		k = (uint32_t)(siphash(key, &i, sizeof(i)) % (i + 1));
		v[i] = v[k];
		v[k] = (uint16_t)(i + 1);
	}
}
