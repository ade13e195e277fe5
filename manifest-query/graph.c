/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "cntrl.h"
#include "die.h"
#include "graph.h"
#include "siphash.h"

void
graph_init(struct graph *g)
{
	memset(g, 0, sizeof(*g));
	if (getentropy(g->key, sizeof(g->key)) < 0)
		die(2, "random numbers:");
}

void
graph_free(struct graph *g)
{
	free(g->store);
	free(g->disk);
	free(g->names.p);
	free(g->node);
	free(g->from);
	free(g->to);
	free(g->off);
	free(g->table);
	memset(g, 0, sizeof(*g));
}

int
graph_source(struct graph *g)
{
	if (g->source >= 65000)
		return -1;
	g->source++;
	return 0;
}

const char *
graph_text(const struct graph *g, uint32_t node)
{
	return g->names.p + g->node[node].text;
}

/* its lines would need escapes, one after another, for nobody's store */
static int
has_control(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n && !cntrl_len(s + i, n - i))
		i++;
	return i < n;
}

int
graph_store(struct graph *g, const char *dir, size_t n, struct fault *f)
{
	while (n > 1 && dir[n - 1] == '/')
		n--;
	if (!n || *dir != '/' || (!g->store && has_control(dir, n)))
		return fault(f, "not a store's directory: %.*s", (int)n, dir);
	if (!g->store)
		g->store = mem_dup(dir, n);
	else if (strlen(g->store) != n || memcmp(g->store, dir, n))
		return fault(f, "paths of two stores, %s and %.*s", g->store,
		    n > 200 ? 200 : (int)n, dir);
	return 0;
}

static size_t
slot(const struct graph *g, const char *hash)
{
	size_t i = siphash(g->key, hash, BASE_HASH) & (g->tablecap - 1);
	uint32_t at;

	while ((at = g->table[i]) &&
	       memcmp(graph_text(g, at - 1), hash, BASE_HASH))
		i = (i + 1) & (g->tablecap - 1);
	return i;
}

static void
rehash(struct graph *g, size_t cap)
{
	uint32_t i;

	free(g->table);
	g->table = mem_new(cap, sizeof(*g->table));
	g->tablecap = cap;
	for (i = 0; i < g->n; i++)
		if (g->node[i].kind == GRAPH_STORE)
			g->table[slot(g, graph_text(g, i))] = i + 1;
}

uint32_t
graph_hash(const struct graph *g, const char *hash)
{
	return g->tablecap ? g->table[slot(g, hash)] - 1 : GRAPH_NONE;
}

static uint32_t
append(struct graph *g, enum graph_kind kind, const char *s, size_t n)
{
	struct graph_node *v;

	if (g->n >= GRAPH_NONE - 2)
		die(2, "too many paths");
	g->node = mem_grow(g->node, &g->cap, g->n + 1UL, sizeof(*g->node));
	v = &g->node[g->n];
	memset(v, 0, sizeof(*v));
	v->text = g->names.n;
	v->len = (uint32_t)n;
	v->kind = (uint8_t)kind;
	mem_add(&g->names, s, n);
	mem_add(&g->names, "", 1);
	return g->n++;
}

uint32_t
graph_extra(struct graph *g, enum graph_kind kind, const char *s, int64_t size)
{
	uint32_t v = append(g, kind, s, strlen(s));

	g->node[v].size = size;
	g->node[v].sized = 1;
	g->node[v].source = UINT16_MAX;
	return v;
}

uint32_t
graph_base(struct graph *g, const char *s, size_t n, struct fault *f)
{
	size_t i;
	uint32_t v;
	const char *have;

	if (!base_ok(s, n)) {
		fault(f, "not the name of a store path: %.*s",
		    n > 250 ? 250 : (int)n, s);
		return GRAPH_NONE;
	}
	if (2 * (g->n + 1UL) > g->tablecap)
		rehash(g, g->tablecap ? 2 * g->tablecap : 1024);
	i = slot(g, s);
	if (!g->table[i]) {
		v = append(g, GRAPH_STORE, s, n);
		g->table[i] = v + 1;
		return v;
	}
	v = g->table[i] - 1;
	have = graph_text(g, v);
	if (g->node[v].len == n && !memcmp(have, s, n))
		return v;
	fault(f, "two names with one hash: %s and %.*s", have, (int)n, s);
	return GRAPH_NONE;
}

uint32_t
graph_path(struct graph *g, const char *s, size_t n, struct fault *f)
{
	size_t i = n;

	while (i > 0 && s[i - 1] != '/')
		i--;
	if (i < 2 || *s != '/') {
		fault(f, "not a store path: %.*s", n > 250 ? 250 : (int)n, s);
		return GRAPH_NONE;
	}
	if (graph_store(g, s, i - 1, f) < 0)
		return GRAPH_NONE;
	return graph_base(g, s + i, n - i, f);
}

int
graph_define(struct graph *g, uint32_t node, int64_t size, struct fault *f)
{
	struct graph_node *v = &g->node[node];

	if (v->source == g->source)
		return fault(f, "%s stands there twice", graph_text(g, node));
	if (v->source)
		return 0;
	v->source = g->source;
	v->sized = size >= 0;
	v->size = size >= 0 ? size : 0;
	return 1;
}

void
graph_edge(struct graph *g, uint32_t from, uint32_t to)
{
	g->from = mem_grow(g->from, &g->fromcap, g->m + 1, sizeof(*g->from));
	g->to = mem_grow(g->to, &g->tocap, g->m + 1, sizeof(*g->to));
	g->from[g->m] = from;
	g->to[g->m++] = to;
}

struct graph_mark
graph_mark(const struct graph *g)
{
	struct graph_mark m = { g->n, g->m, g->names.n, g->store != NULL };

	return m;
}

void
graph_rewind(struct graph *g, struct graph_mark mark)
{
	uint32_t i;

	g->n = mark.n;
	g->m = mark.m;
	g->names.n = mark.text;
	if (!mark.had_store) {
		free(g->store);
		g->store = NULL;
	}
	for (i = 0; i < g->n; i++)
		if (g->node[i].source == g->source)
			g->node[i].source = 0;
	if (g->tablecap)
		rehash(g, g->tablecap);
}

uint32_t
graph_find(const struct graph *g, const char *base, size_t n)
{
	uint32_t lo = 0, hi = g->n, mid;
	const char *s;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		s = graph_text(g, mid);
		c = strncmp(s, base, n);
		if (!c && g->node[mid].kind != GRAPH_STORE)
			c = -1;
		if (!c && !s[n])
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return GRAPH_NONE;
}
