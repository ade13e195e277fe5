/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "nd.h"
#include "rd.h"

enum { SOURCE_MAC = 1, TARGET_MAC = 2, PREFIX = 3, MTU = 5, RDNSS = 25 };

static void
get_prefix(struct nd *n, struct rd *o)
{
	struct nd_prefix p;

	p.len = rd_u8(o);
	p.flags = rd_u8(o);
	p.valid = rd_u32(o);
	p.preferred = rd_u32(o);
	rd_skip(o, 4);
	rd_copy(o, p.addr, 16);
	if (!o->err && p.len <= 128 && n->nprefix < ND_PREFIXES)
		n->prefix[n->nprefix++] = p;
}

static void
get_dns(struct nd *n, struct rd *o)
{
	rd_skip(o, 2);
	n->dns_lifetime = rd_u32(o);
	while (rd_left(o) >= 16 && n->ndns < ND_DNS)
		rd_copy(o, n->dns[n->ndns++], 16);
}

/* 0, or -1: section 6.1 has a packet with an option of length 0 thrown away */
static int
get_options(struct nd *n, struct rd *r)
{
	struct rd o;
	unsigned type, len;

	while (rd_left(r)) {
		type = rd_u8(r);
		len = rd_u8(r);
		if (!len)
			return -1;
		o = rd_sub(r, len * 8 - 2);
		if (o.err)
			return -1;
		if (type == (n->type == ND_NA ? TARGET_MAC : SOURCE_MAC)) {
			rd_copy(&o, n->mac, 6);
			n->has_mac = 1;
		} else if (type == PREFIX) {
			get_prefix(n, &o);
		} else if (type == RDNSS) {
			get_dns(n, &o);
		} else if (type == MTU) {
			rd_skip(&o, 2);
			n->mtu = rd_u32(&o);
		}
	}
	return 0;
}

/* what depends on the addresses: sections 6.1.1, 6.1.2, 7.1.1, 7.1.2 */
static int
valid(const struct nd *n, const struct ip *ip)
{
	const int unspecified = ip_is_unspecified(ip->src);
	uint8_t group[16];

	switch (n->type) {
	case ND_RA: return ip_is_link_local(ip->src);
	case ND_NA: return ip->dst[0] != 0xff || !(n->flags & ND_NA_SOLICITED);
	case ND_NS:
		nd_group(group, n->target);
		if (unspecified && memcmp(ip->dst, group, 16) != 0)
			return 0;
	}
	return !unspecified || !n->has_mac;
}

int
nd_get(struct nd *n, const struct ip *ip)
{
	struct icmp i;
	struct rd r;

	memset(n, 0, sizeof(*n));
	if (ip->version != 6 || ip->ttl != 255 || icmp_get(&i, ip) < 0 ||
	    i.code != 0)
		return -1;
	n->type = i.type;
	rd_init(&r, i.body, i.len);
	switch (i.type) {
	case ND_RS: break;
	case ND_RA:
		n->hop = (uint8_t)(i.rest >> 24);
		n->flags = (uint8_t)(i.rest >> 16);
		n->lifetime = (uint16_t)i.rest;
		rd_skip(&r, 8);
		break;
	case ND_NA: n->flags = (uint8_t)(i.rest >> 24); /* fallthrough */
	case ND_NS:
		rd_copy(&r, n->target, 16);
		if (n->target[0] == 0xff)
			return -1;
		break;
	default: return -1;
	}
	return r.err || get_options(n, &r) < 0 || !valid(n, ip) ? -1 : 0;
}

static void
put_mac(struct wr *w, const struct nd *n)
{
	if (!n->has_mac)
		return;
	wr_u8(w, n->type == ND_NA ? TARGET_MAC : SOURCE_MAC);
	wr_u8(w, 1);
	wr_bytes(w, n->mac, 6);
}

static void
put_ra(struct wr *w, const struct nd *n)
{
	const struct nd_prefix *p;
	unsigned i;

	wr_zero(w, 8); /* reachable time, retransmission timer: unspecified */
	for (p = n->prefix; p < n->prefix + n->nprefix; p++) {
		wr_u8(w, PREFIX);
		wr_u8(w, 4);
		wr_u8(w, p->len);
		wr_u8(w, p->flags);
		wr_u32(w, p->valid);
		wr_u32(w, p->preferred);
		wr_u32(w, 0);
		wr_bytes(w, p->addr, 16);
	}
	if (n->mtu) {
		wr_u8(w, MTU);
		wr_u8(w, 1);
		wr_u16(w, 0);
		wr_u32(w, n->mtu);
	}
	if (!n->ndns)
		return;
	wr_u8(w, RDNSS);
	wr_u8(w, 1 + 2U * n->ndns);
	wr_u16(w, 0);
	wr_u32(w, n->dns_lifetime);
	for (i = 0; i < n->ndns; i++)
		wr_bytes(w, n->dns[i], 16);
}

void
nd_put(struct wr *w, const struct ip *ip, const struct nd *n)
{
	uint8_t body[8 + ND_PREFIXES * 32 + 8 + 8 + ND_DNS * 16 + 8];
	struct icmp i = { .type = n->type, .body = body };
	struct ip h = *ip;
	struct wr b;

	wr_init(&b, body, sizeof(body));
	if (n->type == ND_RA) {
		i.rest = (uint32_t)n->hop << 24 | (uint32_t)n->flags << 16 |
			 n->lifetime;
		put_ra(&b, n);
	} else if (n->type != ND_RS) {
		i.rest = n->type == ND_NA ? (uint32_t)n->flags << 24 : 0;
		wr_bytes(&b, n->target, 16);
	}
	put_mac(&b, n);
	i.len = wr_len(&b);
	h.ttl = 255;
	icmp_put(w, &h, &i);
}

void
nd_group(uint8_t group[16], const uint8_t addr[16])
{
	static const uint8_t head[13] = { 0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
		0xff };

	memcpy(group, head, 13);
	memcpy(group + 13, addr + 13, 3);
}
