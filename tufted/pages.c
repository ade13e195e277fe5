/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "serve.h"

#define PAGE   4096   /* the smallest there is: larger ones are fewer */
#define ROOM   131072 /* of the pipe: 32 pages or parts of them */
#define BLOCK  8192   /* smaller ones are cheaper to copy, */
#define ENOUGH 16384  /* and so are shorter trains */

#define BOTH (SOCK_PAGES | SOCK_PAGES6)

int
pages_for(const struct serve *s, const struct conn *c)
{
	const int v6 = c->path.peer.sa.sa_family == AF_INET6;

	return s->can & (v6 ? SOCK_PAGES6 : SOCK_PAGES);
}

void
pages_init(struct serve *s)
{
	if (!(s->can & BOTH))
		return;
	if (pipe2(s->pipe, O_CLOEXEC | O_NONBLOCK) < 0)
		s->can &= ~BOTH;
	else
		(void)fcntl(s->pipe[1], F_SETPIPE_SZ, ROOM);
}

void
pages_end(struct serve *s)
{
	if (!(s->can & BOTH))
		return;
	close(s->pipe[0]);
	close(s->pipe[1]);
}

/* pages that some bytes at an offset lie in */
static size_t
pages(uint64_t off, size_t len)
{
	return ((size_t)(off % PAGE) + len + PAGE - 1) / PAGE;
}

uint64_t
pages_count(const struct conn *c)
{
	const struct tftp_xfer *x = &c->x;
	const size_t blk = x->conf.blksize;
	uint64_t off = (x->first - 1) * blk, left = c->file.size - off;
	uint64_t n = 0, most = left / blk; /* whole ones */
	size_t bits = 0;

	if (c->copied || blk < BLOCK)
		return 0;
	most = most > x->count ? x->count : most;
	for (; n < most; n++, off += blk) {
		bits += 1 + pages(off, blk);
		if (n && (bits > SOCK_FRAGS ||
			     (n + 1) * (blk + TFTP_HDR) > SOCK_TRAIN))
			break;
	}
	return n * blk < ENOUGH ? 0 : n;
}

/* bytes (at most two pages) at the start of the only block of a train that have
 * to be copied after all, so that the rest begins with a page and there are
 * pieces left for them, of which the kernel may make two */
static size_t
copied(uint64_t off, size_t blk, uint64_t n)
{
	if (n > 1 || 1 + pages(off, blk) <= SOCK_FRAGS)
		return 0;
	return PAGE + (size_t)(-off % PAGE);
}

static void
drain(struct serve *s)
{
	s->alone.gen = s->piped.gen = 0;
	while (read(s->pipe[0], s->buf, FILE_BUF) > 0)
		;
}

/* the train's start: header, and what has to be copied of the block */
static int
begin(struct serve *s, struct conn *c, size_t head)
{
	const size_t len = TFTP_HDR + head;
	struct sock_train t = { &c->path, s->head, len,
		c->x.conf.blksize + TFTP_HDR, 0 };

	tftp_data_header(s->head, tftp_wire(c->x.first, c->x.conf.rollover));
	/* an old ICMP error may be in the way */
	if (sock_begin(c->port->fd, &t) == 0)
		return 0;
	return errno == ECONNREFUSED ? sock_begin(c->port->fd, &t) : -1;
}

static int
rest(struct serve *s, struct conn *c, uint64_t n, size_t head)
{
	const size_t blk = c->x.conf.blksize;
	uint8_t b[TFTP_HDR];
	uint64_t i;

	if (sock_pages(c->port->fd, s->pipe[0], blk - head, n == 1) < 0)
		return -1;
	for (i = 1; i < n; i++) {
		tftp_data_header(
		    b, tftp_wire(c->x.first + i, c->x.conf.rollover));
		if (sock_more(c->port->fd, b, sizeof(b)) < 0 ||
		    sock_pages(c->port->fd, s->pipe[0], blk, i + 1 == n) < 0)
			return -1;
	}
	return 0;
}

/* All of it is in the pipe before the first byte leaves: no file that has
 * become shorter ends in a short block, which would be the last one. */
static int
fill(struct serve *s, const struct conn *c, uint64_t n)
{
	const size_t blk = c->x.conf.blksize;
	off_t off = (off_t)((c->x.first - 1) * blk);
	const size_t head = copied((uint64_t)off, blk, n);
	struct ahead *p = &s->piped;

	if (p->gen == c->gen && p->first == c->x.first && p->count == n)
		return 0;
	if (p->gen)
		drain(s);
	if (splice(c->file.fd, &off, s->pipe[1], NULL, n * blk, 0) !=
		(ssize_t)(n * blk) ||
	    (head &&
		read(s->pipe[0], s->head + TFTP_HDR, head) != (ssize_t)head))
		return -1;
	*p = (struct ahead){ c->gen, c->x.first, n, 0 };
	return 0;
}

void
pages_ahead(struct serve *s, struct conn *c, uint64_t n)
{
	if (fill(s, c, n) < 0)
		drain(s);
}

int
pages_send(struct serve *s, struct conn *c, uint64_t n)
{
	const size_t blk = c->x.conf.blksize;
	const size_t head = copied((c->x.first - 1) * blk, blk, n);
	int ret = fill(s, c, n), later = 0;

	s->piped.gen = 0;
	if (ret == 0 && (ret = begin(s, c, head)) < 0)
		later = errno == EAGAIN;
	else if (ret == 0 && (ret = rest(s, c, n, head)) < 0)
		sock_drop(c->port->fd);
	if (ret < 0)
		drain(s);
	errno = later ? EAGAIN : EIO;
	return ret;
}
