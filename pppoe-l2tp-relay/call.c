/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "l2tp_why.h"
#include "relay.h"
#include "siphash.h"

#define QUEUE	  offsetof(struct call, queue)
#define IN_TUNNEL offsetof(struct call, in_tunnel)
#define TIMER	  offsetof(struct call, timer)

enum {
	REASON = 64 + L2TP_WHY,
	MAX_TRIES = RELAY_LNS + 3, /* attempts to place one call */
};

static void place(struct relay *r, struct call *c, const char *why);

int
call_init(struct relay *r)
{
	uint32_t i, max = r->conf->ac.max;

	/* more calls than sessions: those whose end is still to be told */
	r->ncalls = max + max / 8 + 16;
	if (r->ncalls > 65535)
		r->ncalls = 65535;
	r->calls_mem = calloc(r->ncalls + 2, sizeof(*r->calls));
	r->call_of = calloc(max, sizeof(*r->call_of));
	r->words = calloc(r->ncalls + 1, sizeof(*r->words));
	r->sid_of = calloc(2 * (r->ncalls + 1), sizeof(*r->sid_of));
	if (!r->calls_mem || !r->call_of || !r->words || !r->sid_of)
		return -1;
	/* one more than there are, so that they can begin with a line */
	r->calls = (void *)(((uintptr_t)r->calls_mem + RELAY_LINE - 1) &
			    ~(uintptr_t)(RELAY_LINE - 1));
	siphash_shuffle(r->key, r->sid_of + 1, r->ncalls);
	r->of_sid = r->sid_of + r->ncalls + 1;
	for (i = 1; i <= r->ncalls; i++) {
		r->of_sid[r->sid_of[i]] = (uint16_t)i;
		list_add(r, &r->free, QUEUE, (uint16_t)i);
	}
	return 0;
}

static uint16_t
number(const struct relay *r, const struct call *c)
{
	return (uint16_t)(c - r->calls);
}

/* call 0 is never used */
static struct call *
in_use(struct relay *r, unsigned n)
{
	return r->calls[n].used ? &r->calls[n] : NULL;
}

struct call *
call_of_sid(struct relay *r, unsigned sid)
{
	return in_use(r, sid <= r->ncalls ? r->of_sid[sid] : 0);
}

struct call *
call_of_client(struct relay *r, const struct pppoe_session *s)
{
	return in_use(r, r->call_of[pppoe_ac_slot(&r->ac, s)]);
}

/* the client as logs and the Calling Number name it: its address, and its
 * VLAN when it has one */
char *
call_name(const struct call *c, char *b, size_t cap)
{
	const struct pppoe_echo *e;
	char mac[ADDR_MACLEN];

	if (!c->pppoe) {
		snprintf(b, cap, "a client that left");
		return b;
	}
	e = c->pppoe->c;
	addr_macstr(mac, e->mac);
	snprintf(b, cap,
	    e->ntag == 2 ? "%s/%u.%u"
	    : e->ntag	 ? "%s/%u"
			 : "%s",
	    mac, eth_vlan(&e->tag[0]), eth_vlan(&e->tag[1]));
	return b;
}

static void
timer(struct relay *r, struct call *c)
{
	if (c->timed)
		list_del(r, &r->timer, TIMER, number(r, c));
	c->timed = c->l2.deadline >= 0;
	if (c->timed)
		list_add(r, &r->timer, TIMER, number(r, c));
}

static void
unqueue(struct relay *r, struct call *c)
{
	if (c->queued)
		list_del(r, c->queued == 1 ? &c->t->fresh : &c->t->urgent,
		    QUEUE, number(r, c));
	c->queued = 0;
}

static void
detach(struct relay *r, struct call *c)
{
	struct tunnel *t = c->t;

	kpath_drop(r, c);
	if (!t)
		return;
	unqueue(r, c);
	list_del(r, &t->calls, IN_TUNNEL, number(r, c));
	t->ncalls--;
	t->lns->calls--;
	c->t = NULL;
	tunnel_idle(r, t);
}

static void
release(struct relay *r, struct call *c)
{
	const uint16_t n = number(r, c);

	detach(r, c);
	kick_stop(r, c);
	if (c->timed)
		list_del(r, &r->timer, TIMER, n);
	memset(c, 0, sizeof(*c));
	list_add(r, &r->free, QUEUE, n);
	r->used--;
}

/* puts it where what it wants to send is sent from, or lets it go */
static void
settle(struct relay *r, struct call *c)
{
	unsigned want = c->l2.want == L2TP_ICRQ ? 1 : c->l2.want ? 2 : 0;

	if (l2tp_call_over(&c->l2)) {
		release(r, c);
		return;
	}
	if (c->queued != want)
		unqueue(r, c);
	if (want && !c->queued) {
		c->queued = (uint8_t)want;
		list_add(r, want == 1 ? &c->t->fresh : &c->t->urgent, QUEUE,
		    number(r, c));
		tunnel_dirty(r, c->t);
	}
	if (c->timed && c->l2.deadline < 0)
		timer(r, c);
}

/* tells the client that its session is over, or that there is none */
static void
tell_client(struct relay *r, struct call *c, const char *why)
{
	struct pppoe_session *s = c->pppoe;
	char name[48];

	if (!s)
		return;
	note(r, "session %u of %s %s: %s", s->sid,
	    call_name(c, name, sizeof(name)),
	    s->state == PPPOE_UP ? "ends" : "refused", why);
	kpath_drop(r, c);
	c->pppoe = NULL;
	r->call_of[pppoe_ac_slot(&r->ac, s)] = 0;
	if (s->state == PPPOE_UP) {
		path_flush(r); /* no PPP may follow PADT: RFC 2516, 5.5 */
		pppoe_ac_close(&r->ac, s, why);
	} else
		pppoe_ac_refuse(&r->ac, s, PPPOE_AC_ERR, why);
	path_discovery(r);
}

static uint8_t
keep(char *dst, struct pppoe_str s)
{
	size_t n = s.len < RELAY_TEXT ? s.len : RELAY_TEXT;

	if (n)
		memcpy(dst, s.p, n);
	return (uint8_t)n;
}

void
call_open(struct relay *r, struct pppoe_session *s, const struct pppoe_disc *d)
{
	uint16_t n = r->free.first;
	struct call *c = &r->calls[n];
	char name[48];

	if (!n || r->stopping) {
		pppoe_ac_refuse(&r->ac, s, PPPOE_AC_ERR, "no more sessions");
		return;
	}
	list_del(r, &r->free, QUEUE, n);
	memset(c, 0, sizeof(*c));
	c->used = 1;
	r->used++;
	c->pppoe = s;
	c->since = r->now;
	c->words = memset(&r->words[n], 0, sizeof(*c->words));
	c->words->ncircuit = keep(c->words->circuit, d->circuit);
	c->words->nremote = keep(c->words->remote, d->remote);
	c->l2.deadline = -1;
	r->call_of[pppoe_ac_slot(&r->ac, s)] = n;
	note(r, "session %u asked by %s", s->sid,
	    call_name(c, name, sizeof(name)));
	place(r, c, "no LNS can be reached");
}

/* gives the call to an LNS that it has not tried; why is what the client is
 * told when there is none */
static void
place(struct relay *r, struct call *c, const char *why)
{
	struct tunnel *t = NULL;
	struct lns *l;

	detach(r, c);
	while (!t && c->tries++ < MAX_TRIES && (l = lns_pick(r, c->tried)))
		if (!(t = tunnel_get(r, l)))
			c->tried |= l->bit;
	if (!t) {
		tell_client(r, c, why);
		release(r, c);
		return;
	}
	c->t = t;
	list_add(r, &t->calls, IN_TUNNEL, number(r, c));
	t->ncalls++;
	t->lns->calls++;
	l2tp_call_open(&c->l2, r->now, r->sid_of[number(r, c)], ++r->serial);
	timer(r, c);
	settle(r, c);
}

void
call_drop(struct relay *r, struct call *c, const char *why)
{
	tell_client(r, c, why);
	l2tp_call_close(&c->l2, L2TP_CDN_ADMIN, L2TP_ERR_NONE);
	settle(r, c);
}

void
call_client_left(struct relay *r, struct pppoe_session *s)
{
	struct call *c = call_of_client(r, s);
	char name[48];

	r->call_of[pppoe_ac_slot(&r->ac, s)] = 0;
	if (!c)
		return;
	note(r, "session %u ends: %s left", s->sid,
	    call_name(c, name, sizeof(name)));
	kpath_drop(r, c);
	c->pppoe = NULL;
	l2tp_call_close(&c->l2, L2TP_CDN_CARRIER, L2TP_ERR_NONE);
	settle(r, c);
}

/* does the LNS mean that another one may do better? (section 4.4.2) */
static int
try_another(const struct l2tp_call *c)
{
	return c->error == L2TP_ERR_TRY_ANOTHER ||
	       c->error == L2TP_ERR_RESOURCES || c->result == L2TP_CDN_BUSY ||
	       c->result == L2TP_CDN_UNABLE;
}

static const char *
cause(const struct call *c, const struct l2tp_msg *m, char b[REASON])
{
	char why[L2TP_WHY];

	snprintf(b, REASON, "%s: %s", c->t->lns->name,
	    l2tp_why_call(&c->l2, m, why));
	return b;
}

void
call_message(struct relay *r, struct tunnel *t, const struct l2tp_msg *m)
{
	struct call *c = call_of_sid(r, m->sid);
	char b[REASON];

	if (!c && (m->type == L2TP_ICRQ || m->type == L2TP_OCRQ)) {
		note(r, "%s: %s refused", t->lns->name, l2tp_msg_name(m->type));
		l2tp_call_refuse(&t->cc, m, L2TP_CDN_UNABLE, L2TP_ERR_NONE);
		return;
	}
	if (!c || c->t != t) {
		/* some answer our CDN with theirs */
		if (m->type != L2TP_CDN)
			note(r, "%s: %s for no call of ours, ignored",
			    t->lns->name, l2tp_msg_name(m->type));
		return;
	}
	switch (l2tp_call_input(&c->l2, m)) {
	case L2TP_CALL_ENDED:
		if (c->pppoe && c->pppoe->state == PPPOE_ASKED) {
			t->lns->refused++;
			if (try_another(&c->l2)) {
				(void)cause(c, m, b);
				note(r, "session %u: %s", c->pppoe->sid, b);
				c->tried |= t->lns->bit;
				place(r, c, b);
				return;
			}
		}
		/* fallthrough */
	case L2TP_CALL_FAILED: tell_client(r, c, cause(c, m, b)); break;
	}
	settle(r, c);
}

/* t's ICCN: one that waited for the window may be of a call that has gone on to
 * another LNS */
void
call_iccn_sent(struct relay *r, const struct tunnel *t, uint16_t sid)
{
	struct call *c = call_of_sid(r, sid);
	char name[48];

	if (!c || c->t != t || !c->pppoe || c->pppoe->state != PPPOE_ASKED)
		return;
	note(r, "session %u of %s up: call %u to %s's %u", c->pppoe->sid,
	    call_name(c, name, sizeof(name)), sid, c->t->lns->name, c->l2.psid);
	c->t->lns->refused = 0;
	kpath_up(r, c);
	pppoe_ac_accept(&r->ac, c->pppoe);
	path_discovery(r);
}

/*
 * Sends what the next call wants to; calls on their way up come first, so new
 * ones fill no more than the LNS's window. And none is begun that has waited
 * for half of its time: when more dial than the LNS takes, each that it takes
 * would be over before it is up. 1 when something was done.
 */
int
call_send(struct relay *r, struct tunnel *t)
{
	uint16_t n = t->urgent.first ? t->urgent.first : t->fresh.first;
	struct l2tp_call_info i = { .tx_speed = r->conf->tx_speed,
		.rx_speed = r->conf->rx_speed,
		.framing =
		    t->cc.framing == L2TP_ASYNC ? L2TP_ASYNC : L2TP_SYNC };
	struct call *c = &r->calls[n];
	const unsigned room = l2tp_cc_room(&t->cc);
	const int fresh = !t->urgent.first;
	const char *why = "the LNS is busy";
	char name[48];
	int got = -1;

	if (!n || !room || (fresh && room + t->cc.win < t->cc.ntx))
		return 0;
	call_name(c, name, sizeof(name));
	i.calling.p = (const uint8_t *)name;
	i.calling.len = (uint16_t)strlen(name);
	i.circuit.p = (const uint8_t *)c->words->circuit;
	i.circuit.len = c->words->ncircuit;
	i.remote.p = (const uint8_t *)c->words->remote;
	i.remote.len = c->words->nremote;
	i.hide = (uint8_t)r->conf->hide;
	if (!fresh || c->l2.deadline - r->now >= L2TP_CALL_TIMEOUT / 2) {
		got = l2tp_call_send(&c->l2, &t->cc, &i);
		why = "the call does not fit into a message";
	}
	if (got < 0)
		call_drop(r, c, why);
	else
		settle(r, c);
	return got != 0;
}

void
call_tunnel_down(struct relay *r, struct tunnel *t, const char *why)
{
	struct call *c;

	while (t->calls.first) {
		c = &r->calls[t->calls.first];
		if (c->pppoe && c->pppoe->state == PPPOE_ASKED &&
		    !r->stopping) {
			/* an LNS that was there may be back at once, once */
			if (t->was_up ? c->tries > 1
				      : t->lns->dead_until > r->now)
				c->tried |= t->lns->bit;
			place(r, c, why);
			continue;
		}
		tell_client(r, c, why);
		release(r, c);
	}
}

void
call_tick(struct relay *r)
{
	struct call *c;
	char b[REASON];

	while (r->timer.first) {
		c = &r->calls[r->timer.first];
		if (c->l2.deadline > r->now)
			return;
		snprintf(b, sizeof(b), "%s: no answer in time",
		    c->t ? c->t->lns->name : "LNS");
		if (l2tp_call_tick(&c->l2, r->now))
			tell_client(r, c, b);
		settle(r, c);
	}
}

int64_t
call_deadline(const struct relay *r)
{
	return r->timer.first ? r->calls[r->timer.first].l2.deadline : -1;
}
