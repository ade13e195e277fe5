/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "graph.h"

/* a name's first bytes as a number, so that few comparisons look further */
struct item {
	uint64_t head;
	uint32_t node;
};

static int
less(const struct graph *g, const struct item *a, const struct item *b)
{
	int c;

	if (a->head != b->head)
		return a->head < b->head;
	c = strcmp(graph_text(g, a->node), graph_text(g, b->node));
	return c ? c < 0 : a->node < b->node;
}

/* bottom-up merges from a to b and back; returns where the result is */
static struct item *
merge_sort(const struct graph *g, struct item *a, struct item *b)
{
	size_t n = g->n, width, i, l, r, mid, end;
	struct item *t;

	for (width = 1; width < n; width *= 2) {
		for (i = 0; i < n; i = end) {
			mid = n - i < width ? n : i + width;
			end = n - mid < width ? n : mid + width;
			for (l = i, r = mid; l < mid || r < end;)
				if (r >= end ||
				    (l < mid && !less(g, &a[r], &a[l])))
					b[l + r - mid] = a[l], l++;
				else
					b[l + r - mid] = a[r], r++;
		}
		t = a, a = b, b = t;
	}
	return a;
}

/* rank[old] = new */
static uint32_t *
ranks(const struct graph *g)
{
	uint32_t *rank = mem_new(g->n, sizeof(*rank)), i;
	struct item *a = mem_new(g->n, sizeof(*a)), *r;
	struct item *b = mem_new(g->n, sizeof(*b));
	const char *s;
	int k;

	for (i = 0; i < g->n; i++) {
		a[i].node = i;
		s = graph_text(g, i);
		for (k = 0; k < 8 && s[k]; k++)
			a[i].head |= (uint64_t)(unsigned char)s[k]
				     << (56 - 8 * k);
	}
	r = merge_sort(g, a, b);
	for (i = 0; i < g->n; i++)
		rank[r[i].node] = i;
	free(a);
	free(b);
	return rank;
}

/* one stable counting pass over the edges by key */
static size_t *
pass(const struct graph *g, const uint32_t *key, const uint32_t *other,
    uint32_t *out[2])
{
	size_t *off = mem_new(g->n + 2UL, sizeof(*off)), i, at;

	for (i = 0; i < g->m; i++)
		off[key[i] + 2UL]++;
	for (i = 2; i < g->n + 2UL; i++)
		off[i] += off[i - 1];
	for (i = 0; i < g->m; i++) {
		at = off[key[i] + 1UL]++;
		if (out[0])
			out[0][at] = key[i];
		out[1][at] = other[i];
	}
	return off;
}

/* sorted edges, each once, as off and to */
static void
pack(struct graph *g)
{
	uint32_t *to = mem_new(g->m, sizeof(*to));
	uint32_t *from = mem_new(g->m, sizeof(*from)), i;
	size_t k, end, m = 0, start = 0;

	free(pass(g, g->to, g->from, (uint32_t *[]){ to, from }));
	g->off = pass(g, from, to, (uint32_t *[]){ NULL, g->to });
	free(to);
	free(from);
	free(g->from);
	g->from = NULL;
	for (i = 0; i < g->n; i++) {
		end = g->off[i + 1];
		g->off[i] = m;
		for (k = start; k < end; k++)
			if (k == start || g->to[k] != g->to[k - 1])
				g->to[m++] = g->to[k];
		start = end;
	}
	g->m = g->off[g->n] = m;
}

static int
dangling(const struct graph *g, struct fault *f)
{
	size_t i;

	for (i = 0; i < g->m; i++)
		if (!g->node[g->to[i]].source)
			return fault(f, "%s refers to %s, which is not there",
			    graph_text(g, g->from[i]), graph_text(g, g->to[i]));
	return 0;
}

int
graph_finish(struct graph *g, uint32_t **map, struct fault *f)
{
	struct graph_node *node;
	uint32_t *rank, i;
	size_t k;

	if (dangling(g, f) < 0)
		return -1;
	free(g->table);
	g->table = NULL;
	g->tablecap = 0;
	rank = ranks(g);
	node = mem_new(g->n, sizeof(*node));
	for (i = 0; i < g->n; i++)
		node[rank[i]] = g->node[i];
	free(g->node);
	g->node = node;
	for (k = 0; k < g->m; k++) {
		g->from[k] = rank[g->from[k]];
		g->to[k] = rank[g->to[k]];
	}
	pack(g);
	if (map)
		*map = rank;
	else
		free(rank);
	return 0;
}
