/* limen: ISC licence, see LICENSE */
#ifndef PUMP_H
#define PUMP_H

#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

/*
 * One direction of a byte stream: a bounded buffer between a descriptor that
 * is read and one that is written. A full buffer stops reading, which is the
 * flow control. A two-way pump is two of them:
 *
 *	if (pump_room(&down))         poll the source for POLLIN
 *	if (pump_held(&down))         poll the sink for POLLOUT
 */
struct pump {
	uint8_t *buf;
	size_t cap;
	size_t off, end; /* what is held: buf[off..end) */
};

/* buf stays the caller's */
void pump_init(struct pump *p, void *buf, size_t cap);

/* bytes that a read may bring now, and that wait to be written */
size_t pump_room(struct pump *p);
size_t pump_held(const struct pump *p);

/* may no read bring anything now? */
int pump_full(const struct pump *p);

/* reads once; the bytes are at buf + end - n. Returns n, 0 at the end of the
 * stream, or -1 and errno (EIO: a terminal whose other side is gone). */
ssize_t pump_read(struct pump *p, int fd);

/* writes once, at most max bytes; the count, or -1 and errno */
ssize_t pump_write(struct pump *p, int fd, size_t max);

/* puts n bytes in from memory; 0, or -1 without room for all of them */
int pump_put(struct pump *p, const void *src, size_t n);

/*
 * A non-blocking descriptor for an inherited terminal or pipe that leaves the
 * flags of the original, which other processes share, alone: a description of
 * its own through /proc. The caller closes it. Everything else, and what may
 * not be opened again, comes back as fd itself: *share is then 1, and a write
 * to it may block unless it is small and poll(2) allowed it.
 */
int pump_own(int fd, int flags, int *share);

#endif
