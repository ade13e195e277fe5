/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"
#include "rd.h"
#include "wal.h"

#define HEADER	    32
#define FRAME	    24
#define MAGIC	    0x377f0682u /* the last bit: big-endian checksums */
#define WAL_VERSION 3007000u

static int64_t
place(const struct wal *w, uint32_t frame)
{
	return HEADER + (int64_t)frame * (FRAME + (int64_t)w->pagesize);
}

/* the running checksum over n bytes, a multiple of 8 */
static void
checksum(int big, const uint8_t *p, size_t n, uint32_t s[2])
{
	uint32_t a, b;
	size_t i;

	for (i = 0; i + 8 <= n; i += 8) {
		if (big) {
			a = (uint32_t)p[i] << 24 | p[i + 1] << 16 |
			    p[i + 2] << 8 | p[i + 3];
			b = (uint32_t)p[i + 4] << 24 | p[i + 5] << 16 |
			    p[i + 6] << 8 | p[i + 7];
		} else {
			a = (uint32_t)p[i + 3] << 24 | p[i + 2] << 16 |
			    p[i + 1] << 8 | p[i];
			b = (uint32_t)p[i + 7] << 24 | p[i + 6] << 16 |
			    p[i + 5] << 8 | p[i + 4];
		}
		s[0] += a + s[1];
		s[1] += b + s[0];
	}
}

/* 1 when fd holds the header of a log, which then is in w */
static int
header(struct wal *w, int fd)
{
	uint8_t b[HEADER];
	struct rd r;
	uint32_t magic, version, size;

	if (pread(fd, b, sizeof(b), 0) != sizeof(b))
		return 0;
	rd_init(&r, b, sizeof(b));
	magic = rd_u32(&r);
	version = rd_u32(&r);
	size = rd_u32(&r);
	rd_skip(&r, 4); /* how often it was checkpointed */
	w->salt[0] = rd_u32(&r);
	w->salt[1] = rd_u32(&r);
	w->big = magic & 1;
	w->sum[0] = w->sum[1] = 0;
	checksum(w->big, b, 24, w->sum);
	return (magic & ~1u) == MAGIC && version == WAL_VERSION &&
	       size == w->pagesize && rd_u32(&r) == w->sum[0] &&
	       rd_u32(&r) == w->sum[1];
}

/* frame number n into b: its page, or 0 when it does not belong to the log
 * any more; sum runs on */
static uint32_t
frame(const struct wal *w, uint32_t n, uint8_t *b, uint32_t sum[2])
{
	size_t len = FRAME + (size_t)w->pagesize;
	struct rd r;
	uint32_t page;

	if (pread(w->fd, b, len, place(w, n)) != (ssize_t)len)
		return 0;
	rd_init(&r, b, FRAME);
	page = rd_u32(&r);
	rd_skip(&r, 4);
	if (rd_u32(&r) != w->salt[0] || rd_u32(&r) != w->salt[1])
		return 0;
	checksum(w->big, b, 8, sum);
	checksum(w->big, b + FRAME, w->pagesize, sum);
	if (rd_u32(&r) != sum[0] || rd_u32(&r) != sum[1])
		return 0;
	return page;
}

/* the size of the database in pages when b is a commit frame, else 0 */
static uint32_t
commit(const uint8_t *b)
{
	struct rd r;

	rd_init(&r, b + 4, 4);
	return rd_u32(&r);
}

static void
index_frames(struct wal *w)
{
	uint32_t i, at;
	size_t k;

	for (w->tablecap = 16; w->tablecap < 2 * (size_t)w->frames;)
		w->tablecap *= 2;
	w->table = mem_new(w->tablecap, sizeof(*w->table));
	for (i = 0; i < w->frames; i++) {
		k = w->page[i] * 2654435761u & (w->tablecap - 1);
		while ((at = w->table[k]) && w->page[at - 1] != w->page[i])
			k = (k + 1) & (w->tablecap - 1);
		w->table[k] = i + 1;
	}
}

void
wal_open(struct wal *w, int fd, uint32_t pagesize)
{
	uint32_t n = 0, page, size, sum[2];
	uint8_t *b;

	memset(w, 0, sizeof(*w));
	w->fd = -1;
	w->pagesize = pagesize;
	if (fd < 0 || !header(w, fd))
		return;
	w->fd = fd;
	b = mem_new(FRAME + (size_t)pagesize, 1);
	memcpy(sum, w->sum, sizeof(sum));
	while ((page = frame(w, n, b, sum)) && n < UINT32_MAX - 1) {
		w->page = mem_grow(w->page, &w->cap, n + 1, sizeof(*w->page));
		w->page[n++] = page;
		if (!(size = commit(b)))
			continue;
		w->frames = n;
		w->pages = size;
		memcpy(w->sum, sum, sizeof(sum));
	}
	free(b);
	index_frames(w);
}

void
wal_close(struct wal *w)
{
	free(w->page);
	free(w->table);
	w->page = w->table = NULL;
	w->frames = 0;
}

int64_t
wal_find(const struct wal *w, uint32_t page)
{
	size_t k;
	uint32_t at;

	if (!w->frames)
		return -1;
	k = page * 2654435761u & (w->tablecap - 1);
	while ((at = w->table[k])) {
		if (w->page[at - 1] == page)
			return place(w, at - 1) + FRAME;
		k = (k + 1) & (w->tablecap - 1);
	}
	return -1;
}

int
wal_changed(const struct wal *w)
{
	uint32_t n = w->frames, sum[2] = { w->sum[0], w->sum[1] };
	struct wal now = { .fd = -1, .pagesize = w->pagesize };
	uint8_t *b;
	int changed = 0;

	if (w->fd < 0)
		return 0;
	if (!header(&now, w->fd) || now.salt[0] != w->salt[0] ||
	    now.salt[1] != w->salt[1])
		return 1;
	b = mem_new(FRAME + (size_t)w->pagesize, 1);
	while (!changed && frame(w, n, b, sum)) {
		changed = commit(b) != 0;
		n++;
	}
	free(b);
	return changed;
}
