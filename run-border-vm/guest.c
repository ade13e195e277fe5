/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "die.h"
#include "fd.h"
#include "guest.h"

/* all in one process: under emulation a process costs more than a module */
void
guest_modules(const char *list)
{
	char *text, *s, *save = NULL;
	size_t len;
	int fd;

	if (!(text = fd_slurp_path(list, 1 << 20, &len)))
		die(1, "%s:", list);
	for (s = strtok_r(text, "\n", &save); s;
	     s = strtok_r(NULL, "\n", &save)) {
		fd = open(s, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 &&
				  errno != EEXIST && errno != ENODEV))
			warn("%s:", s);
		if (fd >= 0)
			close(fd);
	}
	free(text);
}

/* an address, not a name: the configuration says so */
static int
dial(const char *to)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	if (addr_sock(to, 0, &ss, &len) < 0)
		die(2, "%s: not ADDRESS:PORT", to);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, len) < 0)
		die(1, "%s:", to);
	return fd;
}

/* one direction; 0 at its end */
static int
pass(int from, int to)
{
	char b[65536];
	ssize_t n = read(from, b, sizeof(b));

	return n > 0 && fd_write_all(to, b, (size_t)n) == 0;
}

void
guest_connect(const char *to)
{
	struct pollfd p[2] = { { 0, POLLIN, 0 }, { -1, POLLIN, 0 } };

	p[1].fd = dial(to);
	while (p[1].fd >= 0 && poll(p, 2, -1) > 0) {
		if (p[0].revents && !pass(0, p[1].fd)) {
			shutdown(p[1].fd, SHUT_WR);
			p[0].fd = -1;
		}
		if (p[1].revents && !pass(p[1].fd, 1))
			break;
	}
}
