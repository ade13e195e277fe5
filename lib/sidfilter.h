/* limen: ISC licence, see LICENSE */
#ifndef SIDFILTER_H
#define SIDFILTER_H

#include <stdint.h>

/*
 * A set of PPPoE session ids, and a socket filter that drops their session
 * frames: for a packet socket that sees what the kernel forwards itself.
 */
#define SIDFILTER_BYTES (65536 / 8)

struct sidfilter {
	uint8_t has[SIDFILTER_BYTES];
};

void sidfilter_set(struct sidfilter *f, unsigned sid);
void sidfilter_clear(struct sidfilter *f, unsigned sid);
int sidfilter_has(const struct sidfilter *f, unsigned sid);

/*
 * Makes the socket fd, whose packets are Ethernet frames, take PPPoE (tagged
 * too) without the session frames of the set. A filter holds at most
 * SIDFILTER_RANGES runs of ids; those beyond pass. 0, or -1 and errno: then all
 * pass.
 */
#define SIDFILTER_RANGES 600
int sidfilter_attach(const struct sidfilter *f, int fd);

#endif
