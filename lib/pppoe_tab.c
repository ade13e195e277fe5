/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "pppoe_tab.h"

/* in the tables and lists 0 is none and i + 1 is entry i */
struct pppoe_peer {
	uint64_t id;
	uint32_t n, next;
};

static size_t
up8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

static uint32_t
buckets(uint32_t max)
{
	uint32_t n = 16;

	while (n < max)
		n *= 2;
	return n;
}

size_t
pppoe_tab_size(uint32_t max)
{
	return PPPOE_TAB_ALIGN + max * sizeof(struct pppoe_session) +
	       up8(max * sizeof(struct pppoe_peer)) +
	       up8(max * sizeof(struct pppoe_echo)) +
	       3 * (size_t)buckets(max) * sizeof(uint32_t);
}

void
pppoe_tab_init(struct pppoe_tab *t, uint32_t max, void *mem, uint16_t sid)
{
	uint32_t i, nb = buckets(max);
	struct pppoe_echo *echo;
	uint8_t *m = mem;

	memset(t, 0, sizeof(*t));
	m += -(uintptr_t)m % PPPOE_TAB_ALIGN;
	t->s = (void *)m;
	m += max * sizeof(*t->s);
	t->peer = (void *)m;
	m += up8(max * sizeof(*t->peer));
	echo = (void *)m;
	m += up8(max * sizeof(*echo));
	t->by_sid = (void *)m;
	t->by_cookie = t->by_sid + nb;
	t->by_peer = t->by_cookie + nb;
	t->mask = nb - 1;
	for (i = 0; i < max; i++) {
		t->s[i].next_sid = t->peer[i].next = i + 1 < max ? i + 2 : 0;
		t->s[i].c = echo + i;
	}
	t->free_first = t->peer_free = 1;
	t->free_last = t->max = max;
	t->sid = sid;
}

static uint32_t *
peer_at(const struct pppoe_tab *t, uint64_t id)
{
	uint32_t *at = &t->by_peer[id & t->mask];

	while (*at && t->peer[*at - 1].id != id)
		at = &t->peer[*at - 1].next;
	return at;
}

uint32_t
pppoe_tab_clients(const struct pppoe_tab *t, uint64_t id)
{
	uint32_t i = *peer_at(t, id);

	return i ? t->peer[i - 1].n : 0;
}

static void
peer_add(struct pppoe_tab *t, uint64_t id)
{
	uint32_t *at = peer_at(t, id), i = *at;

	if (!i) {
		i = t->peer_free;
		t->peer_free = t->peer[i - 1].next;
		t->peer[i - 1].id = id;
		t->peer[i - 1].n = 0;
		t->peer[i - 1].next = 0;
		*at = i;
	}
	t->peer[i - 1].n++;
}

static void
peer_del(struct pppoe_tab *t, uint64_t id)
{
	uint32_t *at = peer_at(t, id), i = *at;

	if (!i || --t->peer[i - 1].n)
		return;
	*at = t->peer[i - 1].next;
	t->peer[i - 1].next = t->peer_free;
	t->peer_free = i;
}

/* the cookie ends in a keyed hash: its bytes are as good as random */
static uint32_t *
cookie_at(const struct pppoe_tab *t, const uint8_t *c)
{
	uint32_t h = (uint32_t)c[8] << 24 | (uint32_t)c[9] << 16 |
		     (uint32_t)c[10] << 8 | c[11];

	return &t->by_cookie[h & t->mask];
}

struct pppoe_session *
pppoe_tab_cookie(const struct pppoe_tab *t, uint64_t id,
    const uint8_t cookie[PPPOE_COOKIE_LEN])
{
	uint32_t i = *cookie_at(t, cookie);
	struct pppoe_session *s;

	for (; i; i = s->next_cookie) {
		s = &t->s[i - 1];
		if (s->id == id &&
		    !memcmp(s->c->cookie, cookie, PPPOE_COOKIE_LEN))
			return s;
	}
	return NULL;
}

struct pppoe_session *
pppoe_tab_sid(const struct pppoe_tab *t, unsigned sid)
{
	uint32_t i = t->by_sid[sid & t->mask];

	while (i && t->s[i - 1].sid != sid)
		i = t->s[i - 1].next_sid;
	return i ? &t->s[i - 1] : NULL;
}

/* the next number that is nobody's, not 0 and not 0xffff (RFC 2516 sec. 4) */
static uint16_t
new_sid(struct pppoe_tab *t)
{
	do
		t->sid = t->sid >= PPPOE_TAB_MAX ? 1 : t->sid + 1;
	while (pppoe_tab_sid(t, t->sid));
	return t->sid;
}

struct pppoe_session *
pppoe_tab_add(struct pppoe_tab *t, uint64_t id, const struct pppoe_echo *c)
{
	struct pppoe_session *s;
	uint32_t i = t->free_first, *at;

	if (!i)
		return NULL;
	s = &t->s[i - 1];
	t->free_first = s->next_sid;
	if (!t->free_first)
		t->free_last = 0;
	s->sid = new_sid(t);
	s->state = PPPOE_ASKED;
	*s->c = *c;
	s->id = id;
	at = &t->by_sid[s->sid & t->mask];
	s->next_sid = *at;
	*at = i;
	at = cookie_at(t, c->cookie);
	s->next_cookie = *at;
	*at = i;
	peer_add(t, id);
	t->count++;
	return s;
}

void
pppoe_tab_del(struct pppoe_tab *t, struct pppoe_session *s)
{
	uint32_t i = (uint32_t)(s - t->s) + 1;
	uint32_t *at = &t->by_sid[s->sid & t->mask];

	if (s->state == PPPOE_FREE)
		return;
	while (*at != i)
		at = &t->s[*at - 1].next_sid;
	*at = s->next_sid;
	for (at = cookie_at(t, s->c->cookie); *at != i;)
		at = &t->s[*at - 1].next_cookie;
	*at = s->next_cookie;
	peer_del(t, s->id);
	s->state = PPPOE_FREE;
	s->next_sid = 0;
	/* to the end of the free list: old ids and slots rest */
	if (t->free_last)
		t->s[t->free_last - 1].next_sid = i;
	else
		t->free_first = i;
	t->free_last = i;
	t->count--;
}
