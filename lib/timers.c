/* limen: ISC licence, see LICENSE */
#include "timers.h"

size_t
timers_size(uint32_t max)
{
	return max * (sizeof(int64_t) + 2 * sizeof(uint32_t));
}

void
timers_init(struct timers *t, uint32_t max, void *mem)
{
	t->max = max;
	t->n = 0;
	t->at = mem;
	t->heap = (void *)(t->at + max);
	t->pos = t->heap + max;
}

static void
put(struct timers *t, uint32_t i, uint32_t slot)
{
	t->heap[i] = slot;
	t->pos[slot] = i + 1;
}

static int
earlier(const struct timers *t, uint32_t a, uint32_t b)
{
	return t->at[t->heap[a]] < t->at[t->heap[b]];
}

static void
swap(struct timers *t, uint32_t a, uint32_t b)
{
	uint32_t s = t->heap[a];

	put(t, a, t->heap[b]);
	put(t, b, s);
}

static void
up(struct timers *t, uint32_t i)
{
	for (; i && earlier(t, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(t, i, (i - 1) / 2);
}

static void
down(struct timers *t, uint32_t i)
{
	uint32_t k;

	while ((k = 2 * i + 1) < t->n) {
		if (k + 1 < t->n && earlier(t, k + 1, k))
			k++;
		if (!earlier(t, k, i))
			return;
		swap(t, i, k);
		i = k;
	}
}

static void
drop(struct timers *t, uint32_t slot)
{
	uint32_t i = t->pos[slot];

	if (!i--)
		return;
	t->pos[slot] = 0;
	if (i == --t->n)
		return;
	put(t, i, t->heap[t->n]);
	up(t, i);
	down(t, i);
}

void
timers_set(struct timers *t, uint32_t slot, int64_t at)
{
	uint32_t i = t->pos[slot];

	if (at < 0) {
		drop(t, slot);
		return;
	}
	if (i && t->at[slot] == at)
		return;
	t->at[slot] = at;
	if (!i) {
		i = ++t->n;
		put(t, i - 1, slot);
	}
	up(t, i - 1);
	down(t, t->pos[slot] - 1);
}

int64_t
timers_next(const struct timers *t)
{
	return t->n ? t->at[t->heap[0]] : -1;
}

int
timers_due(struct timers *t, int64_t now, uint32_t *slot)
{
	if (!t->n || t->at[t->heap[0]] > now)
		return 0;
	*slot = t->heap[0];
	drop(t, *slot);
	return 1;
}
