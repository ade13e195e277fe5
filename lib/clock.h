/* limen: ISC licence, see LICENSE */
#ifndef CLOCK_H
#define CLOCK_H

#include <stdint.h>

/* monotonic milliseconds; what every deadline is compared with */
int64_t clock_ms(void);

/* the same clock in nanoseconds */
int64_t clock_ns(void);

/* what to hand to poll(2): milliseconds from now until deadline, 0 when it
 * has passed, -1 when it is -1 (none) */
int clock_left(int64_t now, int64_t deadline);

/* the earlier of two deadlines, -1 being none */
int64_t clock_min(int64_t a, int64_t b);

#endif
