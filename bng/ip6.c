/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>

#include <stdio.h>
#include <string.h>

#include "bng.h"
#include "dhcp6.h"
#include "dns6.h"
#include "ip.h"
#include "ip6.h"
#include "mss.h"
#include "nd.h"
#include "subs.h"

enum {
	OUTSIDE = 0x400000, /* numbers of users with addresses of their own */
	LINK = 0x800000,
	DNS = 0xffffff,
	RA_EVERY = 200000, /* ms */
	RA_APART = 3000,   /* ms, of those to all nodes */
	RA_LIFE = 1800,	   /* s */
	PREFERRED = 3600,
	VALID = 7200,
};

/* our end of each link: fe80::1 */
static const uint8_t gateway[16] = { 0xfe, 0x80, [15] = 1 };
static const uint8_t all_nodes[16] = { 0xff, 0x02, [15] = 1 };
static const uint8_t dhcp_servers[16] = { 0xff, 0x02, [13] = 1, [15] = 2 };

static uint32_t
number(const struct bng *b, const struct sub *s)
{
	return pool_has(&b->pool, s->addr) ? s->addr - b->pool.first
					   : OUTSIDE | subs_slot(b, s);
}

/* base, 24 bits, and 72 bits of zero */
static void
prefix(const struct bng *b, uint32_t n, uint8_t a[16])
{
	memset(a, 0, 16);
	memcpy(a, b->conf->base6, 4);
	a[4] = (uint8_t)(n >> 16);
	a[5] = (uint8_t)(n >> 8);
	a[6] = (uint8_t)n;
}

void
ip6_init(struct bng *b)
{
	prefix(b, DNS, b->us6);
	b->us6[15] = 0x53;
}

struct sub *
ip6_owner(const struct bng *b, const uint8_t a[16])
{
	uint32_t n = (uint32_t)a[4] << 16 | (uint32_t)a[5] << 8 | a[6], i;

	if (memcmp(a, b->conf->base6, 4) != 0 || n == DNS)
		return NULL;
	if (n & LINK && a[7])
		return NULL;
	n &= ~(uint32_t)LINK;
	if (n & OUTSIDE)
		i = n & ~(uint32_t)OUTSIDE;
	else if (n < b->pool.n)
		i = b->pool.owner[n];
	else
		return NULL;
	if (i >= b->subs.max || !b->subs.s[i].up6 ||
	    number(b, &b->subs.s[i]) != n)
		return NULL;
	return &b->subs.s[i];
}

const char *
ip6_prefix_str(const struct bng *b, const struct sub *s, char *t, size_t cap)
{
	uint8_t a[16];
	char addr[INET6_ADDRSTRLEN];

	prefix(b, number(b, s), a);
	inet_ntop(AF_INET6, a, addr, sizeof(addr));
	snprintf(t, cap, "%s/56", addr);
	return t;
}

/* what is written into subs_room() goes out */
static void
put_out(struct bng *b, struct sub *s, const struct wr *w)
{
	if (!w->err)
		subs_commit(b, s, PPP_IP6, wr_len(w));
}

/* a router advertisement */
static void
advertise(struct bng *b, struct sub *s, const uint8_t to[16])
{
	struct ip ip = { .version = 6, .proto = IP_ICMP6, .ttl = 255 };
	struct nd n = { .type = ND_RA,
		.flags = ND_RA_MANAGED | ND_RA_OTHER,
		.hop = 64,
		.lifetime = RA_LIFE,
		.mtu = s->mtu6,
		.nprefix = 1,
		.ndns = 1,
		.dns_lifetime = RA_LIFE };
	struct nd_prefix *p = &n.prefix[0];
	int64_t heard = s->heard;
	struct wr w;

	memcpy(ip.src, gateway, 16);
	memcpy(ip.dst, to, 16);
	prefix(b, LINK | number(b, s), p->addr);
	p->len = 64;
	p->flags = ND_AUTO;
	p->valid = VALID;
	p->preferred = PREFERRED;
	memcpy(n.dns[0], b->us6, 16);
	wr_init(&w, subs_room(b, s), s->mtu6);
	nd_put(&w, &ip, &n);
	put_out(b, s, &w);
	s->heard = heard; /* the idle timeout does not count it */
}

/* neither late nor at random intervals, which is to keep hosts and routers of
 * one link apart: here is one of each */
static void
advertise_all(struct bng *b, struct sub *s)
{
	advertise(b, s, all_nodes);
	s->ra_last = b->now;
	s->ra_at = b->now + RA_EVERY;
}

void
ip6_up(struct bng *b, struct sub *s)
{
	advertise_all(b, s);
}

int64_t
ip6_deadline(const struct sub *s)
{
	return s->up6 ? s->ra_at : -1;
}

void
ip6_tick(struct bng *b, struct sub *s)
{
	if (s->up6 && b->now >= s->ra_at)
		advertise_all(b, s);
}

static int
nobody(const struct ip *ip)
{
	return ip_is_unspecified(ip->src);
}

/* a router solicitation: its sender alone has the answer, or when it has no
 * address yet all nodes, which must not be often (RFC 4861 section 6.2.6) */
static void
solicited(struct bng *b, struct sub *s, const struct ip *ip)
{
	if (!nobody(ip))
		advertise(b, s, ip->src);
	else if (b->now - s->ra_last >= RA_APART)
		advertise_all(b, s);
	else
		s->ra_at = s->ra_last + RA_APART;
}

static void
dhcp(struct bng *b, struct sub *s, const struct ip *ip, const struct udp *u)
{
	const uint32_t valid = (uint32_t)(b->conf->lease / 1000);
	struct dhcp6_offer o = {
		.plen = 56, .valid = valid, .preferred = valid / 2
	};
	struct ip to = { .version = 6, .ttl = 64 };
	struct udp out = { DHCP6_SERVER_PORT, DHCP6_CLIENT_PORT, NULL, 0 };
	uint8_t msg[1024];
	struct dhcp6_log log;
	struct wr w;
	char t[64], no[16] = "";

	memcpy(o.mac, b->ac.conf.mac, 6);
	prefix(b, LINK | number(b, s), o.addr);
	o.addr[14] = 0x10;
	prefix(b, number(b, s), o.prefix);
	memcpy(o.dns, b->us6, 16);
	wr_init(&w, msg, sizeof(msg));
	s->lease6.now = b->now;
	if (dhcp6_answer(&w, u->body, u->len, &o, &s->lease6, &log) < 0)
		return;
	if (log.refused)
		snprintf(no, sizeof(no), ", %u refused", log.refused);
	bng_log(b, s, "DHCPv6 %s answered%s%s%s%s", dhcp6_name(log.type),
	    log.na ? ", an address" : "", log.pd ? ", prefix " : "",
	    log.pd ? ip6_prefix_str(b, s, t, sizeof(t)) : "", no);
	memcpy(to.src, gateway, 16);
	memcpy(to.dst, ip->src, 16);
	out.body = msg;
	out.len = wr_len(&w);
	wr_init(&w, subs_room(b, s), s->mtu6);
	udp_put(&w, &to, &out);
	put_out(b, s, &w);
}

/* to its sender, from the address that it was sent to, or from ours when that
 * is a group (RFC 4443 section 4.2) */
static void
echo_reply(
    struct bng *b, struct sub *s, const struct ip *ip, const struct icmp *in)
{
	const uint8_t *from = ip->dst[0] == 0xff ? gateway : ip->dst;
	struct ip to = { .version = 6, .ttl = 64 };
	struct icmp reply = *in;
	struct wr w;

	reply.type = ICMP6_ECHO_REPLY;
	memcpy(to.src, from, 16);
	memcpy(to.dst, ip->src, 16);
	wr_init(&w, subs_room(b, s), s->mtu6);
	icmp_put(&w, &to, &reply);
	put_out(b, s, &w);
}

/* neighbour and router solicitations: there is no need for the first on PPP,
 * but some send them. Who looks whether our address is free has none yet
 * (RFC 4861 section 7.2.4). */
static void
discovery(struct bng *b, struct sub *s, const struct ip *ip)
{
	struct ip to = { .version = 6, .ttl = 255 };
	struct nd n, a = { .type = ND_NA };
	struct wr w;

	if (nd_get(&n, ip) < 0)
		return;
	if (n.type == ND_RS)
		solicited(b, s, ip);
	if (n.type != ND_NS || memcmp(n.target, gateway, 16) != 0)
		return;
	a.flags = ND_NA_ROUTER | ND_NA_OVERRIDE;
	if (!nobody(ip))
		a.flags |= ND_NA_SOLICITED;
	memcpy(a.target, gateway, 16);
	memcpy(to.src, gateway, 16);
	memcpy(to.dst, nobody(ip) ? all_nodes : ip->src, 16);
	wr_init(&w, subs_room(b, s), s->mtu6);
	nd_put(&w, &to, &a);
	put_out(b, s, &w);
}

/* an address of ours */
static int
is_us(const struct bng *b, const uint8_t a[16])
{
	return !memcmp(a, gateway, 16) || !memcmp(a, b->us6, 16);
}

/* all nodes, all routers */
static int
is_our_group(const uint8_t a[16])
{
	return !memcmp(a, all_nodes, 15) && (a[15] == 1 || a[15] == 2);
}

static void
icmp_to_us(struct bng *b, struct sub *s, const struct ip *ip)
{
	struct icmp i;

	if (icmp_get(&i, ip) < 0)
		return;
	if (i.type != ICMP6_ECHO)
		discovery(b, s, ip);
	else if (!nobody(ip) && (is_us(b, ip->dst) || is_our_group(ip->dst)))
		echo_reply(b, s, ip, &i);
}

/* an ICMP error about packet k, whose header is ip; from the address that it
 * was sent to when that is ours (RFC 4443 section 2.2) */
static void
complain(struct bng *b, struct sub *s, struct icmp e, const struct ip *ip,
    struct fwd_packet k)
{
	const uint8_t *us = is_us(b, ip->dst) ? ip->dst : b->us6;
	struct wr w;

	e.body = k.p;
	e.len = k.len;
	wr_init(&w, subs_room(b, s), IP6_MTU_MIN);
	if (icmp_error_put(&w, us, &e, ip) == 0 &&
	    fwd_may_complain(b, &s->errors))
		put_out(b, s, &w);
}

/* to an address of ours or a group. Of DHCPv6 a server has that group only
 * (RFC 8415 section 16). */
static void
to_us(struct bng *b, struct sub *s, const struct ip *ip, struct fwd_packet k)
{
	const struct icmp closed = { .type = ICMP6_UNREACH, .code = 4 };
	struct udp u = { 0 };

	if (ip->frag & (IP_FRAG_MORE | IP_FRAG_OFF))
		return;
	if (ip->proto == IP_ICMP6)
		icmp_to_us(b, s, ip);
	if ((ip->proto != IP_UDP && ip->proto != IP_TCP) || nobody(ip) ||
	    (ip->proto == IP_UDP && udp_get(&u, ip) < 0))
		return;
	if (u.dport == DHCP6_SERVER_PORT) {
		if (!memcmp(ip->dst, dhcp_servers, 16))
			dhcp(b, s, ip, &u);
	} else if (is_us(b, ip->dst) && u.dport == 53)
		dns6_ask(b, s, ip, &u);
	else if (is_us(b, ip->dst))
		complain(b, s, closed, ip, k);
}

/* one of the sender's own: of its link or its prefix */
static int
is_own(const struct bng *b, const struct sub *s, const uint8_t a[16])
{
	return ip6_owner(b, a) == s;
}

/* where nothing is forwarded to: unspecified, the loopback address, and
 * IPv4's, which this host would take for its own; and ICMP, of which libslirp
 * has none for any but itself (fec0::2, fec0::3) */
static int
is_dead_end(const struct ip *ip)
{
	static const uint8_t zero[10], slirp[15] = { 0xfe, 0xc0 };

	if (!memcmp(ip->dst, zero, 10))
		return 1;
	return ip->proto == IP_ICMP6 && memcmp(ip->dst, slirp, 15) != 0;
}

static void
route(struct bng *b, struct sub *s, struct fwd_packet k, const struct ip *ip)
{
	struct icmp gone = { .type = ICMP6_TIMEX };
	struct icmp unreach = { .type = ICMP6_UNREACH, .code = 0 };
	struct icmp big = { .type = ICMP6_TOO_BIG };
	struct sub *to = ip6_owner(b, ip->dst);

	if (!to || to == s) {
		b->unreachable++;
		complain(b, s, unreach, ip, k);
	} else if (k.len > to->mtu6) {
		big.rest = to->mtu6;
		complain(b, s, big, ip, k);
	} else if (ip_hop(k.p, k.len) < 0)
		complain(b, s, gone, ip, k);
	else
		ip6_down(b, k.p, k.len);
}

void
ip6_from(struct bng *b, struct sub *s, struct fwd_packet k)
{
	struct icmp unreach = { .type = ICMP6_UNREACH, .code = 3 };
	struct ip ip;

	if (ip_get(&ip, k.p, k.len) < 0 || ip.version != 6 ||
	    ip.src[0] == 0xff) {
		s->dropped++;
		return;
	}
	k.len = IP6_HEAD + ((size_t)k.p[4] << 8 | k.p[5]);
	if (is_us(b, ip.dst) || ip.dst[0] == 0xff) {
		to_us(b, s, &ip, k);
		return;
	}
	if (ip_is_link_local(ip.dst)) /* of its link, but not ours */
		return;
	if (!is_own(b, s, ip.src)) {
		b->spoofed++;
		s->dropped++;
		return;
	}
	/* wherever it goes: what answers it must fit through this link */
	mss_clamp_ip(k.p, k.len, PPP_IP6, s->mtu6);
	if (!memcmp(ip.dst, b->conf->base6, 4) || is_dead_end(&ip)) {
		route(b, s, k, &ip);
		return;
	}
	if (nat_input(&b->nat, s->nat, k.p, k.len) < 0)
		complain(b, s, unreach, &ip, k);
}

void
ip6_down(struct bng *b, const uint8_t *p, size_t len)
{
	struct sub *s;
	uint8_t *to;

	if (len < IP6_HEAD || len < IP6_HEAD + ((size_t)p[4] << 8 | p[5]))
		return;
	len = IP6_HEAD + ((size_t)p[4] << 8 | p[5]);
	s = ip6_owner(b, p + 24);
	if (!s || len > s->mtu6) {
		b->unreachable++;
		return;
	}
	to = subs_room(b, s);
	memcpy(to, p, len);
	mss_clamp_ip(to, len, PPP_IP6, s->mtu6);
	subs_commit(b, s, PPP_IP6, len);
}
