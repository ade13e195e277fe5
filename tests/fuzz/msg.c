/* limen: ISC licence, see LICENSE */
/*
 * link: run-in-vm/msg.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../run-in-vm/msg.h"

int LLVMFuzzerTestOneInput(const uint8_t *d, size_t len);

/*
 * Whatever bytes come over the control port: a message lies within them; a
 * job has as many words as it says, each a string that ends within, and is
 * the same after it was written and read again.
 */
static void
must(int x)
{
	if (!x)
		abort();
}

static void
words(const char *const *v, uint32_t n, const uint8_t *d, size_t len)
{
	uint32_t i;

	for (i = 0; i < n; i++) {
		must((const uint8_t *)v[i] >= d &&
		     (const uint8_t *)v[i] < d + len);
		must(memchr(v[i], 0,
			 (size_t)(d + len - (const uint8_t *)v[i])) != NULL);
	}
	must(v[n] == NULL);
}

static void
job(struct rd r)
{
	static const char *v[3][MSG_WORDS + 1];
	static uint8_t out[1 << 16];
	const uint8_t *const d = r.p;
	const size_t len = rd_left(&r);
	static struct msg_job j;
	struct wr w;

	j.argv = v[0];
	j.env = v[1];
	j.binds = v[2];
	if (msg_get_job(&r, &j) < 0)
		return;
	must(j.nmounts <= MSG_MOUNTS);
	words(j.argv, j.argc, d, len);
	words(j.env, j.envc, d, len);
	words(j.binds, j.nbinds, d, len);
	wr_init(&w, out, sizeof(out));
	msg_put_job(&w, &j);
	if (w.err)
		return;
	must(wr_len(&w) == len - rd_left(&r));
	must(!memcmp(out, d, wr_len(&w)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *d, size_t len)
{
	struct rd r;
	int type;

	while ((type = msg_get(d, len, &r)) > 0) {
		must(r.p >= d && r.end <= d + len && r.p <= r.end);
		if (type == MSG_JOB)
			job(r);
		len -= (size_t)(r.end - d);
		d = r.end;
	}
	return 0;
}
