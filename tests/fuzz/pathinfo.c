/* limen: ISC licence, see LICENSE */
/*
 * Any bytes as path-info's JSON: refused with a reason, or a graph.
 * link: manifest-query/pathinfo.c
 * link: manifest-query/jin.c
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
#include "../../manifest-query/source.h"
#include "graphs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mem_text t = { "t", (char *)data, len };
	struct fault f = { "" };
	struct graph g;

	graph_init(&g);
	graph_source(&g);
	if (pathinfo_read(&g, &t, &f) < 0)
		must(*f.text);
	else
		graph_holds(&g);
	graph_free(&g);
	return 0;
}
