/* limen: ISC licence, see LICENSE */
#include "cpio.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* entries lie within the input, and what is read can be written again */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t b[CPIO_HEADER + CPIO_NAME + 8];
	struct cpio_entry e, g;
	struct rd r, q, body;
	struct wr w;

	rd_init(&r, data, len);
	while (cpio_get(&r, &e, &body) == 1) {
		if (body.p < data || body.end > data + len ||
		    rd_left(&body) != e.size)
			__builtin_trap();
		e.size = 0;
		wr_init(&w, b, sizeof(b));
		cpio_put(&w, &e);
		if (w.err)
			__builtin_trap();
		rd_init(&q, b, wr_len(&w));
		if (cpio_get(&q, &g, &body) != 1 || g.mode != e.mode)
			__builtin_trap();
	}
	return 0;
}
