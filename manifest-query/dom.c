/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "order.h"

/*
 * References have no cycles, so one pass from the roots down gives the
 * dominators: a node's is the lowest common ancestor, in the tree so far, of
 * its referrers. Ancestors are found by jump pointers (Myers, "An applicative
 * random-access stack", 1983): a pointer a node, logarithmic time.
 */
struct tree {
	uint32_t *up, *jump, *depth;
};

static void
hang(struct tree *t, uint32_t v, uint32_t up)
{
	uint32_t j = t->jump[up];

	t->up[v] = up;
	t->depth[v] = t->depth[up] + 1;
	if (t->depth[up] - t->depth[j] == t->depth[j] - t->depth[t->jump[j]])
		t->jump[v] = t->jump[j];
	else
		t->jump[v] = up;
}

static uint32_t
raise_to(const struct tree *t, uint32_t v, uint32_t depth)
{
	while (t->depth[v] > depth)
		v = t->depth[t->jump[v]] >= depth ? t->jump[v] : t->up[v];
	return v;
}

static uint32_t
common(const struct tree *t, uint32_t a, uint32_t b)
{
	a = raise_to(t, a, t->depth[b]);
	b = raise_to(t, b, t->depth[a]);
	while (a != b)
		if (t->jump[a] != t->jump[b]) {
			a = t->jump[a];
			b = t->jump[b];
		} else {
			a = t->up[a];
			b = t->up[b];
		}
	return a;
}

void
order_dominators(const struct graph *g, const uint32_t *post,
    const uint32_t *roots, struct order_dom *d)
{
	struct tree t;
	uint32_t top = g->n, i, v, c;
	size_t e;

	t.up = mem_new(g->n + 1UL, sizeof(*t.up));
	t.jump = mem_new(g->n + 1UL, sizeof(*t.jump));
	t.depth = mem_new(g->n + 1UL, sizeof(*t.depth));
	d->idom = mem_new(g->n + 1UL, sizeof(*d->idom));
	d->added = mem_new(g->n + 1UL, sizeof(*d->added));
	for (i = 0; i < g->n; i++)
		d->idom[i] = GRAPH_NONE;
	t.up[top] = t.jump[top] = d->idom[top] = top;
	for (; *roots != GRAPH_NONE; roots++)
		d->idom[*roots] = top;
	for (i = g->n; i-- > 0;) {
		v = post[i];
		hang(&t, v, d->idom[v]);
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			c = g->to[e];
			if (c == v)
				continue;
			d->idom[c] = d->idom[c] == GRAPH_NONE
					 ? v
					 : common(&t, d->idom[c], v);
		}
	}
	for (i = 0; i < g->n; i++) {
		v = post[i];
		d->added[v] += (uint64_t)g->node[v].size;
		d->added[d->idom[v]] += d->added[v];
	}
	free(t.up);
	free(t.jump);
	free(t.depth);
}

void
order_dom_free(struct order_dom *d)
{
	free(d->idom);
	free(d->added);
	d->idom = NULL;
	d->added = NULL;
}
