/* limen: ISC licence, see LICENSE */
#ifndef ORDER_H
#define ORDER_H

#include "fault.h"
#include "graph.h"

/* all nodes, references before referrers: depth first, nodes and edges in
 * byte order, as Nix sorts them. g->n numbers that the caller frees; NULL
 * and f when references form a cycle (of more than one path) */
uint32_t *order_post(const struct graph *g, struct fault *f);

/* the sum of the sizes of all that each node reaches, itself included; the
 * caller frees it. post is what order_post() gave */
uint64_t *order_sums(const struct graph *g, const uint32_t *post);

/* the sum of all sizes; 0, or -1 when it needs more than 64 bits */
int order_total(const struct graph *g, uint64_t *sum);

/*
 * The dominator tree: idom[v] is the last node, other than v, that every way
 * from a root to v passes; g->n stands for what is above the roots. added[v]
 * is what v's subtree adds up to: what would go if v were removed. The roots
 * end with GRAPH_NONE.
 */
struct order_dom {
	uint32_t *idom;
	uint64_t *added;
};
void order_dominators(const struct graph *g, const uint32_t *post,
    const uint32_t *roots, struct order_dom *d);
void order_dom_free(struct order_dom *d);

#endif
