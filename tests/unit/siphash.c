/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "siphash.h"
#include "tap.h"

enum { MOST = 65535 };

static const uint8_t key[16] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15 };

/* 1 when 1 to n are there, each once */
static int
whole(const uint16_t *v, uint32_t n)
{
	static uint8_t seen[MOST + 1];
	uint32_t i;

	memset(seen, 0, sizeof(seen));
	for (i = 0; i < n; i++)
		if (!v[i] || v[i] > n || seen[v[i]]++)
			return 0;
	return 1;
}

static void
shuffles(void)
{
	static const uint32_t sizes[] = { 0, 1, 2, 3, 1024, MOST };
	static uint16_t v[MOST + 1], w[MOST + 1];
	const uint8_t other[16] = { 1 };
	uint32_t i, n, same = 0;

	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		n = sizes[i];
		v[n] = 0;
		siphash_shuffle(key, v, n);
		OK_MSG(whole(v, n) && !v[n], "1 to n, each once");
	}
	siphash_shuffle(other, w, MOST);
	for (i = 0; i < MOST; i++)
		same += v[i] == w[i];
	OK_MSG(same < 20, "another key, another order");
	for (i = 1, same = 0; i < MOST; i++)
		same += v[i] == v[i - 1] + 1;
	OK_MSG(same < 20, "none is behind its neighbour but by chance");
}

int
main(void)
{
	uint8_t in[15];
	unsigned i;

	for (i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	OK_MSG(siphash(key, in, sizeof(in)) == 0xa129ca6149be45e5,
	    "the paper's vector (appendix A)");
	shuffles();
	return tap_done();
}
