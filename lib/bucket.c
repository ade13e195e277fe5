/* limen: ISC licence, see LICENSE */
#include "bucket.h"

int
bucket_take(
    struct bucket *b, int64_t now, uint64_t rate, uint64_t n, uint64_t burst)
{
	uint64_t full = burst * 1000, past;

	if (!rate)
		return 1;
	past = b->at && now > b->at ? (uint64_t)(now - b->at) : 0;
	if (!b->at || past > full / rate)
		b->tokens = full;
	else
		b->tokens += past * rate;
	if (b->tokens > full)
		b->tokens = full;
	b->at = now > 0 ? now : 1;
	if (b->tokens < n * 1000)
		return 0;
	b->tokens -= n * 1000;
	return 1;
}
