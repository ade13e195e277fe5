/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "jin.h"
#include "source.h"

#define SHORTEST 34 /* bytes of a store path's name: hash, hyphen, name */

/*
 * nix path-info --json has had four shapes: an array of objects with "path";
 * an object keyed by path, null for one that is not valid; the same with
 * base names for references; and {"version", "storeDir", "info": {...}} with
 * base names for keys as well.
 */
struct info {
	struct jin in;
	struct graph *g;
	uint32_t node;	/* of the object being read */
	int64_t size;	/* -1: not told */
	int invalid;	/* "valid": false */
	size_t off;	/* where it began */
	uint32_t *refs; /* kept until its path is known */
	size_t nrefs, cap;
};

/* the next token, which must be t */
static int
expect(struct info *p, int t, const char *why)
{
	return jin_next(&p->in) == t ? 0 : jin_wrong(&p->in, why);
}

/* a path or base name that is the last string */
static uint32_t
node(struct info *p)
{
	struct fault why;
	size_t n;
	char *s = jin_dup(&p->in, &n);
	uint32_t v = n && s[0] == '/' ? graph_path(p->g, s, n, &why)
				      : graph_base(p->g, s, n, &why);

	if (v == GRAPH_NONE)
		jin_wrong(&p->in, why.text);
	free(s);
	return v;
}

static int
references(struct info *p)
{
	int t;
	uint32_t v;

	if (expect(p, JSON_ARRAY, "references must be an array") < 0)
		return -1;
	while ((t = jin_next(&p->in)) == JSON_STRING) {
		if ((v = node(p)) == GRAPH_NONE)
			return -1;
		p->refs =
		    mem_grow(p->refs, &p->cap, p->nrefs + 1, sizeof(*p->refs));
		p->refs[p->nrefs++] = v;
	}
	return t == JSON_ARRAY_END
		   ? 0
		   : jin_wrong(&p->in, "a reference must be a string");
}

static int
size(struct info *p)
{
	int t = jin_next(&p->in);

	if (t == JSON_NULL)
		return 0;
	if (t == JSON_NUMBER && !json_int(&p->in.j, &p->size) && p->size >= 0)
		return 0;
	return jin_wrong(&p->in, "not a size in bytes");
}

static int
member(struct info *p)
{
	int t;

	if (json_is(&p->in.j, "references"))
		return references(p);
	if (json_is(&p->in.j, "narSize"))
		return size(p);
	if (json_is(&p->in.j, "path")) {
		if (expect(p, JSON_STRING, "path must be a string") < 0)
			return -1;
		p->node = node(p);
		return p->node == GRAPH_NONE ? -1 : 0;
	}
	if (json_is(&p->in.j, "valid")) {
		t = jin_next(&p->in);
		p->invalid = t == JSON_FALSE;
		return jin_skip(&p->in, t) == JSON_ERROR ? -1 : 0;
	}
	return jin_skip(&p->in, jin_next(&p->in)) == JSON_ERROR ? -1 : 0;
}

static int
define(struct info *p)
{
	struct fault why;
	size_t i;
	int fresh;

	if (p->node == GRAPH_NONE)
		return jin_fault(&p->in, p->off, "an entry without its path");
	if (p->invalid)
		return 0;
	if ((fresh = graph_define(p->g, p->node, p->size, &why)) < 0)
		return jin_fault(&p->in, p->off, "%s", why.text);
	for (i = 0; fresh && i < p->nrefs; i++)
		graph_edge(p->g, p->node, p->refs[i]);
	return 0;
}

/* the object or null that token t began; v is its path or GRAPH_NONE */
static int
entry(struct info *p, int t, uint32_t v)
{
	if (t == JSON_NULL && v != GRAPH_NONE)
		return 0;
	if (t != JSON_OBJECT)
		return jin_wrong(
		    &p->in, "the entry of a path must be an object");
	p->off = p->in.j.off;
	p->node = v;
	p->size = -1;
	p->invalid = 0;
	p->nrefs = 0;
	while ((t = jin_next(&p->in)) == JSON_KEY)
		if (member(p) < 0)
			return -1;
	return t == JSON_ERROR ? -1 : define(p);
}

/* an object keyed by path or base name */
static int
by_path(struct info *p)
{
	uint32_t v;
	int t;

	while ((t = jin_next(&p->in)) == JSON_KEY) {
		if ((v = node(p)) == GRAPH_NONE)
			return -1;
		if (entry(p, jin_next(&p->in), v) < 0)
			return -1;
	}
	return t == JSON_ERROR ? -1 : 0;
}

/* a key that is too short for a store path's name: an image's manifest has
 * such ones, and people give it here */
static int
alien(struct info *p)
{
	size_t n;
	char *s = jin_dup(&p->in, &n);
	const int yes = n < SHORTEST && *s != '/';

	if (yes)
		jin_fault(&p->in, p->in.j.off - 1,
		    "not path-info's JSON, for no store path is called %s; "
		    "the manifest of an image goes without -r",
		    s);
	free(s);
	return yes;
}

/* a member of the outermost object: a path, or one of the newest shape's */
static int
outer(struct info *p)
{
	struct fault why;
	uint32_t v;
	size_t n;
	char *s;
	int r;

	if (json_is(&p->in.j, "version"))
		return jin_skip(&p->in, jin_next(&p->in)) == JSON_ERROR ? -1
									: 0;
	if (json_is(&p->in.j, "info")) {
		if (expect(p, JSON_OBJECT, "info must be an object") < 0)
			return -1;
		return by_path(p);
	}
	if (!json_is(&p->in.j, "storeDir")) {
		if (alien(p))
			return -1;
		v = node(p);
		return v == GRAPH_NONE ? -1 : entry(p, jin_next(&p->in), v);
	}
	if (expect(p, JSON_STRING, "storeDir must be a string") < 0)
		return -1;
	s = jin_dup(&p->in, &n);
	r = graph_store(p->g, s, n, &why);
	free(s);
	return r < 0 ? jin_wrong(&p->in, why.text) : 0;
}

static int
whole(struct info *p)
{
	int t = jin_next(&p->in), array = t == JSON_ARRAY;

	if (!array && t != JSON_OBJECT)
		return jin_wrong(
		    &p->in, "neither an array nor an object of paths");
	while ((t = jin_next(&p->in)) > JSON_END && t != JSON_ARRAY_END &&
	       t != JSON_OBJECT_END)
		if ((array ? entry(p, t, GRAPH_NONE) : outer(p)) < 0)
			return -1;
	return t == JSON_ERROR || jin_next(&p->in) == JSON_ERROR ? -1 : 0;
}

int
pathinfo_read(struct graph *g, const struct mem_text *t, struct fault *f)
{
	struct info *p = mem_new(1, sizeof(*p));
	int r;

	jin_init(&p->in, t->name, f);
	jin_text(&p->in, t->s, t->n);
	p->g = g;
	r = whole(p);
	jin_free(&p->in);
	free(p->refs);
	free(p);
	return r;
}
