/* limen: ISC licence, see LICENSE */
/*
 * A database of Nix with many of its bytes changed in turn is read or
 * refused, and cut off at every page it is refused.
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

#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../manifest-query/source.h"
#include "fd.h"
#include "tap.h"

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
	free(b);
	close(fd);
	return tap_done();
}
