/* limen: ISC licence, see LICENSE */
#ifndef RD_H
#define RD_H

#include <stddef.h>
#include <stdint.h>

/*
 * A reading cursor over bytes that somebody else owns. A read past the end
 * yields 0 (or NULL) and sets err; so does every later one. Numbers are big
 * endian (network order) unless the name says le.
 */
struct rd {
	const uint8_t *p, *end;
	int err;
};

void rd_init(struct rd *r, const void *buf, size_t len);
uint8_t rd_u8(struct rd *r);
uint16_t rd_u16(struct rd *r);
uint32_t rd_u32(struct rd *r);
uint64_t rd_u64(struct rd *r);
uint16_t rd_le16(struct rd *r);
uint32_t rd_le32(struct rd *r);

/* bytes not read yet; 0 after an error */
size_t rd_left(const struct rd *r);

/* the next n bytes, in place, or NULL and err */
const uint8_t *rd_bytes(struct rd *r, size_t n);

/* copies n bytes to dst; zeroes dst when there are fewer */
void rd_copy(struct rd *r, void *dst, size_t n);

/* passes over n bytes */
void rd_skip(struct rd *r, size_t n);

/* a cursor over exactly the next n bytes; already in error when there are
 * fewer, and then r is too */
struct rd rd_sub(struct rd *r, size_t n);

/* the bytes up to a NUL, which is passed over; NULL and err without one */
const char *rd_str(struct rd *r);

#endif
