/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pack.h"

void
pack_put(struct wr *w, const struct pack *p)
{
	const size_t n = strlen(p->path);

	wr_u8(w, p->type);
	wr_u32(w, p->mode);
	wr_u64(w, p->mtime);
	wr_u64(w, p->size);
	wr_u16(w, (uint16_t)n);
	wr_bytes(w, p->path, n);
}

/* a path below the top and nothing else */
static int
good_path(const char *s, size_t len)
{
	const char *e, *end = s + len;

	if (memchr(s, 0, len))
		return 0;
	for (;; s = e + 1) {
		e = memchr(s, '/', (size_t)(end - s));
		if (!e)
			e = end;
		if (e == s || (e - s == 1 && s[0] == '.') ||
		    (e - s == 2 && s[0] == '.' && s[1] == '.'))
			return 0;
		if (e == end)
			return 1;
	}
}

int
pack_get(struct rd *r, struct pack *p)
{
	const uint8_t *path;
	size_t n;
	int type;

	type = rd_u8(r);
	p->mode = rd_u32(r);
	p->mtime = rd_u64(r);
	p->size = rd_u64(r);
	n = rd_u16(r);
	if (r->err)
		return 0;
	/* NOLINTNEXTLINE: 0 is no type */
	if (!memchr("fdle", type, 4) || n >= PACK_PATH || p->mode > 07777)
		return -1;
	p->type = (enum pack_type)type;
	path = rd_bytes(r, n);
	if (r->err)
		return 0;
	if (type == PACK_END ? n > 0 : !good_path((const char *)path, n))
		return -1;
	if (((type == PACK_DIR || type == PACK_END) && p->size > 0) ||
	    (type == PACK_LINK && (p->size == 0 || p->size >= PACK_PATH)))
		return -1;
	if (n)
		memcpy(p->path, path, n);
	p->path[n] = 0;
	return 1;
}
