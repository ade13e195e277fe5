/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "page.h"
#include "rd.h"

#define HEADER 100

/* fileformat2.html section 1.3; all but the log's say */
static int
header(struct page_set *p, const uint8_t *b, struct fault *f)
{
	struct rd r;
	uint32_t pages, valid, encoding;

	rd_init(&r, b, HEADER);
	rd_skip(&r, 16);
	p->size = rd_u16(&r);
	if (p->size == 1)
		p->size = 65536;
	p->logged = rd_u8(&r) == 2;
	if (rd_u8(&r) > 2)
		return fault(
		    f, "%s: written by an SQLite yet to come", p->path);
	p->usable = p->size - rd_u8(&r);
	rd_skip(&r, 3);
	p->change = rd_u32(&r);
	pages = rd_u32(&r);
	rd_skip(&r, 24);
	encoding = rd_u32(&r);
	rd_skip(&r, 32);
	valid = rd_u32(&r);
	if (memcmp(b, "SQLite format 3", 16) || p->size < 512 ||
	    p->size & (p->size - 1) || p->usable < 480 || encoding > 1)
		return fault(f, "%s: not a database of Nix", p->path);
	p->count = valid == p->change ? pages : 0;
	return 0;
}

static int
sibling(const struct page_set *p, const char *suffix)
{
	char name[4096];

	if ((size_t)snprintf(name, sizeof(name), "%s%s", p->path, suffix) >=
	    sizeof(name)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);
}

/* a rollback journal with a header: a writer is at work, or died at it */
static int
journal(const struct page_set *p)
{
	static const uint8_t magic[8] = { 0xd9, 0xd5, 0x05, 0xf9, 0x20, 0xa1,
		0x63, 0xd7 };
	uint8_t b[8];
	int fd = sibling(p, "-journal"), hot;

	if (fd < 0)
		return 0;
	hot =
	    read(fd, b, sizeof(b)) == sizeof(b) && !memcmp(b, magic, sizeof(b));
	close(fd);
	return hot;
}

static int
count(struct page_set *p, struct fault *f)
{
	struct stat st;
	int64_t n;

	if (fstat(p->fd, &st) < 0)
		return fault(f, "%s: %s", p->path, strerror(errno));
	n = st.st_size / p->size;
	p->there = n < UINT32_MAX - p->wal.frames ? (uint32_t)n + p->wal.frames
						  : UINT32_MAX;
	if (p->wal.frames) { /* its word for the size may be any */
		p->count = p->wal.pages;
		return 0;
	}
	if (!p->count)
		p->count = n < UINT32_MAX ? (uint32_t)n : UINT32_MAX;
	if (p->count > n)
		return fault(f, "%s: cut short", p->path);
	return 0;
}

int
page_open(struct page_set *p, const char *path, int fd, struct fault *f)
{
	uint8_t b[HEADER];

	memset(p, 0, sizeof(*p));
	p->fd = fd;
	p->walfd = -1;
	p->path = path;
	p->wal.fd = -1;
	if (pread(fd, b, sizeof(b), 0) != sizeof(b))
		return fault(f, "%s: cut short", path);
	if (header(p, b, f) < 0)
		return -1;
	if ((p->busy = journal(p)))
		return fault(f,
		    "%s: a transaction was left half done "
		    "(%s-journal)",
		    path, path);
	if (p->logged) {
		p->walfd = sibling(p, "-wal");
		if (p->walfd < 0 && errno != ENOENT)
			return fault(f, "%s-wal: %s", path, strerror(errno));
		wal_open(&p->wal, p->walfd, p->size);
	}
	return count(p, f);
}

void
page_close(struct page_set *p)
{
	wal_close(&p->wal);
	if (p->walfd >= 0)
		close(p->walfd);
	p->walfd = -1;
}

int
page_get(const struct page_set *p, uint32_t n, uint8_t *b, struct fault *f)
{
	int64_t at = n ? wal_find(&p->wal, n) : -1;
	ssize_t got;

	if (!n || n > p->count)
		return fault(f, "%s: damaged: refers to page %u of %u", p->path,
		    n, p->count);
	got = at >= 0 ? pread(p->wal.fd, b, p->size, at)
		      : pread(p->fd, b, p->size, (int64_t)(n - 1) * p->size);
	if (got < 0)
		return fault(f, "%s: %s", p->path, strerror(errno));
	if (got != (ssize_t)p->size)
		return fault(f, "%s: cut short", p->path);
	return 0;
}

/* is the file called path-wal another one than that which we have open? */
static int
other_log(const struct page_set *p)
{
	struct stat a, b;
	int fd = sibling(p, "-wal"), other;

	if (fd < 0)
		return p->walfd >= 0;
	other = p->walfd < 0 || fstat(fd, &a) < 0 || fstat(p->walfd, &b) < 0 ||
		a.st_dev != b.st_dev || a.st_ino != b.st_ino;
	close(fd);
	return other;
}

int
page_changed(const struct page_set *p)
{
	struct page_set now = { .path = p->path };
	uint8_t b[HEADER];
	struct fault f;
	struct wal fresh;
	int changed;

	if (pread(p->fd, b, sizeof(b), 0) != sizeof(b) ||
	    header(&now, b, &f) < 0 || now.change != p->change || journal(p))
		return 1;
	if (!p->logged)
		return 0;
	if (p->walfd >= 0 && p->wal.fd < 0) { /* empty then */
		wal_open(&fresh, p->walfd, p->size);
		changed = fresh.frames > 0;
		wal_close(&fresh);
		return changed || other_log(p);
	}
	return wal_changed(&p->wal) || other_log(p);
}
