/* limen: ISC licence, see LICENSE */
#ifndef FWD_H
#define FWD_H

#include <stddef.h>
#include <stdint.h>

#include "bucket.h"
#include "nat.h"

struct bng;
struct sub;

/*
 * Where packets go: between subscribers, the world segment and libslirp.
 */
struct fwd_packet {
	uint8_t *p;
	size_t len;
};

/* from a subscriber; FWD_ROOM bytes before the packet are overwritten, and
 * the packet itself */
#define FWD_ROOM 14
void fwd_up(struct bng *b, struct sub *s, uint16_t proto, struct fwd_packet k);

/* to whichever subscriber has its destination address; what does not fit is
 * fragmented, or refused with an ICMP error to its sender */
void fwd_down(struct bng *b, const uint8_t *ip, size_t len);

/* the index by which libslirp's instances are shared out */
uint32_t fwd_shard(const struct bng *b, uint32_t addr);

/* what s sends out */
struct nat_from fwd_from(const struct bng *b, const struct sub *s);

/* may one more ICMP error be sent there (RFC 1812 section 4.3.2.8, RFC 4443
 * section 2.4 f)? */
#define FWD_ERRORS 100 /* a second; half of them at once */
int fwd_may_complain(const struct bng *b, struct bucket *to);

#endif
