/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "access.h"
#include "addr.h"
#include "bng.h"
#include "die.h"
#include "eth.h"
#include "macname.h"
#include "subs.h"

enum {
	TURNS = 8, /* batches of frames taken before others have their turn */
};

/* the address that the original's lab has on access */
static const uint8_t default_mac[6] = { 0xba, 0xad, 0x1d, 0xea, 0x11, 0x02 };

/* the default, or the first one after it that no other program has there */
static void
lab_mac(struct bng *b, uint8_t mac[6])
{
	int i;

	memcpy(mac, default_mac, 6);
	for (i = 0; i < 64 && macname_take(&b->conf->access, mac) < 0; i++)
		mac[5]++;
}

static void
own_mac(struct bng *b, uint8_t mac[6])
{
	static const uint8_t none[6];
	const struct conf *c = b->conf;

	if (c->have_mac) {
		memcpy(mac, c->mac, 6);
		if (ethport_promisc(&b->access) < 0)
			die(1, "%s: promiscuous mode:", c->access.arg);
	} else if (memcmp(b->access.mac, none, 6) != 0)
		memcpy(mac, b->access.mac, 6);
	else
		lab_mac(b, mac);
}

static void
open_port(struct bng *b)
{
	const struct conf *c = b->conf;
	char name[256];

	b->access.fd = b->access.tx = -1;
	if (c->access.kind == NETNAME_NONE)
		return;
	netname_str(&c->access, name, sizeof(name));
	if (ethport_open(&b->access, &c->access, ETHPORT_PPPOE) < 0)
		die(1, "access %s: %s", name, ethport_why(errno));
}

void
access_open(struct bng *b)
{
	struct pppoe_ac_conf pc = { 0 };
	const struct conf *c = b->conf;
	int i;

	open_port(b);
	own_mac(b, pc.mac);
	pc.name = c->ac_name;
	for (i = 0; i < c->nservice; i++)
		pc.service[i] = c->service[i];
	pc.nservice = c->nservice;
	pc.flags = c->nservice ? 0 : PPPOE_AC_ANY;
	pc.max = c->max;
	pc.max_per_mac = c->max_per_mac;
	pc.padi_rate = c->padi_rate;
	pc.pado_delay = c->pado_delay;
	pc.max_payload = pppoe_mru(c->mtu, b->access.mtu);
	if (getentropy(pc.key, sizeof(pc.key)) < 0)
		die(1, "random numbers:");
	b->ac_mem = calloc(1, pppoe_ac_size(&pc));
	if (!b->ac_mem)
		die(1, "memory for %u sessions:", (unsigned)c->max);
	pppoe_ac_init(&b->ac, &pc, b->ac_mem);
}

static void
note(const struct bng *b, const struct pppoe_ac_act *a)
{
	char mac[ADDR_MACLEN];

	if (b->conf->verbose && a->why != PPPOE_AC_NOT_OURS)
		bng_log(b, NULL, "%s: %s ignored: %s", addr_macstr(mac, a->mac),
		    pppoe_name(a->code), pppoe_ac_why(a->why));
}

static void drain(struct bng *b);

/* the address, and the VLANs behind it */
static void
name(struct sub *s, const struct pppoe_session *p)
{
	char mac[ADDR_MACLEN];
	int i, n;

	s->id = p->sid;
	n = snprintf(
	    s->where, sizeof(s->where), "%s", addr_macstr(mac, p->c->mac));
	for (i = 0; i < p->c->ntag; i++)
		n += snprintf(s->where + n, sizeof(s->where) - (size_t)n, ".%u",
		    eth_vlan(&p->c->tag[i]));
}

/* a PADR: PADS first, then LCP */
static void
open_session(struct bng *b, struct pppoe_session *p)
{
	uint32_t slot = pppoe_ac_slot(&b->ac, p);
	struct sub *s = subs_new(b, BEARER_PPPOE);

	if (!s) {
		pppoe_ac_refuse(&b->ac, p, PPPOE_AC_ERR, "no more sessions");
		return;
	}
	s->pppoe = p;
	name(s, p);
	b->subs.by_pppoe[slot] = subs_slot(b, s);
	pppoe_ac_accept(&b->ac, p);
	drain(b);
	bng_log(b, s, "session opened by PADR");
	subs_start(b, s,
	    p->c->max_payload ? p->c->max_payload
			      : pppoe_mru(PPPOE_MRU, b->access.mtu));
}

static struct sub *
sub_of(struct bng *b, const struct pppoe_session *p)
{
	struct sub *s = &b->subs.s[b->subs.by_pppoe[pppoe_ac_slot(&b->ac, p)]];

	return s->bearer == BEARER_PPPOE && s->pppoe == p ? s : NULL;
}

static void
padt(struct bng *b, const struct pppoe_session *p)
{
	struct sub *s = sub_of(b, p);

	if (!s)
		return;
	s->pppoe = NULL;
	subs_down(b, s, "PADT from the client");
}

static void
out(struct bng *b, const uint8_t *frame, size_t len)
{
	pcapfile_add(&b->capture, frame, len);
	ethport_add(&b->access, frame, len);
}

static void
drain(struct bng *b)
{
	struct pppoe_ac_act a;

	while (pppoe_ac_next(&b->ac, &a))
		switch (a.type) {
		case PPPOE_AC_SEND: out(b, a.frame, a.len); break;
		case PPPOE_AC_OPEN: open_session(b, a.s); break;
		case PPPOE_AC_CLOSE: padt(b, a.s); break;
		case PPPOE_AC_NOTE: note(b, &a); break;
		}
}

static void
session_frame(struct bng *b, const struct eth *e)
{
	struct pppoe_session *ps;
	struct pppoe p;
	struct sub *s;

	if (pppoe_get(&p, e->body, e->len) < 0)
		return;
	ps = pppoe_ac_data(&b->ac, e, &p);
	if (!ps) {
		pppoe_ac_stray(&b->ac, b->now, e, &p);
		drain(b);
		return;
	}
	if ((s = sub_of(b, ps)))
		subs_input(b, s, (uint8_t *)(uintptr_t)p.body, p.len);
}

static void
frame(struct bng *b, const struct ethport_frame *f)
{
	struct eth e;

	pcapfile_add(&b->capture, f->p, f->len);
	if (eth_get(&e, f->p, f->len) < 0)
		return;
	if (e.type == ETH_PPPOES)
		session_frame(b, &e);
	else if (e.type == ETH_PPPOED) {
		pppoe_ac_input(&b->ac, b->now, f->p, f->len);
		drain(b);
	}
}

void
access_input(struct bng *b)
{
	struct ethport_frame f[ETHPORT_BATCH];
	int i, n, turn;

	for (turn = 0; turn < TURNS; turn++) {
		n = ethport_recv(&b->access, f, ETHPORT_BATCH);
		if (n < 0) {
			bng_fail(b, "access");
			return;
		}
		for (i = 0; i < n; i++)
			frame(b, &f[i]);
		if (n < ETHPORT_BATCH)
			break;
	}
}

int64_t
access_deadline(const struct bng *b)
{
	return pppoe_ac_deadline(&b->ac);
}

/* the oldest of those that were cut is forgotten, unless it ended itself */
static void
forget_cut(struct bng *b)
{
	struct bng_cut *k = &b->cut[b->first_cut];

	b->first_cut = (b->first_cut + 1) % BNG_CUTS;
	b->ncuts--;
	if (k->p->state == PPPOE_UP && k->p->sid == k->sid && !sub_of(b, k->p))
		pppoe_tab_del(&b->ac.tab, k->p);
}

void
access_tick(struct bng *b)
{
	int64_t at;

	while (b->ncuts && b->cut[b->first_cut].until <= b->now)
		forget_cut(b);
	while ((at = pppoe_ac_deadline(&b->ac)) >= 0 && at <= b->now) {
		pppoe_ac_tick(&b->ac, b->now);
		drain(b);
	}
}

uint8_t *
access_room(struct bng *b, struct sub *s, size_t *cap)
{
	size_t head = pppoe_ac_headlen(s->pppoe);

	*cap = ETHPORT_ADD - head;
	return ethport_room(&b->access) + head;
}

void
access_commit(struct bng *b, struct sub *s, size_t len)
{
	uint8_t *f = ethport_room(&b->access);
	size_t head = pppoe_ac_head(s->pppoe, f, len);

	pcapfile_add(&b->capture, f, head + len);
	ethport_commit(&b->access, head + len);
}

void
access_hangup(struct bng *b, struct sub *s, const char *reason)
{
	struct pppoe_session *p = s->pppoe;

	if (!p)
		return;
	s->pppoe = NULL;
	pppoe_ac_close(&b->ac, p, reason);
	drain(b);
}

void
access_cut(struct bng *b, struct sub *s)
{
	if (!s->pppoe)
		return;
	if (b->ncuts == BNG_CUTS)
		forget_cut(b);
	b->cut[(b->first_cut + b->ncuts++) % BNG_CUTS] =
	    (struct bng_cut){ s->pppoe, s->pppoe->sid, b->now + BNG_CUT_FOR };
	s->pppoe = NULL;
}

void
access_close(struct bng *b)
{
	ethport_flush(&b->access);
	ethport_close(&b->access);
	free(b->ac_mem);
	b->ac_mem = NULL;
}
