/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* answers as many lines as the command has bytes */
static enum ctl_result
command(void *arg, const char *line, struct wr *w, long *at)
{
	long n = (long)strlen(line);

	(*(int *)arg)++;
	if (n >= CTL_LINE || !n)
		__builtin_trap();
	for (; *at < n; ++*at) {
		if (!ctl_fits(w))
			return CTL_MORE;
		ctl_say(w, "%ld %s", *at, line);
	}
	return CTL_OK;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct ctl c;
	struct pollfd p[CTL_CLIENTS + 1];
	char sink[65536];
	int fd[2], calls = 0, turns;

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) < 0)
		return 0;
	ctl_init(&c, -1, command, &calls);
	memset(&c.c[0], 0, sizeof(c.c[0]));
	c.c[0].fd = fd[0];
	for (turns = 0; turns < 2000 && c.c[0].fd >= 0; turns++) {
		if (len) {
			ssize_t n = write(fd[1], data, len < 50 ? len : 50);

			if (n > 0) {
				data += n;
				len -= (size_t)n;
			}
			if (!len)
				shutdown(fd[1], SHUT_WR);
		} else if (!turns)
			shutdown(fd[1], SHUT_WR);
		ctl_poll(&c, p);
		if (poll(p, CTL_CLIENTS + 1, 0) > 0)
			ctl_serve(&c, p);
		if (c.c[0].nout > CTL_OUT || c.c[0].nin >= CTL_LINE)
			__builtin_trap();
		while (read(fd[1], sink, sizeof(sink)) > 0)
			;
	}
	ctl_close(&c);
	close(fd[1]);
	return 0;
}
