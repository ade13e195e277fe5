/* limen: ISC licence, see LICENSE */
#include "mss.h"
#include "rd.h"

enum {
	PPP_IP = 0x0021,
	PPP_IP6 = 0x0057,
	TCP = 6,
	SYN = 2,
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
};

/* a cursor on the network packet, or in error; protocols with an odd first
 * byte are compressed (RFC 1661 section 6.5) */
static struct rd
network(uint8_t *ppp, size_t len, unsigned *proto)
{
	struct rd r;

	rd_init(&r, ppp, len);
	if (len >= 2 && ppp[0] == 0xff && ppp[1] == 0x03)
		rd_skip(&r, 2);
	*proto = rd_u8(&r);
	if (!(*proto & 1))
		*proto = *proto << 8 | rd_u8(&r);
	return r;
}

/* leaves r at the TCP header of an unfragmented packet; bytes that IP and
 * TCP headers take, or 0 */
static unsigned
ip4(struct rd *r)
{
	struct rd ip = *r;
	unsigned head = (rd_u8(&ip) & 15) * 4u;

	rd_skip(&ip, 5);
	if (rd_u16(&ip) & 0x3fff) /* more fragments, or not the first */
		return 0;
	rd_skip(&ip, 1);
	if (rd_u8(&ip) != TCP || head < 20)
		return 0;
	rd_skip(r, head);
	return 40;
}

static unsigned
ip6(struct rd *r)
{
	struct rd ip = *r;

	rd_skip(&ip, 6);
	if (rd_u8(&ip) != TCP)
		return 0;
	rd_skip(r, 40);
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
	unsigned proto, heads, flags, off, mss, at;
	struct rd r = network(ppp, len, &proto), t;
	const uint8_t *p;

	heads = proto == PPP_IP ? ip4(&r) : proto == PPP_IP6 ? ip6(&r) : 0;
	if (!heads || mtu <= heads || r.err)
		return 0;
	t = r;
	rd_skip(&t, 12);
	off = (rd_u8(&t) >> 4) * 4u;
	flags = rd_u8(&t);
	rd_skip(&t, 6);
	if (t.err || !(flags & SYN) || off < 20)
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
