/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "pppoe_ac.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { MAX = 8 };

/*
 * Input: steps, each a byte that says what happens and what it happens to.
 * Frames are either raw (a length byte and so many) or made: PADI, a PADR
 * with the cookie got last, PADT, from one of four addresses in one of two
 * VLANs.
 */
struct world {
	struct pppoe_ac ac;
	int64_t now;
	uint8_t cookie[64];
	size_t cookielen;
	uint32_t slots; /* bits: sessions that are there, as we were told */
	uint32_t opens, ends;
};

static void
check(const struct world *k)
{
	uint32_t i, n = 0;

	for (i = 0; i < MAX; i++) {
		const struct pppoe_session *s = pppoe_ac_at(&k->ac, i);
		int there = s->state != PPPOE_FREE;

		n += (uint32_t)there;
		if (there != (int)(k->slots >> i & 1))
			__builtin_trap();
		if (there && (!s->sid || s->sid == 0xffff ||
				 pppoe_tab_sid(&k->ac.tab, s->sid) != s))
			__builtin_trap();
	}
	if (n != k->ac.tab.count || n > MAX)
		__builtin_trap();
}

static void
sent(struct world *k, const struct pppoe_ac_act *a)
{
	struct pppoe_disc d;
	struct pppoe p;
	struct eth e;

	if (eth_get(&e, a->frame, a->len) < 0 ||
	    pppoe_get(&p, e.body, e.len) < 0 || pppoe_disc_get(&d, &p) < 0 ||
	    memcmp(e.src, k->ac.conf.mac, 6) != 0)
		__builtin_trap();
	if (p.code == PPPOE_PADO) {
		if (d.cookie.len > sizeof(k->cookie))
			__builtin_trap();
		memcpy(k->cookie, d.cookie.p, d.cookie.len);
		k->cookielen = d.cookie.len;
	}
}

static void
drain(struct world *k)
{
	struct pppoe_ac_act a;
	uint32_t bit;

	while (pppoe_ac_next(&k->ac, &a)) {
		if (a.type == PPPOE_AC_SEND)
			sent(k, &a);
		if (a.type != PPPOE_AC_OPEN && a.type != PPPOE_AC_CLOSE)
			continue;
		bit = 1u << pppoe_ac_slot(&k->ac, a.s);
		if (!(k->slots & bit) != (a.type == PPPOE_AC_OPEN))
			__builtin_trap();
		k->slots ^= bit;
	}
	check(k);
}

static void
made(struct world *k, unsigned code, unsigned who, unsigned what)
{
	static const char *const names[4] = { "", "internet", "x", "" };
	uint8_t b[256];
	struct eth e = { .type = ETH_PPPOED };
	struct wr w;
	size_t hole;

	memcpy(e.dst, k->ac.conf.mac, 6);
	if (code == PPPOE_PADI)
		memset(e.dst, 0xff, 6);
	e.src[0] = 2;
	e.src[5] = who & 3;
	e.ntag = who >> 2 & 1;
	e.tag[0] = (struct eth_tag){ ETH_QTAG, (uint16_t)(who >> 3) };
	wr_init(&w, b, sizeof(b));
	eth_put(&w, &e);
	hole = pppoe_put(&w, code,
	    code == PPPOE_PADT ? pppoe_ac_at(&k->ac, what % MAX)->sid : 0);
	pppoe_tag_put(&w, PPPOE_SERVICE, pppoe_str(names[what & 3]));
	if (code == PPPOE_PADR)
		pppoe_tag_put(&w, PPPOE_COOKIE,
		    (struct pppoe_str){ k->cookie, k->cookielen });
	pppoe_end(&w, hole);
	pppoe_ac_input(&k->ac, k->now, b, wr_len(&w));
}

static void
data_frame(struct world *k, const struct pppoe_session *s, unsigned who)
{
	struct pppoe p = { PPPOE_SESSION, s->sid, NULL, 0 };
	struct eth e = { .type = ETH_PPPOES };
	struct pppoe_session *got;

	memcpy(e.dst, k->ac.conf.mac, 6);
	e.src[0] = 2;
	e.src[5] = who & 3;
	got = pppoe_ac_data(&k->ac, &e, &p);
	if (got &&
	    (got->state != PPPOE_UP || memcmp(got->c->mac, e.src, 6) != 0 ||
		eth_vlans(got->c->tag, got->c->ntag)))
		__builtin_trap();
	if (!got)
		pppoe_ac_stray(&k->ac, k->now, &e, &p);
}

static void
ours(struct world *k, unsigned op, struct pppoe_session *s)
{
	uint32_t bit = 1u << pppoe_ac_slot(&k->ac, s);
	int asked = s->state == PPPOE_ASKED;

	if (op == 0)
		pppoe_ac_accept(&k->ac, s);
	else if (op == 1) {
		pppoe_ac_refuse(&k->ac, s, PPPOE_AC_ERR, "no");
		k->slots &= asked ? ~bit : ~0u;
	} else {
		pppoe_ac_close(&k->ac, s, "bye");
		k->slots &= ~bit;
	}
}

static void
step(struct world *k, struct rd *r)
{
	unsigned op = rd_u8(r), x = rd_u8(r), y = rd_u8(r);
	struct pppoe_session *s = pppoe_ac_at(&k->ac, x % MAX);
	const uint8_t *p;

	k->now += y;
	switch (op % 9) {
	case 0:
		if ((p = rd_bytes(r, x)))
			pppoe_ac_input(&k->ac, k->now, p, x);
		break;
	case 1: made(k, PPPOE_PADI, x, y); break;
	case 2: made(k, PPPOE_PADR, x, y); break;
	case 3: made(k, PPPOE_PADT, x, y); break;
	case 4: data_frame(k, s, y); break;
	case 5: pppoe_ac_tick(&k->ac, k->now); break;
	case 6:
	case 7:
	case 8: ours(k, op % 9 - 6, s); break;
	}
	drain(k);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct world k;
	struct pppoe_ac_conf c = { .mac = { 2, 1, 1, 1, 1, 1 },
		.name = "fuzz",
		.service = { "internet", "voice" },
		.nservice = 2,
		.max = MAX,
		.max_payload = 1500 };
	struct rd r;
	void *mem;

	rd_init(&r, data, len);
	memset(&k, 0, sizeof(k));
	k.now = 1000;
	c.max_per_mac = rd_u8(&r) % 4;
	c.pado_delay = rd_u8(&r) % 3 * 20;
	c.padi_rate = rd_u8(&r) % 2 * 50;
	c.flags = rd_u8(&r) & (PPPOE_AC_ANY | PPPOE_AC_NO_BLANK);
	mem = calloc(1, pppoe_ac_size(&c));
	if (!mem)
		return 0;
	pppoe_ac_init(&k.ac, &c, mem);
	while (rd_left(&r))
		step(&k, &r);
	free(mem);
	return 0;
}
