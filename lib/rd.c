/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "rd.h"

void
rd_init(struct rd *r, const void *buf, size_t len)
{
	r->p = buf;
	r->end = len ? r->p + len : r->p;
	r->err = 0;
}

size_t
rd_left(const struct rd *r)
{
	return r->err ? 0 : (size_t)(r->end - r->p);
}

const uint8_t *
rd_bytes(struct rd *r, size_t n)
{
	const uint8_t *p = r->p;

	if (r->err || n > (size_t)(r->end - r->p)) {
		r->err = 1;
		return NULL;
	}
	if (n)
		r->p += n;
	return p;
}

static uint64_t
big(struct rd *r, unsigned n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint64_t v = 0;

	while (p && n--)
		v = v << 8 | *p++;
	return v;
}

static uint32_t
little(struct rd *r, unsigned n)
{
	const uint8_t *p = rd_bytes(r, n);
	uint32_t v = 0;

	while (p && n--)
		v = v << 8 | p[n];
	return v;
}

uint8_t
rd_u8(struct rd *r)
{
	return (uint8_t)big(r, 1);
}

uint16_t
rd_u16(struct rd *r)
{
	return (uint16_t)big(r, 2);
}

uint32_t
rd_u32(struct rd *r)
{
	return (uint32_t)big(r, 4);
}

uint64_t
rd_u64(struct rd *r)
{
	return big(r, 8);
}

uint16_t
rd_le16(struct rd *r)
{
	return (uint16_t)little(r, 2);
}

uint32_t
rd_le32(struct rd *r)
{
	return little(r, 4);
}

void
rd_copy(struct rd *r, void *dst, size_t n)
{
	const uint8_t *p = rd_bytes(r, n);

	if (p && n)
		memcpy(dst, p, n);
	else if (n)
		memset(dst, 0, n);
}

void
rd_skip(struct rd *r, size_t n)
{
	(void)rd_bytes(r, n);
}

struct rd
rd_sub(struct rd *r, size_t n)
{
	struct rd s;
	const uint8_t *p = rd_bytes(r, n);

	rd_init(&s, p, p ? n : 0);
	s.err = !p;
	return s;
}

const char *
rd_str(struct rd *r)
{
	const uint8_t *z = rd_left(r) ? memchr(r->p, 0, rd_left(r)) : NULL;

	if (!z) {
		r->err = 1;
		return NULL;
	}
	return (const char *)rd_bytes(r, (size_t)(z - r->p) + 1);
}
