/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "access.h"
#include "addr.h"
#include "bng.h"
#include "fwd.h"
#include "ip.h"
#include "ip6.h"
#include "lns.h"
#include "subs.h"
#include "subs_link.h"

static void
secret(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	const struct user *u = NULL;

	if (strlen((const char *)a->p) == a->len)
		u = users_find(&b->users, (const char *)a->p);
	bng_log(b, s, u ? "user: %s" : "no user of that name: %s",
	    (const char *)a->p);
	ppp_link_secret(&s->link, &b->turn, u ? u->secret : NULL,
	    u ? strlen(u->secret) : 0);
}

/*
 * Its user dialled again: a router that lost power did not hang up. Its address
 * is free at once; it is ended by its timer, because b->turn is in use now.
 */
static void
give_way(struct bng *b, struct sub *old)
{
	pool_give(&b->pool, old->addr);
	old->addr = 0;
	old->up4 = old->up6 = 0;
	old->moved = 1;
	timers_set(&b->subs.timers, subs_slot(b, old), b->now);
}

/* who has the address that is a user's own gives way */
static void
take_over(struct bng *b, uint32_t addr)
{
	const uint32_t i = pool_owner(&b->pool, addr);

	if (i != POOL_NONE)
		give_way(b, &b->subs.s[i]);
}

/* is a to go rather than b? One that ends anyhow, or else the older one. */
static int
goes(const struct sub *a, const struct sub *b)
{
	const int x = a->link.phase == PPP_LINK_TERMINATE;
	const int y = b->link.phase == PPP_LINK_TERMINATE;

	return x != y ? x : a->since < b->since;
}

/* a user with as many sessions as one may have: one gives way to s */
static void
limit_user(struct bng *b, const struct sub *s, const char *name)
{
	struct sub *old, *first = NULL;
	uint32_t i, n = 0;

	for (i = 0; i < b->subs.max; i++) {
		old = &b->subs.s[i];
		if (old == s || !old->bearer || !old->addr ||
		    strcmp(ppp_link_name(&old->link), name))
			continue;
		n++;
		if (!first || goes(old, first))
			first = old;
	}
	if (first && n >= b->conf->max_per_user)
		give_way(b, first);
}

/* a link that IPv6 may run on (RFC 5072 section 2) */
static int
carries6(const struct bng *b, const struct sub *s)
{
	return b->conf->ipv6 && b->conf->mtu >= IP6_MTU_MIN &&
	       ppp_lcp_mtu(&s->link.lcp) >= IP6_MTU_MIN;
}

/* the network phase begins: an address, also when LCP has begun anew, for it
 * may be another user who dials now */
static void
network(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	const uint32_t was = s->addr;
	const struct user *u = NULL;
	struct ppp_net net = { 0 };

	if (a->len)
		u = users_find(&b->users, (const char *)a->p);
	if (s->addr)
		pool_give(&b->pool, s->addr);
	if (u && u->addr)
		take_over(b, u->addr);
	if (a->len && b->conf->max_per_user)
		limit_user(b, s, (const char *)a->p);
	s->addr = pool_take(&b->pool, u ? u->addr : 0, subs_slot(b, s));
	if (!s->addr) {
		s->reason = "no address left in the pool";
		s->ending = 1;
		bng_log(b, s, "%s", s->reason);
		ppp_link_close(&s->link, &b->turn);
		return;
	}
	if (s->addr != was) {
		nat_drop(&b->nat, s->nat);
		s->nat = fwd_nat(b, subs_slot(b, s), s->addr);
	}
	net.flags = PPP_NET_IP4;
	net.ip4.ours = b->conf->address;
	net.ip4.peer = s->addr;
	memcpy(net.ip4.dns, b->dns, sizeof(net.ip4.dns));
	if (carries6(b, s)) {
		net.flags |= PPP_NET_IP6;
		net.ip6.ours = 1; /* fe80::1 */
	}
	ppp_link_network(&s->link, &b->turn, &net);
}

/* the first network runs */
static void
is_up(struct bng *b, struct sub *s)
{
	if (s->up_since >= 0)
		return;
	s->up_since = b->now;
	b->subs.up++;
}

static void
up6(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	char t[64];

	s->up6 = 1;
	s->mtu6 = a->u.ip6.mtu < b->conf->mtu ? a->u.ip6.mtu : b->conf->mtu;
	is_up(b, s);
	bng_log(b, s, "IPv6 up: prefix %s", ip6_prefix_str(b, s, t, sizeof(t)));
	ip6_up(b, s);
}

static void
up4(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	char addr[16];

	s->up4 = 1;
	s->mtu = a->u.ip4.mtu < b->conf->mtu ? a->u.ip4.mtu : b->conf->mtu;
	is_up(b, s);
	bng_log(b, s, "IPv4 up: user %s address %s mtu %u",
	    *ppp_link_name(&s->link) ? ppp_link_name(&s->link) : "-",
	    addr_ip4str(addr, s->addr), s->mtu);
}

static const char *
end_reason(const struct sub *s, enum ppp_end end)
{
	return s->reason ? s->reason : ppp_end_name(end);
}

static void
end(struct bng *b, struct sub *s, enum ppp_end why)
{
	struct subs *t = &b->subs;
	const char *reason = end_reason(s, why);

	bng_log(b, s,
	    "ended: %s; %llu s, in %llu bytes %llu packets, out %llu bytes "
	    "%llu packets",
	    reason, (unsigned long long)(b->now - s->since) / 1000,
	    (unsigned long long)s->in.bytes, (unsigned long long)s->in.packets,
	    (unsigned long long)s->out.bytes,
	    (unsigned long long)s->out.packets);
	access_hangup(b, s, reason);
	if (s->call)
		lns_hangup(b->lns, s);
	if (s->addr)
		pool_give(&b->pool, s->addr);
	nat_drop(&b->nat, s->nat);
	if (s->up_since >= 0)
		t->up--;
	timers_set(&t->timers, subs_slot(b, s), -1);
	s->bearer = BEARER_NONE;
	s->up4 = s->up6 = 0;
	s->next_free = t->free_first;
	t->free_first = subs_slot(b, s) + 1;
	t->count--;
	t->ended++;
	t->auth_failed += why == PPP_END_AUTH;
}

static void
log_act(const struct bng *b, const struct sub *s, const struct ppp_act *a)
{
	const struct ppp_act_log *l = &a->u.log;

	bng_log(
	    b, s, "%s: %s -> %s (%s)", l->machine, l->from, l->to, l->event);
}

void
subs_link_act(struct bng *b, struct sub *s)
{
	const struct ppp_act *a;

	while ((a = ppp_turn_next(&b->turn)))
		switch (a->type) {
		case PPP_ACT_SEND: subs_send(b, s, a->p, a->len); break;
		case PPP_ACT_DELIVER:
			fwd_up(b, s, a->proto,
			    (struct fwd_packet){
				(uint8_t *)(uintptr_t)a->p, a->len });
			break;
		case PPP_ACT_SECRET: secret(b, s, a); break;
		case PPP_ACT_NETWORK: network(b, s, a); break;
		case PPP_ACT_UP4: up4(b, s, a); break;
		case PPP_ACT_DOWN4: s->up4 = 0; break;
		case PPP_ACT_UP6: up6(b, s, a); break;
		case PPP_ACT_DOWN6: s->up6 = 0; break;
		case PPP_ACT_LOG: log_act(b, s, a); break;
		case PPP_ACT_END: end(b, s, a->u.end); return;
		case PPP_NACTS: break;
		}
	subs_arm(b, s);
}
