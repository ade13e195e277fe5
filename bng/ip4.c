/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ip.h"
#include "ip_sum.h"
#include "ip4.h"
#include "rd.h"
#include "wr.h"

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
	h->id = (uint16_t)rd_u16(&r);
	h->off = rd_u16(&r);
	h->ttl = rd_u8(&r);
	h->proto = rd_u8(&r);
	rd_skip(&r, 2);
	h->src = rd_u32(&r);
	h->dst = rd_u32(&r);
	return r.err || v >> 4 != 4 || h->hlen < IP4_HEAD || h->len < h->hlen ||
		       h->len > len || ip_sum_fold(ip_sum(0, p, h->hlen))
		   ? -1
		   : 0;
}

int
ip4_is_host(uint32_t addr)
{
	const uint32_t net = addr >> 24;

	return net && net != 127 && net < 224;
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

void
ip4_finish(uint8_t *p, size_t hlen, size_t len, unsigned off)
{
	put16(p + 2, (unsigned)len);
	put16(p + 6, off);
	checksum(p, hlen);
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
	flags = (h.off & IP_FRAG_DONT) |
		(n < left ? IP_FRAG_MORE : h.off & IP_FRAG_MORE);
	ip4_finish(b, hlen, hlen + n,
	    flags | (((h.off & IP_FRAG_OFF) + *off / 8) & IP_FRAG_OFF));
	memcpy(b + hlen, p + h.hlen + *off, n);
	*off += n;
	return hlen + n;
}

size_t
ip4_icmp_error(
    uint8_t *b, const struct ip4_error *e, const uint8_t *p, size_t len)
{
	struct icmp i = { .type = (uint8_t)(e->what >> 8),
		.code = (uint8_t)e->what,
		.rest = e->mtu,
		.body = p };
	uint8_t from[16];
	struct ip ip;
	struct wr w;

	if (ip_get(&ip, p, len) < 0)
		return 0;
	i.len = (size_t)(ip.body - p) + ip.len;
	ip_put4(from, e->from);
	wr_init(&w, b, IP4_ERROR);
	return icmp_error_put(&w, from, &i, &ip) < 0 ? 0 : wr_len(&w);
}
