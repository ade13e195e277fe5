/* limen: ISC licence, see LICENSE */
/* a stream of anything, cut anywhere, is taken apart the same way */
#include <sys/socket.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "qmp.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct qmp_msg *m, const char *buf, size_t len)
{
	if (strlen(m->name) >= sizeof(m->name) ||
	    strlen(m->text) >= sizeof(m->text))
		__builtin_trap();
	if (m->ret && (m->ret < buf || m->ret + m->retlen > buf + len))
		__builtin_trap();
}

/* how many messages, and what they are, all mixed up */
static unsigned
stream(const uint8_t *data, size_t len, size_t piece)
{
	static char buf[512];
	struct qmp_msg m;
	struct qmp q;
	int fd[2], r = 0;
	unsigned sum = 0;
	size_t n;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fd) < 0)
		return 0;
	qmp_init(&q, fd[0], buf, sizeof(buf));
	for (; len > 0 && r >= 0; data += n, len -= n) {
		n = len < piece ? len : piece;
		if (write(fd[1], data, n) != (ssize_t)n)
			break;
		while ((r = qmp_next(&q, &m)) > 0) {
			check(&m, buf, sizeof(buf));
			sum = sum * 31 + (unsigned)m.kind * 7 +
			      (unsigned)strlen(m.name) +
			      (unsigned)m.retlen * 3 + (unsigned)m.id;
		}
	}
	close(fd[0]);
	close(fd[1]);
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct qmp_msg m;

	if (qmp_parse((const char *)data, len, &m) == 0)
		check(&m, (const char *)data, len);
	if (len > 4096)
		return 0;
	if (stream(data, len, 511) != stream(data, len, 13))
		__builtin_trap();
	return 0;
}
