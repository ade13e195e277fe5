/* limen: ISC licence, see LICENSE */
#ifndef HEAP_H
#define HEAP_H

#include <stdint.h>

/*
 * Deadlines in order: a binary heap of nodes that stand in the owner's
 * structs. Adding, moving and removing cost O(log n), the first is at hand.
 */
struct heap_node {
	int64_t at;
	uint32_t pos; /* place in the heap, 0: not in it */
};

struct heap {
	struct heap_node **v; /* cap + 1 pointers of the owner's, v[0] unused */
	uint32_t n, cap;
};

/* puts node at time at, or moves it there; -1 when the heap is full */
int heap_set(struct heap *h, struct heap_node *node, int64_t at);

/* takes it out; nothing when it is not in */
void heap_del(struct heap *h, struct heap_node *node);

/* the node with the earliest time, or NULL */
struct heap_node *heap_first(const struct heap *h);

#endif
