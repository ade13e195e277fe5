/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "addr.h"
#include "clock.h"
#include "die.h"
#include "ip6.h"
#include "lns.h"
#include "subs.h"
#include "subs_link.h"

enum {
	/* a client that opens its session only after PADS misses our first
	 * Configure-Request: when its own has come and no answer follows so
	 * soon (by L2TP, behind a round trip: ours comes so much later there),
	 * ours is sent again, instead of a whole Restart timer later.
	 * When its own comes so late, ours goes at once, and before the answer
	 * to its: with that a client that is but far away is Opened, and would
	 * begin anew. */
	KICK_AFTER = 100,
	PPP_HEAD = 2,
};

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
		die(1, "memory for %u sessions:", (unsigned)t->max);
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
	s->nat = subs_slot(b, s);
	s->serial = (uint32_t)t->began;
	s->since = s->heard = b->now;
	s->up_since = -1;
	ppp_link_init(&s->link, &b->ppp, seed);
	t->count++;
	t->began++;
	return s;
}

void
subs_arm(struct bng *b, struct sub *s)
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
	if (s->moved && !s->ending)
		at = b->now;
	timers_set(&b->subs.timers, subs_slot(b, s), at);
}

void
subs_start(struct bng *b, struct sub *s, uint16_t mru)
{
	ppp_link_open(&s->link, ppp_turn(&b->turn, b->now),
	    mru < b->conf->mtu ? mru : b->conf->mtu);
	subs_link_act(b, s);
}

static int
is_confreq(const uint8_t *p, size_t len)
{
	struct ppp_frame f;

	return ppp_get(&f, p, len) == 0 && f.proto == PPP_LCP && f.len &&
	       f.data[0] == PPP_CONF_REQ;
}

/* PADS or ICCN crossed our first Configure-Request: see KICK_AFTER */
static void
kick_before(struct bng *b, struct sub *s)
{
	struct ppp_cp *cp = &s->link.lcp.cp;

	if (cp->state != PPP_CP_REQ_SENT || b->now - s->since < KICK_AFTER ||
	    cp->tries >= cp->cfg->max_configure)
		return;
	s->kicked = 1;
	cp->deadline = b->now;
	ppp_link_tick(&s->link, ppp_turn(&b->turn, b->now));
	subs_link_act(b, s);
}

static void
kick_after(struct bng *b, struct sub *s)
{
	struct ppp_cp *cp = &s->link.lcp.cp;
	const int64_t at = b->now + KICK_AFTER + s->far;

	if (cp->state != PPP_CP_ACK_SENT || cp->tries != 1)
		return;
	s->kicked = 1;
	if (cp->deadline > at)
		cp->deadline = at;
	subs_arm(b, s);
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
	const int kick = s->link.phase == PPP_LINK_ESTABLISH && !s->kicked &&
			 is_confreq(p, len);

	if (kick)
		kick_before(b, s);
	ppp_link_input(&s->link, ppp_turn(&b->turn, b->now), p, len);
	subs_link_act(b, s);
	if (kick && !s->kicked && s->bearer)
		kick_after(b, s);
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
	subs_link_act(b, s);
}

void
subs_close(struct bng *b, struct sub *s, const char *reason)
{
	if (s->ending)
		return;
	s->ending = 1;
	s->reason = reason;
	ppp_link_close(&s->link, ppp_turn(&b->turn, b->now));
	subs_link_act(b, s);
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

	if (s->moved && !s->ending) {
		subs_close(b, s, "its user dialled again");
		return;
	}
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
	subs_link_act(b, s);
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

void
subs_send(struct bng *b, struct sub *s, const uint8_t *p, size_t len)
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
