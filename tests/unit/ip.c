/* limen: ISC licence, see LICENSE */
#include "hex.h"
#include "ip.h"
#include "ip_sum.h"
#include "nd.h"
#include "tap.h"

static uint8_t b[2048];
static size_t len;

static int
load(const char *name, struct ip *ip)
{
	len = hex_load("ip.hex", name, b, sizeof(b));
	return len && ip_get(ip, b, len) == 0;
}

/* what we build from what we read is what Linux sent */
static void
linux_nd(void)
{
	static const uint8_t mac[6] = { 0x2a, 0x56, 0x1f, 0xfe, 0x09, 0xe5 };
	uint8_t out[2048], group[16];
	struct wr w;
	struct ip ip;
	struct nd n;

	OK(load("ns", &ip) && nd_get(&n, &ip) == 0);
	OK(n.type == ND_NS && n.has_mac && !memcmp(n.mac, mac, 6));
	nd_group(group, n.target);
	MEMEQ(group, ip.dst, 16);
	wr_init(&w, out, sizeof(out));
	nd_put(&w, &ip, &n);
	OK(wr_len(&w) == len && !memcmp(out, b, len));
	OK(load("rs", &ip) && nd_get(&n, &ip) == 0 && n.type == ND_RS);
	wr_init(&w, out, sizeof(out));
	nd_put(&w, &ip, &n);
	OK(wr_len(&w) == len && !memcmp(out, b, len));
	OK(load("ns-dad", &ip) && nd_get(&n, &ip) == 0 && !n.has_mac);
	OK(load("mld-hop-by-hop", &ip) && ip.proto == IP_ICMP6);
	OK_MSG(ip.len == 28 && nd_get(&n, &ip) < 0, "MLD is not ND");
	OK(load("rs", &ip));
	b[40 + 9] = 0;
	OK(ip_get(&ip, b, len) == 0 && nd_get(&n, &ip) < 0);
	load("rs", &ip);
	ip.ttl = 254;
	OK_MSG(nd_get(&n, &ip) < 0, "not from behind a router");
}

static void
linux_icmp(void)
{
	uint8_t out[2048], src[16];
	struct wr w;
	struct ip ip, in;
	struct icmp i;

	OK(load("unreachable", &ip) && icmp_get(&i, &ip) == 0);
	OK(i.type == ICMP_UNREACH && i.code == 3 && i.len == 34);
	OK(ip_get(&in, i.body, i.len) == 0 && in.proto == IP_UDP);
	ip_put4(src, 0x0a090001);
	wr_init(&w, out, sizeof(out));
	OK(icmp_error_put(&w, src, &i, &in) == 0 && wr_len(&w) == len);
	MEMEQ(out + 20, b + 20, len - 20);
	OK_MSG(icmp_error_put(&w, src, &i, &ip) < 0, "no error about an error");
	OK_MSG(out[1] == 0xc0, "internetwork control (RFC 1812, 4.3.2.5)");
	in.src[0] = 224;
	OK(icmp_error_put(&w, src, &i, &in) < 0);
	in.src[0] = 127;
	OK_MSG(icmp_error_put(&w, src, &i, &in) < 0, "to no loopback");
	in.src[0] = 10;
	in.proto = IP_ICMP;
	in.body = (const uint8_t *)"\15";
	OK(icmp_error_put(&w, src, &i, &in) == 0);
	in.len = 0;
	OK_MSG(icmp_error_put(&w, src, &i, &in) < 0, "it may be an error");
	b[30] ^= 1;
	OK_MSG(icmp_get(&i, &ip) < 0, "a wrong checksum");
}

/* member by member: what is between them may be anything */
static int
same(const struct nd *a, const struct nd *want)
{
	const struct nd_prefix *p = &a->prefix[0], *q = &want->prefix[0];

	return a->type == want->type && a->flags == want->flags &&
	       a->hop == want->hop && a->lifetime == want->lifetime &&
	       a->mtu == want->mtu && a->nprefix == 1 && want->nprefix == 1 &&
	       a->ndns == want->ndns && a->dns_lifetime == want->dns_lifetime &&
	       a->has_mac == want->has_mac &&
	       !memcmp(a->dns, want->dns, sizeof(a->dns)) &&
	       !memcmp(p->addr, q->addr, 16) && p->len == q->len &&
	       p->flags == q->flags && p->valid == q->valid &&
	       p->preferred == q->preferred;
}

static void
advertise(void)
{
	static const uint8_t gateway[16] = { 0xfe, 0x80, [15] = 1 };
	static const uint8_t link_local[16] = { 0xfe, 0x80, 0, 0, 0, 0, 0, 0,
		0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef };
	struct nd r = { .type = ND_RA,
		.flags = ND_RA_OTHER,
		.hop = 64,
		.lifetime = 1800,
		.mtu = 1492,
		.nprefix = 1,
		.ndns = 2,
		.dns_lifetime = 600 },
		  n;
	struct ip ip = { .version = 6, .ttl = 1 }, in;
	struct wr w;

	memcpy(ip.src, link_local, 16);
	memcpy(ip.dst, gateway, 16);
	r.prefix[0] = (struct nd_prefix){ { 0x20, 1, 0xd, 0xb8 }, 64,
		ND_AUTO | ND_ONLINK, ND_FOREVER, 3600 };
	r.dns[1][15] = 53;
	wr_init(&w, b, sizeof(b));
	nd_put(&w, &ip, &r);
	OK(ip_get(&in, b, wr_len(&w)) == 0 && in.ttl == 255);
	OK(nd_get(&n, &in) == 0 && same(&n, &r));
	OK(in.src[8] == 1 && in.src[15] == 0xef && in.src[0] == 0xfe);
	OK(ip_is_link_local(in.src) && !ip_is_unspecified(in.src));
	in.src[1] = 0xbf; /* the last of them is febf:... */
	OK(ip_is_link_local(in.src) && nd_get(&n, &in) < 0);
	in.src[1] = 0xc0;
	OK(!ip_is_link_local(in.src));
	memset(in.src, 0, 16);
	OK(!ip_is_link_local(in.src) && ip_is_unspecified(in.src));
	in.src[15] = 1;
	OK(!ip_is_unspecified(in.src));
	memcpy(in.src, link_local, 16);
	r.nprefix = ND_PREFIXES;
	r.ndns = ND_DNS;
	r.has_mac = 1;
	wr_init(&w, b, sizeof(b));
	nd_put(&w, &ip, &r);
	OK_MSG(ip_get(&in, b, wr_len(&w)) == 0 && nd_get(&n, &in) == 0,
	    "the largest of ours");
	OK(n.nprefix == ND_PREFIXES && n.ndns == ND_DNS && n.has_mac);
}

/* both versions, every length of body, an option in TCP */
static void
round_trips(void)
{
	static const uint8_t opt[4] = { 2, 4, 5, 0xac };
	static uint8_t body[64];
	struct ip ip = { .ttl = 64, .id = 7, .frag = IP_FRAG_DONT }, in;
	struct udp u = { 68, 67, body, 0 }, gu;
	struct tcp t = { .sport = 1,
		.dport = 2,
		.flags = TCP_SYN,
		.seq = 9,
		.opts = opt,
		.optlen = 4,
		.body = body,
		.window = 3 },
		   gt;
	struct icmp i = { ICMP_ECHO, 0, 0x00010002, body, 0 }, gi;
	int bad = 0;
	struct wr w;

	for (len = 0; len < 128; len++) {
		ip.version = len & 1 ? 4 : 6;
		memset(ip.src, (int)len, 16);
		memset(ip.dst, (int)len + 1, 16);
		if (ip.version == 4)
			memset(ip.src + 4, 0, 12), memset(ip.dst + 4, 0, 12);
		memset(body, (int)(len * 37), sizeof(body));
		u.len = t.len = i.len = len / 2;
		wr_init(&w, b, sizeof(b));
		udp_put(&w, &ip, &u);
		bad += ip_get(&in, b, wr_len(&w)) || udp_get(&gu, &in) ||
		       gu.len != u.len || memcmp(gu.body, body, gu.len) ||
		       memcmp(in.src, ip.src, 16) || gu.dport != 67;
		b[wr_len(&w) - 1] ^= 1;
		bad += udp_get(&gu, &in) == 0;
		wr_init(&w, b, sizeof(b));
		tcp_put(&w, &ip, &t);
		bad += ip_get(&in, b, wr_len(&w)) || tcp_get(&gt, &in) ||
		       gt.len != t.len || gt.optlen != 4 || gt.seq != 9;
		bad += ip_hop(b, wr_len(&w)) || ip_get(&in, b, wr_len(&w)) ||
		       in.ttl != 63 || tcp_get(&gt, &in);
		wr_init(&w, b, sizeof(b));
		icmp_put(&w, &ip, &i);
		bad += ip_get(&in, b, wr_len(&w)) || icmp_get(&gi, &in) ||
		       gi.len != i.len || gi.rest != i.rest;
		bad += ip_get(&in, b, wr_len(&w) - 1) == 0;
	}
	OK(bad == 0);
}

/* RFC 1624: a TTL count-down never leaves a wrong checksum */
static void
hops(void)
{
	struct ip ip = { .version = 4, .proto = 1 }, in;
	struct wr w;
	int id, bad = 0;

	for (id = 0; id < 65536; id += 7) {
		ip.id = (uint16_t)id;
		ip.ttl = 255;
		wr_init(&w, b, sizeof(b));
		ip_put(&w, &ip, 0);
		while (ip_hop(b, 20) == 0)
			bad += ip_get(&in, b, 20) < 0;
		bad += b[8] != 1;
		if (id > 2000)
			id += 977;
	}
	OK(bad == 0);
	OK(ip_hop(b, 0) < 0 && ip_hop(b, 19) < 0);
}

static void
odd_ones(void)
{
	/* RFC 1071 section 3 */
	static const uint8_t ex[8] = { 0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7 };
	static uint8_t ff[70000];
	struct ip ip;

	OK(ip_sum_fold(ip_sum(0, ex, 8)) == (uint16_t)~0xddf2);
	OK(ip_sum_fold(ip_sum(ip_sum(0, ex, 4), ex + 4, 4)) ==
	    ip_sum_fold(ip_sum(0, ex, 8)));
	memset(ff, 0xff, sizeof(ff));
	OK(ip_sum_fold(ip_sum(0xffffffff, ff, sizeof(ff))) == 0);
	OK(ip_get(&ip, ff, 0) < 0 && ip_get(&ip, ff, sizeof(ff)) < 0);
	memset(b, 0, 48);
	b[0] = 0x60;
	b[5] = 8;
	b[6] = 44;
	b[40] = IP_UDP;
	b[42] = 1;
	b[43] = 1;
	OK(ip_get(&ip, b, 48) == 0 && ip.proto == IP_UDP && ip.len == 0);
	OK(ip.frag == (32 | IP_FRAG_MORE));
	b[41 + 1] = 0;
	b[6] = 0;
	b[41] = 1;
	OK_MSG(ip_get(&ip, b, 48) < 0, "an extension header cut short");
}

int
main(void)
{
	linux_nd();
	linux_icmp();
	advertise();
	round_trips();
	hops();
	odd_ones();
	return tap_done();
}
