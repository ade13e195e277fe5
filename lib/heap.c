/* limen: ISC licence, see LICENSE */
#include <stddef.h>

#include "heap.h"

static void
place(struct heap *h, struct heap_node *n, uint32_t pos)
{
	h->v[pos] = n;
	n->pos = pos;
}

static void
up(struct heap *h, struct heap_node *n)
{
	uint32_t i = n->pos;

	for (; i > 1 && h->v[i / 2]->at > n->at; i /= 2)
		place(h, h->v[i / 2], i);
	place(h, n, i);
}

static void
down(struct heap *h, struct heap_node *n)
{
	uint32_t i = n->pos, k;

	for (; (k = 2 * i) <= h->n; i = k) {
		if (k < h->n && h->v[k + 1]->at < h->v[k]->at)
			k++;
		if (h->v[k]->at >= n->at)
			break;
		place(h, h->v[k], i);
	}
	place(h, n, i);
}

int
heap_set(struct heap *h, struct heap_node *node, int64_t at)
{
	if (!node->pos) {
		if (h->n == h->cap)
			return -1;
		place(h, node, ++h->n);
	}
	node->at = at;
	up(h, node);
	down(h, node);
	return 0;
}

void
heap_del(struct heap *h, struct heap_node *node)
{
	struct heap_node *last;

	if (!node->pos)
		return;
	last = h->v[h->n--];
	if (last != node) {
		place(h, last, node->pos);
		up(h, last);
		down(h, last);
	}
	node->pos = 0;
}

struct heap_node *
heap_first(const struct heap *h)
{
	return h->n ? h->v[1] : NULL;
}
