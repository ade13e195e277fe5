/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pppoe_echo.h"

enum {
	NOTAG = 255,
};

void
pppoe_echo_init(struct pppoe_echo *c, const struct eth *e, const uint8_t us[6])
{
	memset(c, 0, sizeof(*c));
	memcpy(c->mac, e->src, 6);
	memcpy(c->us, us, 6);
	memcpy(c->tag, e->tag, sizeof(c->tag));
	c->ntag = (uint8_t)e->ntag;
}

int
pppoe_echo_save(struct pppoe_echo *c, const struct pppoe_disc *d)
{
	struct pppoe_str v[3] = { d->service, d->host_uniq, d->relay_id };
	uint8_t *n[3] = { &c->nservice, &c->nuniq, &c->nrelay };
	struct wr w;
	int i;

	wr_init(&w, c->b, sizeof(c->b));
	for (i = 0; i < 3; i++) {
		if (v[i].len)
			wr_bytes(&w, v[i].p, v[i].len);
		*n[i] = v[i].p ? (uint8_t)v[i].len : NOTAG;
	}
	return w.err ? -1 : 0;
}

static struct pppoe_str
part(const uint8_t **p, unsigned n)
{
	struct pppoe_str v = { NULL, 0 };

	if (n != NOTAG) {
		v.p = *p;
		v.len = n;
		*p += n;
	}
	return v;
}

void
pppoe_echo_head(struct wr *w, const struct pppoe_echo *c, unsigned type)
{
	struct eth e;

	memcpy(e.dst, c->mac, 6);
	memcpy(e.src, c->us, 6);
	memcpy(e.tag, c->tag, sizeof(e.tag));
	e.ntag = c->ntag;
	e.type = (uint16_t)type;
	eth_put(w, &e);
}

void
pppoe_echo_pado(
    struct wr *w, const struct pppoe_echo *c, const struct pppoe_offer *o)
{
	const uint8_t *p = c->b;
	struct pppoe_str name = part(&p, c->nservice), s;
	size_t hole;
	int i;

	pppoe_echo_head(w, c, ETH_PPPOED);
	hole = pppoe_put(w, PPPOE_PADO, 0);
	pppoe_tag_put(w, PPPOE_AC_NAME, pppoe_str(o->name));
	pppoe_tag_put(w, PPPOE_SERVICE, name);
	for (i = 0; i < o->nservice; i++) {
		s = pppoe_str(o->service[i]);
		if (!pppoe_str_is(name, s))
			pppoe_tag_put(w, PPPOE_SERVICE, s);
	}
	s.p = c->cookie;
	s.len = sizeof(c->cookie);
	pppoe_tag_put(w, PPPOE_COOKIE, s);
	pppoe_echo_put(w, PPPOE_HOST_UNIQ, part(&p, c->nuniq));
	pppoe_echo_put(w, PPPOE_RELAY_ID, part(&p, c->nrelay));
	pppoe_max_payload_put(w, c->max_payload);
	pppoe_end(w, hole);
}

void
pppoe_echo_pads(struct wr *w, const struct pppoe_echo *c, unsigned sid,
    struct pppoe_tag err)
{
	const uint8_t *p = c->b;
	size_t hole;

	pppoe_echo_head(w, c, ETH_PPPOED);
	hole = pppoe_put(w, PPPOE_PADS, sid);
	pppoe_tag_put(w, PPPOE_SERVICE, part(&p, c->nservice));
	if (err.type)
		pppoe_tag_put(w, err.type, err.v);
	pppoe_echo_put(w, PPPOE_HOST_UNIQ, part(&p, c->nuniq));
	pppoe_echo_put(w, PPPOE_RELAY_ID, part(&p, c->nrelay));
	pppoe_max_payload_put(w, sid ? c->max_payload : 0);
	pppoe_end(w, hole);
}

void
pppoe_echo_padt(struct wr *w, const struct pppoe_echo *c, unsigned sid,
    struct pppoe_tag err)
{
	size_t hole;

	pppoe_echo_head(w, c, ETH_PPPOED);
	hole = pppoe_put(w, PPPOE_PADT, sid);
	if (err.type)
		pppoe_tag_put(w, err.type, err.v);
	pppoe_end(w, hole);
}

int
pppoe_echo_is(const struct pppoe_echo *c, const struct eth *e)
{
	return !memcmp(c->mac, e->src, 6) &&
	       eth_vlans(c->tag, c->ntag) == eth_vlans(e->tag, e->ntag);
}
