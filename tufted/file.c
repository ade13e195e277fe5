/* limen: ISC licence, see LICENSE */
#include <sys/uio.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "file.h"

#define NBLOCKS 64 /* a call: what a train of the kernel's takes at most */

void
file_init(struct file *f, int fd, int mode, uint64_t size)
{
	memset(f, 0, sizeof(*f));
	f->fd = fd;
	f->mode = mode;
	f->size = size;
	f->block = 1;
}

int
file_close(struct file *f)
{
	const int fd = f->fd;

	f->fd = -1;
	/* EINTR: it is closed all the same */
	return fd < 0 || close(fd) == 0 || errno == EINTR ? 0 : -1;
}

/* one block: the window is 1, so that it or the one after it is asked for */
static long
fill_ascii(struct file *f, struct tftp_xfer *x, uint8_t *buf)
{
	const size_t blk = x->conf.blksize;
	uint8_t *raw = buf + TFTP_HDR + blk, *out = buf + TFTP_HDR;
	size_t n = 0, want;
	ssize_t got;

	if (x->first == f->block + 1) {
		f->block++;
		f->pos = f->after_pos;
		f->a = f->after;
	}
	f->after = f->a;
	f->after_pos = f->pos;
	do {
		want = blk - n;
		if (f->after_pos + want > f->size)
			want = (size_t)(f->size - f->after_pos);
		if ((got = pread(f->fd, raw, want, (off_t)f->after_pos)) < 0)
			return -1;
		n += tftp_to_ascii(
		    &f->after, out + n, blk - n, raw, (size_t)got);
		f->after_pos += f->after.used;
	} while (n < blk && got > 0);
	errno = 0;
	if (n < blk && f->after_pos < f->size)
		return -1;
	tftp_data_header(buf, tftp_wire(x->first, x->conf.rollover));
	if (n < blk)
		tftp_xfer_last(x, x->first);
	return (long)(TFTP_HDR + n);
}

/* one block is the most frequent, and cheaper so */
static ssize_t
read_at(int fd, const struct iovec *iov, int n, uint64_t off)
{
	if (n == 1)
		return pread(fd, iov->iov_base, iov->iov_len, (off_t)off);
	return preadv(fd, iov, n, (off_t)off);
}

long
file_fill(struct file *f, struct tftp_xfer *x, uint8_t *buf)
{
	const size_t blk = x->conf.blksize, each = blk + TFTP_HDR;
	const uint64_t off = (x->first - 1) * blk;
	struct iovec iov[NBLOCKS];
	uint64_t n = FILE_BUF / each, left = f->size - off, want;
	size_t i;
	ssize_t got;

	if (f->mode == TFTP_NETASCII)
		return fill_ascii(f, x, buf);
	n = n > NBLOCKS ? NBLOCKS : n;
	n = n > x->count ? x->count : n;
	for (i = 0; i < n; i++) {
		tftp_data_header(
		    buf + i * each, tftp_wire(x->first + i, x->conf.rollover));
		iov[i].iov_base = buf + i * each + TFTP_HDR;
		iov[i].iov_len = blk;
	}
	want = n * blk;
	if (want > left) {
		want = left;
		iov[n - 1].iov_len = (size_t)(left - (n - 1) * blk);
	}
	got = want ? read_at(f->fd, iov, (int)n, off) : 0;
	if (got < 0)
		return -1;
	errno = 0;
	return (uint64_t)got < want ? -1 : (long)(want + n * TFTP_HDR);
}

static int
put(struct file *f, const uint8_t *p, size_t len)
{
	ssize_t n;

	while (len) {
		if ((n = write(f->fd, p, len)) < 0) {
			if (errno == EINTR)
				continue;
			return -1;
		}
		p += n;
		len -= (size_t)n;
		f->pos += (uint64_t)n;
	}
	return 0;
}

int
file_store(struct file *f, const struct tftp_xfer *x, uint8_t *scratch)
{
	size_t n;

	if (f->mode != TFTP_NETASCII)
		return put(f, x->data, x->len);
	n = tftp_from_ascii(&f->a, scratch, x->data, x->len);
	return put(f, scratch, n);
}

int
file_finish(struct file *f)
{
	static const uint8_t cr = '\r';

	if (f->a.pending && put(f, &cr, 1) < 0)
		return -1;
	f->a.pending = 0;
	return file_close(f);
}
