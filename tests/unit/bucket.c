/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "bucket.h"
#include "tap.h"

int
main(void)
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
	return tap_done();
}
