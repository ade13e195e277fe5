/* limen: ISC licence, see LICENSE */
#ifndef WR_H
#define WR_H

#include <stddef.h>
#include <stdint.h>

/*
 * A writing cursor over a buffer that somebody else owns. A write past the
 * end writes nothing and sets err; so does every later one. Numbers are big
 * endian (network order) unless the name says le.
 */
struct wr {
	uint8_t *buf, *p, *end;
	int err;
};

void wr_init(struct wr *w, void *buf, size_t cap);
void wr_u8(struct wr *w, unsigned v);
void wr_u16(struct wr *w, unsigned v);
void wr_u32(struct wr *w, uint32_t v);
void wr_u64(struct wr *w, uint64_t v);
void wr_le16(struct wr *w, unsigned v);
void wr_le32(struct wr *w, uint32_t v);
void wr_bytes(struct wr *w, const void *src, size_t n);
void wr_zero(struct wr *w, size_t n);
void wr_str(struct wr *w, const char *s); /* without its NUL */
void wr_num(struct wr *w, uint64_t v);	  /* in decimal digits */
/* two hexadecimal digits for each of n bytes, in capitals */
void wr_hex(struct wr *w, const void *p, size_t n);

/* bytes written so far; 0 after an error */
size_t wr_len(const struct wr *w);

/* n bytes to be filled by the caller, or NULL and err */
uint8_t *wr_room(struct wr *w, size_t n);

/* leaves room for a length of 16 bits; returns the hole to hand to
 * wr_fill16(), which puts in the bytes written since the hole's end, plus
 * extra (for lengths that count their own header) */
size_t wr_hole16(struct wr *w);
void wr_fill16(struct wr *w, size_t hole, size_t extra);

#endif
