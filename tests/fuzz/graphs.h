/* limen: ISC licence, see LICENSE */
#ifndef GRAPHS_H
#define GRAPHS_H

#include <stdlib.h>
#include <string.h>

#include "../../manifest-query/order.h"

static void
must(int good)
{
	if (!good)
		abort();
}

/* finishes g and proves what the header promises of it */
static void
graph_holds(struct graph *g)
{
	struct fault f = { "" };
	struct order_dom d;
	uint32_t *post, v, root[2] = { 0, GRAPH_NONE }, i;
	uint64_t *sum, total, all = 0;
	struct graph sub;
	size_t e;

	if (graph_finish(g, NULL, &f) < 0) {
		must(*f.text);
		return;
	}
	must(!g->n || (g->off[0] == 0 && g->off[g->n] == g->m));
	for (v = 0; v < g->n; v++) {
		must(!v || strcmp(graph_text(g, v - 1), graph_text(g, v)) < 0);
		for (e = g->off[v]; e < g->off[v + 1]; e++)
			must(g->to[e] < g->n &&
			     (e == g->off[v] || g->to[e - 1] < g->to[e]));
		must(graph_find(g, graph_text(g, v), g->node[v].len) == v);
	}
	if (!g->n)
		return;
	graph_closure(g, root, 1, &sub);
	must(sub.n >= 1 && sub.n <= g->n);
	if ((post = order_post(&sub, &f)) && order_total(&sub, &total) == 0) {
		sum = order_sums(&sub, post);
		order_dominators(&sub, post, root, &d);
		must(sum[root[0]] == total && d.added[root[0]] == total);
		for (i = 0; i < sub.n; i++) {
			v = post[i];
			must(d.added[v] <= sum[v] && sum[v] <= total);
			all += (uint64_t)sub.node[v].size;
		}
		must(all == total);
		order_dom_free(&d);
		free(sum);
	}
	free(post);
	graph_free(&sub);
}

#endif
