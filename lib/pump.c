/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "pump.h"

void
pump_init(struct pump *p, void *buf, size_t cap)
{
	p->buf = buf;
	p->cap = cap;
	p->off = p->end = 0;
}

int
pump_full(const struct pump *p)
{
	return p->end == p->cap && p->off < p->cap / 2;
}

/* what is held moves to the front once that frees half the buffer or more, so
 * that no byte is moved more than once */
size_t
pump_room(struct pump *p)
{
	if (p->end == p->cap && !pump_full(p)) {
		memmove(p->buf, p->buf + p->off, p->end - p->off);
		p->end -= p->off;
		p->off = 0;
	}
	return p->cap - p->end;
}

size_t
pump_held(const struct pump *p)
{
	return p->end - p->off;
}

ssize_t
pump_read(struct pump *p, int fd)
{
	size_t room = pump_room(p);
	ssize_t n;

	if (room == 0) {
		errno = EAGAIN;
		return -1;
	}
	while ((n = read(fd, p->buf + p->end, room)) < 0 && errno == EINTR)
		;
	if (n > 0)
		p->end += (size_t)n;
	return n;
}

ssize_t
pump_write(struct pump *p, int fd, size_t max)
{
	size_t held = p->end - p->off;
	ssize_t n;

	if (held == 0)
		return 0;
	while ((n = write(fd, p->buf + p->off, held < max ? held : max)) < 0 &&
	       errno == EINTR)
		;
	if (n > 0)
		p->off += (size_t)n;
	if (p->off == p->end)
		p->off = p->end = 0;
	return n;
}

int
pump_put(struct pump *p, const void *src, size_t n)
{
	if (pump_room(p) < n && p->off > 0) {
		memmove(p->buf, p->buf + p->off, p->end - p->off);
		p->end -= p->off;
		p->off = 0;
	}
	if (pump_room(p) < n)
		return -1;
	if (n)
		memcpy(p->buf + p->end, src, n);
	p->end += n;
	return 0;
}

int
pump_own(int fd, int flags, int *share)
{
	struct stat st;
	char path[32];
	int own;

	*share = 1;
	if (fstat(fd, &st) < 0 || (!S_ISFIFO(st.st_mode) && !isatty(fd)))
		return fd;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	own = open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0)
		return fd;
	*share = 0;
	return own;
}
