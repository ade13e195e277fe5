/* limen: ISC licence, see LICENSE */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base.h"
#include "scan.h"
#include "walk.h"

void
scan_text(
    const struct graph *g, const char *s, size_t n, scan_each *each, void *arg)
{
	const char *hash;
	size_t i = 0;
	uint32_t v;

	while ((hash = base_scan(s, n, &i)))
		if ((v = graph_hash(g, hash)) != GRAPH_NONE)
			each(arg, v);
}

/* what Nix keeps beside the paths themselves */
static int
aside(const char *s, size_t n)
{
	static const char *const end[] = { ".drv", ".lock", ".chroot",
		".check" };
	size_t i, k;

	for (i = 0; i < sizeof(end) / sizeof(*end); i++) {
		k = strlen(end[i]);
		if (n > k && !strcmp(s + n - k, end[i]))
			return 1;
	}
	return 0;
}

int
scan_names(struct graph *g, const char *dir, struct fault *f)
{
	struct fault why;
	struct dirent *e;
	DIR *d = opendir(dir);
	size_t n;

	if (!d)
		return fault(f, "%s: %s", dir, strerror(errno));
	while ((errno = 0, e = readdir(d))) {
		n = strlen(e->d_name);
		if (!aside(e->d_name, n) && base_ok(e->d_name, n))
			graph_base(g, e->d_name, n, &why);
	}
	n = (size_t)errno;
	closedir(d);
	return n ? fault(f, "%s: %s", dir, strerror((int)n)) : 0;
}

/* the reading of one path after another */
struct reach {
	struct graph *g;
	uint32_t node;	/* the one being read */
	uint32_t *last; /* who referred to a node last, + 1 */
	uint32_t *queue;
	size_t n, cap;
	struct fault *f;
};

static void
wanted(struct reach *r, uint32_t v)
{
	if (r->g->node[v].source == r->g->source)
		return;
	if (graph_define(r->g, v, 0, r->f) <= 0)
		return;
	r->queue = mem_grow(r->queue, &r->cap, r->n + 1, sizeof(*r->queue));
	r->queue[r->n++] = v;
}

static void
refers(void *arg, uint32_t v)
{
	struct reach *r = arg;

	if (r->last[v] == r->node + 1)
		return;
	r->last[v] = r->node + 1;
	graph_edge(r->g, r->node, v);
	wanted(r, v);
}

static int
piece(void *arg, const char *p, size_t n)
{
	struct reach *r = arg;

	scan_text(r->g, p, n, refers, r);
	return 0;
}

static int
one(struct reach *r, const char *dir)
{
	struct mem_buf path = { NULL, 0, 0 };
	struct walk w;
	uint64_t size = 0;
	int t;

	mem_path(&path, dir, graph_text(r->g, r->node));
	walk_init(&w, path.p, r->f);
	free(path.p);
	while ((t = walk_next(&w)) > 0) {
		size += walk_narsize(&w);
		scan_text(
		    r->g, w.path.p + w.root, w.path.n - w.root, refers, r);
		if (S_ISLNK(w.st.st_mode))
			scan_text(r->g, w.link.p, w.link.n, refers, r);
		if (S_ISREG(w.st.st_mode) &&
		    (t = walk_data(&w, BASE_HASH - 1, piece, r)) < 0)
			break;
	}
	walk_free(&w);
	r->g->node[r->node].size = (int64_t)size;
	r->g->node[r->node].sized = 1;
	return t;
}

int
scan_reach(
    struct graph *g, const char *dir, const uint32_t *start, struct fault *f)
{
	struct reach r = { .g = g, .f = f };
	int t = 0;

	r.last = mem_new(g->n, sizeof(*r.last));
	for (; *start != GRAPH_NONE; start++)
		wanted(&r, *start);
	while (t == 0 && r.n) {
		r.node = r.queue[--r.n];
		t = one(&r, dir);
	}
	free(r.last);
	free(r.queue);
	return t;
}

/* a search for hashes in the files of a path */
struct hunt {
	const struct scan_hashes *want;
	size_t left;
	uint8_t *found;
	const char *file;
};

/* which of the hashes it is, or want->n */
static size_t
which(const struct scan_hashes *want, const char *hash)
{
	size_t lo = 0, hi = want->n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (!(c = memcmp(want->hash[mid], hash, BASE_HASH)))
			return mid;
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return want->n;
}

/* are all found? */
static int
holds(void *arg, const char *p, size_t n)
{
	struct hunt *h = arg;
	const char *hash;
	size_t pos = 0, i;

	while (h->left && (hash = base_scan(p, n, &pos))) {
		i = which(h->want, hash);
		if (i == h->want->n || h->found[i])
			continue;
		h->found[i] = 1;
		h->left--;
		h->want->each(h->want->arg, i, h->file);
	}
	return !h->left;
}

void
scan_holders(const char *path, const struct scan_hashes *want)
{
	struct hunt h = { want, want->n, mem_new(want->n, 1), NULL };
	struct fault f;
	struct walk w;

	walk_init(&w, path, &f);
	while (h.left && walk_next(&w) > 0) {
		h.file = w.path.p;
		if (S_ISREG(w.st.st_mode) &&
		    walk_data(&w, BASE_HASH - 1, holds, &h) < 0)
			break;
		if (S_ISLNK(w.st.st_mode))
			holds(&h, w.link.p, w.link.n);
		holds(&h, w.path.p + w.root, w.path.n - w.root);
	}
	walk_free(&w);
	free(h.found);
}
