/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "ask.h"

void
ask_numbers(struct ask *a, uint32_t v)
{
	if (a->own)
		out_size(a->o, "size", (uint64_t)a->g->node[v].size);
	if (a->closure)
		out_size(a->o, "closure", a->sums[v]);
	if (a->added)
		out_size(a->o, "added", a->dom.added[v]);
}

char *
ask_disk(const struct graph *g, uint32_t v)
{
	struct mem_buf b = { NULL, 0, 0 };

	if (g->node[v].kind == GRAPH_STORE)
		mem_path(&b, g->disk ? g->disk : g->store, graph_text(g, v));
	else
		mem_str(&b, graph_text(g, v));
	return b.p;
}

int
ask_paths(struct ask *a)
{
	uint32_t v;

	for (v = 0; v < a->g->n; v++) {
		ask_numbers(a, v);
		out_path(a->o, "path", a->g, v);
		out_end(a->o);
	}
	return 0;
}

int
ask_requisites(struct ask *a)
{
	uint32_t i;

	for (i = 0; i < a->g->n; i++) {
		out_path(a->o, "path", a->g, a->post[i]);
		ask_numbers(a, a->post[i]);
		out_end(a->o);
	}
	return 0;
}

int
ask_edges(struct ask *a)
{
	const struct graph *g = a->g;
	uint32_t v;
	size_t e;

	for (v = 0; v < g->n; v++)
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			out_path(a->o, "referrer", g, v);
			out_path(a->o, "reference", g, g->to[e]);
			out_end(a->o);
		}
	return 0;
}
