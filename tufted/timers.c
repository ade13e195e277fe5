/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "timers.h"

int
timers_init(struct timers *t, unsigned cap)
{
	memset(t, 0, sizeof(*t));
	t->key = calloc(cap, sizeof(*t->key));
	t->due = calloc(cap, sizeof(*t->due));
	t->pos = calloc(cap, sizeof(*t->pos));
	t->heap = calloc(cap, sizeof(*t->heap));
	if (t->key && t->due && t->pos && t->heap)
		return 0;
	timers_free(t);
	return -1;
}

void
timers_free(struct timers *t)
{
	free(t->key);
	free(t->due);
	free(t->pos);
	free(t->heap);
	memset(t, 0, sizeof(*t));
}

/* pos is kept one higher, so that fresh memory means: not there */
static void
place(struct timers *t, int at, int32_t i)
{
	t->heap[at] = i;
	t->pos[i] = at + 1;
}

static void
up(struct timers *t, int at)
{
	const int32_t i = t->heap[at];
	int p;

	for (; at > 0; at = p) {
		p = (at - 1) / 2;
		if (t->key[t->heap[p]] <= t->key[i])
			break;
		place(t, at, t->heap[p]);
	}
	place(t, at, i);
}

static void
down(struct timers *t, int at)
{
	const int32_t i = t->heap[at];
	int c;

	for (; (c = 2 * at + 1) < t->n; at = c) {
		if (c + 1 < t->n && t->key[t->heap[c + 1]] < t->key[t->heap[c]])
			c++;
		if (t->key[i] <= t->key[t->heap[c]])
			break;
		place(t, at, t->heap[c]);
	}
	place(t, at, i);
}

static void
take_out(struct timers *t, int i)
{
	const int at = t->pos[i] - 1;
	const int32_t moved = t->heap[--t->n];

	t->pos[i] = 0;
	if (moved == i)
		return;
	place(t, at, moved);
	up(t, at);
	down(t, t->pos[moved] - 1);
}

void
timers_set(struct timers *t, int i, int64_t due)
{
	t->due[i] = due;
	if (due < 0) {
		if (t->pos[i])
			take_out(t, i);
	} else if (!t->pos[i]) {
		t->key[i] = due;
		place(t, t->n++, i);
		up(t, t->n - 1);
	} else if (due < t->key[i]) {
		t->key[i] = due;
		up(t, t->pos[i] - 1);
	}
}

int64_t
timers_next(const struct timers *t)
{
	return t->n ? t->key[t->heap[0]] : -1;
}

int
timers_due(struct timers *t, int64_t now)
{
	int32_t i;

	while (t->n && t->key[i = t->heap[0]] <= now) {
		if (t->due[i] <= now)
			return i;
		t->key[i] = t->due[i]; /* it had moved away meanwhile */
		down(t, 0);
	}
	return -1;
}
