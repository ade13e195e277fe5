/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "tap.h"
#include "timers.h"

#define N 200

static uint64_t
rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* the earliest by looking at all of them, or -1 */
static int64_t
earliest(const int64_t *at)
{
	int64_t m = -1;
	int i;

	for (i = 0; i < N; i++)
		if (at[i] >= 0 && (m < 0 || at[i] < m))
			m = at[i];
	return m;
}

/* is it looked at again in time, and not when there is nothing? */
static int
awake(const struct timers *t, const int64_t *at)
{
	const int64_t next = timers_next(t), first = earliest(at);

	return first < 0 ? next < 0 : next >= 0 && next <= first;
}

/* against a plain list: the due ones come, the earliest first, and only they;
 * what wrong is counted */
static int
compare(uint64_t seed)
{
	struct timers t;
	void *mem = calloc(1, timers_size(N));
	int64_t at[N], now = 0;
	uint32_t i;
	int k, bad = 0;

	timers_init(&t, N, mem);
	for (i = 0; i < N; i++)
		at[i] = -1;
	for (k = 0; k < 5000; k++) {
		i = (uint32_t)(rnd(&seed) % N);
		at[i] = rnd(&seed) % 4 ? now + (int64_t)(rnd(&seed) % 500) : -1;
		timers_set(&t, i, at[i]);
		bad += !awake(&t, at);
		now += (int64_t)(rnd(&seed) % 5);
		while (timers_due(&t, now, &i)) {
			bad +=
			    at[i] < 0 || at[i] > now || at[i] != earliest(at);
			at[i] = rnd(&seed) % 2 ? now + 100 : -1;
			timers_set(&t, i, at[i]);
		}
		bad += earliest(at) >= 0 && earliest(at) <= now;
	}
	free(mem);
	return bad;
}

int
main(void)
{
	struct timers t;
	void *mem = calloc(1, timers_size(4));
	uint64_t seed;
	uint32_t i;
	int bad = 0;

	for (seed = 1; seed <= 20; seed++)
		bad += compare(seed * 0x9e3779b97f4a7c15);
	OK_MSG(!bad, "deadlines as a plain list has them");
	timers_init(&t, 4, mem);
	OK(timers_next(&t) == -1 && !timers_due(&t, INT64_MAX, &i));
	timers_set(&t, 3, 10);
	timers_set(&t, 3, 500); /* moves away: looked at, not due */
	timers_set(&t, 2, 400);
	OK(timers_next(&t) == 10 && !timers_due(&t, 10, &i));
	OK(timers_next(&t) == 400 && timers_due(&t, 600, &i) && i == 2);
	OK(timers_due(&t, 600, &i) && i == 3 && timers_next(&t) == -1);
	timers_set(&t, 3, 7);
	timers_set(&t, 3, -1);
	OK(timers_next(&t) == -1 && !timers_due(&t, 9999, &i));
	free(mem);
	return tap_done();
}
