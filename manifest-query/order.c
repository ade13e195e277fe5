/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "order.h"

struct visit {
	uint32_t node;
	size_t edge; /* the next one */
};

struct search {
	const struct graph *g;
	uint8_t *state; /* 0: new, 1: on the stack, 2: done */
	struct visit *stack;
	size_t depth, cap;
	uint32_t *post, n;
};

static void
enter(struct search *s, uint32_t v)
{
	s->stack = mem_grow(s->stack, &s->cap, s->depth + 1, sizeof(*s->stack));
	s->stack[s->depth].node = v;
	s->stack[s->depth++].edge = s->g->off[v];
	s->state[v] = 1;
}

static int
run(struct search *s, struct fault *f)
{
	const struct graph *g = s->g;
	struct visit *top;
	uint32_t c;

	while (s->depth) {
		top = &s->stack[s->depth - 1];
		if (top->edge == g->off[top->node + 1UL]) {
			s->state[top->node] = 2;
			s->post[s->n++] = top->node;
			s->depth--;
			continue;
		}
		c = g->to[top->edge++];
		if (s->state[c] == 1 && c != top->node)
			return fault(f,
			    "references form a cycle: %s and %s reach each "
			    "other",
			    graph_text(g, top->node), graph_text(g, c));
		if (!s->state[c])
			enter(s, c);
	}
	return 0;
}

uint32_t *
order_post(const struct graph *g, struct fault *f)
{
	struct search s = { .g = g };
	uint32_t v;
	int r = 0;

	s.state = mem_new(g->n, 1);
	s.post = mem_new(g->n, sizeof(*s.post));
	for (v = 0; r == 0 && v < g->n; v++)
		if (!s.state[v]) {
			enter(&s, v);
			r = run(&s, f);
		}
	free(s.state);
	free(s.stack);
	if (r == 0)
		return s.post;
	free(s.post);
	return NULL;
}

int
order_total(const struct graph *g, uint64_t *sum)
{
	uint32_t v;

	*sum = 0;
	for (v = 0; v < g->n; v++) {
		if (*sum + (uint64_t)g->node[v].size < *sum)
			return -1;
		*sum += (uint64_t)g->node[v].size;
	}
	return 0;
}

/*
 * Closure sizes. Of a graph with sharing they do not add up, so each node
 * needs its own set; those are kept as bits, WIDE columns (nodes in
 * post-order) at a time, and weighed a byte at a time from a table.
 */
#define WIDE  512
#define WORDS (WIDE / 64)

struct sums {
	const struct graph *g;
	const uint32_t *post;
	uint32_t *pos;		 /* a node's place in post */
	uint64_t (*bits)[WORDS]; /* of each place */
	uint64_t byte[WIDE / 8][256], full[WORDS];
	uint64_t *sum;
};

static void
weights(struct sums *s, uint32_t base)
{
	unsigned i, b, low;
	uint64_t w;

	memset(s->full, 0, sizeof(s->full));
	for (i = 0; i < WIDE; i++) {
		w = base + i < s->g->n
			? (uint64_t)s->g->node[s->post[base + i]].size
			: 0;
		s->byte[i / 8][1 << i % 8] = w;
		s->full[i / 64] += w;
	}
	for (i = 0; i < WIDE / 8; i++)
		for (b = 1; b < 256; b++) {
			low = b & -b;
			if (b != low)
				s->byte[i][b] =
				    s->byte[i][b ^ low] + s->byte[i][low];
		}
}

static uint64_t
weigh(const struct sums *s, const uint64_t *bits)
{
	uint64_t sum = 0, x;
	unsigned w, k;

	for (w = 0; w < WORDS; w++) {
		x = bits[w];
		if (x == UINT64_MAX)
			sum += s->full[w];
		else
			for (k = 8 * w; x; x >>= 8)
				sum += s->byte[k++][x & 255];
	}
	return sum;
}

/* adds the columns from base on to the sums of all nodes that reach some */
static void
columns(struct sums *s, uint32_t base)
{
	const struct graph *g = s->g;
	uint32_t i, v, j;
	uint64_t *own;
	size_t e;
	int w;

	for (i = base; i < g->n; i++) {
		v = s->post[i];
		own = s->bits[i];
		memset(own, 0, sizeof(*s->bits));
		if (i - base < WIDE)
			own[(i - base) / 64] |= (uint64_t)1 << (i - base) % 64;
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			j = s->pos[g->to[e]];
			if (j < base || j == i)
				continue;
			for (w = 0; w < WORDS; w++)
				own[w] |= s->bits[j][w];
		}
		s->sum[v] += weigh(s, own);
	}
}

uint64_t *
order_sums(const struct graph *g, const uint32_t *post)
{
	struct sums *s = mem_new(1, sizeof(*s));
	uint64_t *sum = mem_new(g->n, sizeof(*sum));
	uint64_t base;
	uint32_t i;

	s->g = g;
	s->post = post;
	s->pos = mem_new(g->n, sizeof(*s->pos));
	s->bits = mem_new(g->n, sizeof(*s->bits));
	s->sum = sum;
	for (i = 0; i < g->n; i++)
		s->pos[post[i]] = i;
	for (base = 0; base < g->n; base += WIDE) {
		weights(s, (uint32_t)base);
		columns(s, (uint32_t)base);
	}
	free(s->pos);
	free(s->bits);
	free(s);
	return sum;
}
