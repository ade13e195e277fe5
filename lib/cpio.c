/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "cpio.h"
#include "hex.h"

static const char magic[] = "070701";
static const char trailer[] = "TRAILER!!!";

static void
put_hex(struct wr *w, uint32_t v)
{
	static const char digit[] = "0123456789abcdef";
	int i;

	for (i = 28; i >= 0; i -= 4)
		wr_u8(w, (uint8_t)digit[v >> i & 15]);
}

void
cpio_pad(struct wr *w, size_t len)
{
	wr_zero(w, -len & 3);
}

void
cpio_put(struct wr *w, const struct cpio_entry *e)
{
	const size_t n = strlen(e->name) + 1;

	wr_str(w, magic);
	put_hex(w, e->ino);
	put_hex(w, e->mode);
	put_hex(w, e->uid);
	put_hex(w, e->gid);
	put_hex(w, e->nlink);
	put_hex(w, e->mtime);
	put_hex(w, e->size);
	put_hex(w, 0);
	put_hex(w, 0);
	put_hex(w, e->rmajor);
	put_hex(w, e->rminor);
	put_hex(w, (uint32_t)n);
	put_hex(w, 0);
	wr_bytes(w, e->name, n);
	cpio_pad(w, CPIO_HEADER + n);
}

void
cpio_end(struct wr *w)
{
	struct cpio_entry e;

	memset(&e, 0, sizeof(e));
	e.name = trailer;
	e.nlink = 1;
	cpio_put(w, &e);
}

static uint32_t
get_hex(struct rd *r)
{
	uint32_t v = 0;
	int i, c;

	for (i = 0; i < 8; i++) {
		if ((c = hex_digit(rd_u8(r))) < 0)
			r->err = 1;
		v = v << 4 | (uint32_t)(c & 15);
	}
	return v;
}

/* header and name; the name must end where the header says */
static void
get_head(struct rd *r, struct cpio_entry *e)
{
	const uint8_t *m = rd_bytes(r, 6);
	uint32_t n;
	struct rd name;

	if (!m || memcmp(m, magic, 6)) {
		r->err = 1;
		return;
	}
	e->ino = get_hex(r);
	e->mode = get_hex(r);
	e->uid = get_hex(r);
	e->gid = get_hex(r);
	e->nlink = get_hex(r);
	e->mtime = get_hex(r);
	e->size = get_hex(r);
	rd_skip(r, 16);
	e->rmajor = get_hex(r);
	e->rminor = get_hex(r);
	n = get_hex(r);
	rd_skip(r, 8);
	if (n == 0 || n > CPIO_NAME)
		r->err = 1;
	name = rd_sub(r, n);
	e->name = rd_str(&name);
	if (!e->name || rd_left(&name))
		r->err = 1;
	rd_skip(r, -(CPIO_HEADER + n) & 3);
}

static size_t
min(size_t a, size_t b)
{
	return a < b ? a : b;
}

int
cpio_get(struct rd *r, struct cpio_entry *e, struct rd *body)
{
	memset(e, 0, sizeof(*e));
	do {
		while (rd_left(r) && *r->p == 0)
			rd_skip(r, 1);
		if (!rd_left(r))
			return r->err ? -1 : 0;
		get_head(r, e);
		*body = rd_sub(r, e->size);
		rd_skip(r, min(-(size_t)e->size & 3, rd_left(r)));
		if (r->err)
			return -1;
	} while (!strcmp(e->name, trailer));
	return 1;
}
