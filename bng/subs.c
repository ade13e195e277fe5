/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "addr.h"
#include "clock.h"
#include "die.h"
#include "fwd.h"
#include "ip6.h"
#include "lns.h"
#include "subs.h"

enum {
	/* a client that opens its session only after PADS misses our first
	 * Configure-Request: when its own has come and no answer follows so
	 * soon, ours is sent again, instead of a whole Restart timer later */
	KICK_AFTER = 100,
	PPP_HEAD = 2,
};

static void act(struct bng *b, struct sub *s);

void
subs_init(struct bng *b)
{
	struct subs *t = &b->subs;
	uint32_t i;

	t->max = b->conf->max;
	t->s = calloc(t->max, sizeof(*t->s));
	t->by_pppoe = calloc(t->max, sizeof(*t->by_pppoe));
	t->timer_mem = calloc(1, timers_size(t->max));
	if (!t->s || !t->by_pppoe || !t->timer_mem)
		die(1, "%u sessions:", (unsigned)t->max);
	timers_init(&t->timers, t->max, t->timer_mem);
	for (i = 0; i < t->max; i++)
		t->s[i].next_free = i + 1 < t->max ? i + 2 : 0;
	t->free_first = 1;
}

uint32_t
subs_slot(const struct bng *b, const struct sub *s)
{
	return (uint32_t)(s - b->subs.s);
}

struct sub *
subs_new(struct bng *b, enum bearer bearer)
{
	struct subs *t = &b->subs;
	uint8_t seed[16];
	struct sub *s;

	if (!t->free_first || b->stopping || getentropy(seed, sizeof(seed))) {
		t->refused++;
		return NULL;
	}
	s = &t->s[t->free_first - 1];
	t->free_first = s->next_free;
	memset(s, 0, sizeof(*s));
	s->bearer = bearer;
	s->serial = (uint32_t)t->began;
	s->since = s->heard = b->now;
	s->up_since = -1;
	ppp_link_init(&s->link, &b->ppp, seed);
	t->count++;
	t->began++;
	return s;
}

/* the earliest of what s waits for */
static void
arm(struct bng *b, struct sub *s)
{
	const struct conf *c = b->conf;
	int64_t at = ppp_link_deadline(&s->link);

	if (s->bearer == BEARER_NONE)
		return;
	if (c->idle && s->up_since >= 0 && !s->ending)
		at = clock_min(at, s->heard + c->idle);
	if (c->lifetime && s->up_since >= 0 && !s->ending)
		at = clock_min(at, s->up_since + c->lifetime);
	at = clock_min(at, ip6_deadline(s));
	timers_set(&b->subs.timers, subs_slot(b, s), at);
}

void
subs_start(struct bng *b, struct sub *s, uint16_t mru)
{
	ppp_link_open(&s->link, ppp_turn(&b->turn, b->now), mru);
	act(b, s);
}

/* PADS or ICCN crossed our first Configure-Request: see KICK_AFTER */
static void
kick(struct bng *b, struct sub *s)
{
	struct ppp_cp *cp = &s->link.lcp.cp;

	if (s->kicked || cp->state != PPP_CP_ACK_SENT || cp->tries != 1)
		return;
	s->kicked = 1;
	if (cp->deadline > b->now + KICK_AFTER)
		cp->deadline = b->now + KICK_AFTER;
	arm(b, s);
}

void
subs_input(struct bng *b, struct sub *s, uint8_t *p, size_t len)
{
	if (line_pass(b, s, LINE_IN, p, len))
		subs_arrived(b, s, p, len);
}

void
subs_arrived(struct bng *b, struct sub *s, uint8_t *p, size_t len)
{
	int setup = s->link.phase == PPP_LINK_ESTABLISH;

	ppp_link_input(&s->link, ppp_turn(&b->turn, b->now), p, len);
	act(b, s);
	if (setup && !s->kicked && s->bearer)
		kick(b, s);
}

void
subs_down(struct bng *b, struct sub *s, const char *reason)
{
	/* after a Terminate-Request it is but the end of that */
	if (s->link.phase != PPP_LINK_TERMINATE)
		s->reason = reason;
	else if (!s->reason)
		s->reason =
		    ppp_end_name(s->link.why ? s->link.why : PPP_END_PEER);
	ppp_link_down(&s->link, ppp_turn(&b->turn, b->now));
	act(b, s);
}

void
subs_close(struct bng *b, struct sub *s, const char *reason)
{
	if (s->ending)
		return;
	s->ending = 1;
	s->reason = reason;
	ppp_link_close(&s->link, ppp_turn(&b->turn, b->now));
	act(b, s);
}

void
subs_cut(struct bng *b, struct sub *s, const char *reason)
{
	access_cut(b, s);
	if (s->call)
		lns_cut(b->lns, s);
	subs_down(b, s, reason);
}

int64_t
subs_deadline(const struct bng *b)
{
	return timers_next(&b->subs.timers);
}

static void
tick(struct bng *b, struct sub *s)
{
	const struct conf *c = b->conf;

	if (!s->ending && s->up_since >= 0) {
		if (c->lifetime && b->now - s->up_since >= c->lifetime) {
			subs_close(b, s, "session timeout");
			return;
		}
		if (c->idle && b->now - s->heard >= c->idle) {
			subs_close(b, s, "idle timeout");
			return;
		}
	}
	ip6_tick(b, s);
	ppp_link_tick(&s->link, ppp_turn(&b->turn, b->now));
	act(b, s);
}

void
subs_tick(struct bng *b)
{
	uint32_t slot;

	while (timers_due(&b->subs.timers, b->now, &slot))
		if (b->subs.s[slot].bearer)
			tick(b, &b->subs.s[slot]);
}

struct sub *
subs_by_addr(const struct bng *b, uint32_t addr)
{
	uint32_t i = pool_owner(&b->pool, addr);

	if (i == POOL_NONE || !b->subs.s[i].up4)
		return NULL;
	return &b->subs.s[i];
}

static uint8_t *
room(struct bng *b, struct sub *s, size_t *cap)
{
	return s->bearer == BEARER_L2TP ? lns_room(b->lns, cap)
					: access_room(b, s, cap);
}

/* what is written into room() goes on the wire */
static void
transmit(struct bng *b, struct sub *s, size_t len)
{
	if (s->bearer == BEARER_L2TP)
		lns_commit(b->lns, s, len);
	else
		access_commit(b, s, len);
}

static void
commit(struct bng *b, struct sub *s, size_t len)
{
	size_t cap;

	if (line_pass(b, s, LINE_OUT, room(b, s, &cap), len))
		transmit(b, s, len);
}

void
subs_departed(struct bng *b, struct sub *s, const uint8_t *p, size_t len)
{
	size_t cap;

	if (!s->pppoe && !s->call)
		return;
	memcpy(room(b, s, &cap), p, len);
	transmit(b, s, len);
}

uint8_t *
subs_room(struct bng *b, struct sub *s)
{
	size_t cap;

	return room(b, s, &cap) + PPP_HEAD;
}

void
subs_commit(struct bng *b, struct sub *s, uint16_t proto, size_t len)
{
	size_t cap;
	uint8_t *p = room(b, s, &cap);

	p[0] = (uint8_t)(proto >> 8);
	p[1] = (uint8_t)proto;
	s->out.packets++;
	s->out.bytes += len;
	s->heard = b->now;
	commit(b, s, len + PPP_HEAD);
}

static void
send_ppp(struct bng *b, struct sub *s, const uint8_t *p, size_t len)
{
	size_t cap;
	uint8_t *to;

	if (!s->pppoe && !s->call) /* the line is gone */
		return;
	to = room(b, s, &cap);
	if (len > cap)
		return;
	memcpy(to, p, len);
	commit(b, s, len);
}

static void
secret(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	const struct user *u = NULL;

	if (strlen((const char *)a->p) == a->len)
		u = users_find(&b->users, (const char *)a->p);
	if (!u)
		bng_log(b, s, "no user of that name: %s", (const char *)a->p);
	ppp_link_secret(&s->link, &b->turn, u ? u->secret : NULL,
	    u ? strlen(u->secret) : 0);
}

/* the network phase begins: an address */
static void
network(struct bng *b, struct sub *s, const struct ppp_act *a)
{
	const struct user *u = NULL;
	struct ppp_net net = { 0 };

	if (a->len)
		u = users_find(&b->users, (const char *)a->p);
	if (!s->addr)
		s->addr = pool_take(&b->pool, u ? u->addr : 0, subs_slot(b, s));
	if (!s->addr) {
		s->reason = u && u->addr ? "the user's address is in use"
					 : "no address left in the pool";
		s->ending = 1;
		bng_log(b, s, "%s", s->reason);
		ppp_link_close(&s->link, &b->turn);
		return;
	}
	net.flags = PPP_NET_IP4;
	net.ip4.ours = b->conf->address;
	net.ip4.peer = s->addr;
	memcpy(net.ip4.dns, b->dns, sizeof(net.ip4.dns));
	if (b->conf->ipv6) {
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
	if (s->up_since >= 0)
		t->up--;
	timers_set(&t->timers, subs_slot(b, s), -1);
	s->bearer = BEARER_NONE;
	s->up4 = s->up6 = 0;
	s->next_free = t->free_first;
	t->free_first = subs_slot(b, s) + 1;
	t->count--;
	t->ended++;
}

static void
log_act(const struct bng *b, const struct sub *s, const struct ppp_act *a)
{
	const struct ppp_act_log *l = &a->u.log;

	bng_log(
	    b, s, "%s: %s -> %s (%s)", l->machine, l->from, l->to, l->event);
}

/* performs what the PPP cores want; s may be free afterwards */
static void
act(struct bng *b, struct sub *s)
{
	const struct ppp_act *a;

	while ((a = ppp_turn_next(&b->turn)))
		switch (a->type) {
		case PPP_ACT_SEND: send_ppp(b, s, a->p, a->len); break;
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
	arm(b, s);
}

const char *
subs_state(const struct sub *s)
{
	if (s->ending)
		return "ending";
	return s->up4 || s->up6 ? "up" : ppp_link_phase_name(s->link.phase);
}

void
subs_free(struct bng *b)
{
	struct subs *t = &b->subs;

	if (t->s)
		explicit_bzero(t->s, t->max * sizeof(*t->s));
	free(t->s);
	free(t->by_pppoe);
	free(t->timer_mem);
	memset(t, 0, sizeof(*t));
}
