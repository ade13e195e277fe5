/* limen: ISC licence, see LICENSE */
/*
 * link: run-in-vm/pack.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../run-in-vm/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *d, size_t len);

/*
 * Whatever a guest sends as results: a path never leaves the directory, a
 * head that was taken is the same when it is written again, and one that is
 * cut short is neither taken nor refused.
 */
static void
must(int x)
{
	if (!x)
		abort();
}

static void
below(const char *s)
{
	const char *e;

	for (; *s; s = *e ? e + 1 : e) {
		e = strchrnul(s, '/');
		must(e > s && (*e != '/' || e[1]));
		must(strncmp(s, ".", (size_t)(e - s)) || e - s != 1);
		must(strncmp(s, "..", (size_t)(e - s)) || e - s != 2);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t len)
{
	static struct pack p, q;
	static uint8_t out[PACK_HEAD];
	struct rd r, cut;
	struct wr w;
	size_t n;

	rd_init(&r, d, len);
	while (rd_left(&r) && pack_get(&r, &p) > 0) {
		below(p.path);
		must(p.path[0] || p.type == PACK_END);
		wr_init(&w, out, sizeof(out));
		pack_put(&w, &p);
		n = wr_len(&w);
		must(!w.err && !memcmp(out, r.p - n, n));
		rd_init(&cut, out, n - 1);
		must(pack_get(&cut, &q) == 0);
		rd_skip(&r, p.size < len ? (size_t)p.size : len);
	}
	return 0;
}
