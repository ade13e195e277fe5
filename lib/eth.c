/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "eth.h"
#include "rd.h"

static int
is_tag(unsigned type)
{
	return type == ETH_QTAG || type == ETH_STAG || type == 0x9100;
}

int
eth_get(struct eth *e, const void *frame, size_t len)
{
	struct rd r;

	rd_init(&r, frame, len);
	rd_copy(&r, e->dst, 6);
	rd_copy(&r, e->src, 6);
	memset(e->tag, 0, sizeof(e->tag));
	e->ntag = 0;
	for (e->type = rd_u16(&r); is_tag(e->type); e->type = rd_u16(&r)) {
		if (e->ntag == ETH_TAGS)
			return -1;
		e->tag[e->ntag].tpid = e->type;
		e->tag[e->ntag++].tci = rd_u16(&r);
	}
	e->len = rd_left(&r);
	e->body = r.p;
	return r.err ? -1 : 0;
}

void
eth_put(struct wr *w, const struct eth *e)
{
	int i;

	wr_bytes(w, e->dst, 6);
	wr_bytes(w, e->src, 6);
	for (i = 0; i < e->ntag; i++) {
		wr_u16(w, e->tag[i].tpid);
		wr_u16(w, e->tag[i].tci);
	}
	wr_u16(w, e->type);
}

unsigned
eth_vlan(const struct eth_tag *t)
{
	return t->tci & 0xfff;
}

uint32_t
eth_vlans(const struct eth_tag *t, int n)
{
	uint32_t v = 0;

	for (; n > 0; n--, t++)
		if (eth_vlan(t))
			v = v << 12 | eth_vlan(t);
	return v;
}
