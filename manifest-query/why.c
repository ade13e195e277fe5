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
	mem_path(&b, a->g->store, s);
	hit = !fnmatch(a->pattern, b.p, 0);
	free(b.p);
	return hit;
}

/*
 * For -f: the files of referrers that hold references. A referrer is read when
 * first asked for, for all of its references that are wanted.
 */
struct holders {
	struct ask *a;
	const uint8_t *want; /* by nodes: those that will be asked for */
	uint8_t *read;	     /* by nodes */
	size_t *file;	     /* by references: where it is in text, or 0 */
	struct mem_buf text;
	size_t *edge; /* of the one that is read: those wanted */
};

static void
holders_init(struct holders *h, struct ask *a, const uint8_t *want)
{
	memset(h, 0, sizeof(*h));
	h->a = a;
	h->want = want;
	if (!a->files)
		return;
	h->read = mem_new(a->g->n, 1);
	h->file = mem_new(a->g->m, sizeof(*h->file));
	h->edge = mem_new(a->g->n, sizeof(*h->edge));
	mem_add(&h->text, "-", 2);
}

/* of a referrer that is not asked for again: its files */
static void
holders_forget(struct holders *h)
{
	if (h->text.n)
		h->text.n = 2;
}

static void
holders_free(struct holders *h)
{
	free(h->read);
	free(h->file);
	free(h->edge);
	free(h->text.p);
}

static void
held(void *arg, size_t i, const char *file)
{
	struct holders *h = arg;

	h->file[h->edge[i]] = h->text.n;
	mem_add(&h->text, file, strlen(file) + 1);
}

static void
read_files(struct holders *h, uint32_t v)
{
	const struct graph *g = h->a->g;
	size_t n = g->off[v + 1UL] - g->off[v], e;
	const char **hash = mem_new(n, sizeof(*hash));
	struct scan_hashes want = { hash, 0, held, h };
	char *path = ask_disk(g, v);

	for (e = g->off[v]; e < g->off[v + 1UL]; e++)
		if (g->to[e] != v && h->want[g->to[e]] &&
		    g->node[g->to[e]].kind == GRAPH_STORE) {
			h->edge[want.n] = e;
			hash[want.n++] = graph_text(g, g->to[e]);
		}
	scan_holders(path, &want);
	h->read[v] = 1;
	free(path);
	free(hash);
}

/* the file of referrer v that names c */
static void
holder(struct holders *h, uint32_t v, uint32_t c)
{
	const struct graph *g = h->a->g;
	struct out *o = h->a->o;
	size_t lo, hi, mid;

	if (!h->read)
		return;
	if (!h->read[v] && g->node[v].kind != GRAPH_IMAGE)
		read_files(h, v);
	lo = g->off[v];
	hi = g->off[v + 1UL];
	while (hi - lo > 1) {
		mid = lo + (hi - lo) / 2;
		if (g->to[mid] <= c)
			lo = mid;
		else
			hi = mid;
	}
	out_word(o, o->list ? NULL : "file", h->text.p + h->file[lo]);
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
chain(struct holders *h, const uint32_t *from, uint32_t v)
{
	struct ask *a = h->a;
	uint32_t *hop = NULL;
	size_t n = 0, cap = 0;

	do {
		hop = mem_grow(hop, &cap, n + 1, sizeof(*hop));
		hop[n++] = v;
	} while ((v = from[v]) != a->g->n);
	out_list(a->o, "chain");
	out_path(a->o, NULL, a->g, hop[--n]);
	while (n > 0) {
		holder(h, hop[n], hop[n - 1]);
		out_path(a->o, NULL, a->g, hop[--n]);
	}
	out_unlist(a->o);
	out_end(a->o);
	free(hop);
}

static void
chains(struct ask *a, const uint8_t *hit)
{
	uint8_t *on = mem_new(a->g->n, 1);
	uint32_t *from = shortest(a), v, up;
	struct holders h;

	for (v = 0; v < a->g->n; v++)
		for (up = v; hit[v] && up != a->g->n && !on[up]; up = from[up])
			on[up] = 1;
	holders_init(&h, a, on);
	for (v = 0; v < a->g->n; v++)
		if (hit[v])
			chain(&h, from, v);
	holders_free(&h);
	free(from);
	free(on);
}

static void
all_edges(struct ask *a, uint8_t *hit)
{
	const struct graph *g = a->g;
	struct holders h;
	uint32_t i, v;
	size_t e;

	for (i = 0; i < g->n; i++) /* whoever refers to such comes later */
		for (v = a->post[i], e = g->off[v]; e < g->off[v + 1UL]; e++)
			hit[v] |= hit[g->to[e]];
	holders_init(&h, a, hit);
	for (v = 0; v < g->n; v++) {
		for (e = g->off[v]; e < g->off[v + 1UL]; e++) {
			if (g->to[e] == v || !hit[g->to[e]])
				continue;
			out_path(a->o, "referrer", g, v);
			out_path(a->o, "reference", g, g->to[e]);
			holder(&h, v, g->to[e]);
			out_end(a->o);
		}
		holders_forget(&h);
	}
	holders_free(&h);
}

int
ask_why(struct ask *a)
{
	uint8_t *hit = mem_new(a->g->n, 1);
	uint32_t v;
	int found = 0;

	for (v = 0; v < a->g->n; v++)
		found |= hit[v] = (uint8_t)matches(a, v);
	if (a->all)
		all_edges(a, hit);
	else
		chains(a, hit);
	free(hit);
	return !found;
}
