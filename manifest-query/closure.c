/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "graph.h"

void
graph_reach(const struct graph *g, uint32_t root, uint8_t *seen, uint8_t bit)
{
	uint32_t *stack = NULL, v = root;
	size_t n = 0, cap = 0, k;

	seen[root] |= bit;
	for (;; v = stack[--n]) {
		for (k = g->off[v]; k < g->off[v + 1UL]; k++)
			if (!(seen[g->to[k]] & bit)) {
				seen[g->to[k]] |= bit;
				stack = mem_grow(
				    stack, &cap, n + 1, sizeof(*stack));
				stack[n++] = g->to[k];
			}
		if (!n)
			break;
	}
	free(stack);
}

static uint32_t
copy_nodes(const struct graph *g, struct graph *sub, uint32_t *map)
{
	uint32_t i, n = 0;
	const char *s;

	for (i = 0; i < g->n; i++) {
		if (!map[i]) {
			map[i] = GRAPH_NONE;
			continue;
		}
		map[i] = n;
		s = graph_text(g, i);
		sub->node[n] = g->node[i];
		sub->node[n++].text = sub->names.n;
		mem_add(&sub->names, s, g->node[i].len + 1UL);
	}
	return n;
}

void
graph_closure(
    const struct graph *g, uint32_t *roots, size_t nroots, struct graph *sub)
{
	uint8_t *seen = mem_new(g->n, 1);
	uint32_t *map = mem_new(g->n, sizeof(*map)), i;
	size_t k, n = 0, m = 0;

	for (k = 0; k < nroots; k++)
		graph_reach(g, roots[k], seen, 1);
	for (i = 0; i < g->n; i++) {
		map[i] = seen[i];
		n += seen[i];
		m += seen[i] ? g->off[i + 1] - g->off[i] : 0;
	}
	free(seen);
	memset(sub, 0, sizeof(*sub));
	sub->store = g->store ? mem_dup(g->store, strlen(g->store)) : NULL;
	sub->disk = g->disk ? mem_dup(g->disk, strlen(g->disk)) : NULL;
	sub->node = mem_new(n, sizeof(*sub->node));
	sub->off = mem_new(n + 1, sizeof(*sub->off));
	sub->to = mem_new(m, sizeof(*sub->to));
	sub->n = copy_nodes(g, sub, map);
	for (i = 0; i < g->n; i++) {
		if (map[i] == GRAPH_NONE)
			continue;
		for (k = g->off[i]; k < g->off[i + 1]; k++)
			sub->to[sub->m++] = map[g->to[k]];
		sub->off[map[i] + 1UL] = sub->m;
	}
	for (k = 0; k < nroots; k++)
		roots[k] = map[roots[k]];
	free(map);
}
