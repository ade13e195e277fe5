/* limen: ISC licence, see LICENSE */
/* a packet, as it is and with its checksums mended: read, answered, built
 * again */
#include <stdint.h>
#include <string.h>

#include "ip.h"
#include "ip_sum.h"
#include "nd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

static uint8_t out[70000];

/* what was read lies within the packet */
static void
within(const struct ip *ip, const uint8_t *p, size_t n)
{
	MUST(n == 0 || (p >= ip->body && p + n <= ip->body + ip->len));
}

static void
neighbours(const struct ip *ip)
{
	struct nd n, m;
	struct ip got;
	struct wr w;

	if (nd_get(&n, ip) < 0)
		return;
	MUST(n.nprefix <= ND_PREFIXES && n.ndns <= ND_DNS);
	wr_init(&w, out, sizeof(out));
	nd_put(&w, ip, &n);
	MUST(!w.err && ip_get(&got, out, wr_len(&w)) == 0);
	MUST(nd_get(&m, &got) == 0);
	if (!n.ndns)
		n.dns_lifetime = 0;
	if (n.type != ND_RA)
		n.mtu = 0, n.ndns = n.nprefix = 0;
	MUST(m.type == n.type && m.flags == n.flags && m.mtu == n.mtu);
	MUST(m.nprefix == n.nprefix && m.ndns == n.ndns);
	MUST(!memcmp(m.mac, n.mac, 6) && !memcmp(m.target, n.target, 16));
}

static void
answers(const struct ip *ip)
{
	static const uint8_t me[16] = { 10, 0, 0, 1 };
	struct icmp e = { .type = ip->version == 4 ? 3 : 1,
		.body = ip->body,
		.len = ip->len };
	struct ip got;
	struct icmp back;
	struct wr w;

	wr_init(&w, out, sizeof(out));
	if (icmp_error_put(&w, me, &e, ip) < 0) {
		MUST(wr_len(&w) == 0);
		return;
	}
	MUST(wr_len(&w) <= (ip->version == 4 ? 576 : IP6_MTU_MIN));
	MUST(ip_get(&got, out, wr_len(&w)) == 0);
	MUST(icmp_get(&back, &got) == 0);
	MUST(icmp_error_put(&w, me, &e, &got) < 0);
}

static void
uppers(const struct ip *ip)
{
	struct udp u;
	struct tcp t;
	struct icmp i;

	if (udp_get(&u, ip) == 0)
		within(ip, u.body, u.len);
	if (tcp_get(&t, ip) == 0) {
		within(ip, t.body, t.len);
		within(ip, t.opts, t.optlen);
	}
	if (icmp_get(&i, ip) == 0)
		within(ip, i.body, i.len);
}

/* the checksums that a fuzzer cannot guess */
static void
mend(uint8_t *p, size_t len)
{
	const size_t head = len ? (p[0] & 15) * 4U : 0;
	uint16_t s;

	if (len >= 20 && p[0] >> 4 == 4 && head >= 20 && head <= len) {
		p[10] = p[11] = 0;
		s = ip_sum_fold(ip_sum(0, p, head));
		p[10] = (uint8_t)(s >> 8);
		p[11] = (uint8_t)s;
	}
}

static void
mend_body(const struct ip *ip, uint8_t *body)
{
	static const uint8_t at[256] = {
		[IP_ICMP] = 2, [IP_TCP] = 16, [IP_UDP] = 6, [IP_ICMP6] = 2
	};
	const size_t o = at[ip->proto];
	uint32_t pseudo = ip_sum_pseudo(ip, ip->proto, ip->len);
	uint16_t s;

	if (!o || ip->len < o + 2)
		return;
	body[o] = body[o + 1] = 0;
	if (ip->proto == IP_ICMP)
		pseudo = 0;
	s = ip_sum_fold(ip_sum(pseudo, body, ip->len));
	body[o] = (uint8_t)(s >> 8);
	body[o + 1] = (uint8_t)s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t copy[65536];
	const size_t n = len < sizeof(copy) ? len : sizeof(copy);
	struct ip ip, hop;

	if (ip_get(&ip, data, len) == 0)
		uppers(&ip);
	if (n)
		memcpy(copy, data, n);
	mend(copy, n);
	if (ip_get(&ip, copy, n) < 0)
		return 0;
	MUST(ip.body >= copy && ip.body + ip.len <= copy + n);
	mend_body(&ip, copy + (ip.body - copy));
	uppers(&ip);
	neighbours(&ip);
	answers(&ip);
	if (ip_hop(copy, n) == 0)
		MUST(ip_get(&hop, copy, n) == 0 && hop.ttl == ip.ttl - 1);
	return 0;
}
