/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"

int
fd_nonblock(int fd, int on)
{
	int fl = fcntl(fd, F_GETFL);

	if (fl < 0)
		return -1;
	return fcntl(fd, F_SETFL, on ? fl | O_NONBLOCK : fl & ~O_NONBLOCK);
}

int
fd_prepare(int fd)
{
	if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return -1;
	return fd_nonblock(fd, 1);
}

int
fd_discard(int fd)
{
	const int err = errno;

	close(fd);
	errno = err;
	return -1;
}

int
fd_write_all(int fd, const void *buf, size_t len)
{
	const char *p = buf;
	ssize_t n;

	while (len > 0) {
		if ((n = write(fd, p, len)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

ssize_t
fd_read_full(int fd, void *buf, size_t len)
{
	char *p = buf;
	size_t got = 0;
	ssize_t n;

	while (got < len) {
		if ((n = read(fd, p + got, len - got)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		if (n == 0)
			break;
		got += (size_t)n;
	}
	return (ssize_t)got;
}

char *
fd_slurp(int fd, size_t max, size_t *len)
{
	size_t cap = 4096, got = 0;
	char *b = malloc(cap + 1), *nb;
	ssize_t n;

	while (b && (n = fd_read_full(fd, b + got, cap - got)) >= 0) {
		got += (size_t)n;
		if (got > max) {
			errno = EFBIG;
			break;
		}
		if (got < cap) {
			b[got] = 0;
			*len = got;
			return b;
		}
		cap *= 2;
		if (!(nb = realloc(b, cap + 1)))
			break;
		b = nb;
	}
	free(b);
	return NULL;
}

char *
fd_slurp_path(const char *path, size_t max, size_t *len)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *b;

	if (fd < 0)
		return NULL;
	b = fd_slurp(fd, max, len);
	fd_discard(fd);
	return b;
}

ssize_t
fd_first_line(const char *path, char *b, size_t cap)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t n = fd < 0 ? -1 : fd_read_full(fd, b, cap);
	size_t len = 0;

	if (fd >= 0)
		fd_discard(fd);
	if (n < 0)
		return -1;
	while (len < (size_t)n && b[len] && b[len] != '\n')
		len++;
	if (len == cap || (len < (size_t)n && !b[len]))
		return 0;
	if (len && b[len - 1] == '\r')
		len--;
	b[len] = 0;
	return (ssize_t)len;
}
