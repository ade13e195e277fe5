/* limen: ISC licence, see LICENSE */
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base.h"
#include "scan.h"

/* does the pattern mean s[0..n), or its part up to its version? */
static int
matches_name(const char *pattern, const char *s)
{
	size_t n = strlen(s), len;
	const char *version = base_version(s, n, &len);
	char *bare;
	int hit;

	if (!fnmatch(pattern, s, 0))
		return 1;
	if (!version)
		return 0;
	bare = mem_dup(s, (size_t)(version - s) - 1);
	hit = !fnmatch(pattern, bare, 0);
	free(bare);
	return hit;
}

static int
matches(const struct ask *a, uint32_t v)
{
	const char *s = graph_text(a->g, v), *slash = strrchr(s, '/');
	struct mem_buf b = { NULL, 0, 0 };
	int hit;

	if (a->g->node[v].kind != GRAPH_STORE)
		return !fnmatch(a->pattern, s, 0) ||
		       !fnmatch(a->pattern, slash ? slash + 1 : s, 0);
	if (!fnmatch(a->pattern, s, 0) ||
	    matches_name(a->pattern, s + BASE_HASH + 1))
		return 1;
	mem_str(&b, a->g->store);
	mem_str(&b, "/");
	mem_str(&b, s);
	hit = !fnmatch(a->pattern, mem_cstr(&b), 0);
	free(b.p);
	return hit;
}

/* the file of referrer v that names c */
static void
holder(struct ask *a, uint32_t v, uint32_t c)
{
	char *path = NULL, *found = NULL;

	if (!a->files)
		return;
	if (a->g->node[c].kind == GRAPH_STORE &&
	    a->g->node[v].kind != GRAPH_IMAGE) {
		path = ask_disk(a->g, v);
		found = scan_holder(path, graph_text(a->g, c));
	}
	out_word(a->o, a->o->list ? NULL : "file", found ? found : "-");
	free(found);
	free(path);
}

/* how each node is reached in the fewest steps; g->n: a root */
static uint32_t *
shortest(const struct ask *a)
{
	const struct graph *g = a->g;
	uint32_t *from = mem_new(g->n, sizeof(*from)), v, i;
	uint32_t *queue = mem_new(g->n, sizeof(*queue)), head = 0, tail = 0;
	size_t e;

	for (i = 0; i < g->n; i++)
		from[i] = GRAPH_NONE;
	for (e = 0; e < a->nroots; e++) {
		if (from[a->root[e]] == GRAPH_NONE)
			queue[tail++] = a->root[e];
		from[a->root[e]] = g->n;
	}
	while (head < tail) {
		v = queue[head++];
		for (e = g->off[v]; e < g->off[v + 1UL]; e++)
			if (from[g->to[e]] == GRAPH_NONE) {
				from[g->to[e]] = v;
				queue[tail++] = g->to[e];
			}
	}
	free(queue);
	return from;
}

static void
chain(struct ask *a, const uint32_t *from, uint32_t v)
{
	uint32_t *hop = NULL;
	size_t n = 0, cap = 0;

	do {
		hop = mem_grow(hop, &cap, n + 1, sizeof(*hop));
		hop[n++] = v;
	} while ((v = from[v]) != a->g->n);
	out_list(a->o, "chain");
	out_path(a->o, NULL, a->g, hop[--n]);
	while (n > 0) {
		holder(a, hop[n], hop[n - 1]);
		out_path(a->o, NULL, a->g, hop[--n]);
	}
	out_unlist(a->o);
	out_end(a->o);
	free(hop);
}

static void
all_edges(struct ask *a, uint8_t *hit)
{
	const struct graph *g = a->g;
	uint32_t i, v;
	size_t e;

	for (i = 0; i < g->n; i++) /* whoever refers to such comes later */
		for (v = a->post[i], e = g->off[v]; e < g->off[v + 1UL]; e++)
			hit[v] |= hit[g->to[e]];
	for (v = 0; v < g->n; v++)
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			if (g->to[e] == v || !hit[g->to[e]])
				continue;
			out_path(a->o, "referrer", g, v);
			out_path(a->o, "reference", g, g->to[e]);
			holder(a, v, g->to[e]);
			out_end(a->o);
		}
}

int
ask_why(struct ask *a)
{
	uint8_t *hit = mem_new(a->g->n, 1);
	uint32_t *from, v;
	int found = 0;

	for (v = 0; v < a->g->n; v++)
		found |= hit[v] = (uint8_t)matches(a, v);
	if (a->all)
		all_edges(a, hit);
	else {
		from = shortest(a);
		for (v = 0; v < a->g->n; v++)
			if (hit[v])
				chain(a, from, v);
		free(from);
	}
	free(hit);
	return !found;
}
