/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "bng.h"
#include "fwd.h"
#include "ip.h"
#include "ip4.h"
#include "ip6.h"
#include "mss.h"
#include "subs.h"
#include "world.h"

_Static_assert(NAT_KEPT + CONF_FORWARDS <= NAT_ALL, "one for each forward");

uint32_t
fwd_nat(const struct bng *b, uint32_t slot, uint32_t addr)
{
	int i;

	for (i = 0; i < b->conf->nforward; i++)
		if (b->conf->forward[i].addr == addr)
			return NAT_KEPT + (uint32_t)i;
	return slot;
}

/* writes a packet to s as it is, its MSS clamped to the link */
static void
deliver(struct bng *b, struct sub *s, const uint8_t *ip, size_t len)
{
	uint8_t *to = subs_room(b, s);

	memcpy(to, ip, len);
	mss_clamp_ip(to, len, PPP_IP, s->mtu);
	subs_commit(b, s, PPP_IP, len);
}

int
fwd_may_complain(const struct bng *b, struct bucket *to)
{
	return bucket_take(to, b->now, FWD_ERRORS, 1, FWD_ERRORS / 2);
}

/* an ICMP error about ip, to its sender, when that is one of ours */
static void
complain(
    struct bng *b, const struct ip4_error *e, const uint8_t *ip, size_t len)
{
	uint8_t buf[IP4_ERROR];
	size_t n = ip4_icmp_error(buf, e, ip, len);
	struct sub *s;
	struct ip4 h;

	if (!n || ip4_get(&h, buf, n) < 0)
		return;
	s = subs_by_addr(b, h.dst);
	if (s && fwd_may_complain(b, &s->errors))
		fwd_down(b, buf, n);
	else if (!s && b->world && world_has(h.dst) &&
		 fwd_may_complain(b, &b->world_errors))
		world_send(b, h.dst, buf, n);
}

/* s: NULL for the world */
static void
too_long(struct bng *b, struct sub *s, const uint8_t *ip, const struct ip4 *h)
{
	struct ip4_error e = { IP4_UNREACH_FRAG, b->conf->address,
		s ? s->mtu : WORLD_MTU };
	uint8_t buf[WORLD_MTU], *to = buf;
	size_t off = 0, n;

	if (h->off & IP_FRAG_DONT) {
		if (s)
			s->dropped++;
		complain(b, &e, ip, h->len);
		return;
	}
	for (;;) {
		if (s)
			to = subs_room(b, s);
		n = ip4_fragment(ip, &off, to, e.mtu);
		if (!n)
			return;
		if (s)
			subs_commit(b, s, PPP_IP, n);
		else
			world_send(b, h->dst, to, n);
	}
}

void
fwd_down(struct bng *b, const uint8_t *ip, size_t len)
{
	struct sub *s;
	struct ip4 h;

	if (ip4_get(&h, ip, len) < 0)
		return;
	s = subs_by_addr(b, h.dst);
	if (!s)
		b->unreachable++;
	else if (h.len > s->mtu)
		too_long(b, s, ip, &h);
	else
		deliver(b, s, ip, h.len);
}

/* between subscribers, or to the world: one hop */
static void
route(struct bng *b, struct fwd_packet k, const struct ip4 *h)
{
	struct ip4_error e = { IP4_TIME_EXCEEDED, b->conf->address, 0 };

	if (ip_hop(k.p, k.len) < 0) {
		complain(b, &e, k.p, k.len);
		return;
	}
	if (subs_by_addr(b, h->dst))
		fwd_down(b, k.p, k.len);
	else if (k.len > WORLD_MTU)
		too_long(b, NULL, k.p, h);
	else
		world_send(b, h->dst, k.p, k.len);
}

static void
up4(struct bng *b, struct sub *s, struct fwd_packet k)
{
	struct ip4_error e = { IP4_UNREACH_HOST, b->conf->address, 0 };
	struct ip4 h;

	if (ip4_get(&h, k.p, k.len) < 0) {
		s->dropped++;
		return;
	}
	k.len = h.len;
	if (h.src != s->addr) {
		b->spoofed++;
		s->dropped++;
		return;
	}
	/* wherever it goes: what answers it must fit through this link */
	mss_clamp_ip(k.p, k.len, PPP_IP, s->mtu);
	if (subs_by_addr(b, h.dst) || (b->world && world_has(h.dst))) {
		route(b, k, &h);
		return;
	}
	if (pool_has(&b->pool, h.dst) || !ip4_is_host(h.dst)) {
		b->unreachable++;
		complain(b, &e, k.p, k.len);
		return;
	}
	if (nat_input(&b->nat, s->nat, k.p, k.len) < 0)
		complain(b, &e, k.p, k.len);
}

void
fwd_up(struct bng *b, struct sub *s, uint16_t proto, struct fwd_packet k)
{
	s->in.packets++;
	s->in.bytes += k.len;
	s->heard = b->now;
	if (proto == PPP_IP && s->up4)
		up4(b, s, k);
	else if (proto == PPP_IP6 && s->up6)
		ip6_from(b, s, k);
}
