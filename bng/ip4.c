/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ip4.h"
#include "rd.h"
#include "wr.h"

enum {
	HEAD = 20,
	ICMP = 1,
	QUOTE = 548, /* RFC 1812 section 4.3.2.3: 576 bytes in all */
};

int
ip4_get(struct ip4 *h, const uint8_t *p, size_t len)
{
	struct rd r;
	unsigned v;

	rd_init(&r, p, len);
	v = rd_u8(&r);
	rd_skip(&r, 1);
	h->hlen = (v & 15) * 4;
	h->len = rd_u16(&r);
	rd_skip(&r, 2);
	h->off = rd_u16(&r);
	h->ttl = rd_u8(&r);
	h->proto = rd_u8(&r);
	rd_skip(&r, 2);
	h->src = rd_u32(&r);
	h->dst = rd_u32(&r);
	return r.err || v >> 4 != 4 || h->hlen < HEAD || h->len < h->hlen ||
		       h->len > len
		   ? -1
		   : 0;
}

unsigned
ip4_sum(const uint8_t *p, size_t len, unsigned acc)
{
	for (; len > 1; p += 2, len -= 2)
		acc += (unsigned)p[0] << 8 | p[1];
	if (len)
		acc += (unsigned)p[0] << 8;
	acc = (acc & 0xffff) + (acc >> 16);
	acc = (acc & 0xffff) + (acc >> 16);
	return ~acc & 0xffff;
}

static void
put16(uint8_t *p, unsigned v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
checksum(uint8_t *p, size_t hlen)
{
	put16(p + 10, 0);
	put16(p + 10, ip4_sum(p, hlen, 0));
}

void
ip4_hop(uint8_t *p)
{
	unsigned s = ((unsigned)p[10] << 8 | p[11]) + 0x100;

	p[8]--;
	put16(p + 10, (s & 0xffff) + (s >> 16));
}

/* options go into the first fragment only: those that would have to be
 * copied are source routes, which nobody passes on (RFC 7126) */
size_t
ip4_fragment(const uint8_t *p, size_t *off, uint8_t *b, size_t mtu)
{
	size_t hlen, max, n, left;
	struct ip4 h;
	unsigned flags;

	if (ip4_get(&h, p, 65535) < 0 || *off >= h.len - h.hlen)
		return 0;
	hlen = *off ? HEAD : h.hlen;
	max = (mtu - hlen) & ~(size_t)7;
	left = h.len - h.hlen - *off;
	n = left < max ? left : max;
	memcpy(b, p, hlen);
	b[0] = (uint8_t)(0x40 | hlen / 4);
	put16(b + 2, (unsigned)(hlen + n));
	flags = (h.off & IP4_DF) | (n < left ? IP4_MF : h.off & IP4_MF);
	put16(
	    b + 6, flags | (((h.off & IP4_OFFMASK) + *off / 8) & IP4_OFFMASK));
	checksum(b, hlen);
	memcpy(b + hlen, p + h.hlen + *off, n);
	*off += n;
	return hlen + n;
}

/* RFC 1122 section 3.2.2: not about ICMP errors, fragments but the first, or
 * packets from or to groups */
static int
no_error(const struct ip4 *h, const uint8_t *p)
{
	if (h->off & IP4_OFFMASK || h->dst >> 28 >= 14 || h->src >> 28 >= 14 ||
	    !h->src || h->src >> 24 == 127)
		return 1;
	return h->proto == ICMP &&
	       (h->len <= h->hlen ||
		   (p[h->hlen] != 8 && p[h->hlen] != 0 && p[h->hlen] != 13));
}

size_t
ip4_icmp_error(
    uint8_t *b, const struct ip4_error *e, const uint8_t *p, size_t len)
{
	struct ip4 h;
	struct wr w;
	size_t n;

	if (ip4_get(&h, p, len) < 0 || no_error(&h, p))
		return 0;
	n = h.len < QUOTE ? h.len : QUOTE;
	wr_init(&w, b, 576);
	wr_u16(&w, 0x45c0);
	wr_u16(&w, (unsigned)(HEAD + 8 + n));
	wr_u32(&w, 0);
	wr_u8(&w, 64);
	wr_u8(&w, ICMP);
	wr_u16(&w, 0);
	wr_u32(&w, e->from);
	wr_u32(&w, h.src);
	wr_u16(&w, e->what);
	wr_u32(&w, 0);
	wr_u16(&w, e->mtu);
	wr_bytes(&w, p, n);
	checksum(b, HEAD);
	put16(b + HEAD + 2, ip4_sum(b + HEAD, 8 + n, 0));
	return wr_len(&w);
}
