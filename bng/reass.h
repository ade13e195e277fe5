/* limen: ISC licence, see LICENSE */
#ifndef REASS_H
#define REASS_H

#include <stddef.h>
#include <stdint.h>

/*
 * IPv4 packets made whole of their fragments (RFC 791, RFC 815), so that
 * libslirp sees none: the last fragment of a packet, where it comes first,
 * makes it write over its own lists as Debian compiles it, and it keeps as
 * many of them as are sent.
 */
enum {
	REASS_PACKETS = 64, /* on their way at once; for one more goes the
			     * oldest of the sender that has most */
	REASS_LIFE = 30000, /* ms */
	REASS_ROOM = 64,    /* writable bytes before a packet that is whole */
};

struct reass;

struct reass *reass_new(void);
void reass_free(struct reass *r);

/* A fragment has come. The packet that is whole with it, its length in *whole,
 * good until the next call; or NULL. */
uint8_t *reass_add(
    struct reass *r, int64_t now, const uint8_t *p, size_t len, size_t *whole);

#endif
