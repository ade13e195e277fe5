/* limen: ISC licence, see LICENSE */
/*
 * The whole way in memory, of the tools' own cores: PPPoE clients, the access
 * concentrator and LAC that the relay is, the LNS and PPP server that bng is,
 * on two lines that lose, double, delay and reorder. Clients dial, hang up,
 * vanish and dial again, the LNS drops calls. When the lines are good again
 * all four must come to agree, and at the end nothing may be left.
 */
#include <stdlib.h>

#include "../relay_sim.h"
#include "tap.h"

/* the relay: access concentrator and LAC */

static struct call *
call_new(struct end *d, int *id)
{
	int k;

	for (k = 1; k < CALLS; k++) {
		d->at = d->at % (CALLS - 1) + 1; /* used again late */
		if (!d->call[d->at].used) {
			memset(&d->call[d->at], 0, sizeof(d->call[0]));
			d->call[d->at].used = 1;
			*id = d->at;
			return &d->call[d->at];
		}
	}
	return NULL;
}

static void
ac_drain(void)
{
	struct pppoe_ac_act a;
	struct call *c;
	int id;

	while (pppoe_ac_next(&s.ac, &a)) {
		if (a.type == PPPOE_AC_SEND) {
			put(TO_CLIENTS, a.frame, a.len);
		} else if (a.type == PPPOE_AC_OPEN) {
			if (!(c = call_new(&s.lac, &id))) {
				pppoe_ac_refuse(
				    &s.ac, a.s, PPPOE_AC_ERR, "full");
				continue;
			}
			c->s = a.s;
			s.call_of[pppoe_ac_slot(&s.ac, a.s)] = (uint16_t)id;
			l2tp_call_open(&c->l2, s.now, (uint16_t)id, rnd(9999));
		} else if (a.type == PPPOE_AC_CLOSE) {
			c = &s.lac.call[s.call_of[pppoe_ac_slot(&s.ac, a.s)]];
			c->s = NULL;
			l2tp_call_close(&c->l2, L2TP_CDN_CARRIER, 0);
		}
	}
}

static void
ac_end(struct call *c)
{
	if (!c->s)
		return;
	if (c->s->state == PPPOE_UP)
		pppoe_ac_close(&s.ac, c->s, "gone");
	else
		pppoe_ac_refuse(&s.ac, c->s, PPPOE_AC_ERR, "gone");
	c->s = NULL;
	ac_drain();
}

static void
ac_input(const uint8_t *p, size_t n)
{
	struct pppoe_session *o;
	struct pppoe pp;
	struct call *c;
	struct eth e;
	uint8_t b[1600];
	struct wr w;

	if (eth_get(&e, p, n) < 0)
		return;
	if (e.type == ETH_PPPOED) {
		pppoe_ac_input(&s.ac, s.now, p, n);
	} else if (pppoe_get(&pp, e.body, e.len) == 0) {
		if (!(o = pppoe_ac_data(&s.ac, &e, &pp))) {
			pppoe_ac_stray(&s.ac, s.now, &e, &pp);
		} else {
			c = &s.lac.call[s.call_of[pppoe_ac_slot(&s.ac, o)]];
			wr_init(&w, b, sizeof(b));
			wr_u16(&w, 2);
			wr_u16(&w, s.lac.cc.ptid);
			wr_u16(&w, c->l2.psid);
			wr_u16(&w, 0xff03);
			wr_bytes(&w, pp.body, pp.len);
			put(TO_LNS, b, wr_len(&w));
		}
	}
	ac_drain();
}

static void
lac_data(const struct l2tp_hdr *h)
{
	struct call *c = &s.lac.call[h->sid % CALLS];
	uint8_t b[1600];
	size_t n;

	if (!c->used || !c->s || c->s->state != PPPOE_UP ||
	    rd_left(&h->body) < 2)
		return;
	n = pppoe_ac_head(c->s, b, rd_left(&h->body) - 2);
	memcpy(b + n, h->body.p + 2, rd_left(&h->body) - 2);
	put(TO_CLIENTS, b, n + rd_left(&h->body) - 2);
}

/* bng: LNS and PPP */

static void
lns_drain(struct call *c)
{
	const struct ppp_act *a;
	struct ppp_net net = { .flags = PPP_NET_IP4 };
	uint8_t b[1600];
	struct wr w;

	while ((a = ppp_turn_next(&turn)))
		if (a->type == PPP_ACT_SEND) {
			wr_init(&w, b, sizeof(b));
			wr_u16(&w, 2);
			wr_u16(&w, s.lns.cc.ptid);
			wr_u16(&w, c->l2.psid);
			wr_u16(&w, 0xff03);
			wr_bytes(&w, a->p, a->len);
			put(TO_LAC, b, wr_len(&w));
		} else if (a->type == PPP_ACT_SECRET) {
			ppp_link_secret(&c->l, &turn, "hush", 4);
		} else if (a->type == PPP_ACT_NETWORK) {
			net.ip4.ours = 0x0a000001;
			net.ip4.peer = 0x0a000100 + c->l2.sid;
			ppp_link_network(&c->l, &turn, &net);
		} else if (a->type == PPP_ACT_UP4) {
			c->addr = a->u.ip4.peer;
		} else if (a->type == PPP_ACT_DOWN4) {
			c->addr = 0;
		} else if (a->type == PPP_ACT_END) {
			c->linked = 0;
			c->addr = 0;
			l2tp_call_close(&c->l2, L2TP_CDN_ADMIN, 0);
		}
}

static void
lns_happened(struct call *c, int what)
{
	uint8_t seed[16];
	int i;

	if (what == L2TP_CALL_CONNECTED) {
		for (i = 0; i < 16; i++)
			seed[i] = (uint8_t)rnd(256);
		ppp_link_init(&c->l, &server_cfg, seed);
		c->linked = 1;
		ppp_link_open(&c->l, now(), PPPOE_MRU);
		lns_drain(c);
	} else if ((what == L2TP_CALL_ENDED || what == L2TP_CALL_FAILED) &&
		   c->linked) {
		ppp_link_down(&c->l, now());
		lns_drain(c);
	}
}

/* both ends of the tunnel */

static void
end_msg(struct end *d, const struct l2tp_msg *m)
{
	struct call *c = &d->call[m->sid % CALLS];
	int id, i, what;

	if (d == &s.lns && m->type == L2TP_ICRQ) {
		if ((c = call_new(d, &id)))
			l2tp_call_accept(&c->l2, s.now, (uint16_t)id, m);
		return;
	}
	if (!m->sid && m->type == L2TP_CDN)
		for (i = 1; i < CALLS; i++)
			if (d->call[i].used && d->call[i].l2.psid == m->asid)
				c = &d->call[i];
	if (!c->used)
		return;
	what = l2tp_call_input(&c->l2, s.now, m);
	if (d == &s.lns)
		lns_happened(c, what);
	else if (what == L2TP_CALL_ENDED || what == L2TP_CALL_FAILED)
		ac_end(c);
}

static void
end_lost(struct end *d)
{
	int i;

	d->up = 0;
	d->down++;
	for (i = 1; i < CALLS; i++) {
		if (d->call[i].used && d == &s.lns)
			lns_happened(&d->call[i], L2TP_CALL_ENDED);
		else if (d->call[i].used)
			ac_end(&d->call[i]);
		d->call[i].used = 0;
	}
}

static void
end_act(struct end *d, const struct l2tp_cc_act *a)
{
	struct call *c = &d->call[a->sid % CALLS];

	switch (a->type) {
	case L2TP_CC_SEND:
		put(d == &s.lac ? TO_LNS : TO_LAC, a->pkt, a->len);
		if (d == &s.lac && a->first && a->mtype == L2TP_ICCN && c->s) {
			pppoe_ac_accept(&s.ac, c->s);
			ac_drain();
		}
		break;
	case L2TP_CC_UP: d->up = 1; break;
	case L2TP_CC_MSG: end_msg(d, &a->msg); break;
	case L2TP_CC_DOWN: end_lost(d); break;
	case L2TP_CC_DEAD: d->dead++; break;
	}
}

static void
end_drain(struct end *d)
{
	static const struct l2tp_call_info info = { .tx_speed = 1000000,
		.framing = 1 };
	static struct l2tp_cc_act a;
	int i, more;

	do {
		while (l2tp_cc_next(&d->cc, s.now, &a))
			end_act(d, &a);
		for (i = 1, more = 0; i < CALLS; i++) {
			if (!d->call[i].used)
				continue;
			if (d->call[i].l2.want)
				more |= l2tp_call_send(
					    &d->call[i].l2, &d->cc, &info) > 0;
			if (l2tp_call_over(&d->call[i].l2))
				d->call[i].used = 0;
		}
	} while (more);
}

static void
end_input(struct end *d, const uint8_t *p, size_t n)
{
	struct l2tp_hdr h;
	struct call *c;

	if (l2tp_hdr_get(&h, p, n) < 0)
		return;
	if (h.flags & L2TP_T) {
		if (h.tid != d->cc.ltid && (h.tid || d == &s.lac))
			return;
		l2tp_cc_input(&d->cc, s.now, &h);
	} else if (d == &s.lac) {
		lac_data(&h);
	} else {
		c = &d->call[h.sid % CALLS];
		if (!c->used || !c->linked)
			return;
		ppp_link_input(&c->l, now(), h.body.p, rd_left(&h.body));
		lns_drain(c);
	}
	end_drain(d);
}

static void
end_tick(struct end *d)
{
	struct call *c;
	int i;

	l2tp_cc_tick(&d->cc, s.now);
	for (i = 1; i < CALLS; i++) {
		c = &d->call[i];
		if (!c->used)
			continue;
		if (l2tp_call_tick(&c->l2, s.now)) {
			if (d == &s.lns)
				lns_happened(c, L2TP_CALL_ENDED);
			else
				ac_end(c);
		}
		if (c->used && c->linked) {
			ppp_link_tick(&c->l, now());
			lns_drain(c);
		}
	}
	end_drain(d);
}

/* time, in steps of 10 ms: each delivers what has come by then */
static void
run(int64_t ms)
{
	const int64_t end = s.now + ms;
	struct pkt p;
	int i;

	for (; s.now < end; s.now += 10) {
		for (i = 0; i < s.busy; i++) {
			if (s.wire[i].to < 0 || s.wire[i].at > s.now)
				continue;
			p = s.wire[i];
			s.wire[i].to = -1;
			switch (p.to) {
			case TO_CLIENTS: client_input(p.b, p.len); break;
			case TO_AC:
				ac_input(p.b, p.len);
				end_drain(&s.lac);
				break;
			case TO_LAC: end_input(&s.lac, p.b, p.len); break;
			case TO_LNS: end_input(&s.lns, p.b, p.len); break;
			}
		}
		while (s.busy && s.wire[s.busy - 1].to < 0)
			s.busy--;
		for (i = 0; i < CLIENTS; i++)
			client_tick(&s.c[i]);
		end_tick(&s.lac);
		end_tick(&s.lns);
	}
}

/* what people and machines do */
static void
mischief(void)
{
	struct client *c = &s.c[rnd(CLIENTS)];
	struct call *o = &s.lns.call[1 + rnd(CALLS - 1)];

	switch (rnd(3)) {
	case 0: /* hangs up */
		if (!c->over && c->h.state == PPPOE_HOST_UP) {
			ppp_link_close(&c->l, now());
			client_drain(c);
		}
		break;
	case 1: client_over(c); break; /* pulls the plug */
	case 2:
		if (o->used && o->linked) {
			ppp_link_close(&o->l, now());
			lns_drain(o);
		}
		break;
	}
}

static void
begin(uint64_t seed)
{
	static const struct pppoe_ac_conf conf = { .mac = { 2, 0, 0, 0, 0, 1 },
		.name = "sim",
		.flags = PPPOE_AC_ANY,
		.max = CALLS };
	struct l2tp_cc_mem a = { s.lac.tx, s.lac.rx, SLOTS, SLOTS },
			   b = { s.lns.tx, s.lns.rx, SLOTS, SLOTS };
	uint8_t random[32];
	int i;

	memset(&s, 0, sizeof(s));
	s.rnd = seed * 0x9e3779b97f4a7c15 + 1;
	s.now = 1000;
	for (i = 0; i < WIRE; i++)
		s.wire[i].to = -1;
	for (i = 0; i < 32; i++)
		random[i] = (uint8_t)rnd(256);
	memset(ac_mem, 0, pppoe_ac_size(&conf));
	pppoe_ac_init(&s.ac, &conf, ac_mem);
	l2tp_cc_init(&s.lac.cc, &cc_conf, &a, random);
	random[0] ^= 1;
	l2tp_cc_init(&s.lns.cc, &cc_conf, &b, random);
	l2tp_cc_listen(&s.lns.cc, 7);
	l2tp_cc_open(&s.lac.cc, s.now, 9, 0);
	end_drain(&s.lac);
	for (i = 0; i < CLIENTS; i++) {
		s.c[i].wanted = 1;
		s.c[i].over = 1;
		s.c[i].redial = s.now + rnd(1000);
	}
}

static int
used(const struct end *d)
{
	int i, n = 0;

	for (i = 1; i < CALLS; i++)
		n += d->call[i].used;
	return n;
}

/* does each wanted session, and nothing else, stand from end to end? */
static int
agree(void)
{
	const struct pppoe_session *o;
	const struct call *a, *b;
	int i, n = 0;

	for (i = 0; i < CLIENTS; i++) {
		if (!s.c[i].wanted)
			continue;
		n++;
		o = pppoe_tab_sid(&s.ac.tab, s.c[i].h.sid);
		if (s.c[i].over || !s.c[i].addr || !o || o->state != PPPOE_UP ||
		    memcmp(o->c->mac, s.c[i].h.mac, 6) != 0)
			return 0;
		a = &s.lac.call[s.call_of[pppoe_ac_slot(&s.ac, o)]];
		b = &s.lns.call[a->l2.psid % CALLS];
		if (!a->used || a->s != o || a->l2.state != L2TP_CALL_UP ||
		    !b->used || b->l2.psid != a->l2.sid || !b->linked ||
		    b->addr != s.c[i].addr)
			return 0;
	}
	return (int)s.ac.tab.count == n && used(&s.lac) == n &&
	       used(&s.lns) == n;
}

static int
life(unsigned seed)
{
	int i, good;

	begin(seed);
	s.loss = seed % 21;
	s.dup = seed / 3 % 15;
	s.delay = seed % 40;
	for (i = 0; i < 20; i++) {
		run(300);
		if (i > 5 && rnd(2))
			mischief();
	}
	for (i = 0; i < CLIENTS; i++)
		if (rnd(3) == 0) {
			s.c[i].wanted = 0;
			client_over(&s.c[i]);
		}
	s.loss = s.dup = s.delay = 0;
	run(25000);
	good = agree() && s.lac.up && s.lns.up && !s.lac.down;
	for (i = 0; i < CLIENTS; i++)
		s.c[i].wanted = 0;
	l2tp_cc_close(&s.lac.cc, s.now, L2TP_STOP_CLEAR, 0);
	run(8000);
	return good && !s.overflow && !s.ac.tab.count && !used(&s.lac) &&
	       !used(&s.lns) && s.lac.dead == 1 && s.lns.dead == 1;
}

int
main(void)
{
	const unsigned runs = 2000;
	unsigned seed, good = 0;

	client_cfg = server_cfg = ppp_link_defaults;
	client_cfg.peer.name = "user";
	client_cfg.peer.secret = "hush";
	client_cfg.lcp.own_auth = 1U << PPP_AUTH_CHAP;
	server_cfg.lcp.auth[0] = PPP_AUTH_CHAP;
	client_cfg.lcp.echo = server_cfg.lcp.echo = 1000;
	client_cfg.lcp.echo_failures = server_cfg.lcp.echo_failures = 4;
	client_cfg.setup = server_cfg.setup = 10000;
	ac_mem = calloc(1, 1 << 20);
	for (seed = 1; seed <= runs; seed++)
		if (life(seed))
			good++;
		else
			printf("# seed %u\n", seed);
	OK_MSG(good == runs, "2000 lives end in agreement, nothing is left");
	free(ac_mem);
	return tap_done();
}
