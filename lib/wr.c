/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "wr.h"

void
wr_init(struct wr *w, void *buf, size_t cap)
{
	w->buf = w->p = buf;
	w->end = w->buf + cap;
	w->err = 0;
}

size_t
wr_len(const struct wr *w)
{
	return w->err ? 0 : (size_t)(w->p - w->buf);
}

uint8_t *
wr_room(struct wr *w, size_t n)
{
	uint8_t *p = w->p;

	if (w->err || n > (size_t)(w->end - w->p)) {
		w->err = 1;
		return NULL;
	}
	w->p += n;
	return p;
}

static void
big(struct wr *w, uint64_t v, unsigned n)
{
	uint8_t *p = wr_room(w, n);

	for (; p && n--; v >>= 8)
		p[n] = (uint8_t)v;
}

static void
little(struct wr *w, uint32_t v, unsigned n)
{
	uint8_t *p = wr_room(w, n);

	for (; p && n--; v >>= 8)
		*p++ = (uint8_t)v;
}

void
wr_u8(struct wr *w, unsigned v)
{
	big(w, v, 1);
}

void
wr_u16(struct wr *w, unsigned v)
{
	big(w, v, 2);
}

void
wr_u32(struct wr *w, uint32_t v)
{
	big(w, v, 4);
}

void
wr_u64(struct wr *w, uint64_t v)
{
	big(w, v, 8);
}

void
wr_le16(struct wr *w, unsigned v)
{
	little(w, v, 2);
}

void
wr_le32(struct wr *w, uint32_t v)
{
	little(w, v, 4);
}

void
wr_bytes(struct wr *w, const void *src, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p && n)
		memcpy(p, src, n);
}

void
wr_zero(struct wr *w, size_t n)
{
	uint8_t *p = wr_room(w, n);

	if (p && n)
		memset(p, 0, n);
}

void
wr_str(struct wr *w, const char *s)
{
	wr_bytes(w, s, strlen(s));
}

void
wr_num(struct wr *w, uint64_t v)
{
	char b[20];
	size_t i = sizeof(b);

	do
		b[--i] = (char)('0' + v % 10);
	while (v /= 10);
	wr_bytes(w, b + i, sizeof(b) - i);
}

void
wr_hex(struct wr *w, const void *p, size_t n)
{
	static const char digits[] = "0123456789ABCDEF";
	const uint8_t *b = p;

	for (; n; n--, b++) {
		wr_u8(w, (unsigned char)digits[*b >> 4]);
		wr_u8(w, (unsigned char)digits[*b & 15]);
	}
}

size_t
wr_hole16(struct wr *w)
{
	uint8_t *p = wr_room(w, 2);

	return p ? (size_t)(p - w->buf) : 0;
}

void
wr_fill16(struct wr *w, size_t hole, size_t extra)
{
	size_t n;

	if (w->err)
		return;
	n = (size_t)(w->p - w->buf) - hole - 2 + extra;
	if (n > 0xffff) {
		w->err = 1;
		return;
	}
	w->buf[hole] = (uint8_t)(n >> 8);
	w->buf[hole + 1] = (uint8_t)n;
}
