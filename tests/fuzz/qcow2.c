/* limen: ISC licence, see LICENSE */
/* a header that is read can be written and read again, as far as we write */
#include <stdint.h>
#include <string.h>

#include "qcow2.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t b[2048];
	struct qcow2 q, again;
	struct rd r;
	struct wr w;

	rd_init(&r, data, len);
	if (qcow2_get(&r, &q) < 0)
		return 0;
	if (!memchr(q.backing, 0, sizeof(q.backing)))
		__builtin_trap();
	wr_init(&w, b, sizeof(b));
	qcow2_put(&w, &q);
	if (w.err) {
		if (q.size <= QCOW2_MAX)
			__builtin_trap();
		return 0;
	}
	rd_init(&r, b, wr_len(&w));
	if (qcow2_get(&r, &again) < 0 || again.size != q.size ||
	    strcmp(again.backing, q.backing) ||
	    again.backing_size != q.backing_size ||
	    again.backing_mtime != q.backing_mtime)
		__builtin_trap();
	return 0;
}
