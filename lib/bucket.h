/* limen: ISC licence, see LICENSE */
#ifndef BUCKET_H
#define BUCKET_H

#include <stdint.h>

/* a token bucket; all zero is a full one */
struct bucket {
	int64_t at;	 /* ms, when it was filled last; 0: never */
	uint64_t tokens; /* thousandths */
};

/* takes n tokens where rate come in a second and burst is the most it holds
 * (at least n); 1, or 0 when there are too few. rate 0: no limit. */
int bucket_take(
    struct bucket *b, int64_t now, uint64_t rate, uint64_t n, uint64_t burst);

#endif
