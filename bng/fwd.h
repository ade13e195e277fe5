/* limen: ISC licence, see LICENSE */
#ifndef FWD_H
#define FWD_H

#include <stddef.h>
#include <stdint.h>

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

#endif
