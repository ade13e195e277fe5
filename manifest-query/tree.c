/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "ask.h"

/* an open node of the picture; its children stand in kid[from..to) */
struct frame {
	uint32_t node;
	size_t from, to, next, prefix;
};

struct visit {
	uint32_t node;
	size_t edge;
};

struct tree {
	struct ask *a;
	uint8_t *seen;
	uint32_t *member, *done; /* of the node + 1 whose children are sorted */
	uint32_t *kid;
	size_t nkid, kidcap;
	struct visit *stack; /* of the sorting */
	size_t stackcap;
	struct frame *frame;
	size_t depth, framecap;
	struct mem_buf prefix;
};

static void
push_kid(struct tree *t, uint32_t v)
{
	t->kid = mem_grow(t->kid, &t->kidcap, t->nkid + 1, sizeof(*t->kid));
	t->kid[t->nkid++] = v;
}

/* v after those of its references that are members too */
static void
sort_from(struct tree *t, uint32_t v, uint32_t mark)
{
	const struct graph *g = t->a->g;
	struct visit *top;
	size_t depth = 0;
	uint32_t c = v;

	for (;;) {
		if (c != GRAPH_NONE) {
			t->done[c] = mark;
			t->stack = mem_grow(t->stack, &t->stackcap, depth + 1,
			    sizeof(*t->stack));
			t->stack[depth].node = c;
			t->stack[depth++].edge = g->off[c];
		}
		top = &t->stack[depth - 1];
		if (top->edge == g->off[top->node + 1UL]) {
			push_kid(t, top->node);
			if (!--depth)
				return;
			c = GRAPH_NONE;
			continue;
		}
		c = g->to[top->edge++];
		if (t->member[c] != mark || t->done[c] == mark)
			c = GRAPH_NONE;
	}
}

/* v's references onto kid, in Nix' order: sorted topologically by the edges
 * among themselves, else by name */
static void
children(struct tree *t, uint32_t v)
{
	const struct graph *g = t->a->g;
	size_t e;

	for (e = g->off[v]; e < g->off[v + 1UL]; e++)
		t->member[g->to[e]] = v + 1;
	for (e = g->off[v]; e < g->off[v + 1UL]; e++)
		if (t->done[g->to[e]] != v + 1)
			sort_from(t, g->to[e], v + 1);
}

static void
json_line(struct tree *t, uint32_t v, int again)
{
	struct ask *a = t->a;

	out_num(a->o, "depth", t->depth);
	out_path(a->o, "path", a->g, v);
	out_bool(a->o, "seen", again);
	ask_numbers(a, v);
	out_end(a->o);
}

static void
line(struct tree *t, uint32_t v, const char *branch, int again)
{
	struct out *o = t->a->o;

	if (o->json) {
		json_line(t, v, again);
		return;
	}
	out_bytes(o, t->prefix.p, t->prefix.n);
	out_str(o, branch);
	out_path(o, "path", t->a->g, v);
	if (again)
		out_str(o, " [...]");
	ask_numbers(t->a, v);
	out_end(o);
}

/* prints v; opens a frame unless it was printed before. tail is what its
 * children's lines begin with */
static void
node(struct tree *t, uint32_t v, const char *branch, const char *tail)
{
	struct frame *f;

	line(t, v, branch, t->seen[v]);
	if (t->seen[v])
		return;
	t->seen[v] = 1;
	t->frame =
	    mem_grow(t->frame, &t->framecap, t->depth + 1, sizeof(*t->frame));
	f = &t->frame[t->depth++];
	f->node = v;
	f->prefix = t->prefix.n;
	f->from = f->next = t->nkid;
	children(t, v);
	f->to = t->nkid;
	mem_str(&t->prefix, tail);
}

static void
run(struct tree *t)
{
	struct frame *f;
	uint32_t v;
	int last;

	while (t->depth) {
		f = &t->frame[t->depth - 1];
		if (f->next == f->to) {
			t->nkid = f->from;
			t->prefix.n = f->prefix;
			t->depth--;
			continue;
		}
		v = t->kid[f->next++];
		last = f->next == f->to;
		node(t, v, last ? "└───" : "├───", last ? "    " : "│   ");
	}
}

int
ask_tree(struct ask *a)
{
	struct tree t = { .a = a };
	size_t i;

	t.seen = mem_new(a->g->n, 1);
	t.member = mem_new(a->g->n, sizeof(*t.member));
	t.done = mem_new(a->g->n, sizeof(*t.done));
	for (i = 0; i < a->nroots; i++) {
		node(&t, a->root[i], "", "");
		run(&t);
	}
	free(t.seen);
	free(t.member);
	free(t.done);
	free(t.kid);
	free(t.stack);
	free(t.frame);
	free(t.prefix.p);
	return 0;
}
