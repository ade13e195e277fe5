/* limen: ISC licence, see LICENSE */
/* an agent that says anything, in any pieces, is understood the same way */
#include <stdint.h>
#include <string.h>

#include "qga.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct qga_msg *m, const char *buf, size_t cap)
{
	if (m->out && (m->out < buf || m->out + m->nout > buf + cap))
		__builtin_trap();
	if (m->err && (m->err < buf || m->err + m->nerr > buf + cap))
		__builtin_trap();
	if (strlen(m->text) >= sizeof(m->text))
		__builtin_trap();
	if (m->kind == QGA_PID && m->pid < 0)
		__builtin_trap();
}

/* the dialogue as a client leads it; what was heard, mixed up */
static unsigned
dialogue(const uint8_t *data, size_t len, size_t piece)
{
	static char buf[1024];
	uint8_t out[256];
	struct qga_msg m;
	struct qga q;
	struct wr w;
	unsigned sum = 0;
	size_t n, room;
	char *p;
	int r = 0;

	qga_init(&q, buf, sizeof(buf));
	wr_init(&w, out, sizeof(out));
	qga_sync(&q, &w, 49);
	qga_sync(&q, &w, 50);
	for (; len > 0 && r >= 0; data += n, len -= n) {
		p = qga_room(&q, &room);
		if (!room)
			__builtin_trap();
		n = len < piece ? len : piece;
		n = n < room ? n : room;
		memcpy(p, data, n);
		qga_took(&q, n);
		while ((r = qga_next(&q, &m)) > 0) {
			check(&m, buf, sizeof(buf));
			sum = sum * 31 + (unsigned)m.kind +
			      (unsigned)m.pid * 3 + (unsigned)m.nout * 5 +
			      (unsigned)m.nerr * 7 + (unsigned)m.exitcode;
			wr_init(&w, out, sizeof(out));
			if (m.kind == QGA_ALIVE)
				continue;
			if (m.kind == QGA_SYNCED)
				qga_exec(&q, &w, "/p", "x", 1);
			else if (m.kind == QGA_PID || m.kind == QGA_RUNNING)
				qga_status(&q, &w, 1);
			if (w.err)
				__builtin_trap();
		}
	}
	if (r < 0 && !q.err[0])
		__builtin_trap();
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	/* how much fits depends on the pieces: keep below it */
	if (len > 1000)
		len = 1000;
	if (dialogue(data, len, 1000) != dialogue(data, len, 1) ||
	    dialogue(data, len, 7) != dialogue(data, len, 1))
		__builtin_trap();
	return 0;
}
