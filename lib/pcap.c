/* limen: ISC licence, see LICENSE */
#include "pcap.h"

enum {
	MAGIC_USEC = 0xa1b2c3d4,
	MAGIC_NSEC = 0xa1b23c4d,
};

void
pcap_put(struct wr *w, uint32_t link)
{
	wr_le32(w, MAGIC_NSEC);
	wr_le16(w, 2); /* version 2.4 */
	wr_le16(w, 4);
	wr_le32(w, 0);
	wr_le32(w, 0);
	wr_le32(w, PCAP_SNAP);
	wr_le32(w, link);
}

void
pcap_rec_put(struct wr *w, int64_t ns, uint32_t len)
{
	wr_le32(w, (uint32_t)(ns / 1000000000));
	wr_le32(w, (uint32_t)(ns % 1000000000));
	wr_le32(w, len);
	wr_le32(w, len);
}

static uint32_t
num(struct rd *r, const struct pcap *p)
{
	return p->swapped ? rd_u32(r) : rd_le32(r);
}

int
pcap_get(struct rd *r, struct pcap *p)
{
	uint32_t m = rd_le32(r), b = __builtin_bswap32(m);

	p->swapped = b == MAGIC_USEC || b == MAGIC_NSEC;
	m = p->swapped ? b : m;
	p->nano = m == MAGIC_NSEC;
	rd_skip(r, 12);
	p->snap = num(r, p);
	p->link = num(r, p) & 0xffff;
	if (p->snap > PCAP_SNAP || !p->snap)
		p->snap = PCAP_SNAP;
	return r->err || (m != MAGIC_USEC && m != MAGIC_NSEC) ? -1 : 0;
}

int
pcap_rec_get(struct rd *r, const struct pcap *p, struct pcap_rec *rec)
{
	uint32_t sec, frac;

	if (!rd_left(r))
		return r->err ? -1 : 0;
	sec = num(r, p);
	frac = num(r, p);
	rec->ns = (int64_t)sec * 1000000000 +
		  (p->nano ? (int64_t)frac : (int64_t)frac * 1000);
	rec->len = num(r, p);
	rec->orig = num(r, p);
	if (rec->len > p->snap)
		return -1;
	rec->data = rd_bytes(r, rec->len);
	return r->err ? -1 : 1;
}
