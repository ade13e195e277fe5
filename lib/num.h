/* limen: ISC licence, see LICENSE */
#ifndef NUM_H
#define NUM_H

#include <stddef.h>
#include <stdint.h>

/*
 * Numbers from outside. All return 0, or -1 with *v untouched: nothing but
 * the number may be in s (no blanks, no sign but a leading '-'), and it must
 * lie within min..max.
 */

/* decimal, or hexadecimal after 0x */
int num_parse(const char *s, int64_t min, int64_t max, int64_t *v);

/* bytes: a number and at most one of k K M G T (powers of 1024), "iB" or
 * "B" after it allowed: 16M, 64KiB */
int num_size(const char *s, int64_t min, int64_t max, int64_t *v);

/* a rate: a number and at most one of k M G (powers of 1000): 512k */
int num_rate(const char *s, int64_t min, int64_t max, int64_t *v);

/* a time, in milliseconds: "5" and "2.5" are seconds; 300ms, 1.5s, 2m, 1h */
int num_msec(const char *s, int64_t min, int64_t max, int64_t *v);

/* n bytes for people, "999", "1.5K", "16M"; b holds at least 8. Returns b. */
char *num_human(char *b, uint64_t n);

#endif
