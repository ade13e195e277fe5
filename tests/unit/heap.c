/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "heap.h"
#include "tap.h"

enum { N = 500 };

static struct heap_node node[N], *room[N + 1];

/* every parent is no later than its children, every node knows its place */
static int
sound(const struct heap *h)
{
	uint32_t i;

	for (i = 1; i <= h->n; i++)
		if (h->v[i]->pos != i ||
		    (i > 1 && h->v[i / 2]->at > h->v[i]->at))
			return 0;
	return 1;
}

int
main(void)
{
	struct heap h = { room, 0, N };
	struct heap_node extra = { 0, 0 }, *n;
	uint32_t i, x = 12345, good = 1;
	int64_t last = -1;

	OK(heap_first(&h) == NULL);
	for (i = 0; i < 20000; i++) {
		x = x * 1103515245 + 12345;
		n = &node[(x >> 8) % N];
		if ((x >> 4) % 4)
			heap_set(&h, n, (x >> 16) % 1000);
		else
			heap_del(&h, n);
		good &= sound(&h);
	}
	OK_MSG(good, "sound after 20000 changes");
	for (i = 0; i < N; i++)
		heap_set(&h, &node[i], (i * 7919) % N);
	OK(h.n == N && heap_set(&h, &extra, 1) == -1);
	for (i = 0; (n = heap_first(&h)); i++) {
		good &= n->at >= last;
		last = n->at;
		heap_del(&h, n);
		heap_del(&h, n);
	}
	OK_MSG(good && i == N, "they come out in order");
	return tap_done();
}
