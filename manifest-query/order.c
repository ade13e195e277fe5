/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

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
