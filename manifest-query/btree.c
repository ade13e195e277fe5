/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "btree.h"
#include "mem.h"
#include "rd.h"

#define DEPTH 20 /* SQLite's own limit */

enum { INTERIOR = 5, LEAF = 13 };

struct level {
	uint8_t *page;
	uint32_t nr;
	int type;
	unsigned cell, cells; /* the next one */
	unsigned head;	      /* where the page's header ends */
	uint32_t right;	      /* an interior page's last child */
};

struct walk {
	const struct page_set *p;
	struct fault *f;
	struct level level[DEPTH];
	int depth;
	uint32_t visited; /* pages, overflow ones too */
	int64_t last;	  /* row id */
	int any;
	uint8_t *big; /* a record put together from several pages */
	size_t cap;
};

static int
damaged(struct walk *w, uint32_t page)
{
	return fault(w->f, "%s: damaged at page %u", w->p->path, page);
}

static uint64_t
varint(struct rd *r)
{
	uint64_t v = 0;
	int i, c;

	for (i = 0; i < 8; i++) {
		c = rd_u8(r);
		v = v << 7 | (c & 127);
		if (!(c & 128))
			return v;
	}
	return v << 8 | rd_u8(r);
}

/* goes down to a page */
static int
enter(struct walk *w, uint32_t nr)
{
	struct level *l = &w->level[w->depth];
	struct rd r;

	if (w->depth >= DEPTH || w->visited++ >= w->p->there)
		return fault(w->f, "%s: damaged: page %u is its own child",
		    w->p->path, nr);
	if (!l->page)
		l->page = mem_new(w->p->size, 1);
	if (page_get(w->p, nr, l->page, w->f) < 0)
		return -1;
	rd_init(&r, l->page, w->p->usable);
	rd_skip(&r, nr == 1 ? 100 : 0);
	l->nr = nr;
	l->type = rd_u8(&r);
	rd_skip(&r, 2);
	l->cells = rd_u16(&r);
	l->cell = 0;
	rd_skip(&r, 3);
	l->right = l->type == INTERIOR ? rd_u32(&r) : 0;
	l->head = (unsigned)(r.p - l->page);
	if ((l->type != INTERIOR && l->type != LEAF) ||
	    l->head + 2 * l->cells > w->p->usable)
		return damaged(w, nr);
	w->depth++;
	return 0;
}

/* a cursor at the next cell of the level */
static struct rd
next_cell(const struct walk *w, struct level *l)
{
	struct rd r;
	unsigned at;

	rd_init(&r, l->page + l->head + 2 * l->cell++, 2);
	at = rd_u16(&r);
	rd_init(&r, l->page, w->p->usable);
	rd_skip(&r, at);
	r.err |= at < l->head + 2 * l->cells;
	return r;
}

/* how much of n bytes of record lies in its leaf (section 1.6) */
static size_t
local(const struct walk *w, uint64_t n)
{
	uint64_t u = w->p->usable, min = (u - 12) * 32 / 255 - 23, k;

	if (n <= u - 35)
		return n;
	k = min + (n - min) % (u - 4);
	return k <= u - 35 ? k : min;
}

/* the record from its leaf part at r and the overflow pages behind it */
static int
gather(struct walk *w, struct rd *r, uint64_t n, struct btree_row *row)
{
	size_t have = local(w, n), part, u = w->p->usable;
	const uint8_t *p = rd_bytes(r, have);
	uint32_t next = rd_u32(r), nr = w->level[w->depth - 1].nr;
	uint8_t *b;

	/* no row of SQLite's is longer; size_t may have 32 bits */
	if (r->err || n > INT32_MAX || n / (u - 4) > w->p->there)
		return damaged(w, nr);
	w->big = mem_grow(w->big, &w->cap, n, 1);
	memcpy(w->big, p, have);
	b = mem_new(w->p->size, 1);
	for (; have < n; have += part) {
		part = n - have < u - 4 ? n - have : u - 4;
		/* no page is of two records, or twice of one */
		if (w->visited++ >= w->p->there) {
			damaged(w, nr);
			break;
		}
		if (page_get(w->p, next, b, w->f) < 0)
			break;
		memcpy(w->big + have, b + 4, part);
		rd_init(r, b, 4);
		next = rd_u32(r);
	}
	free(b);
	row->record = w->big;
	row->len = n;
	return have < n ? -1 : 0;
}

static int
leaf_row(struct walk *w, struct level *l, struct btree_row *row)
{
	struct rd r = next_cell(w, l);
	uint64_t n = varint(&r);

	row->id = (int64_t)varint(&r);
	if (r.err || (w->any && row->id <= w->last))
		return damaged(w, l->nr);
	w->last = row->id;
	w->any = 1;
	if (n > w->p->usable - 35)
		return gather(w, &r, n, row);
	row->len = n;
	row->record = rd_bytes(&r, n);
	return r.err ? damaged(w, l->nr) : 0;
}

/* the next child of an interior level, or up */
static int
step(struct walk *w, struct level *l)
{
	struct rd r;
	uint32_t child;

	if (l->cell > l->cells) {
		w->depth--;
		return 0;
	}
	if (l->cell == l->cells) {
		l->cell++;
		return enter(w, l->right);
	}
	r = next_cell(w, l);
	child = rd_u32(&r);
	return r.err ? damaged(w, l->nr) : enter(w, child);
}

int
btree_rows(const struct page_set *p, uint32_t root,
    const struct btree_each *each, struct fault *f)
{
	struct walk *w = mem_new(1, sizeof(*w));
	struct btree_row row;
	struct level *l;
	int i, r;

	w->p = p;
	w->f = f;
	r = enter(w, root);
	while (r == 0 && w->depth > 0) {
		l = &w->level[w->depth - 1];
		if (l->type == INTERIOR)
			r = step(w, l);
		else if (l->cell == l->cells)
			w->depth--;
		else if ((r = leaf_row(w, l, &row)) == 0)
			r = each->row(each->arg, &row, f);
	}
	for (i = 0; i < DEPTH; i++)
		free(w->level[i].page);
	free(w->big);
	free(w);
	return r;
}

/* the bytes that a serial type takes */
static uint64_t
width(uint64_t type)
{
	static const uint8_t small[12] = { 0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0 };

	return type < 12 ? small[type] : (type - 12) / 2;
}

static int
decode(struct rd *r, uint64_t type, struct btree_value *v)
{
	size_t n = width(type), i;
	const uint8_t *p = rd_bytes(r, n);

	if (!p)
		return -1;
	v->s = (const char *)p;
	v->n = n;
	if (type == 0)
		v->type = BTREE_NULL;
	else if (type <= 6) {
		v->type = BTREE_INT;
		v->i = p[0] & 128 ? -1 : 0;
		for (i = 0; i < n; i++)
			v->i = (int64_t)((uint64_t)v->i << 8 | p[i]);
	} else if (type == 8 || type == 9) {
		v->type = BTREE_INT;
		v->i = type == 9;
	} else
		v->type = type & 1 && type != 7 ? BTREE_TEXT : BTREE_OTHER;
	return 0;
}

int
btree_column(const struct btree_row *row, unsigned c, struct btree_value *v)
{
	struct rd head, body;
	uint64_t n, type = 0;
	unsigned i;

	memset(v, 0, sizeof(*v));
	rd_init(&head, row->record, row->len);
	n = varint(&head);
	rd_init(&body, row->record, row->len);
	if (head.err || n > row->len || n < (uint64_t)(head.p - row->record))
		return -1;
	rd_skip(&body, n);
	head = rd_sub(&head, n - (size_t)(head.p - row->record));
	for (i = 0;; i++) {
		if (!rd_left(&head))
			return head.err ? -1 : 0; /* a column added later */
		type = varint(&head);
		if (head.err || width(type) > rd_left(&body))
			return -1;
		if (i == c)
			return decode(&body, type, v);
		rd_skip(&body, width(type));
	}
}
