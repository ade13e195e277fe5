/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ere.h"

#define DEPTH	   64  /* parentheses within parentheses */
#define DUP	   255 /* RE_DUP_MAX */
#define ANY_NUMBER 1000000

enum { CHAR, ANY, SET, BEGIN, END, JUMP, SPLIT, MATCH };

static int alternatives(struct ere *e);

static int
fail(struct ere *e, const char *why)
{
	if (!e->err)
		e->err = why;
	return -1;
}

/* makes room for k instructions at i; jumps are relative and stay within
 * what is moved, so they stay right */
static struct ere_inst *
insert(struct ere *e, int i, int k)
{
	if (e->n + k > ERE_PROG - 1) {
		fail(e, "too long");
		return NULL;
	}
	memmove(&e->prog[i + k], &e->prog[i],
	    (size_t)(e->n - i) * sizeof(*e->prog));
	e->n += k;
	memset(&e->prog[i], 0, (size_t)k * sizeof(*e->prog));
	return &e->prog[i];
}

static int
put(struct ere *e, int i, struct ere_inst in)
{
	struct ere_inst *p = insert(e, i, 1);

	if (!p)
		return -1;
	*p = in;
	return 0;
}

static int
emit(struct ere *e, int op, int c)
{
	return put(e, e->n, (struct ere_inst){ (uint8_t)op, (uint8_t)c, 1, 0 });
}

static int
is_in(int c, int lo, int hi)
{
	return c >= lo && c <= hi;
}

static int
in_class(const char *name, size_t n, int c)
{
	const int up = is_in(c, 'A', 'Z'), low = is_in(c, 'a', 'z'),
		  digit = is_in(c, '0', '9'), graph = is_in(c, 33, 126);
	const struct {
		const char *name;
		int yes;
	} t[] = { { "alpha", up || low }, { "digit", digit },
		{ "alnum", up || low || digit }, { "upper", up },
		{ "lower", low }, { "space", c == ' ' || is_in(c, 9, 13) },
		{ "blank", c == ' ' || c == '\t' }, { "graph", graph },
		{ "print", graph || c == ' ' },
		{ "punct", graph && !up && !low && !digit },
		{ "cntrl", c < 32 || c == 127 },
		{ "xdigit",
		    digit || is_in(c, 'a', 'f') || is_in(c, 'A', 'F') } };
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++)
		if (strlen(t[i].name) == n && !memcmp(t[i].name, name, n))
			return t[i].yes;
	return -1;
}

static void
add(uint8_t set[32], int c)
{
	set[c >> 3] |= (uint8_t)(1 << (c & 7));
}

/* "[:name:]", s after its first two bytes; what follows it, or NULL */
static const char *
named(struct ere *e, const char *s, uint8_t set[32])
{
	const char *end = memmem(s, strlen(s), ":]", 2);
	int c, r;

	for (c = 0; c < 256; c++) {
		r = end ? in_class(s, (size_t)(end - s), c) : -1;
		if (r < 0) {
			fail(e, "no such character class");
			return NULL;
		}
		if (r)
			add(set, c);
	}
	return end + 2;
}

/* after the '[' */
static int
bracket(struct ere *e)
{
	const char *s = e->s, *first;
	int negated = *s == '^', c, hi, i;
	uint8_t *set;

	if (e->nset == ERE_SETS)
		return fail(e, "too many brackets");
	set = e->set[e->nset];
	s += negated;
	for (first = s; *s && (*s != ']' || s == first);) {
		if (s[0] == '[' && (s[1] == '.' || s[1] == '='))
			return fail(e, "no collating elements here");
		if (s[0] == '[' && s[1] == ':') {
			if (!(s = named(e, s + 2, set)))
				return -1;
			continue;
		}
		c = hi = (unsigned char)*s++;
		if (s[0] == '-' && s[1] && s[1] != ']') {
			hi = (unsigned char)s[1];
			s += 2;
		}
		if (hi < c)
			return fail(e, "a range that is upside down");
		for (; c <= hi; c++)
			add(set, c);
	}
	if (!*s)
		return fail(e, "a [ without its ]");
	for (i = 0; negated && i < 32; i++)
		set[i] ^= 0xff;
	e->s = s + 1;
	return emit(e, SET, e->nset++);
}

static int
group(struct ere *e)
{
	if (++e->depth > DEPTH)
		return fail(e, "too deep");
	if (alternatives(e) < 0)
		return -1;
	if (*e->s++ != ')')
		return fail(e, "a ( without its )");
	e->depth--;
	return 0;
}

static int
atom(struct ere *e)
{
	int c = (unsigned char)*e->s++;

	switch (c) {
	case '(': return group(e);
	case '[': return bracket(e);
	case '.': return emit(e, ANY, 0);
	case '^': return emit(e, BEGIN, 0);
	case '$': return emit(e, END, 0);
	case '*':
	case '+':
	case '?':
	case '{': return fail(e, "a repetition of nothing");
	case '\\':
		if (!(c = (unsigned char)*e->s++))
			return fail(e, "a \\ at the end");
		return emit(e, CHAR, c);
	default: return emit(e, CHAR, c);
	}
}

/* the block from start on, of len instructions, once more, optional or not */
static int
again(struct ere *e, int start, int len, int optional)
{
	struct ere_inst *p;

	if (optional &&
	    put(e, e->n, (struct ere_inst){ SPLIT, 0, 1, (int16_t)(len + 1) }) <
		0)
		return -1;
	if (!(p = insert(e, e->n, len)))
		return -1;
	memcpy(p, &e->prog[start], (size_t)len * sizeof(*p));
	return 0;
}

/* what stands from start on, any number of times, at least once */
static int
plus(struct ere *e, int start)
{
	return put(
	    e, e->n, (struct ere_inst){ SPLIT, 0, (int16_t)(start - e->n), 1 });
}

static int
maybe(struct ere *e, int start)
{
	return put(e, start,
	    (struct ere_inst){ SPLIT, 0, 1, (int16_t)(e->n - start + 1) });
}

static int
number(struct ere *e, int none)
{
	int v = 0;

	if (!is_in(*e->s, '0', '9'))
		return none;
	for (; is_in(*e->s, '0', '9') && v <= DUP; e->s++)
		v = v * 10 + *e->s - '0';
	return v;
}

/* after "{": "m}", "m,}" or "m,n}" */
static int
interval(struct ere *e, int start)
{
	int len = e->n - start, min = number(e, -1), max = min, i;

	if (*e->s == ',') {
		e->s++;
		max = number(e, ANY_NUMBER);
	}
	if (*e->s++ != '}' || min < 0 || min > DUP || max < min ||
	    (max > DUP && max < ANY_NUMBER))
		return fail(e, "a { that is no interval");
	if (max == 0) {
		e->n = start;
		return 0;
	}
	for (i = 1; i < min; i++)
		if (again(e, start, len, 0) < 0)
			return -1;
	if (max == ANY_NUMBER) {
		if (plus(e, min > 1 ? e->n - len : start) < 0)
			return -1;
		return min ? 0 : maybe(e, start);
	}
	/* the copies are made from the plain block: optional ones last */
	for (i = min ? min : 1; i < max; i++)
		if (again(e, start, len, 1) < 0)
			return -1;
	return min ? 0 : maybe(e, start);
}

static int
repeated(struct ere *e)
{
	int start = e->n, r;

	if (atom(e) < 0)
		return -1;
	while (*e->s && strchr("*+?{", *e->s)) {
		switch (*e->s++) {
		case '*': r = plus(e, start) < 0 ? -1 : maybe(e, start); break;
		case '+': r = plus(e, start); break;
		case '?': r = maybe(e, start); break;
		default: r = interval(e, start); break;
		}
		if (r < 0)
			return -1;
	}
	return 0;
}

static int
alternatives(struct ere *e)
{
	int start = e->n, jump;

	while (*e->s && *e->s != '|' && (*e->s != ')' || !e->depth))
		if (repeated(e) < 0)
			return -1;
	if (*e->s != '|')
		return 0;
	e->s++;
	if (maybe(e, start) < 0)
		return -1;
	jump = e->n;
	if (emit(e, JUMP, 0) < 0 || alternatives(e) < 0)
		return -1;
	e->prog[start].y = (int16_t)(jump + 1 - start);
	e->prog[jump].x = (int16_t)(e->n - jump);
	return 0;
}

int
ere_compile(struct ere *e, const char *re)
{
	memset(e, 0, sizeof(*e));
	e->s = re;
	if (strlen(re) > ERE_PROG)
		return fail(e, "too long");
	if (alternatives(e) < 0)
		return -1;
	e->prog[e->n++].op = MATCH;
	return 0;
}

/* where the program stands: each place once */
struct places {
	int n;
	int16_t at[ERE_PROG];
	uint8_t seen[ERE_PROG];
};

/* goes on from pc as far as no byte is needed; 1: the end was reached.
 * edge: 1 at the text's begin, 2 at its end, or both */
static int
enter(const struct ere *e, struct places *p, int pc, int edge)
{
	int16_t todo[2 * ERE_PROG];
	const struct ere_inst *i;
	int n = 0;

	todo[n++] = (int16_t)pc;
	while (n > 0) {
		pc = todo[--n];
		if (p->seen[pc])
			continue;
		p->seen[pc] = 1;
		i = &e->prog[pc];
		if (i->op == MATCH)
			return 1;
		if (i->op < BEGIN)
			p->at[p->n++] = (int16_t)pc;
		else if (i->op >= JUMP || edge & (i->op == BEGIN ? 1 : 2))
			todo[n++] = (int16_t)(pc + i->x);
		if (i->op == SPLIT)
			todo[n++] = (int16_t)(pc + i->y);
	}
	return 0;
}

static int
takes(const struct ere *e, const struct ere_inst *i, uint8_t c)
{
	if (i->op == SET)
		return e->set[i->c][c >> 3] >> (c & 7) & 1;
	return i->op == ANY || i->c == c;
}

int
ere_match(const struct ere *e, const char *s, size_t n)
{
	struct places p[2];
	size_t at;
	int k, edge, now = 0;

	p[0].n = 0;
	memset(p[0].seen, 0, sizeof(p[0].seen));
	for (at = 0;; at++, now ^= 1) {
		edge = (at == 0 ? 1 : 0) | (at == n ? 2 : 0);
		if (enter(e, &p[now], 0, edge))
			return 1;
		if (at == n)
			return 0;
		p[!now].n = 0;
		memset(p[!now].seen, 0, sizeof(p[!now].seen));
		edge = at + 1 == n ? 2 : 0;
		for (k = 0; k < p[now].n; k++)
			if (takes(e, &e->prog[p[now].at[k]], (uint8_t)s[at]) &&
			    enter(e, &p[!now], p[now].at[k] + 1, edge))
				return 1;
	}
}
