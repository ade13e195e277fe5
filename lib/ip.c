/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ip.h"
#include "ip_sum.h"
#include "rd.h"

/* internetwork control: of ICMP errors (RFC 1812 section 4.3.2.5) */
enum { TOS_CONTROL = 0xc0 };

/* extension headers (RFC 8200 section 4) */
enum { HOP_BY_HOP = 0, ROUTING = 43, FRAGMENT = 44, DEST_OPTIONS = 60 };

uint32_t
ip_sum_pseudo(const struct ip *ip, unsigned proto, size_t len)
{
	const size_t n = ip->version == 4 ? 4 : 16;
	uint32_t s = proto + (uint32_t)(len >> 16) + (uint32_t)(len & 0xffff);

	s = ip_sum(s, ip->src, n);
	return ip_sum(s, ip->dst, n);
}

uint32_t
ip_get4(const uint8_t a[16])
{
	return (uint32_t)a[0] << 24 | (uint32_t)a[1] << 16 |
	       (uint32_t)a[2] << 8 | a[3];
}

void
ip_put4(uint8_t a[16], uint32_t v)
{
	unsigned i;

	memset(a, 0, 16);
	for (i = 0; i < 4; i++)
		a[i] = (uint8_t)(v >> (24 - 8 * i));
}

int
ip_is_link_local(const uint8_t a[16])
{
	return a[0] == 0xfe && (a[1] & 0xc0) == 0x80;
}

int
ip_is_unspecified(const uint8_t a[16])
{
	static const uint8_t zero[16];

	return !memcmp(a, zero, 16);
}

static int
get4(struct ip *ip, const uint8_t *p, size_t len)
{
	struct rd r;
	size_t head, total;

	rd_init(&r, p, len);
	head = (rd_u8(&r) & 15) * 4U;
	ip->tos = rd_u8(&r);
	total = rd_u16(&r);
	ip->id = rd_u16(&r);
	ip->frag = rd_u16(&r);
	ip->ttl = rd_u8(&r);
	ip->proto = rd_u8(&r);
	rd_skip(&r, 2);
	rd_copy(&r, ip->src, 4);
	rd_copy(&r, ip->dst, 4);
	if (r.err || head < IP4_HEAD || total < head || total > len)
		return -1;
	if (ip_sum_fold(ip_sum(0, p, head)))
		return -1;
	ip->body = p + head;
	ip->len = total - head;
	return 0;
}

/* passes over the extension headers in r; 0, or -1 */
static int
extensions(struct ip *ip, struct rd *r)
{
	unsigned next;
	size_t len;

	while (ip->proto == HOP_BY_HOP || ip->proto == ROUTING ||
	       ip->proto == FRAGMENT || ip->proto == DEST_OPTIONS) {
		next = rd_u8(r);
		len = rd_u8(r);
		if (ip->proto == FRAGMENT) {
			len = rd_u16(r);
			ip->frag =
			    (uint16_t)(len >> 3 | (len & 1 ? IP_FRAG_MORE : 0));
			rd_skip(r, 4);
		} else {
			rd_skip(r, len * 8 + 6);
		}
		if (r->err)
			return -1;
		ip->proto = (uint8_t)next;
		if (ip->frag & IP_FRAG_OFF)
			break;
	}
	return 0;
}

static int
get6(struct ip *ip, const uint8_t *p, size_t len)
{
	struct rd r, body;
	size_t n;

	rd_init(&r, p, len);
	rd_skip(&r, 4);
	n = rd_u16(&r);
	ip->proto = rd_u8(&r);
	ip->ttl = rd_u8(&r);
	rd_copy(&r, ip->src, 16);
	rd_copy(&r, ip->dst, 16);
	body = rd_sub(&r, n);
	if (r.err || extensions(ip, &body) < 0)
		return -1;
	ip->len = rd_left(&body);
	ip->body = rd_bytes(&body, ip->len);
	return 0;
}

int
ip_get(struct ip *ip, const void *buf, size_t len)
{
	const uint8_t *p = buf;

	memset(ip, 0, sizeof(*ip));
	if (!len)
		return -1;
	ip->version = p[0] >> 4;
	if (ip->version == 4)
		return get4(ip, p, len);
	return ip->version == 6 ? get6(ip, p, len) : -1;
}

/* the checksum over the whole body, with the pseudo header */
static int
good_sum(const struct ip *ip, unsigned proto, size_t len)
{
	return ip->proto == proto && !(ip->frag & ~IP_FRAG_DONT) &&
	       ip_sum_fold(
		   ip_sum(ip_sum_pseudo(ip, proto, len), ip->body, len)) == 0;
}

int
udp_get(struct udp *u, const struct ip *ip)
{
	struct rd r;
	size_t len, sum;

	rd_init(&r, ip->body, ip->len);
	u->sport = rd_u16(&r);
	u->dport = rd_u16(&r);
	len = rd_u16(&r);
	sum = rd_u16(&r);
	if (r.err || len < 8 || len > ip->len || ip->proto != IP_UDP)
		return -1;
	u->len = len - 8;
	u->body = rd_bytes(&r, u->len);
	/* none is allowed in v4 (RFC 768), but not in v6 */
	if (!sum && ip->version == 4)
		return ip->frag & ~IP_FRAG_DONT ? -1 : 0;
	return sum && good_sum(ip, IP_UDP, len) ? 0 : -1;
}

int
tcp_get(struct tcp *t, const struct ip *ip)
{
	struct rd r;
	size_t off;

	rd_init(&r, ip->body, ip->len);
	t->sport = rd_u16(&r);
	t->dport = rd_u16(&r);
	t->seq = rd_u32(&r);
	t->ack = rd_u32(&r);
	off = (rd_u8(&r) >> 4) * 4U;
	t->flags = rd_u8(&r);
	t->window = rd_u16(&r);
	rd_skip(&r, 4);
	if (r.err || off < 20 || !good_sum(ip, IP_TCP, ip->len))
		return -1;
	t->optlen = off - 20;
	t->opts = rd_bytes(&r, t->optlen);
	t->len = rd_left(&r);
	t->body = rd_bytes(&r, t->len);
	return r.err ? -1 : 0;
}

int
icmp_get(struct icmp *i, const struct ip *ip)
{
	struct rd r;

	rd_init(&r, ip->body, ip->len);
	i->type = rd_u8(&r);
	i->code = rd_u8(&r);
	rd_skip(&r, 2);
	i->rest = rd_u32(&r);
	i->len = rd_left(&r);
	i->body = rd_bytes(&r, i->len);
	if (r.err)
		return -1;
	if (ip->version == 6)
		return good_sum(ip, IP_ICMP6, ip->len) ? 0 : -1;
	if (ip->proto != IP_ICMP || ip->frag & ~IP_FRAG_DONT)
		return -1;
	return ip_sum_fold(ip_sum(0, ip->body, ip->len)) ? -1 : 0;
}

static void
fill_sum(uint8_t *p, uint16_t sum)
{
	p[0] = (uint8_t)(sum >> 8);
	p[1] = (uint8_t)sum;
}

void
ip_put(struct wr *w, const struct ip *ip, size_t len)
{
	const size_t all = len + (ip->version == 4 ? IP4_HEAD : 0);
	uint8_t *p = w->p;

	if (all > 0xffff) {
		w->err = 1;
		return;
	}
	if (ip->version == 6) {
		wr_u32(w, (uint32_t)6 << 28);
		wr_u16(w, (unsigned)all);
		wr_u8(w, ip->proto);
		wr_u8(w, ip->ttl);
		wr_bytes(w, ip->src, 16);
		wr_bytes(w, ip->dst, 16);
		return;
	}
	wr_u8(w, 0x45);
	wr_u8(w, ip->tos);
	wr_u16(w, (unsigned)all);
	wr_u16(w, ip->id);
	wr_u16(w, ip->frag);
	wr_u8(w, ip->ttl);
	wr_u8(w, ip->proto);
	wr_u16(w, 0);
	wr_bytes(w, ip->src, 4);
	wr_bytes(w, ip->dst, 4);
	if (!w->err)
		fill_sum(p + 10, ip_sum_fold(ip_sum(0, p, IP4_HEAD)));
}

/* the header; returns where the len bytes of proto begin */
static uint8_t *
head(struct wr *w, const struct ip *ip, unsigned proto, size_t len)
{
	struct ip h = *ip;

	h.proto = (uint8_t)proto;
	ip_put(w, &h, len);
	return w->p;
}

/* sets the checksum at offset at of what was written from p on */
static void
seal(struct wr *w, uint8_t *p, size_t at, uint32_t pseudo)
{
	if (!w->err)
		fill_sum(
		    p + at, ip_sum_fold(ip_sum(pseudo, p, (size_t)(w->p - p))));
}

void
udp_put(struct wr *w, const struct ip *ip, const struct udp *u)
{
	const size_t len = u->len + 8;
	uint8_t *p = head(w, ip, IP_UDP, len);

	wr_u16(w, u->sport);
	wr_u16(w, u->dport);
	wr_u16(w, (unsigned)len);
	wr_u16(w, 0);
	wr_bytes(w, u->body, u->len);
	seal(w, p, 6, ip_sum_pseudo(ip, IP_UDP, len));
	/* RFC 768: zero would mean that there is none */
	if (!w->err && !p[6] && !p[7])
		fill_sum(p + 6, 0xffff);
}

void
tcp_put(struct wr *w, const struct ip *ip, const struct tcp *t)
{
	const size_t off = 20 + (t->optlen + 3) / 4 * 4, len = off + t->len;
	uint8_t *p = head(w, ip, IP_TCP, len);

	wr_u16(w, t->sport);
	wr_u16(w, t->dport);
	wr_u32(w, t->seq);
	wr_u32(w, t->ack);
	wr_u8(w, (unsigned)(off << 2));
	wr_u8(w, t->flags);
	wr_u16(w, t->window);
	wr_u32(w, 0);
	wr_bytes(w, t->opts, t->optlen);
	wr_zero(w, off - 20 - t->optlen);
	wr_bytes(w, t->body, t->len);
	seal(w, p, 16, ip_sum_pseudo(ip, IP_TCP, len));
}

void
icmp_put(struct wr *w, const struct ip *ip, const struct icmp *i)
{
	const size_t len = i->len + 8;
	const unsigned proto = ip->version == 4 ? IP_ICMP : IP_ICMP6;
	uint8_t *p = head(w, ip, proto, len);

	wr_u8(w, i->type);
	wr_u8(w, i->code);
	wr_u16(w, 0);
	wr_u32(w, i->rest);
	wr_bytes(w, i->body, i->len);
	seal(w, p, 2, ip->version == 4 ? 0 : ip_sum_pseudo(ip, proto, len));
}

/* RFC 1122 section 3.2.2, RFC 4443 section 2.4 (e) */
static int
may_answer(const struct ip *ip)
{
	const unsigned t = ip->len ? ip->body[0] : 1; /* none: an error's */

	if (ip->frag & IP_FRAG_OFF || ip_is_unspecified(ip->src))
		return 0;
	if (ip->version == 6)
		return ip->src[0] != 0xff && ip->dst[0] != 0xff &&
		       !(ip->proto == IP_ICMP6 && t < 128);
	return ip->src[0] < 224 && ip->src[0] != 127 && ip->dst[0] < 224 &&
	       !(ip->proto == IP_ICMP && t != ICMP_ECHO &&
		   t != ICMP_ECHO_REPLY && t != ICMP_TIMESTAMP);
}

int
icmp_error_put(struct wr *w, const uint8_t src[16], const struct icmp *i,
    const struct ip *to)
{
	const int v4 = to->version == 4;
	const size_t max =
	    v4 ? IP4_ERROR - IP4_HEAD - 8 : IP6_MTU_MIN - IP6_HEAD - 8;
	struct ip h = { .version = to->version, .ttl = 64, .tos = TOS_CONTROL };
	struct icmp e = *i;

	if (!may_answer(to))
		return -1;
	memcpy(h.src, src, 16);
	memcpy(h.dst, to->src, 16);
	if (e.len > max)
		e.len = max;
	icmp_put(w, &h, &e);
	return w->err ? -1 : 0;
}

int
ip_hop(uint8_t *p, size_t len)
{
	const unsigned version = len ? p[0] >> 4 : 0;
	uint32_t s;

	if (version == 6 && len >= IP6_HEAD && p[7] > 1) {
		p[7]--;
		return 0;
	}
	if (version != 4 || len < IP4_HEAD || p[8] <= 1)
		return -1;
	p[8]--;
	/* RFC 1141: the sum of the words went down by 0x0100 */
	s = ((uint32_t)p[10] << 8 | p[11]) + 0x100;
	fill_sum(p + 10, (uint16_t)(s + (s >> 16)));
	return 0;
}
