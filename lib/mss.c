/* limen: ISC licence, see LICENSE */
#include "ip.h"
#include "mss.h"
#include "ppp.h"

enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
};

/* leaves r at the TCP header of an unfragmented packet; bytes that IP and
 * TCP headers take, or 0 */
static unsigned
ip4(struct rd *r)
{
	struct rd ip = *r;
	unsigned head = (rd_u8(&ip) & 15) * 4u;

	rd_skip(&ip, 5);
	/* more fragments, or not the first */
	if (rd_u16(&ip) & (IP_FRAG_MORE | IP_FRAG_OFF))
		return 0;
	rd_skip(&ip, 1);
	if (rd_u8(&ip) != IP_TCP || head < IP4_HEAD)
		return 0;
	rd_skip(r, head);
	return 40;
}

static unsigned
ip6(struct rd *r)
{
	struct rd ip = *r;

	rd_skip(&ip, 6);
	if (rd_u8(&ip) != IP_TCP)
		return 0;
	rd_skip(r, IP6_HEAD);
	return 60;
}

/* RFC 1624, equation 3 */
static void
checksum(uint8_t *sum, unsigned old, unsigned new)
{
	uint32_t s = (uint32_t)(~(sum[0] << 8 | sum[1]) & 0xffff);

	s += (~old & 0xffff) + new;
	s = (s & 0xffff) + (s >> 16);
	s = (s & 0xffff) + (s >> 16);
	sum[0] = (uint8_t)(~s >> 8);
	sum[1] = (uint8_t)~s;
}

/* the value of the MSS option, or NULL; stops at an option without length */
static const uint8_t *
option(struct rd *o)
{
	unsigned kind, len;

	while (rd_left(o)) {
		kind = rd_u8(o);
		if (kind == OPT_END)
			return NULL;
		if (kind == OPT_NOP)
			continue;
		len = rd_u8(o);
		if (len < 2)
			return NULL;
		if (kind == OPT_MSS && len == 4)
			return rd_bytes(o, 2);
		rd_skip(o, len - 2);
	}
	return NULL;
}

int
mss_clamp(uint8_t *ppp, size_t len, unsigned mtu)
{
	unsigned heads, flags, off, mss, at;
	struct ppp_frame f;
	struct rd r, t;
	const uint8_t *p;

	if (ppp_get(&f, ppp, len) < 0)
		return 0;
	rd_init(&r, f.data, f.len);
	heads = f.proto == PPP_IP ? ip4(&r) : f.proto == PPP_IP6 ? ip6(&r) : 0;
	if (!heads || mtu <= heads || r.err)
		return 0;
	t = r;
	rd_skip(&t, 12);
	off = (rd_u8(&t) >> 4) * 4u;
	flags = rd_u8(&t);
	rd_skip(&t, 6);
	if (t.err || !(flags & TCP_SYN) || off < 20)
		return 0;
	t = rd_sub(&t, off - 20);
	if (!(p = option(&t)))
		return 0;
	mss = (unsigned)(p[0] << 8 | p[1]);
	if (mss <= mtu - heads)
		return 0;
	at = (unsigned)(p - r.p);
	ppp += r.p - ppp;
	mtu -= heads;
	/* at an odd place the bytes stand swapped in the sum */
	if (at & 1)
		checksum(ppp + 16, (mss & 0xff) << 8 | mss >> 8,
		    (mtu & 0xff) << 8 | mtu >> 8);
	else
		checksum(ppp + 16, mss, mtu);
	ppp[at] = (uint8_t)(mtu >> 8);
	ppp[at + 1] = (uint8_t)mtu;
	return 1;
}

int
mss_clamp_ip(uint8_t *ip, size_t len, unsigned proto, unsigned mtu)
{
	ip[-2] = (uint8_t)(proto >> 8);
	ip[-1] = (uint8_t)proto;
	return mss_clamp(ip - 2, len + 2, mtu);
}
