/* limen: ISC licence, see LICENSE */
#ifndef FWD_H
#define FWD_H

#include <stddef.h>
#include <stdint.h>

#include "bucket.h"

struct bng;
struct sub;

/*
 * Where packets go: between subscribers, the world segment and libslirp.
 */
struct fwd_packet {
	uint8_t *p;
	size_t len;
};

/* from a subscriber; NAT_HEAD bytes before the packet are overwritten, and
 * the packet itself */
void fwd_up(struct bng *b, struct sub *s, uint16_t proto, struct fwd_packet k);

/* to whichever subscriber has its destination address; what does not fit is
 * fragmented, or refused with an ICMP error to its sender */
void fwd_down(struct bng *b, const uint8_t *ip, size_t len);

/* the instance of libslirp for the subscriber at a place in the table and with
 * that address: its own, or that of a --forward to it */
uint32_t fwd_nat(const struct bng *b, uint32_t slot, uint32_t addr);

/* may one more ICMP error be sent there (RFC 1812 section 4.3.2.8, RFC 4443
 * section 2.4 f)? */
#define FWD_ERRORS 100 /* a second; half of them at once */
int fwd_may_complain(const struct bng *b, struct bucket *to);

#endif
