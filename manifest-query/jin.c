/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jin.h"
#include "mem.h"

struct jin_key {
	char *own; /* the unescaped text when it had escapes, else NULL */
	const char *p;
	size_t n, off;
};

void
jin_init(struct jin *in, const char *name, struct fault *f)
{
	memset(in, 0, sizeof(*in));
	in->name = name;
	in->f = f;
}

void
jin_text(struct jin *in, const void *text, size_t len)
{
	json_init(&in->j, text, len);
}

void
jin_free(struct jin *in)
{
	while (in->nkey)
		free(in->key[--in->nkey].own);
	free(in->key);
	free(in->level);
	in->key = NULL;
	in->level = NULL;
}

int
jin_fault(struct jin *in, size_t off, const char *fmt, ...)
{
	unsigned long line, col;
	char b[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b, sizeof(b), fmt, ap);
	va_end(ap);
	json_where(&in->j, off, &line, &col);
	return fault(in->f, "%s:%lu:%lu: %s", in->name, line, col, b);
}

int
jin_wrong(struct jin *in, const char *why)
{
	size_t off = in->j.off;

	if (in->j.err)
		return JSON_ERROR;
	off -= off && in->j.buf[off - 1] == '"'; /* a string: its quote */
	return jin_fault(in, off, "%s", why);
}

char *
jin_dup(const struct jin *in, size_t *n)
{
	char *p;

	*n = json_text(&in->j, NULL, 0);
	p = mem_new(*n + 1, 1);
	json_text(&in->j, p, *n);
	return p;
}

static int
order(const struct jin_key *a, const struct jin_key *b)
{
	return mem_cmp(a->p, a->n, b->p, b->n);
}

/* equal keys in the order of the text */
static int
compare(const void *a, const void *b)
{
	const struct jin_key *x = a, *y = b;
	int c = order(x, y);

	return c ? c : (x->off > y->off) - (x->off < y->off);
}

static int
push(struct jin *in)
{
	struct jin_key *k;

	in->key = mem_grow(in->key, &in->keycap, in->nkey + 1, sizeof(*k));
	k = &in->key[in->nkey++];
	k->off = in->j.off - 1;
	k->own = in->j.escaped ? jin_dup(in, &k->n) : NULL;
	k->p = k->own ? k->own : in->j.buf + in->j.off;
	if (!k->own)
		k->n = in->j.n;
	return JSON_KEY;
}

/* an object ends: its keys must differ; the first that does not is told */
static int
pop(struct jin *in)
{
	size_t from = in->level[--in->nlevel], n = in->nkey - from, i;
	size_t twice = (size_t)-1;
	struct jin_key *k;

	if (!n)
		return JSON_OBJECT_END;
	k = in->key + from;
	for (i = 1; i < n && order(&k[i - 1], &k[i]) < 0; i++)
		;
	if (i < n)
		qsort(k, n, sizeof(*k), compare);
	for (i = 1; i < n; i++)
		if (!order(&k[i - 1], &k[i]) && k[i].off < twice)
			twice = k[i].off;
	while (in->nkey > from)
		free(in->key[--in->nkey].own);
	if (twice != (size_t)-1)
		return jin_fault(in, twice, "the key stands there twice");
	return JSON_OBJECT_END;
}

int
jin_next(struct jin *in)
{
	int t = json_next(&in->j);

	switch (t) {
	case JSON_ERROR: return jin_fault(in, in->j.off, "%s", in->j.err);
	case JSON_OBJECT:
		in->level = mem_grow(in->level, &in->levelcap, in->nlevel + 1,
		    sizeof(*in->level));
		in->level[in->nlevel++] = in->nkey;
		return t;
	case JSON_KEY: return push(in);
	case JSON_OBJECT_END: return pop(in);
	}
	return t;
}

int
jin_skip(struct jin *in, int t)
{
	unsigned depth = in->j.depth;

	if (t == JSON_OBJECT || t == JSON_ARRAY)
		while (t != JSON_ERROR && in->j.depth >= depth)
			t = jin_next(in);
	return t;
}
