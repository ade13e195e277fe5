/* limen: ISC licence, see LICENSE */
#ifndef L2TP_SIM_H
#define L2TP_SIM_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp_call.h"

/*
 * A LAC and an LNS in memory with a bad line between them: what is sent is
 * lost, doubled, delayed and so reordered as a seeded generator says. Used by
 * unit tests and by the fuzz target.
 */
#define SIM_CALLS 32
#define SIM_WIRE  512

struct sim_side {
	struct l2tp_cc cc;
	struct l2tp_cc_slot tx[8], rx[4];
	struct l2tp_call call[SIM_CALLS]; /* of id % SIM_CALLS */
	uint8_t used[SIM_CALLS];
	uint16_t gen[SIM_CALLS]; /* ids are used again late */
	int up, down, dead, ups, refuse;
	int early_calls; /* session messages before UP */
};

struct sim_pkt {
	int to; /* -1: free */
	int64_t at;
	size_t len;
	uint8_t b[L2TP_CC_MSGMAX];
};

struct sim {
	struct sim_side side[2]; /* 0: the LAC, 1: the LNS */
	struct sim_pkt wire[SIM_WIRE];
	int64_t now;
	uint64_t rnd;
	unsigned loss, dup, delay; /* per cent, per cent, ms */
	unsigned sent, iccn_first, hide;
	int overflow, busy; /* busy: slots of wire from which on all are free */
};

static inline uint32_t
sim_rnd(struct sim *s, uint32_t n)
{
	s->rnd ^= s->rnd << 13;
	s->rnd ^= s->rnd >> 7;
	s->rnd ^= s->rnd << 17;
	return (uint32_t)(s->rnd >> 11) % n;
}

static inline void
sim_put(struct sim *s, int to, const uint8_t *b, size_t n)
{
	int i, k, copies = sim_rnd(s, 100) < s->dup ? 2 : 1;

	s->sent++;
	for (k = 0; k < copies; k++) {
		if (sim_rnd(s, 100) < s->loss)
			continue;
		for (i = 0; i < SIM_WIRE && s->wire[i].to >= 0; i++)
			;
		if (i >= s->busy)
			s->busy = i + 1;
		if (i == SIM_WIRE || n > sizeof(s->wire[i].b)) {
			s->overflow = 1;
			return;
		}
		s->wire[i].to = to;
		s->wire[i].at = s->now + 1 + sim_rnd(s, s->delay + 1);
		s->wire[i].len = n;
		memcpy(s->wire[i].b, b, n);
	}
}

static inline void
sim_init(struct sim *s, uint64_t seed, const struct l2tp_cc_conf *lac,
    const struct l2tp_cc_conf *lns)
{
	uint8_t random[32];
	int i, k;

	memset(s, 0, sizeof(*s));
	s->rnd = seed * 0x9e3779b97f4a7c15 + 1;
	s->now = 1000;
	for (i = 0; i < SIM_WIRE; i++)
		s->wire[i].to = -1;
	for (i = 0; i < 2; i++) {
		struct sim_side *d = &s->side[i];
		struct l2tp_cc_mem mem = { d->tx, d->rx, 8, 4 };

		for (k = 0; k < 32; k++)
			random[k] = (uint8_t)sim_rnd(s, 256);
		l2tp_cc_init(&d->cc, i ? lns : lac, &mem, random);
	}
	l2tp_cc_listen(&s->side[1].cc, 200);
}

static inline uint16_t
sim_id(struct sim_side *d, int i)
{
	return (
	    uint16_t)(++d->gen[i] % 2000 * SIM_CALLS + SIM_CALLS + (unsigned)i);
}

static inline void
sim_msg(struct sim *s, int me, const struct l2tp_msg *m)
{
	struct sim_side *d = &s->side[me];
	unsigned sid = m->sid ? m->sid : m->asid;
	int i;

	if (!d->up)
		d->early_calls++;
	if (m->type == L2TP_ICRQ && me == 1) {
		for (i = 0; i < SIM_CALLS && d->used[i]; i++)
			;
		if (i == SIM_CALLS)
			return;
		d->used[i] = 1;
		l2tp_call_accept(&d->call[i], s->now, sim_id(d, i), m);
		if (d->refuse && sim_rnd(s, 100) < (unsigned)d->refuse)
			l2tp_call_close(&d->call[i], L2TP_CDN_BUSY, 0);
		return;
	}
	if (!m->sid && m->type == L2TP_CDN) { /* theirs, by their id */
		for (i = 0; i < SIM_CALLS; i++)
			if (d->used[i] && d->call[i].psid == sid)
				(void)l2tp_call_input(&d->call[i], m);
	} else if (d->used[sid % SIM_CALLS] &&
		   d->call[sid % SIM_CALLS].sid == sid)
		(void)l2tp_call_input(&d->call[sid % SIM_CALLS], m);
}

static inline void
sim_act(struct sim *s, int me, const struct l2tp_cc_act *a)
{
	struct sim_side *d = &s->side[me];

	switch (a->type) {
	case L2TP_CC_SEND:
		if (a->first && a->mtype == L2TP_ICCN)
			s->iccn_first++;
		sim_put(s, !me, a->pkt, a->len);
		break;
	case L2TP_CC_UP:
		d->up = 1;
		d->ups++;
		break;
	case L2TP_CC_MSG: sim_msg(s, me, &a->msg); break;
	case L2TP_CC_DOWN:
		d->up = 0;
		d->down++;
		memset(d->used, 0, sizeof(d->used));
		break;
	case L2TP_CC_DEAD: d->dead++; break;
	}
}

/* all that a side has to do now */
static inline void
sim_drain(struct sim *s, int me)
{
	static struct l2tp_cc_act a;
	struct sim_side *d = &s->side[me];
	struct l2tp_call_info info = { .tx_speed = 10000000,
		.calling = { (const uint8_t *)"02:00:00:00:00:01", 17 },
		.framing = 1 };
	int i, more;

	info.hide = (uint8_t)s->hide;
	do {
		while (l2tp_cc_next(&d->cc, s->now, &a))
			sim_act(s, me, &a);
		for (i = more = 0; i < SIM_CALLS; i++) {
			if (!d->used[i])
				continue;
			if (d->call[i].want)
				more |= l2tp_call_send(
					    &d->call[i], &d->cc, &info) > 0;
			if (l2tp_call_over(&d->call[i]))
				d->used[i] = 0;
		}
	} while (more);
}

static inline void
sim_deliver(struct sim *s, struct sim_pkt *p)
{
	struct sim_side *d = &s->side[p->to];
	struct l2tp_hdr h;
	int to = p->to;

	if (l2tp_hdr_get(&h, p->b, p->len) == 0 &&
	    (h.tid == d->cc.ltid || (!h.tid && to == 1))) {
		l2tp_cc_input(&d->cc, s->now, &h);
		sim_drain(s, to);
	}
	p->to = -1;
}

static inline void
sim_turn(struct sim *s, int me)
{
	struct sim_side *d = &s->side[me];
	int64_t at = l2tp_cc_deadline(&d->cc);
	int i;

	if (at >= 0 && at <= s->now)
		l2tp_cc_tick(&d->cc, s->now);
	for (i = 0; i < SIM_CALLS; i++)
		if (d->used[i])
			(void)l2tp_call_tick(&d->call[i], s->now);
	sim_drain(s, me);
}

/* when something happens next */
static inline int64_t
sim_next(const struct sim *s, int64_t end)
{
	int i, k;
	int64_t d;

	for (i = 0; i < s->busy; i++)
		if (s->wire[i].to >= 0 && s->wire[i].at < end)
			end = s->wire[i].at;
	for (k = 0; k < 2; k++) {
		d = l2tp_cc_deadline(&s->side[k].cc);
		if (d >= 0 && d < end)
			end = d;
		for (i = 0; i < SIM_CALLS; i++)
			if (s->side[k].used[i] &&
			    s->side[k].call[i].deadline >= 0 &&
			    s->side[k].call[i].deadline < end)
				end = s->side[k].call[i].deadline;
	}
	return end;
}

/* lets ms pass */
static inline void
sim_run(struct sim *s, int64_t ms)
{
	int64_t end = s->now + ms, next;
	int i;

	for (;;) {
		for (i = 0; i < s->busy; i++)
			if (s->wire[i].to >= 0 && s->wire[i].at <= s->now)
				sim_deliver(s, &s->wire[i]);
		while (s->busy && s->wire[s->busy - 1].to < 0)
			s->busy--;
		sim_turn(s, 0);
		sim_turn(s, 1);
		if (s->now >= end)
			return;
		next = sim_next(s, end);
		s->now = next > s->now ? next : s->now + 1;
	}
}

static inline int
sim_calls(const struct sim_side *d, unsigned state)
{
	int i, n = 0;

	for (i = 0; i < SIM_CALLS; i++)
		n += d->used[i] && d->call[i].state == state;
	return n;
}

static inline int
sim_used(const struct sim_side *d)
{
	int i, n = 0;

	for (i = 0; i < SIM_CALLS; i++)
		n += d->used[i];
	return n;
}

/* 1 when both sides hold the same calls, each naming the other's id */
static inline int
sim_agree(const struct sim *s)
{
	const struct sim_side *a = &s->side[0], *b = &s->side[1];
	int i;

	if (sim_used(a) != sim_used(b) ||
	    sim_calls(a, L2TP_CALL_UP) != sim_used(a) ||
	    sim_calls(b, L2TP_CALL_UP) != sim_used(b))
		return 0;
	for (i = 0; i < SIM_CALLS; i++) {
		unsigned p = a->call[i].psid;
		const struct l2tp_call *c = &b->call[p % SIM_CALLS];

		if (a->used[i] && (!b->used[p % SIM_CALLS] || c->sid != p ||
				      c->psid != a->call[i].sid))
			return 0;
	}
	return 1;
}

static inline void
sim_dial(struct sim *s, int i)
{
	l2tp_call_open(
	    &s->side[0].call[i], s->now, sim_id(&s->side[0], i), (uint32_t)i);
	s->side[0].used[i] = 1;
	sim_drain(s, 0);
}

#endif
