/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pppoe_host.h"

static const uint8_t everyone[6] = { 255, 255, 255, 255, 255, 255 };

void
pppoe_host_init(struct pppoe_host *h, const struct pppoe_host_conf *conf,
    const uint8_t mac[6], uint32_t uniq)
{
	memset(h, 0, sizeof(*h));
	h->conf = conf;
	h->uniq = uniq;
	h->deadline = -1;
	memcpy(h->mac, mac, 6);
}

/* the only place that changes the state */
static void
setstate(struct pppoe_host *h, unsigned next)
{
	h->state = (uint8_t)next;
	h->tries = 0;
	h->deadline = -1;
}

static void
header(const struct pppoe_host *h, struct wr *w, const uint8_t dst[6],
    unsigned type)
{
	wr_bytes(w, dst, 6);
	wr_bytes(w, h->mac, 6);
	wr_u16(w, type);
}

static struct pppoe_str
uniq(const struct pppoe_host *h, uint8_t b[4])
{
	struct wr w;

	wr_init(&w, b, 4);
	wr_u32(&w, h->uniq);
	return (struct pppoe_str){ b, 4 };
}

/* PADI or PADR */
static void
ask(struct pppoe_host *h, int64_t now, struct wr *w)
{
	const int padi = h->state == PPPOE_HOST_LOOKING;
	uint8_t b[4];
	size_t hole;

	header(h, w, padi ? everyone : h->ac, ETH_PPPOED);
	hole = pppoe_put(w, padi ? PPPOE_PADI : PPPOE_PADR, 0);
	pppoe_tag_put(w, PPPOE_SERVICE, pppoe_str(h->conf->service));
	pppoe_tag_put(w, PPPOE_HOST_UNIQ, uniq(h, b));
	pppoe_max_payload_put(w, h->conf->max_payload);
	if (!padi && h->has_cookie)
		pppoe_tag_put(w, PPPOE_COOKIE,
		    (struct pppoe_str){ h->cookie, h->cookielen });
	if (!padi && h->has_relay)
		pppoe_tag_put(w, PPPOE_RELAY_ID,
		    (struct pppoe_str){ h->relay, h->relaylen });
	pppoe_end(w, hole);
	h->deadline = now + ((int64_t)h->conf->retry << h->tries++);
}

void
pppoe_host_start(struct pppoe_host *h, int64_t now, struct wr *w)
{
	setstate(h, PPPOE_HOST_LOOKING);
	ask(h, now, w);
}

/* 1 when kept; 0: it is too long for us */
static int
keep(struct pppoe_str s, uint8_t *has, uint8_t *len, uint8_t *to)
{
	*has = s.p != NULL;
	if (!s.p)
		return 1;
	if (s.len > PPPOE_HOST_COOKIE)
		return 0;
	*len = (uint8_t)s.len;
	memcpy(to, s.p, s.len);
	return 1;
}

/* section 5.2: a concentrator offers; the first that suits is taken */
static void
got_offer(struct pppoe_host *h, const struct eth *e, const struct pppoe_disc *d)
{
	const char *name = h->conf->ac_name;

	if (d->error.type ||
	    (name && !pppoe_str_is(d->ac_name, pppoe_str(name))))
		return;
	if (!keep(d->cookie, &h->has_cookie, &h->cookielen, h->cookie) ||
	    !keep(d->relay_id, &h->has_relay, &h->relaylen, h->relay))
		return;
	memcpy(h->ac, e->src, 6);
	setstate(h, PPPOE_HOST_ASKING);
}

static enum pppoe_host_event
got_session(
    struct pppoe_host *h, const struct pppoe *p, const struct pppoe_disc *d)
{
	if (!p->sid || d->error.type) {
		setstate(h, PPPOE_HOST_OVER);
		return PPPOE_HOST_REFUSED;
	}
	setstate(h, PPPOE_HOST_UP);
	h->sid = p->sid;
	h->max_payload = d->max_payload;
	if (h->max_payload > h->conf->max_payload)
		h->max_payload = h->conf->max_payload;
	return PPPOE_HOST_OPENED;
}

enum pppoe_host_event
pppoe_host_input(
    struct pppoe_host *h, int64_t now, const struct eth *e, struct wr *w)
{
	struct pppoe_disc d;
	struct pppoe p;
	uint8_t b[4];

	if (pppoe_get(&p, e->body, e->len) < 0 || pppoe_disc_get(&d, &p) < 0)
		return PPPOE_HOST_NOTHING;
	if (p.code == PPPOE_PADT) {
		if (h->state != PPPOE_HOST_UP || p.sid != h->sid ||
		    memcmp(e->src, h->ac, 6) != 0)
			return PPPOE_HOST_NOTHING;
		setstate(h, PPPOE_HOST_OVER);
		return PPPOE_HOST_CLOSED;
	}
	if (!pppoe_str_is(d.host_uniq, uniq(h, b)))
		return PPPOE_HOST_NOTHING;
	if (p.code == PPPOE_PADO && h->state == PPPOE_HOST_LOOKING) {
		got_offer(h, e, &d);
		if (h->state == PPPOE_HOST_ASKING)
			ask(h, now, w);
	}
	if (p.code == PPPOE_PADS && h->state == PPPOE_HOST_ASKING &&
	    memcmp(e->src, h->ac, 6) == 0)
		return got_session(h, &p, &d);
	return PPPOE_HOST_NOTHING;
}

enum pppoe_host_event
pppoe_host_tick(struct pppoe_host *h, int64_t now, struct wr *w)
{
	if (h->deadline < 0 || now < h->deadline)
		return PPPOE_HOST_NOTHING;
	if (h->tries < h->conf->tries) {
		ask(h, now, w);
		return PPPOE_HOST_NOTHING;
	}
	setstate(h, PPPOE_HOST_OVER);
	return PPPOE_HOST_TIMEOUT;
}

void
pppoe_host_close(struct pppoe_host *h, struct wr *w)
{
	uint8_t b[4];
	size_t hole;

	if (h->state == PPPOE_HOST_UP) {
		header(h, w, h->ac, ETH_PPPOED);
		hole = pppoe_put(w, PPPOE_PADT, h->sid);
		pppoe_tag_put(w, PPPOE_HOST_UNIQ, uniq(h, b));
		pppoe_end(w, hole);
	}
	setstate(h, PPPOE_HOST_OVER);
}

void
pppoe_host_head(const struct pppoe_host *h, struct wr *w, size_t len)
{
	header(h, w, h->ac, ETH_PPPOES);
	wr_fill16(w, pppoe_put(w, PPPOE_SESSION, h->sid), len);
}
