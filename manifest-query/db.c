/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "btree.h"
#include "source.h"

#define TRIES 20

/* the columns that we need, from 0; -1: not found yet */
struct db {
	struct graph *g;
	uint32_t paths, refs; /* root pages */
	int path, size, referrer, reference;
	int64_t *id; /* of each node read, ascending */
	uint32_t *node;
	size_t n, idcap, nodecap;
	int64_t from; /* of the reference read last */
	uint32_t fromnode;
};

/* the place of a column in "CREATE TABLE T ( name type ..., ...)", or -1 */
static int
column(const struct btree_value *sql, const char *name)
{
	size_t i = 0, n = strlen(name), w;
	int depth = 0, c = 0;

	for (; i < sql->n; i++) {
		if (sql->n - i > 1 && !memcmp(sql->s + i, "--", 2))
			while (i < sql->n && sql->s[i] != '\n')
				i++;
		if (i == sql->n)
			break;
		if (sql->s[i] == '(')
			depth++;
		else if (sql->s[i] == ')')
			depth--;
		c += depth == 1 && sql->s[i] == ',';
		if (depth != 1 || (sql->s[i] != '(' && sql->s[i] != ','))
			continue;
		w = i + 1;
		while (w < sql->n && strchr(" \t\r\n\"`[", sql->s[w]))
			w++;
		if (sql->n - w > n && !memcmp(sql->s + w, name, n) &&
		    strchr(" \t\n\"`],", sql->s[w + n]))
			return c;
	}
	return -1;
}

/* a row of sqlite_schema: type, name, tbl_name, rootpage, sql */
static int
schema_row(void *arg, const struct btree_row *row, struct fault *f)
{
	struct db *d = arg;
	struct btree_value type, name, root, sql;

	if (btree_column(row, 0, &type) || btree_column(row, 1, &name) ||
	    btree_column(row, 3, &root) || btree_column(row, 4, &sql))
		return fault(f, "damaged schema");
	if (type.type != BTREE_TEXT || type.n != 5 ||
	    memcmp(type.s, "table", 5) || name.type != BTREE_TEXT ||
	    sql.type != BTREE_TEXT || root.type != BTREE_INT || root.i < 1 ||
	    root.i > UINT32_MAX)
		return 0;
	if (name.n == 10 && !memcmp(name.s, "ValidPaths", 10)) {
		d->paths = (uint32_t)root.i;
		d->path = column(&sql, "path");
		d->size = column(&sql, "narSize");
	} else if (name.n == 4 && !memcmp(name.s, "Refs", 4)) {
		d->refs = (uint32_t)root.i;
		d->referrer = column(&sql, "referrer");
		d->reference = column(&sql, "reference");
	}
	return 0;
}

static int
path_row(void *arg, const struct btree_row *row, struct fault *f)
{
	struct db *d = arg;
	struct btree_value path, size;
	uint32_t v;

	if (btree_column(row, (unsigned)d->path, &path) ||
	    btree_column(row, (unsigned)d->size, &size))
		return fault(f, "damaged row in ValidPaths");
	if (path.type != BTREE_TEXT)
		return fault(f, "a row of ValidPaths has no path");
	if ((v = graph_path(d->g, path.s, path.n, f)) == GRAPH_NONE)
		return -1;
	if (graph_define(d->g, v,
		size.type == BTREE_INT && size.i >= 0 ? size.i : -1, f) < 0)
		return -1;
	d->id = mem_grow(d->id, &d->idcap, d->n + 1, sizeof(*d->id));
	d->node = mem_grow(d->node, &d->nodecap, d->n + 1, sizeof(*d->node));
	d->id[d->n] = row->id;
	d->node[d->n++] = v;
	return 0;
}

static uint32_t
by_id(const struct db *d, int64_t id)
{
	size_t lo = 0, hi = d->n, mid;

	/* ids mostly follow one another: try where it would be then */
	if (d->n && id >= d->id[0] && (uint64_t)id - d->id[0] < d->n &&
	    d->id[id - d->id[0]] == id)
		return d->node[id - d->id[0]];
	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (d->id[mid] == id)
			return d->node[mid];
		if (d->id[mid] < id)
			lo = mid + 1;
		else
			hi = mid;
	}
	return GRAPH_NONE;
}

static int
ref_row(void *arg, const struct btree_row *row, struct fault *f)
{
	struct db *d = arg;
	struct btree_value from, to;
	uint32_t v;

	if (btree_column(row, (unsigned)d->referrer, &from) ||
	    btree_column(row, (unsigned)d->reference, &to) ||
	    from.type != BTREE_INT || to.type != BTREE_INT)
		return fault(f, "damaged row in Refs");
	if (d->fromnode == GRAPH_NONE || from.i != d->from)
		d->fromnode = by_id(d, from.i);
	d->from = from.i;
	v = by_id(d, to.i);
	if (d->fromnode == GRAPH_NONE || v == GRAPH_NONE)
		return fault(f,
		    "a reference from id %lld to id %lld, one of "
		    "which is not there",
		    (long long)from.i, (long long)to.i);
	/* an earlier source that knows the path has told its references */
	if (d->g->node[d->fromnode].source == d->g->source)
		graph_edge(d->g, d->fromnode, v);
	return 0;
}

static int
tables(struct db *d, const struct page_set *p, struct fault *f)
{
	struct btree_each schema = { schema_row, d };
	struct btree_each paths = { path_row, d }, refs = { ref_row, d };

	if (btree_rows(p, 1, &schema, f) < 0)
		return -1;
	if (!d->paths || !d->refs || d->path < 0 || d->size < 0 ||
	    d->referrer < 0 || d->reference < 0)
		return fault(f, "not a database of Nix (no ValidPaths and "
				"Refs as expected)");
	if (btree_rows(p, d->paths, &paths, f) < 0)
		return -1;
	return btree_rows(p, d->refs, &refs, f);
}

/* one reading; *changed when a writer came between */
static int
attempt(struct graph *g, struct page_set *p, int *changed, struct fault *f)
{
	struct db d = { .g = g,
		.path = -1,
		.size = -1,
		.referrer = -1,
		.reference = -1,
		.fromnode = GRAPH_NONE };
	struct fault inner;
	size_t n = strlen(p->path);
	int r = tables(&d, p, &inner);

	free(d.id);
	free(d.node);
	*changed = page_changed(p);
	if (r < 0 && !strncmp(inner.text, p->path, n))
		*f = inner;
	else if (r < 0)
		fault(f, "%s: %.400s", p->path, inner.text);
	return r;
}

int
db_read(struct graph *g, const char *path, int fd, struct fault *f)
{
	struct graph_mark mark = graph_mark(g);
	struct timespec pause = { 0, 20000000 };
	struct page_set p;
	int i, r, changed;

	for (i = 0; i < TRIES; i++) {
		r = page_open(&p, path, fd, f);
		changed = p.busy;
		if (r == 0)
			r = attempt(g, &p, &changed, f);
		page_close(&p);
		if (!changed)
			return r;
		graph_rewind(g, mark);
		nanosleep(&pause, NULL);
	}
	return r < 0 ? -1
		     : fault(f, "%s: is being written to all the time", path);
}
