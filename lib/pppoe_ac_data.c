/* limen: ISC licence, see LICENSE */
/* the short way of session frames, which each packet goes */
#include <string.h>

#include "pppoe_ac.h"

int32_t
pppoe_ac_ahead(const struct pppoe_ac *ac, const uint8_t *f, size_t len)
{
	const struct pppoe_tab *t = &ac->tab;
	uint32_t i;

	if (len < PPPOE_AC_PLAIN ||
	    !(i = t->by_sid[(uint32_t)(f[16] << 8 | f[17]) & t->mask]))
		return -1;
	__builtin_prefetch(&t->s[i - 1]);
	return (int32_t)i - 1;
}

struct pppoe_session *
pppoe_ac_plain(
    const struct pppoe_ac *ac, const uint8_t *f, size_t len, size_t *n)
{
	static const uint8_t head[4] = { ETH_PPPOES >> 8, ETH_PPPOES & 0xff,
		0x11, PPPOE_SESSION };
	struct pppoe_session *s;

	if (len < PPPOE_AC_PLAIN || memcmp(f + 12, head, sizeof(head)) != 0)
		return NULL;
	*n = (size_t)(f[18] << 8 | f[19]);
	if (*n > len - PPPOE_AC_PLAIN)
		return NULL;
	s = pppoe_tab_sid(&ac->tab, (unsigned)(f[16] << 8 | f[17]));
	if (!s || s->state != PPPOE_UP || s->headlen != PPPOE_AC_PLAIN ||
	    memcmp(f, s->head + 6, 6) != 0 || memcmp(f + 6, s->head, 6) != 0)
		return NULL;
	return s;
}

struct pppoe_session *
pppoe_ac_data(struct pppoe_ac *ac, const struct eth *e, const struct pppoe *p)
{
	struct pppoe_session *s = pppoe_tab_sid(&ac->tab, p->sid);

	if (!s || s->state != PPPOE_UP || p->code != PPPOE_SESSION ||
	    memcmp(e->dst, ac->conf.mac, 6) != 0 || !pppoe_echo_is(s->c, e))
		return NULL;
	return s;
}

size_t
pppoe_ac_headlen(const struct pppoe_session *s)
{
	return s->headlen;
}

size_t
pppoe_ac_head(const struct pppoe_session *s, uint8_t *dst, size_t len)
{
	memcpy(dst, s->head, s->headlen);
	dst[s->headlen - 2] = (uint8_t)(len >> 8);
	dst[s->headlen - 1] = (uint8_t)len;
	return s->headlen;
}

uint32_t
pppoe_ac_slot(const struct pppoe_ac *ac, const struct pppoe_session *s)
{
	return (uint32_t)(s - ac->tab.s);
}

struct pppoe_session *
pppoe_ac_at(const struct pppoe_ac *ac, uint32_t slot)
{
	return slot < ac->tab.max ? &ac->tab.s[slot] : NULL;
}
