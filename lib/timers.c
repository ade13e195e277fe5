/* limen: ISC licence, see LICENSE */
#include "timers.h"

size_t
timers_size(uint32_t max)
{
	return max * 2 * (sizeof(int64_t) + sizeof(uint32_t));
}

void
timers_init(struct timers *t, uint32_t max, void *mem)
{
	t->max = max;
	t->n = 0;
	t->key = mem;
	t->at = t->key + max;
	t->heap = (void *)(t->at + max);
	t->pos = t->heap + max;
}

static void
put(struct timers *t, uint32_t i, uint32_t slot)
{
	t->heap[i] = slot;
	t->pos[slot] = i + 1;
}

/* from place i, or above it */
static void
up(struct timers *t, uint32_t i, uint32_t slot)
{
	uint32_t p;

	for (; i; i = p) {
		p = (i - 1) / 2;
		if (t->key[t->heap[p]] <= t->key[slot])
			break;
		put(t, i, t->heap[p]);
	}
	put(t, i, slot);
}

/* or below it */
static void
down(struct timers *t, uint32_t i, uint32_t slot)
{
	uint32_t k;

	for (; (k = 2 * i + 1) < t->n; i = k) {
		if (k + 1 < t->n && t->key[t->heap[k + 1]] < t->key[t->heap[k]])
			k++;
		if (t->key[slot] <= t->key[t->heap[k]])
			break;
		put(t, i, t->heap[k]);
	}
	put(t, i, slot);
}

static void
drop(struct timers *t, uint32_t slot)
{
	const uint32_t i = t->pos[slot];
	uint32_t last;

	if (!i)
		return;
	t->pos[slot] = 0;
	last = t->heap[--t->n];
	if (last == slot)
		return;
	up(t, i - 1, last);
	down(t, t->pos[last] - 1, last);
}

void
timers_set(struct timers *t, uint32_t slot, int64_t at)
{
	const uint32_t i = t->pos[slot];

	if (at < 0) {
		drop(t, slot);
		return;
	}
	t->at[slot] = at;
	if (i && at >= t->key[slot])
		return;
	t->key[slot] = at;
	up(t, i ? i - 1 : t->n++, slot);
}

int64_t
timers_next(const struct timers *t)
{
	return t->n ? t->key[t->heap[0]] : -1;
}

int
timers_due(struct timers *t, int64_t now, uint32_t *slot)
{
	uint32_t first;

	while (t->n && t->key[first = t->heap[0]] <= now) {
		if (t->at[first] == t->key[first]) {
			drop(t, first);
			*slot = first;
			return 1;
		}
		t->key[first] = t->at[first]; /* it has moved away meanwhile */
		down(t, 0, first);
	}
	return 0;
}
