/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base.h"

/* a path by its name and version; side: 1 old, 2 new, 3 both */
struct item {
	const char *name, *version;
	size_t namelen, versionlen;
	uint64_t size;
	int side;
};

static int
by_name(const void *a, const void *b)
{
	const struct item *x = a, *y = b;
	int c = mem_cmp(x->name, x->namelen, y->name, y->namelen);

	if (!c)
		c = mem_cmp(
		    x->version, x->versionlen, y->version, y->versionlen);
	return c ? c : (x->name > y->name) - (x->name < y->name);
}

/* the nodes that are store paths, or the root file, sorted */
static struct item *
items(const struct ask *a, const uint8_t *side, size_t *count)
{
	struct item *item = mem_new(a->g->n, sizeof(*item)), *it;
	const char *s, *slash;
	size_t n = 0;
	uint32_t v;

	for (v = 0; v < a->g->n; v++) {
		if (a->g->node[v].kind == GRAPH_IMAGE)
			continue;
		it = &item[n++];
		s = graph_text(a->g, v);
		slash = strrchr(s, '/');
		it->name = a->g->node[v].kind == GRAPH_STORE ? s + BASE_HASH + 1
							     : slash + 1;
		it->namelen = strlen(it->name);
		it->version =
		    base_version(it->name, it->namelen, &it->versionlen);
		if (it->version)
			it->namelen -= it->versionlen + 1;
		else
			it->version = "";
		it->size = (uint64_t)a->g->node[v].size;
		it->side = side ? side[v] : 3;
	}
	if (n)
		qsort(item, n, sizeof(*item), by_name);
	*count = n;
	return item;
}

/* how many of the items from i on share its name */
static size_t
group(const struct item *item, size_t i, size_t n)
{
	size_t k = i + 1;

	while (k < n && item[k].namelen == item[i].namelen &&
	       !memcmp(item[k].name, item[i].name, item[i].namelen))
		k++;
	return k - i;
}

/* the versions of one side: "1.0,1.0,2.0"; "*" has none, "-": no path */
static void
versions(
    struct out *o, const char *key, const struct item *item, size_t n, int side)
{
	struct mem_buf b = { NULL, 0, 0 };
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (!(item[i].side & side))
			continue;
		if (k++)
			mem_str(&b, ",");
		if (item[i].versionlen)
			mem_add(&b, item[i].version, item[i].versionlen);
		else
			mem_str(&b, "*");
	}
	if (!k)
		mem_str(&b, "-");
	out_text(o, key, b.p, b.n);
	free(b.p);
}

int
ask_names(struct ask *a)
{
	size_t n, i, k, j;
	struct item *item = items(a, NULL, &n);
	uint64_t sum;

	for (i = 0; i < n; i += k) {
		k = group(item, i, n);
		if (k < 2)
			continue;
		for (sum = 0, j = i; j < i + k; j++)
			sum += item[j].size;
		out_num(a->o, "count", k);
		out_size(a->o, "size", sum);
		out_text(a->o, "name", item[i].name, item[i].namelen);
		versions(a->o, "versions", item + i, k, 3);
		out_end(a->o);
	}
	free(item);
	return 0;
}

static int
differs(struct ask *a, const struct item *item, size_t n)
{
	uint64_t old = 0, new = 0;
	size_t i;
	int all = 3;

	for (i = 0; i < n; i++) {
		all &= item[i].side;
		old += item[i].side & 1 ? item[i].size : 0;
		new += item[i].side & 2 ? item[i].size : 0;
	}
	if (all == 3)
		return 0;
	out_delta(a->o, "delta", old, new);
	out_text(a->o, "name", item->name, item->namelen);
	versions(a->o, "old", item, n, 1);
	versions(a->o, "new", item, n, 2);
	out_end(a->o);
	return 1;
}

int
ask_diff(struct ask *a)
{
	uint8_t *side = mem_new(a->g->n, 1);
	struct item *item;
	size_t n, i, k;
	int r = 0;

	graph_reach(a->g, a->root[0], side, 1);
	graph_reach(a->g, a->root[1], side, 2);
	item = items(a, side, &n);
	for (i = 0; i < n; i += k) {
		k = group(item, i, n);
		r |= differs(a, item + i, k);
	}
	free(side);
	free(item);
	return r;
}
