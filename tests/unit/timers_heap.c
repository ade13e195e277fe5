/* limen: ISC licence, see LICENSE */
#include <stdlib.h>

#include "bucket.h"
#include "tap.h"
#include "timers.h"

enum { N = 200 };

static int64_t at[N];

/* the earliest by looking at all of them */
static int64_t
earliest(void)
{
	int64_t m = -1;
	int i;

	for (i = 0; i < N; i++)
		if (at[i] >= 0 && (m < 0 || at[i] < m))
			m = at[i];
	return m;
}

static void
heap(void)
{
	struct timers t;
	void *mem = calloc(1, timers_size(N));
	uint32_t r = 1, i, k, bad = 0;

	timers_init(&t, N, mem);
	for (i = 0; i < N; i++)
		at[i] = -1;
	OK(timers_next(&t) == -1 && !timers_due(&t, INT64_MAX, &k));
	for (i = 0; i < 100000; i++) {
		r = r * 1664525 + 1013904223;
		k = (r >> 8) % N;
		if (r >> 28 == 0 && timers_due(&t, timers_next(&t), &k)) {
			bad += at[k] != earliest();
			at[k] = -1;
		} else {
			at[k] = r >> 29 == 1 ? -1 : (int64_t)(r >> 20);
			timers_set(&t, k, at[k]);
		}
		bad += timers_next(&t) != earliest();
	}
	OK_MSG(!bad, "100000 settings, each with the earliest known");
	free(mem);
}

static void
bucket(void)
{
	struct bucket b = { 0, 0 };
	int i, n = 0;

	for (i = 0; i < 20; i++)
		n += bucket_take(&b, 1000, 10, 1, 5);
	OK(n == 5);
	OK(!bucket_take(&b, 1099, 10, 1, 5) && bucket_take(&b, 1100, 10, 1, 5));
	for (n = 0; bucket_take(&b, INT64_MAX / 2, 10, 1, 5);)
		n++;
	OK(n == 5);
	OK_MSG(bucket_take(&b, 0, 0, 1, 0), "rate 0 is no limit");
}

int
main(void)
{
	heap();
	bucket();
	return tap_done();
}
