/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "image.h"
#include "qcow2.h"

int64_t
image_length(const char *path)
{
	struct stat st;
	int64_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	n = fstat(fd, &st);
	if (n == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		n = -1;
	} else if (n == 0)
		n = lseek(fd, 0, SEEK_END);
	fd_discard(fd);
	return n;
}

/* path as the backing file of an image of z's size; 0 or -1 and errno */
static int
describe(struct qcow2 *q, const char *path, const struct image_size *z)
{
	struct stat st;
	char *real;

	if (stat(path, &st) < 0 || !(real = realpath(path, NULL)))
		return -1;
	memset(q, 0, sizeof(*q));
	if (strlen(real) < sizeof(q->backing))
		memcpy(q->backing, real, strlen(real) + 1);
	free(real);
	if (!q->backing[0]) {
		errno = ENAMETOOLONG;
		return -1;
	}
	q->backing_size = (uint64_t)st.st_size;
	q->backing_mtime = (uint64_t)st.st_mtim.tv_sec * 1000000000 +
			   (uint64_t)st.st_mtim.tv_nsec;
	return image_size(path, z, &q->size);
}

int
image_size(const char *path, const struct image_size *z, uint64_t *size)
{
	uint64_t n;
	int64_t len;

	if ((len = image_length(path)) < 0)
		return -1;
	n = (uint64_t)len;
	if (n > QCOW2_MAX - z->unit) {
		errno = EFBIG;
		return -1;
	}
	if (n < z->min)
		n = z->min;
	*size = (n + z->unit - 1) / z->unit * z->unit;
	return 0;
}

static int
put(int fd, const struct wr *w, off_t at)
{
	ssize_t n = (ssize_t)wr_len(w);

	if (w->err) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return pwrite(fd, w->buf, (size_t)n, at) == n ? 0 : -1;
}

static int
format(int fd, const struct qcow2 *q)
{
	uint8_t b[2048];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	qcow2_put(&w, q);
	if (put(fd, &w, 0) < 0)
		return -1;
	wr_init(&w, b, sizeof(b));
	qcow2_put_reftable(&w);
	if (put(fd, &w, QCOW2_REFTABLE) < 0)
		return -1;
	wr_init(&w, b, sizeof(b));
	qcow2_put_refblock(&w);
	if (put(fd, &w, QCOW2_REFBLOCK) < 0)
		return -1;
	return ftruncate(fd, QCOW2_LEN);
}

int
image_overlay(const char *path, const struct image_size *z)
{
	struct qcow2 q;
	int fd;

	if (describe(&q, path, z) < 0)
		return -1;
	if ((fd = memfd_create("overlay", MFD_CLOEXEC)) < 0)
		return -1;
	return format(fd, &q) < 0 ? fd_discard(fd) : fd;
}

/* is the image in fd one over what q describes? 0, or -1 and errno */
static int
same(int fd, const struct qcow2 *q)
{
	static const char none[1];
	struct qcow2 have;
	struct rd r;
	size_t n;
	char *b;
	int ok;

	if (!(b = malloc(4096)))
		return -1;
	n = (size_t)pread(fd, b, 4096, 0);
	rd_init(&r, n <= 4096 ? b : none, n <= 4096 ? n : 0);
	ok = qcow2_get(&r, &have) == 0 &&
	     (have.backing_size || have.backing_mtime);
	free(b);
	errno = ok ? ESTALE : EINVAL;
	return ok && !strcmp(have.backing, q->backing) &&
		       have.backing_size == q->backing_size &&
		       have.backing_mtime == q->backing_mtime
		   ? 0
		   : -1;
}

int
image_persist(const char *store, const char *path, const struct image_size *z)
{
	struct qcow2 q;
	int fd, err;

	if (describe(&q, path, z) < 0)
		return -1;
	fd = open(store, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd >= 0) {
		if (format(fd, &q) < 0) {
			err = errno;
			unlink(store);
			errno = err;
			return fd_discard(fd);
		}
		return close(fd);
	}
	if (errno != EEXIST || (fd = open(store, O_RDWR | O_CLOEXEC)) < 0)
		return -1;
	if (same(fd, &q) < 0)
		return fd_discard(fd);
	return close(fd);
}

int
image_fd_qcow2(int fd)
{
	uint8_t b[4] = { 0 };

	if (pread(fd, b, sizeof(b), 0) < 0)
		return -1;
	return !memcmp(b, "QFI\xfb", 4);
}

int
image_qcow2(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), r;

	if (fd < 0)
		return -1;
	r = image_fd_qcow2(fd);
	fd_discard(fd);
	return r;
}

/* what from holds into fd, then fill, size bytes in all; 0 or -1 and errno */
static int
copy(int from, int fd, size_t size, int fill)
{
	struct stat st;
	uint8_t *p;
	ssize_t n;

	if (ftruncate(fd, (off_t)size) < 0 || fstat(from, &st) < 0)
		return -1;
	if (st.st_size > (off_t)size) {
		errno = EFBIG;
		return -1;
	}
	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -1;
	n = fd_read_full(from, p, size);
	if (n >= 0 && fill) /* zeros need no memory */
		memset(p + n, fill, size - (size_t)n);
	munmap(p, size);
	return n < 0 ? -1 : 0;
}

int
image_copy(const char *path, size_t size, int fill)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), fd;

	if (from < 0)
		return -1;
	fd = memfd_create("image", MFD_CLOEXEC);
	if (fd >= 0 && copy(from, fd, size, fill) < 0)
		fd = fd_discard(fd);
	fd_discard(from);
	return fd;
}
