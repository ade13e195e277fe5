/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "pool.h"

enum {
	SLOT_BITS = 18,
	SLOTS = 1 << SLOT_BITS, /* of extras: where one belongs, or a few steps
				 * behind, is room for it */
	PROBES = 64,
};
_Static_assert(SLOTS == 4 * POOL_EXTRA, "most are free");

int
pool_init(struct pool *p, uint32_t first, uint32_t last)
{
	uint32_t i, n = last - first + 1;

	p->first = first;
	p->n = n;
	p->reach = 0;
	p->owner = malloc(n * sizeof(*p->owner));
	p->stack = malloc(n * sizeof(*p->stack));
	p->pos = malloc(n * sizeof(*p->pos));
	p->extra = calloc(SLOTS, sizeof(*p->extra));
	if (!p->owner || !p->stack || !p->pos || !p->extra) {
		pool_free(p);
		return -1;
	}
	for (i = 0; i < n; i++) {
		p->owner[i] = POOL_NONE;
		p->pos[i] = 0;
	}
	pool_sort(p);
	return 0;
}

int
pool_has(const struct pool *p, uint32_t addr)
{
	return addr - p->first < p->n;
}

static struct pool_extra *
slot(const struct pool *p, uint32_t addr, uint32_t i)
{
	const uint32_t first = addr * 2654435761U >> (32 - SLOT_BITS);

	return &p->extra[(first + i) % SLOTS];
}

/* the extra that addr is, or NULL; no farther than any was ever put: this is
 * asked for each packet that leaves, and most are none */
static struct pool_extra *
extra(const struct pool *p, uint32_t addr)
{
	uint32_t i;

	for (i = 0; i < p->reach; i++)
		if (slot(p, addr, i)->addr == addr)
			return slot(p, addr, i);
	return NULL;
}

/* 0, or -1: no room where it belongs */
static int
add_extra(struct pool *p, uint32_t addr, uint32_t owner)
{
	uint32_t i = 0;

	while (i < PROBES && slot(p, addr, i)->addr)
		i++;
	if (i == PROBES)
		return -1;
	*slot(p, addr, i) = (struct pool_extra){ addr, owner };
	if (p->reach <= i)
		p->reach = i + 1;
	return 0;
}

/* the free one of index i is one to choose from, unless it is kept */
static void
push(struct pool *p, uint32_t i)
{
	if (p->pos[i] == POOL_NONE)
		return;
	p->pos[i] = p->nstack;
	p->stack[p->nstack++] = i;
}

/* takes index i, which is free, out of the stack */
static void
pull(struct pool *p, uint32_t i)
{
	uint32_t last;

	if (p->pos[i] == POOL_NONE)
		return;
	last = p->stack[--p->nstack];
	p->stack[p->pos[i]] = last;
	p->pos[last] = p->pos[i];
}

void
pool_keep(struct pool *p, uint32_t addr)
{
	const uint32_t i = addr - p->first;

	if (!pool_has(p, addr))
		return;
	if (p->owner[i] == POOL_NONE)
		pull(p, i);
	p->pos[i] = POOL_NONE;
}

void
pool_unkeep(struct pool *p, uint32_t addr)
{
	const uint32_t i = addr - p->first;

	if (!pool_has(p, addr) || p->pos[i] != POOL_NONE)
		return;
	p->pos[i] = 0;
	if (p->owner[i] == POOL_NONE)
		push(p, i);
}

void
pool_sort(struct pool *p)
{
	uint32_t i;

	p->nstack = 0;
	for (i = p->n; i-- > 0;)
		if (p->owner[i] == POOL_NONE)
			push(p, i);
}

uint32_t
pool_take(struct pool *p, uint32_t want, uint32_t owner)
{
	uint32_t i;

	if (want && !pool_has(p, want)) {
		if (extra(p, want) || add_extra(p, want, owner) < 0)
			return 0;
		return want;
	}
	if (want)
		i = want - p->first;
	else if (p->nstack)
		i = p->stack[p->nstack - 1];
	else
		return 0;
	if (p->owner[i] != POOL_NONE)
		return 0;
	pull(p, i);
	p->owner[i] = owner;
	return p->first + i;
}

void
pool_give(struct pool *p, uint32_t addr)
{
	struct pool_extra *x;
	uint32_t i = addr - p->first;

	if (!pool_has(p, addr)) {
		if ((x = extra(p, addr)))
			*x = (struct pool_extra){ 0, 0 };
		return;
	}
	if (p->owner[i] == POOL_NONE)
		return;
	p->owner[i] = POOL_NONE;
	push(p, i);
}

uint32_t
pool_owner(const struct pool *p, uint32_t addr)
{
	struct pool_extra *x;

	if (pool_has(p, addr))
		return p->owner[addr - p->first];
	x = addr ? extra(p, addr) : NULL;
	return x ? x->owner : POOL_NONE;
}

void
pool_free(struct pool *p)
{
	free(p->owner);
	free(p->stack);
	free(p->pos);
	free(p->extra);
	p->owner = p->stack = p->pos = NULL;
	p->extra = NULL;
}
