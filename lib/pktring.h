/* limen: ISC licence, see LICENSE */
#ifndef PKTRING_H
#define PKTRING_H

#include <stddef.h>
#include <stdint.h>

/*
 * A packet socket's receive ring (TPACKET_V2: no copy, no system call a
 * packet and, unlike V3, no timer between a packet and its reader). Frames
 * are handed out in place and given back all at once.
 */
struct pktring {
	uint8_t *map;
	size_t size;
	unsigned slots, at;
	unsigned held; /* handed out, not given back */
	uint64_t cut;  /* frames passed over */
};

/* maps a ring on a packet socket; 0, or -1 and errno */
int pktring_open(struct pktring *r, int fd);

/* the next frame in place, a stripped VLAN tag put back, or NULL when there
 * is none; *len is its length. Frames cut short are passed over. */
uint8_t *pktring_next(struct pktring *r, size_t *len);

/* gives all frames handed out back to the kernel */
void pktring_done(struct pktring *r);

void pktring_close(struct pktring *r);

/* puts a VLAN tag that the kernel took out back into the frame at p, which
 * has at least 4 bytes of room before it; returns the new start */
uint8_t *pktring_tag(uint8_t *p, unsigned tpid, unsigned tci);

#endif
