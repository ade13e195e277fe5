/* limen: ISC licence, see LICENSE */
#ifndef TFTP_RTO_H
#define TFTP_RTO_H

#include <stdint.h>

/* How long to wait for an answer: RFC 6298 section 2, in milliseconds. */
#define TFTP_RTO_MAX 5000

struct tftp_rto {
	int64_t srtt, rttvar; /* in 1/8 and 1/4 ms; srtt -1: not measured */
	int64_t ms;	      /* until the first repetition */
};

void tftp_rto_init(struct tftp_rto *r);

/* an answer took that long */
void tftp_rto_sample(struct tftp_rto *r, int64_t rtt);

/* until the next repetition after so many: doubled each time, never less than
 * floor, at most the larger of floor and TFTP_RTO_MAX */
int64_t tftp_rto_wait(const struct tftp_rto *r, unsigned tries, int64_t floor);

#endif
