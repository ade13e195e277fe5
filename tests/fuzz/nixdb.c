/* limen: ISC licence, see LICENSE */
/*
 * Any bytes as the database of Nix: refused with a reason, or a graph whose
 * edges are sorted and lie within it, and which the orders take.
 * link: manifest-query/db.c
 * link: manifest-query/btree.c
 * link: manifest-query/page.c
 * link: manifest-query/wal.c
 * link: manifest-query/graph.c
 * link: manifest-query/sort.c
 * link: manifest-query/closure.c
 * link: manifest-query/order.c
 * link: manifest-query/sums.c
 * link: manifest-query/dom.c
 * link: manifest-query/base.c
 * link: manifest-query/mem.c
 * link: manifest-query/fault.c
 */
#include <sys/mman.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../manifest-query/order.h"
#include "../../manifest-query/source.h"
#include "graphs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	int fd = memfd_create("db", MFD_CLOEXEC);
	struct fault f = { "" };
	struct graph g;
	char name[64];

	must(fd >= 0 && write(fd, data, len) == (ssize_t)len);
	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	graph_init(&g);
	graph_source(&g);
	if (db_read(&g, name, fd, &f) < 0)
		must(*f.text);
	else
		graph_holds(&g);
	graph_free(&g);
	close(fd);
	return 0;
}
