/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "order.h"

/*
 * Closure sizes. Of a graph with sharing they do not add up, and no way is
 * known to have them in linear time. So what needs no set is taken out first:
 *
 * - A reference to what another reference of the same node reaches anyway is
 *   left out, as far as an interval of places tells so.
 * - In the dominator tree all that hangs below x is reached by x, and seen
 *   from elsewhere is there whole or not at all. So x reaches, beside what it
 *   dominates, only whole subtrees: of siblings of its own, and of siblings of
 *   what dominates it.
 *
 * What remains are sets of such siblings, and of these only those count that
 * something else than their dominator refers to: in a chain or a tree none.
 * They are kept as bits, WIDE columns at a time, for the nodes between the
 * first of the columns and the last one's dominator.
 */
#define WIDE  512
#define WORDS (WIDE / 64)

enum { NONE, SOME, ALL };

/* nodes by their place: what one dominates lies right before it, and what it
 * refers to lies before it, too */
struct sums {
	struct graph g; /* without the references that tell nothing */
	struct order_dom d;
	uint32_t *at, *place, *first; /* first: of what a place dominates */
	uint32_t *col, *rank; /* places of columns; how many before a place */
	uint32_t ncol, *to;   /* references, by places */
	size_t *off;
	uint8_t *has;		 /* NONE, SOME or ALL of the columns */
	uint64_t (*bits)[WORDS]; /* when SOME */
	uint64_t byte[WIDE / 8][256], full[WORDS], whole;
	uint64_t *sum;
};

/* the columns that are worked on: [from, to), and the places for them */
struct block {
	uint32_t from, to, first, last;
	uint64_t mask[WORDS]; /* of columns that are there */
};

static int
falling(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? 1 : -(x > y);
}

/*
 * The references of v that are not told by others, by their places in post;
 * low[i]: all from there to i is reached by i. Returns how many.
 */
static size_t
lean(const struct graph *g, const uint32_t *pos, uint32_t v, uint32_t *low,
    uint32_t *to)
{
	uint32_t i = pos[v], cover = i, c;
	size_t n = 0, k = 0, e;
	int joined = 1;

	for (e = g->off[v]; e < g->off[v + 1UL]; e++)
		if (g->to[e] != v)
			to[n++] = pos[g->to[e]];
	if (n > 1)
		qsort(to, n, sizeof(*to), falling);
	low[i] = i;
	for (e = 0; e < n; e++) {
		c = to[e];
		if (c >= cover)
			continue;
		joined &= c + 1 == cover;
		cover = low[c];
		if (joined)
			low[i] = cover;
		to[k++] = c;
	}
	return k;
}

/* a leaner graph in which each node reaches the same */
static void
thin(struct sums *s, const struct graph *g, const uint32_t *post)
{
	uint32_t *pos = mem_new(g->n, sizeof(*pos)), v, i;
	uint32_t *low = mem_new(g->n, sizeof(*low));
	uint32_t *to = mem_new(g->m, sizeof(*to));
	size_t *off = mem_new(g->n + 1UL, sizeof(*off)), e;

	for (i = 0; i < g->n; i++)
		pos[post[i]] = i;
	s->g = *g;
	s->g.off = off;
	s->g.to = to;
	s->g.m = 0;
	for (i = 0; i < g->n; i++) { /* from the leaves up, for low[] */
		v = post[i];
		off[v + 1UL] = lean(g, pos, v, low, to + g->off[v]);
	}
	for (v = 0; v < g->n; v++) {
		for (e = 0; e < off[v + 1UL]; e++)
			to[s->g.m++] = post[to[g->off[v] + e]];
		off[v + 1UL] = s->g.m;
	}
	free(pos);
	free(low);
}

/* dominators as seen from all that nothing refers to */
static void
dominate(struct sums *s, const uint32_t *post)
{
	struct graph *g = &s->g;
	uint8_t *held = mem_new(g->n, 1);
	uint32_t *root = mem_new(g->n + 1UL, sizeof(*root)), n = 0, v;
	size_t e;

	for (e = 0; e < g->m; e++)
		held[g->to[e]] = 1;
	for (v = 0; v < g->n; v++)
		if (!held[v])
			root[n++] = v;
	root[n] = GRAPH_NONE;
	order_dominators(g, post, root, &s->d);
	free(root);
	free(held);
}

/* places: a node behind what it dominates, siblings in the order of post */
static void
lay(struct sums *s, const uint32_t *post)
{
	uint32_t n = s->g.n, i, v, up;
	uint32_t *count = mem_new(n + 1UL, sizeof(*count));
	uint32_t *end = mem_new(n + 1UL, sizeof(*end));

	s->at = mem_new(n, sizeof(*s->at));
	s->place = mem_new(n + 1UL, sizeof(*s->place));
	s->first = mem_new(n, sizeof(*s->first));
	for (i = 0; i < n; i++)
		count[s->d.idom[post[i]]] += ++count[post[i]];
	end[n] = s->place[n] = n;
	for (i = n; i-- > 0;) {
		v = post[i];
		up = s->d.idom[v];
		s->place[v] = end[v] = end[up] - 1;
		end[up] -= count[v];
		s->first[s->place[v]] = end[up];
		s->at[s->place[v]] = v;
	}
	free(count);
	free(end);
}

/* columns: what something else than its dominator refers to */
static void
choose(struct sums *s)
{
	uint32_t n = s->g.n, i, v;
	size_t e;

	s->rank = mem_new(n + 1UL, sizeof(*s->rank));
	s->col = mem_new(n, sizeof(*s->col));
	for (v = 0; v < n; v++)
		for (e = s->g.off[v]; e < s->g.off[v + 1UL]; e++)
			if (s->d.idom[s->g.to[e]] != v)
				s->rank[s->place[s->g.to[e]] + 1UL] = 1;
	for (i = 0; i < n; i++) {
		if (s->rank[i + 1UL])
			s->col[s->ncol++] = i;
		s->rank[i + 1UL] = s->ncol;
	}
}

/* the references from place to place, and what each dominates to begin with */
static void
settle(struct sums *s)
{
	uint32_t i, v;
	size_t e, n = 0;

	s->to = mem_new(s->g.m, sizeof(*s->to));
	s->off = mem_new(s->g.n + 1UL, sizeof(*s->off));
	s->sum = mem_new(s->g.n, sizeof(*s->sum));
	for (i = 0; i < s->g.n; i++) {
		v = s->at[i];
		s->sum[i] = s->d.added[v];
		for (e = s->g.off[v]; e < s->g.off[v + 1UL]; e++)
			s->to[n++] = s->place[s->g.to[e]];
		s->off[i + 1UL] = n;
	}
}

/* what each column weighs, and each byte of them */
static void
weights(struct sums *s, struct block *b)
{
	unsigned i, k, low;
	uint64_t w;

	memset(s->full, 0, sizeof(s->full));
	memset(b->mask, 0, sizeof(b->mask));
	s->whole = 0;
	for (i = 0; i < WIDE; i++) {
		w = 0;
		if (i < b->to - b->from) {
			w = s->d.added[s->at[s->col[b->from + i]]];
			b->mask[i / 64] |= (uint64_t)1 << i % 64;
		}
		s->byte[i / 8][1 << i % 8] = w;
		s->full[i / 64] += w;
		s->whole += w;
	}
	for (i = 0; i < WIDE / 8; i++)
		for (k = 1; k < 256; k++) {
			low = k & -k;
			if (k != low)
				s->byte[i][k] =
				    s->byte[i][k ^ low] + s->byte[i][low];
		}
}

static uint64_t
weigh(const struct sums *s, const uint64_t *bits)
{
	uint64_t sum = 0, x;
	unsigned w, k;

	for (w = 0; w < WORDS; w++) {
		x = bits[w];
		if (x == UINT64_MAX)
			sum += s->full[w];
		else
			for (k = 8 * w; x; x >>= 8)
				sum += s->byte[k++][x & 255];
	}
	return sum;
}

/* takes away the columns that place i dominates; were there any? */
static int
own(const struct sums *s, const struct block *b, uint32_t i, uint64_t *bits)
{
	uint32_t c = s->rank[s->first[i]], end = s->rank[i], k;

	c = c < b->from ? b->from : c;
	end = end > b->to ? b->to : end;
	if (c >= end)
		return 0;
	if (s->has[i] == ALL)
		memcpy(bits, b->mask, sizeof(b->mask));
	for (; c < end; c += k) {
		k = 64 - (c - b->from) % 64;
		k = k < end - c ? k : end - c;
		bits[(c - b->from) / 64] &=
		    ~(UINT64_MAX >> (64 - k) << (c - b->from) % 64);
	}
	return 1;
}

/* the columns that the references of place i reach, and are */
static void
gather(struct sums *s, const struct block *b, uint32_t i, uint64_t *bits)
{
	uint32_t j, c;
	size_t e;
	int w;

	s->has[i] = NONE;
	for (e = s->off[i]; e < s->off[i + 1UL]; e++) {
		j = s->to[e];
		if (j < b->first)
			continue;
		if (s->has[j] == ALL) {
			s->has[i] = ALL;
			return;
		}
		c = s->rank[j];
		if (s->has[j] == NONE && s->rank[j + 1UL] == c)
			continue;
		if (s->has[i] == NONE)
			memset(bits, 0, sizeof(*s->bits));
		s->has[i] = SOME;
		for (w = 0; s->has[j] == SOME && w < WORDS; w++)
			bits[w] |= s->bits[j][w];
		if (s->rank[j + 1UL] > c && c < b->to)
			bits[(c - b->from) / 64] |= (uint64_t)1
						    << (c - b->from) % 64;
	}
}

static void
columns(struct sums *s, const struct block *b)
{
	static const uint64_t none[WORDS];
	uint64_t *bits;
	uint32_t i;

	for (i = b->first; i < b->last; i++) {
		bits = s->bits[i];
		gather(s, b, i, bits);
		if (s->has[i] == NONE)
			continue;
		if (own(s, b, i, bits) || s->has[i] == SOME) {
			s->has[i] = SOME;
			if (!memcmp(bits, none, sizeof(none)))
				s->has[i] = NONE;
			else if (!memcmp(bits, b->mask, sizeof(b->mask)))
				s->has[i] = ALL;
		}
		if (s->has[i] == ALL)
			s->sum[i] += s->whole;
		else if (s->has[i] == SOME)
			s->sum[i] += weigh(s, bits);
	}
}

static void
blocks(struct sums *s)
{
	struct block b;
	uint32_t c, up;

	for (b.from = 0; b.from < s->ncol; b.from = b.to) {
		b.to = s->ncol - b.from < WIDE ? s->ncol : b.from + WIDE;
		b.first = s->col[b.from];
		b.last = 0;
		for (c = b.from; c < b.to; c++) {
			up = s->place[s->d.idom[s->at[s->col[c]]]];
			b.last = b.last < up ? up : b.last;
		}
		weights(s, &b);
		columns(s, &b);
	}
}

uint64_t *
order_sums(const struct graph *g, const uint32_t *post)
{
	struct sums *s = mem_new(1, sizeof(*s));
	uint64_t *sum = mem_new(g->n, sizeof(*sum));
	uint32_t i;

	thin(s, g, post);
	dominate(s, post);
	lay(s, post);
	choose(s);
	settle(s);
	s->has = mem_new(g->n, 1);
	s->bits = mem_new(g->n, sizeof(*s->bits));
	blocks(s);
	for (i = 0; i < g->n; i++)
		sum[s->at[i]] = s->sum[i];
	order_dom_free(&s->d);
	free(s->g.off);
	free(s->g.to);
	free(s->at);
	free(s->place);
	free(s->first);
	free(s->col);
	free(s->rank);
	free(s->has);
	free(s->bits);
	free(s->off);
	free(s->to);
	free(s->sum);
	free(s);
	return sum;
}
