/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ip.h"
#include "ip4.h"
#include "rd.h"
#include "wr.h"

enum {
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
	return r.err || v >> 4 != 4 || h->hlen < IP4_HEAD || h->len < h->hlen ||
		       h->len > len
		   ? -1
		   : 0;
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
	put16(p + 10, ip_sum_fold(ip_sum(0, p, hlen)));
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
	hlen = *off ? IP4_HEAD : h.hlen;
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
	return h->proto == IP_ICMP &&
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
	wr_u16(&w, (unsigned)(IP4_HEAD + 8 + n));
	wr_u32(&w, 0);
	wr_u8(&w, 64);
	wr_u8(&w, IP_ICMP);
	wr_u16(&w, 0);
	wr_u32(&w, e->from);
	wr_u32(&w, h.src);
	wr_u16(&w, e->what);
	wr_u32(&w, 0);
	wr_u16(&w, e->mtu);
	wr_bytes(&w, p, n);
	checksum(b, IP4_HEAD);
	put16(b + IP4_HEAD + 2, ip_sum_fold(ip_sum(0, b + IP4_HEAD, 8 + n)));
	return wr_len(&w);
}
