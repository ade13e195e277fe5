/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "lookup.h"

#define LINKS 40 /* as the kernel */

struct lookup {
	const struct manifest *im;
	const struct graph *g;
	uint32_t *sorted;	  /* entries by parent and name */
	struct mem_buf cur, rest; /* cur: done, without links */
	size_t at;		  /* what is still to do of rest begins there */
	int links;
};

static int
compare(const struct manifest_entry *en, uint32_t parent, const char *name,
    size_t n)
{
	if (en->parent != parent)
		return en->parent < parent ? -1 : 1;
	return mem_cmp(en->name.s, en->name.n, name, n);
}

static int
by_parent(const void *a, const void *b, void *arg)
{
	const struct manifest *im = arg;
	const struct manifest_entry *y = &im->entry[*(const uint32_t *)b];

	return compare(
	    &im->entry[*(const uint32_t *)a], y->parent, y->name.s, y->name.n);
}

struct lookup *
lookup_new(const struct manifest *im, const struct graph *g)
{
	struct lookup *l = mem_new(1, sizeof(*l));
	uint32_t i;

	l->im = im;
	l->g = g;
	l->sorted = mem_new(im->n, sizeof(*l->sorted));
	for (i = 0; i < im->n; i++)
		l->sorted[i] = i;
	if (im->n)
		qsort_r(l->sorted, im->n, sizeof(*l->sorted), by_parent,
		    (void *)im);
	mem_cstr(&l->cur);
	mem_cstr(&l->rest);
	return l;
}

void
lookup_free(struct lookup *l)
{
	free(l->sorted);
	free(l->cur.p);
	free(l->rest.p);
	free(l);
}

/* the entry called s[0..n) in parent, or MANIFEST_TOP */
static uint32_t
find(const struct lookup *l, uint32_t parent, const char *s, size_t n)
{
	uint32_t lo = 0, hi = l->im->n, mid;
	int c;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		c = compare(&l->im->entry[l->sorted[mid]], parent, s, n);
		if (!c)
			return l->sorted[mid];
		if (c < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return MANIFEST_TOP;
}

/* the entry at the path cur, or MANIFEST_TOP */
static uint32_t
entry_at(const struct lookup *l, const char *path)
{
	uint32_t e = MANIFEST_TOP;
	size_t n;

	while (*path == '/') {
		n = strcspn(++path, "/");
		if ((e = find(l, e, path, n)) == MANIFEST_TOP)
			return MANIFEST_TOP;
		path += n;
	}
	return e;
}

static int
below(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/');
}

static int
later(const char *path)
{
	static const char *const dir[] = { "/dev", "/proc", "/run", "/sys",
		"/tmp" };
	size_t i;

	for (i = 0; i < sizeof(dir) / sizeof(*dir); i++)
		if (below(path, dir[i]))
			return 1;
	return 0;
}

/* puts a link's target before the rest; cur is the link itself */
static void
follow(struct lookup *l, const char *target, size_t n)
{
	struct mem_buf b = { NULL, 0, 0 };

	mem_add(&b, target, n);
	mem_str(&b, "/");
	mem_str(&b, l->rest.p + l->at);
	free(l->rest.p);
	l->rest = b;
	l->at = 0;
	l->links++;
	while (l->cur.n && l->cur.p[--l->cur.n] != '/')
		;
	if (n && *target == '/')
		l->cur.n = 0;
	mem_cstr(&l->cur);
}

enum step { ON, STOP_THERE, STOP_NOWHERE };

/* a whole store path that is not on this machine */
static int
absent(const struct lookup *l, const char *base, size_t n)
{
	const struct graph *g = l->g;
	struct mem_buf b = { NULL, 0, 0 };
	struct stat st;
	int r;

	mem_str(&b, g->disk ? g->disk : g->store);
	mem_str(&b, "/");
	mem_add(&b, base, n);
	r = lstat(b.p, &st) < 0;
	free(b.p);
	return r;
}

/* cur lies in the store */
static enum step
in_store(struct lookup *l)
{
	const struct graph *g = l->g;
	const char *base = l->cur.p + strlen(g->store) + 1;
	size_t n = strcspn(base, "/");
	struct mem_buf b = { NULL, 0, 0 };
	char target[PATH_MAX];
	enum step r = ON;
	struct stat st;
	ssize_t len;

	if (g->n && graph_find(g, base, n) == GRAPH_NONE)
		return STOP_NOWHERE;
	mem_path(&b, g->disk ? g->disk : g->store, base);
	if (absent(l, base, n))
		r = STOP_THERE;
	else if (lstat(b.p, &st) < 0)
		r = STOP_NOWHERE;
	else if (S_ISLNK(st.st_mode) &&
		 (len = readlink(b.p, target, sizeof(target))) >= 0)
		follow(l, target, (size_t)len);
	free(b.p);
	return r;
}

/* the next component of rest, or its end */
static char *
next(const struct lookup *l)
{
	char *s = l->rest.p + l->at;

	return s + strspn(s, "/");
}

/* judges cur, to which a component was just added */
static enum step
step(struct lookup *l)
{
	const char *store = l->g->store;
	const struct manifest_entry *en;
	uint32_t e = entry_at(l, l->cur.p);

	if (e != MANIFEST_TOP) {
		en = &l->im->entry[e];
		if (en->type == 's')
			follow(l, en->target.s, en->target.n);
		else if (en->type != 'd' && *next(l))
			return STOP_NOWHERE;
		return ON;
	}
	if (store && below(l->cur.p, store) && l->cur.n > strlen(store))
		return in_store(l);
	if (store && below(store, l->cur.p))
		return ON;
	return later(l->cur.p) ? STOP_THERE : STOP_NOWHERE;
}

enum lookup_end
lookup_link(struct lookup *l, uint32_t e)
{
	size_t k;
	char *s;
	enum step r;

	manifest_path(l->im, e, &l->cur);
	l->rest.n = l->at = 0;
	mem_cstr(&l->rest);
	l->links = 0;
	follow(l, l->im->entry[e].target.s, l->im->entry[e].target.n);
	for (;;) {
		if (!*(s = next(l)))
			return LOOKUP_THERE;
		if (l->links > LINKS)
			return LOOKUP_LOOP;
		k = strcspn(s, "/");
		if (k == 2 && !memcmp(s, "..", 2)) {
			while (l->cur.n && l->cur.p[--l->cur.n] != '/')
				;
			mem_cstr(&l->cur);
		} else if (k != 1 || *s != '.') {
			mem_str(&l->cur, "/");
			mem_add(&l->cur, s, k);
		}
		l->at = (size_t)(s - l->rest.p) + k;
		r = l->cur.n ? step(l) : ON;
		if (r != ON)
			return r == STOP_THERE ? LOOKUP_THERE : LOOKUP_NOWHERE;
	}
}
