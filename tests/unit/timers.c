/* limen: ISC licence, see LICENSE */
/*
 * link: tufted/timers.c
 */
#include "../../tufted/timers.h"
#include "tap.h"

#define N 200

static uint64_t
rnd(uint64_t *x)
{
	*x ^= *x << 13;
	*x ^= *x >> 7;
	*x ^= *x << 17;
	return *x;
}

/* against a plain list: the due ones come, and only they; the next wake-up
 * is never too late */
static int
compare(uint64_t seed)
{
	struct timers t;
	int64_t due[N], now = 0, next;
	int i, k, bad = 0, at;

	if (timers_init(&t, N) < 0)
		return -1;
	for (i = 0; i < N; i++)
		due[i] = -1;
	for (k = 0; k < 5000 && !bad; k++) {
		at = (int)(rnd(&seed) % N);
		due[at] =
		    rnd(&seed) % 4 ? now + (int64_t)(rnd(&seed) % 500) : -1;
		timers_set(&t, at, due[at]);
		next = timers_next(&t);
		for (i = 0; i < N; i++)
			bad |= due[i] >= 0 && (next < 0 || next > due[i]);
		now += (int64_t)(rnd(&seed) % 5);
		while ((i = timers_due(&t, now)) >= 0) {
			bad |= due[i] < 0 || due[i] > now;
			due[i] = rnd(&seed) % 2 ? now + 100 : -1;
			timers_set(&t, i, due[i]);
		}
		for (i = 0; i < N; i++)
			bad |= due[i] >= 0 && due[i] <= now;
	}
	timers_free(&t);
	return bad;
}

int
main(void)
{
	struct timers t;
	uint64_t seed;
	int bad = 0;

	for (seed = 1; seed <= 20; seed++)
		bad |= compare(seed * 0x9e3779b97f4a7c15);
	OK_MSG(!bad, "deadlines as a plain list has them");
	OK(timers_init(&t, 4) == 0 && timers_next(&t) == -1);
	OK(timers_due(&t, 1000) == -1);
	timers_set(&t, 3, 10);
	timers_set(&t, 3, 500); /* moves away: looked at, not due */
	OK(timers_next(&t) == 10 && timers_due(&t, 10) == -1);
	OK(timers_next(&t) == 500 && timers_due(&t, 500) == 3);
	timers_set(&t, 3, -1);
	OK(timers_next(&t) == -1 && timers_due(&t, 9999) == -1);
	timers_free(&t);
	return tap_done();
}
