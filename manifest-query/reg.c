/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "num.h"
#include "source.h"

/* lines of the text, one after another */
struct reg {
	const char *name, *p, *end;
	unsigned long line;
	const char *s; /* the present line */
	size_t n;
	struct fault *f;
};

static int
next_line(struct reg *r)
{
	const char *nl;

	if (r->p >= r->end)
		return -1;
	nl = memchr(r->p, '\n', (size_t)(r->end - r->p));
	r->s = r->p;
	r->n = (size_t)((nl ? nl : r->end) - r->p);
	r->p = nl ? nl + 1 : r->end;
	r->line++;
	return 0;
}

static int
wrong(struct reg *r, const char *why)
{
	return fault(r->f, "%s:%lu: %s", r->name, r->line, why);
}

/* a line that must be there */
static int
want(struct reg *r)
{
	if (next_line(r) == 0)
		return 0;
	return fault(
	    r->f, "%s:%lu: the text ends within an entry", r->name, r->line);
}

static int
number(struct reg *r, int64_t *v)
{
	char b[24];

	if (want(r) < 0)
		return -1;
	if (r->n >= sizeof(b))
		return wrong(r, "not a number");
	memcpy(b, r->s, r->n);
	b[r->n] = 0;
	if (memchr(b, 'x', r->n) || num_parse(b, 0, INT64_MAX, v) < 0)
		return wrong(r, "not a number");
	return 0;
}

static uint32_t
path(struct reg *r, struct graph *g)
{
	struct fault inner;
	uint32_t v = graph_path(g, r->s, r->n, &inner);

	if (v == GRAPH_NONE)
		wrong(r, inner.text);
	return v;
}

/* hash and size when they are there (--register-validity may lack them),
 * then the deriver */
static int
details(struct reg *r, int64_t *size)
{
	*size = -1;
	if (want(r) < 0)
		return -1;
	if (!r->n || r->s[0] == '/')
		return 0;
	if (number(r, size) < 0 || want(r) < 0)
		return -1;
	if (r->n && r->s[0] != '/')
		return wrong(r, "a deriver or nothing must stand here");
	return 0;
}

static int
entry(struct reg *r, struct graph *g)
{
	struct fault inner;
	uint32_t v = path(r, g), to;
	int64_t size, refs = 0;
	int fresh;

	if (v == GRAPH_NONE || details(r, &size) < 0)
		return -1;
	if ((fresh = graph_define(g, v, size, &inner)) < 0)
		return wrong(r, inner.text);
	if (number(r, &refs) < 0)
		return -1;
	while (refs-- > 0) {
		if (want(r) < 0 || (to = path(r, g)) == GRAPH_NONE)
			return -1;
		if (fresh)
			graph_edge(g, v, to);
	}
	return 0;
}

int
reg_read(struct graph *g, const struct mem_text *t, struct fault *f)
{
	struct reg r = { t->name, t->s, t->s + t->n, 0, NULL, 0, f };

	while (next_line(&r) == 0)
		if (entry(&r, g) < 0)
			return -1;
	return 0;
}
