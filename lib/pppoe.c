/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pppoe.h"

enum {
	VENDOR_BBF = 0x0de9, /* Broadband Forum, TR-101 section 3.9 */
	BBF_CIRCUIT = 1,
	BBF_REMOTE = 2,
};

int
pppoe_get(struct pppoe *p, const void *buf, size_t len)
{
	struct rd r;
	unsigned vertype;

	rd_init(&r, buf, len);
	vertype = rd_u8(&r);
	p->code = rd_u8(&r);
	p->sid = rd_u16(&r);
	p->len = rd_u16(&r);
	p->body = rd_bytes(&r, p->len);
	return r.err || vertype != 0x11 || p->sid == PPPOE_SID_NONE ? -1 : 0;
}

/* the next tag of r: 1, 0 at the end (End-Of-List too), -1 when cut short */
static int
tag_get(struct rd *r, struct pppoe_tag *t)
{
	if (!rd_left(r))
		return r->err ? -1 : 0;
	t->type = rd_u16(r);
	t->v.len = rd_u16(r);
	t->v.p = rd_bytes(r, t->v.len);
	if (r->err)
		return -1;
	return t->type != PPPOE_END;
}

/* TR-101: the vendor's number, then sub-tags of one byte type and length */
static void
vendor(struct pppoe_disc *d, struct pppoe_str v)
{
	struct pppoe_str s, *to;
	struct rd r;
	unsigned type;

	rd_init(&r, v.p, v.len);
	if (rd_u32(&r) != VENDOR_BBF)
		return;
	while (rd_left(&r)) {
		type = rd_u8(&r);
		s.len = rd_u8(&r);
		s.p = rd_bytes(&r, s.len);
		to = type == BBF_CIRCUIT  ? &d->circuit
		     : type == BBF_REMOTE ? &d->remote
					  : NULL;
		if (!r.err && to && !to->p)
			*to = s;
	}
}

static struct pppoe_str *
place(struct pppoe_disc *d, unsigned type)
{
	switch (type) {
	case PPPOE_SERVICE: return &d->service;
	case PPPOE_AC_NAME: return &d->ac_name;
	case PPPOE_HOST_UNIQ: return &d->host_uniq;
	case PPPOE_COOKIE: return &d->cookie;
	case PPPOE_RELAY_ID: return &d->relay_id;
	default: return NULL;
	}
}

static void
note(struct pppoe_disc *d, const struct pppoe_tag *t)
{
	struct pppoe_str *to = place(d, t->type);
	struct rd r;

	if (to) {
		if (!to->p)
			*to = t->v;
		return;
	}
	switch (t->type) {
	case PPPOE_VENDOR: vendor(d, t->v); break;
	case PPPOE_MAX_PAYLOAD:
		rd_init(&r, t->v.p, t->v.len);
		if (t->v.len == 2 && !d->max_payload)
			d->max_payload = rd_u16(&r);
		break;
	case PPPOE_SERVICE_ERR:
	case PPPOE_AC_ERR:
	case PPPOE_GENERIC_ERR:
		if (!d->error.type)
			d->error = *t;
		break;
	}
}

int
pppoe_disc_get(struct pppoe_disc *d, const struct pppoe *p)
{
	struct pppoe_tag t;
	struct rd r;
	int n;

	memset(d, 0, sizeof(*d));
	rd_init(&r, p->body, p->len);
	while ((n = tag_get(&r, &t)) > 0)
		note(d, &t);
	return n;
}

size_t
pppoe_put(struct wr *w, unsigned code, unsigned sid)
{
	wr_u8(w, 0x11);
	wr_u8(w, code);
	wr_u16(w, sid);
	return wr_hole16(w);
}

void
pppoe_end(struct wr *w, size_t hole)
{
	wr_fill16(w, hole, 0);
}

void
pppoe_tag_put(struct wr *w, unsigned type, struct pppoe_str v)
{
	wr_u16(w, type);
	wr_u16(w, (unsigned)v.len);
	if (v.len)
		wr_bytes(w, v.p, v.len);
}

void
pppoe_max_payload_put(struct wr *w, uint16_t v)
{
	if (!v)
		return;
	wr_u16(w, PPPOE_MAX_PAYLOAD);
	wr_u16(w, 2);
	wr_u16(w, v);
}

void
pppoe_echo_put(struct wr *w, unsigned type, struct pppoe_str v)
{
	if (v.p)
		pppoe_tag_put(w, type, v);
}

int
pppoe_str_is(struct pppoe_str a, struct pppoe_str b)
{
	return a.len == b.len && (!a.len || !memcmp(a.p, b.p, a.len));
}

struct pppoe_str
pppoe_str(const char *s)
{
	return (struct pppoe_str){ (const uint8_t *)s, strlen(s) };
}

const char *
pppoe_name(unsigned code)
{
	switch (code) {
	case PPPOE_SESSION: return "session";
	case PPPOE_PADO: return "PADO";
	case PPPOE_PADI: return "PADI";
	case PPPOE_PADR: return "PADR";
	case PPPOE_PADS: return "PADS";
	case PPPOE_PADT: return "PADT";
	default: return "code unknown";
	}
}

uint16_t
pppoe_mru(uint16_t want, unsigned mtu)
{
	mtu -= PPPOE_HEAD + 2; /* and PPP's Protocol; 0 becomes no limit */
	return want > mtu ? (uint16_t)mtu : want;
}
