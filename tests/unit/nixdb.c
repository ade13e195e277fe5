/* limen: ISC licence, see LICENSE */
/*
 * A database of Nix with many of its bytes changed in turn is read or
 * refused, and cut off at every page it is refused; rows that share the pages
 * of a long one are, and a row of more than 4 GiB is.
 * link: manifest-query/db.c
 * link: manifest-query/btree.c
 * link: manifest-query/page.c
 * link: manifest-query/wal.c
 * link: manifest-query/graph.c
 * link: manifest-query/sort.c
 * link: manifest-query/base.c
 * link: manifest-query/mem.c
 * link: manifest-query/fault.c
 */
#include <sys/mman.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../manifest-query/source.h"
#include "fd.h"
#include "tap.h"
#include "wr.h"

/* the number of paths, or -1 with a reason */
static int
paths(int fd, struct fault *f)
{
	struct graph g;
	char name[64];
	int n;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	f->text[0] = 0;
	graph_init(&g);
	graph_source(&g);
	n = db_read(&g, name, fd, f) < 0 || graph_finish(&g, NULL, f) < 0
		? -1
		: (int)g.n;
	graph_free(&g);
	return n;
}

#define PAGE 512
#define LONG 5140 /* a record: 60 bytes of it in its leaf, 10 pages more */

/* the header of a leaf with n cells, each of size bytes, at the page's end */
static void
leaf(struct wr *w, unsigned n, unsigned size)
{
	unsigned i;

	wr_u8(w, 13);
	wr_u16(w, 0);
	wr_u16(w, n);
	wr_u16(w, PAGE - n * size);
	wr_u8(w, 0);
	for (i = 0; i < n; i++)
		wr_u16(w, PAGE - (n - i) * size);
}

/* a row of the schema: a table's name of 10 or 4 bytes, its page, its SQL */
static void
table(struct wr *w, unsigned id, const char *name, const char *sql)
{
	size_t n = strlen(name), m = strlen(sql);

	wr_u8(w, (unsigned)(6 + 5 + n + 1 + m));
	wr_u8(w, id);
	wr_u8(w, 6);
	wr_u8(w, 13 + 2 * 5);
	wr_u8(w, (unsigned)(13 + 2 * n));
	wr_u8(w, 0);
	wr_u8(w, 1);
	wr_u8(w, (unsigned)(13 + 2 * m));
	wr_str(w, "table");
	wr_str(w, name);
	wr_u8(w, id + 1);
	wr_str(w, sql);
}

/* a path of LONG bytes, the most of them in the pages from 4 on */
static void
long_row(struct wr *w, unsigned id)
{
	char path[64];
	unsigned blob = 12 + 2 * (LONG - 52);

	wr_u8(w, 128 | LONG >> 7);
	wr_u8(w, LONG & 127);
	wr_u8(w, id);
	wr_u8(w, 6);
	wr_u8(w, 0);
	wr_u8(w, 13 + 2 * 45);
	wr_u8(w, 1);
	wr_u8(w, 128 | blob >> 7);
	wr_u8(w, blob & 127);
	snprintf(path, sizeof(path), "/nix/store/%032u-x", id);
	wr_str(w, path);
	wr_u8(w, 1);
	wr_zero(w, 60 - 52);
	wr_u32(w, 4);
}

/* the length of the last row becomes 44, and 4 GiB, which the file, as long as
 * it is, might hold; of that, too, 60 bytes lie in the leaf */
static void
grow(int fd)
{
	static const uint8_t pages[] = { 0, 0x90, 0, 0 }, at[] = { 1, 0xba },
			     len[] = { 0x90, 0x80, 0x80, 0x80, 44 };

	OK(pwrite(fd, pages, 4, 28) == 4 && pwrite(fd, at, 2, PAGE + 8) == 2 &&
	    pwrite(fd, len, 5, 2 * PAGE - 70) == 5 &&
	    ftruncate(fd, 0x900000LL * PAGE) == 0);
}

/* a database of n long paths that all go on in the same pages, or of one that
 * grows; their number as it is read, or -1 and why */
static int
shared(unsigned n, int grows, struct fault *f)
{
	static const char paths_sql[] = "T(id,path,narSize,sigs)";
	static const char refs_sql[] = "T(referrer,reference )";
	static uint8_t b[14 * PAGE];
	int fd = memfd_create("shared", MFD_CLOEXEC), r;
	struct wr w;
	unsigned i;

	memset(b, 0, sizeof(b));
	wr_init(&w, b, PAGE);
	wr_bytes(&w, "SQLite format 3", 16);
	wr_u16(&w, PAGE);
	wr_bytes(&w, "\1\1\0\100\40\40\0\0\0\1\0\0\0\16", 14);
	wr_zero(&w, 24);
	wr_u32(&w, 1); /* UTF-8 */
	wr_zero(&w, 32);
	wr_u32(&w, 1);
	wr_zero(&w, 4);
	leaf(&w, 2, 64);
	wr_init(&w, b + PAGE - 128, 128);
	table(&w, 1, "ValidPaths", paths_sql);
	wr_init(&w, b + PAGE - 64, 64);
	table(&w, 2, "Refs", refs_sql);
	wr_init(&w, b + PAGE, PAGE);
	leaf(&w, n, 67);
	wr_zero(&w, PAGE - 8 - 2 * n - n * 67);
	for (i = 0; i < n; i++)
		long_row(&w, i + 1);
	wr_init(&w, b + 2UL * PAGE, PAGE);
	leaf(&w, 0, 0);
	for (i = 4; i < 13; i++) {
		wr_init(&w, b + (i - 1UL) * PAGE, 4);
		wr_u32(&w, i + 1);
	}
	OK(write(fd, b, sizeof(b)) == (ssize_t)sizeof(b));
	if (grows)
		grow(fd);
	r = paths(fd, f);
	close(fd);
	return r;
}

/* of a log with big-endian checksums */
static void
sum(struct wr *w, size_t from, uint32_t s[2])
{
	const uint8_t *p = w->buf + from;

	for (; p < w->p; p += 8) {
		s[0] += (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
		s[0] += s[1];
		s[1] += (uint32_t)p[4] << 24 | p[5] << 16 | p[6] << 8 | p[7];
		s[1] += s[0];
	}
}

/* page nr, an interior one whose children are all the next */
static void
inner(struct wr *w, unsigned nr)
{
	const unsigned head = nr == 1 ? 112 : 12, n = (PAGE - head - 5) / 2;
	unsigned i;

	if (nr == 1) {
		wr_bytes(w, "SQLite format 3", 16);
		wr_u16(w, PAGE);
		wr_bytes(w, "\2\2\0\100\40\40\0\0\0\1\0\0\0\1", 14);
		wr_zero(w, 24);
		wr_u32(w, 1); /* UTF-8 */
		wr_zero(w, 32);
		wr_u32(w, 1);
		wr_zero(w, 4);
	}
	wr_u8(w, 5);
	wr_u16(w, 0);
	wr_u16(w, n);
	wr_zero(w, 3);
	wr_u32(w, nr + 1);
	for (i = 0; i < n; i++)
		wr_u16(w, PAGE - 5);
	wr_zero(w, PAGE - head - 2 * n - 5);
	wr_u32(w, nr + 1);
	wr_u8(w, 1);
}

/* a page of the log; the last one says how many the database has */
static void
frame(struct wr *w, unsigned nr, unsigned last, uint32_t s[2])
{
	const size_t at = wr_len(w);
	uint8_t b[PAGE] = { 0 };
	struct wr page;

	wr_init(&page, b, sizeof(b));
	if (nr < last)
		inner(&page, nr);
	else
		leaf(&page, 0, 0);
	page.p = page.end;
	wr_u32(w, nr);
	wr_u32(w, nr < last ? 0 : UINT32_MAX);
	sum(w, at, s);
	sum(&page, 0, s);
	wr_zero(w, 8); /* salts */
	wr_u32(w, s[0]);
	wr_u32(w, s[1]);
	wr_bytes(w, b, sizeof(b));
}

/* A log that says that the database has 2^32 pages has 19 of them: an empty
 * leaf and, each the only child of the one before, which names it some 200
 * times, 18 inner ones. The number of paths, or -1. */
static int
thicket(void)
{
	static uint8_t b[32 + 19 * (24 + PAGE)];
	char db[] = "/tmp/nixdb-XXXXXX", log[40];
	int fd = mkstemp(db), wal, n;
	uint32_t s[2] = { 0, 0 };
	struct fault f;
	struct graph g;
	struct wr w;
	unsigned i;

	snprintf(log, sizeof(log), "%s-wal", db);
	wal = open(log, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	wr_init(&w, b, PAGE);
	inner(&w, 1);
	OK(fd >= 0 && wal >= 0 && write(fd, b, PAGE) == PAGE);
	wr_init(&w, b, sizeof(b));
	wr_u32(&w, 0x377f0683);
	wr_u32(&w, 3007000);
	wr_u32(&w, PAGE);
	wr_zero(&w, 12);
	sum(&w, 0, s);
	wr_u32(&w, s[0]);
	wr_u32(&w, s[1]);
	for (i = 1; i <= 19; i++)
		frame(&w, i, 19, s);
	OK(!w.err && write(wal, b, sizeof(b)) == (ssize_t)sizeof(b));
	graph_init(&g);
	graph_source(&g);
	alarm(10); /* it took hours */
	n = db_read(&g, db, fd, &f);
	alarm(0);
	graph_free(&g);
	unlink(db);
	unlink(log);
	close(fd);
	close(wal);
	return n < 0 && strstr(f.text, "is its own child") ? -1 : n;
}

int
main(void)
{
	static const uint8_t to[] = { 0, 0xff };
	size_t len, i, k;
	uint8_t *b =
	    (uint8_t *)fd_slurp_path("tests/corpus/nixdb/small", 1 << 20, &len);
	int fd = memfd_create("db", MFD_CLOEXEC), n, sane = 1, refused = 1;
	struct fault f;

	OK(b && fd >= 0);
	if (!b)
		return tap_done();
	OK(write(fd, b, len) == (ssize_t)len);
	OK(paths(fd, &f) == 30);
	for (i = 0; i < len; i += i < 2048 ? 1 : 5)
		for (k = 0; k < sizeof(to) && sane; k++) {
			sane &= pwrite(fd, &to[k], 1, (off_t)i) == 1;
			n = paths(fd, &f);
			sane &= n >= 0 || *f.text;
			sane &= pwrite(fd, &b[i], 1, (off_t)i) == 1;
		}
	OK_MSG(sane, "a byte changed: a graph or a reason");
	for (i = 0; i < len; i += 512) {
		OK(ftruncate(fd, (off_t)i) == 0);
		refused &= paths(fd, &f) == -1 && *f.text;
		OK(pwrite(fd, b, len, 0) == (ssize_t)len);
	}
	OK_MSG(refused, "cut off at each page: refused");
	OK_MSG(shared(1, 0, &f) == 1, "a row that is longer than its page");
	OK_MSG(shared(6, 0, &f) == -1, "rows that share overflow pages");
	OK_MSG(shared(1, 1, &f) == -1 && strstr(f.text, "damaged at page 2"),
	    "a row of more than 4 GiB");
	OK_MSG(thicket() == -1, "a log that has too many pages: refused");
	free(b);
	close(fd);
	return tap_done();
}
