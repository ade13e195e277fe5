/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "fd.h"
#include "load.h"
#include "root.h"
#include "scan.h"
#include "source.h"

/* a NAR of one file is its content, padded, and this */
#define NAR_FILE 112

struct work {
	const struct load *what;
	struct loaded *l;
	struct graph g; /* all that the sources say */
	struct root *roots;
	const char *store; /* the default directory */
	const char *scan;  /* of store:DIR */
	uint16_t scansource;
	struct mem_text text; /* of the first root, when outside the store */
	struct fault *f;
};

static const char *
env(const char *name, const char *other)
{
	const char *s = getenv(name);

	return s && *s ? s : other;
}

static int
store_dir(struct work *w, const char *dir)
{
	char real[PATH_MAX];

	if (w->scan)
		return fault(w->f, "store:%s: one store can be scanned", dir);
	if (!realpath(dir, real))
		return fault(w->f, "%s: %s", dir, strerror(errno));
	if (w->g.store)
		w->g.disk = mem_dup(real, strlen(real));
	else if (graph_store(&w->g, real, strlen(real), w->f) < 0)
		return -1;
	w->scan = dir;
	w->scansource = w->g.source;
	return scan_names(&w->g, dir, w->f);
}

static int
sources(struct work *w)
{
	const struct load *what = w->what;
	char path[PATH_MAX];
	size_t i;
	int r = 0;

	for (i = 0; r == 0 && i < what->nsource; i++) {
		if (graph_source(&w->g) < 0)
			return fault(w->f, "too many sources");
		r = strncmp(what->source[i], "store:", 6)
			? source_read(&w->g, what->source[i], w->f)
			: store_dir(w, what->source[i] + 6);
	}
	if (what->nsource || what->nograph)
		return r;
	graph_source(&w->g);
	snprintf(path, sizeof(path), "%s/db/db.sqlite",
	    env("NIX_STATE_DIR", "/nix/var/nix"));
	if (access(path, F_OK) < 0)
		return fault(w->f, "%s: %s; -r names another source", path,
		    strerror(errno));
	return source_read(&w->g, path, w->f);
}

static void
file_edge(void *arg, uint32_t node)
{
	struct graph *g = arg;

	graph_edge(g, g->n - 1, node);
}

/* a root that lies outside the store: what its text names are its
 * references, and its size is what it would be in the store */
static int
file_root(struct work *w, const struct root *r, uint32_t *node)
{
	struct mem_text t = { r->file, NULL, 0 };

	if (!(t.s = fd_slurp_path(r->file, SOURCE_MAX, &t.n)))
		return fault(w->f, "%s: %s", r->arg, strerror(errno));
	*node = graph_extra(&w->g, GRAPH_FILE, r->file,
	    (int64_t)((t.n + 7) / 8 * 8 + NAR_FILE));
	scan_text(&w->g, t.s, t.n, file_edge, &w->g);
	if (r == w->roots && w->what->image)
		w->text = t; /* it may be a pipe: read once */
	else
		free(t.s);
	return 0;
}

static int
store_root(struct work *w, const struct root *r, uint32_t *node)
{
	*node = w->what->nograph
		    ? graph_base(&w->g, r->base, strlen(r->base), w->f)
		    : graph_hash(&w->g, r->base);
	if (w->what->nograph)
		return *node == GRAPH_NONE ? -1 : 0;
	if (*node != GRAPH_NONE && !strcmp(graph_text(&w->g, *node), r->base) &&
	    (w->g.node[*node].source || w->scan))
		return 0;
	return fault(w->f, "%s: the source does not know %s", r->arg, r->base);
}

/* the root before the i-th that is the same file, or i; a path of the store is
 * one node anyway */
static size_t
same_file(const struct root *r, size_t i)
{
	size_t k = 0;

	while (k < i &&
	       (!r[i].file || !r[k].file || strcmp(r[i].file, r[k].file) != 0))
		k++;
	return k;
}

static int
roots(struct work *w)
{
	const char *stores[4] = { NULL, NULL, NULL, NULL };
	size_t i, k, n = 0;

	if (w->g.store)
		stores[n++] = w->g.store;
	if (w->g.disk)
		stores[n++] = w->g.disk;
	stores[n] = w->store;
	for (i = 0; i < w->what->narg; i++) {
		if (root_resolve(&w->roots[i], w->what->arg[i], stores, w->f) <
		    0)
			return -1;
		if ((k = same_file(w->roots, i)) < i) {
			w->l->root[i] = w->l->root[k];
			continue;
		}
		if ((w->roots[i].base
			    ? store_root(w, &w->roots[i], &w->l->root[i])
			    : file_root(w, &w->roots[i], &w->l->root[i])) < 0)
			return -1;
	}
	return 0;
}

/* store:DIR: reads from the roots, or what a root outside refers to, on */
static int
scan(struct work *w)
{
	uint32_t *start = NULL;
	size_t n = 0, cap = 0, i;
	int r;

	for (i = 0; i < w->what->narg; i++)
		if (w->roots[i].base) {
			start = mem_grow(start, &cap, n + 1, sizeof(*start));
			start[n++] = w->l->root[i];
		}
	for (i = 0; i < w->g.m; i++)
		if (!w->g.node[w->g.to[i]].source) {
			start = mem_grow(start, &cap, n + 1, sizeof(*start));
			start[n++] = w->g.to[i];
		}
	start = mem_grow(start, &cap, n + 1, sizeof(*start));
	start[n] = GRAPH_NONE;
	w->g.source = w->scansource;
	r = scan_reach(&w->g, w->scan, start, w->f);
	free(start);
	return r;
}

static int
image(struct work *w)
{
	struct mem_buf b = { NULL, 0, 0 };
	struct mem_text t = w->text;
	int r;

	w->text.s = NULL;
	if (t.s)
		return manifest_parse(&w->l->image, &t, w->f);
	mem_path(&b,
	    w->g.disk	 ? w->g.disk
	    : w->g.store ? w->g.store
			 : w->store,
	    w->roots[0].base);
	r = manifest_read(&w->l->image, b.p, w->f);
	free(b.p);
	return r;
}

struct naming {
	struct graph *g;
	uint32_t entry; /* its node */
	uint8_t *named; /* store paths that some entry names */
};

static void
names(void *arg, uint32_t node)
{
	struct naming *n = arg;

	n->named[node] = 1;
	graph_edge(n->g, n->entry, node);
}

/* the root's references that entries make go over to these */
static void
drop_edges(struct graph *g, uint32_t root, const uint8_t *named)
{
	size_t i, m = 0;

	for (i = 0; i < g->m; i++) {
		if (g->from[i] == root && named[g->to[i]])
			continue;
		g->from[m] = g->from[i];
		g->to[m++] = g->to[i];
	}
	g->m = m;
}

static void
entries(struct work *w)
{
	const struct manifest *im = &w->l->image;
	uint32_t root = w->l->root[0], first = w->g.n, e, up;
	struct naming n = { &w->g, 0, mem_new(w->g.n, 1) };
	struct mem_buf b = { NULL, 0, 0 };
	struct manifest_str s;

	for (e = 0; e < im->n; e++) {
		manifest_path(im, e, &b);
		n.entry = graph_extra(&w->g, GRAPH_IMAGE, b.p,
		    (int64_t)manifest_size(&im->entry[e]));
		s = manifest_refs(&im->entry[e]);
		scan_text(&w->g, s.s, s.n, names, &n);
	}
	drop_edges(&w->g, root, n.named);
	for (e = 0; e < im->n; e++) {
		up = im->entry[e].parent;
		graph_edge(
		    &w->g, up == MANIFEST_TOP ? root : first + up, first + e);
	}
	free(b.p);
	free(n.named);
}

static int
all(struct work *w)
{
	struct loaded *l = w->l;
	uint32_t *map, v;
	size_t i;

	if (sources(w) < 0 || roots(w) < 0 || (w->scan && scan(w) < 0))
		return -1;
	if (w->what->image && image(w) < 0)
		return -1;
	if (w->what->entries)
		entries(w);
	if (!w->g.store)
		w->g.store = mem_dup(w->store, strlen(w->store));
	if (w->what->nograph)
		return 0;
	if (graph_finish(&w->g, &map, w->f) < 0)
		return -1;
	for (i = 0; i < w->what->narg; i++)
		l->root[i] = map[l->root[i]];
	free(map);
	graph_closure(&w->g, l->root, w->what->narg, &l->g);
	for (v = 0; v < l->g.n; v++)
		l->unsized += !l->g.node[v].sized;
	return 0;
}

int
load(const struct load *what, struct loaded *l, struct fault *f)
{
	struct work w = { .what = what, .l = l, .f = f };
	size_t i;
	int r;

	memset(l, 0, sizeof(*l));
	graph_init(&w.g);
	w.store = env("NIX_STORE_DIR", "/nix/store");
	w.roots = mem_new(what->narg, sizeof(*w.roots));
	l->root = mem_new(what->narg + 1, sizeof(*l->root));
	l->root[what->narg] = GRAPH_NONE;
	r = all(&w);
	if (r == 0 && what->nograph) {
		l->g.store = w.g.store;
		w.g.store = NULL;
	}
	for (i = 0; i < what->narg; i++)
		root_free(&w.roots[i]);
	free(w.roots);
	free(w.text.s);
	graph_free(&w.g);
	return r;
}

void
load_free(struct loaded *l)
{
	graph_free(&l->g);
	manifest_free(&l->image);
	free(l->root);
}
