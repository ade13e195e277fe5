/* limen: ISC licence, see LICENSE */
#include "tftp_rto.h"

#define FIRST 1000
#define MIN   100

void
tftp_rto_init(struct tftp_rto *r)
{
	r->srtt = -1;
	r->rttvar = 0;
	r->ms = FIRST;
}

void
tftp_rto_sample(struct tftp_rto *r, int64_t rtt)
{
	int64_t d;

	if (r->srtt < 0) {
		r->srtt = rtt * 8;
		r->rttvar = rtt * 2;
	} else {
		d = rtt - r->srtt / 8;
		r->srtt += d;
		r->rttvar += (d < 0 ? -d : d) - r->rttvar / 4;
	}
	r->ms = r->srtt / 8 + r->rttvar;
	if (r->ms < MIN)
		r->ms = MIN;
	if (r->ms > TFTP_RTO_MAX)
		r->ms = TFTP_RTO_MAX;
}

int64_t
tftp_rto_wait(const struct tftp_rto *r, unsigned tries, int64_t floor)
{
	const int64_t cap = floor > TFTP_RTO_MAX ? floor : TFTP_RTO_MAX;
	int64_t ms = r->ms > floor ? r->ms : floor;
	unsigned i;

	for (i = 0; i < tries && ms < cap; i++)
		ms *= 2;
	return ms < cap ? ms : cap;
}
