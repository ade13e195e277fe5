/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "bng.h"
#include "lns.h"
#include "siphash.h"

int
lns_tunnel_init(struct lns *l, uint32_t max)
{
	l->max_tunnels = max < 256 ? 256 : max;
	/* an id rests for three others before it comes again; all of 65535
	 * would make floods of tunnels touch memory that they do not need */
	l->ids = l->max_tunnels < LNS_IDS / 4 ? (uint16_t)(4 * l->max_tunnels)
					      : LNS_IDS;
	l->tunnel = calloc(l->ids + 1U, sizeof(struct lns_tunnel *));
	l->order = calloc(l->ids, sizeof(*l->order));
	l->mem[0] = calloc(1, timers_size(l->ids + 1U));
	if (!l->tunnel || !l->order || !l->mem[0])
		return -1;
	timers_init(&l->tunnel_timers, l->ids + 1U, l->mem[0]);
	/* besides, peers of an LNS that was killed go on to send to its
	 * tunnels for a while, and must not meet others' there */
	siphash_shuffle(l->key, l->order, l->ids);
	return 0;
}

static uint32_t
hash(const struct lns *l, const union sock_addr *peer, uint16_t ptid)
{
	uint8_t b[sizeof(*peer) + 2] = { 0 };

	memcpy(b, peer, sock_addrlen(peer));
	memcpy(b + sizeof(*peer), &ptid, 2);
	return (uint32_t)siphash(l->key, b, sizeof(b));
}

struct lns_tunnel *
lns_tunnel_asked(const struct lns *l, const union sock_addr *peer,
    uint16_t ptid, unsigned below)
{
	uint32_t h = hash(l, peer, ptid);
	struct lns_tunnel *t;

	for (t = l->hash[h % 256]; t; t = t->next_hash)
		if (t->hash == h && t->cc.ptid == ptid && t->cc.state < below &&
		    addr_same(&t->path.peer.sa, &peer->sa))
			break;
	return t;
}

static uint16_t
new_id(struct lns *l)
{
	uint16_t id;

	do {
		id = l->order[l->next_id];
		l->next_id = (uint16_t)((l->next_id + 1) % l->ids);
	} while (l->tunnel[id]);
	return id;
}

/* the line of those from that host (its port does not matter) */
static struct lns_line *
line_of(struct lns *l, const union sock_addr *peer)
{
	const int six = peer->sa.sa_family == AF_INET6;
	/* of IPv6 the network: a host has all addresses of it */
	const void *a = six ? (const void *)&peer->in6.sin6_addr
			    : (const void *)&peer->in.sin_addr;

	return &l->line[siphash(l->key, a, six ? 8 : 4) % LNS_LINES];
}

static void
enter(struct lns_tunnel *t, struct lns_line *q)
{
	t->line = q;
	t->older = q->last;
	t->newer = NULL;
	if (q->last)
		q->last->newer = t;
	else
		q->first = t;
	q->last = t;
	q->n++;
}

void
lns_tunnel_stands(struct lns *l, struct lns_tunnel *t)
{
	struct lns_line *q = t->line;

	if (!q)
		return;
	l->waiting -= q != &l->over;
	if (t->older)
		t->older->newer = t->newer;
	else
		q->first = t->newer;
	if (t->newer)
		t->newer->older = t->older;
	else
		q->last = t->older;
	t->line = NULL;
	q->n--;
}

/* one that never stood waits on where it is */
void
lns_tunnel_over(struct lns *l, struct lns_tunnel *t)
{
	if (!t->line)
		enter(t, &l->over);
}

/*
 * Anyone can ask for tunnels, from any address, and each is kept until its
 * peer is given up. When there are too many the oldest goes of those that only
 * acknowledge, or else of those that never stood, of the line that has most: a
 * flood from one host is at the expense of its own, one from all leaves a peer
 * the time to answer that as many others take to come.
 */
static int
make_room(struct lns *l)
{
	struct lns_line *q = l->line;
	int i;

	if (l->waiting < LNS_WAITING && l->ntunnels < l->max_tunnels)
		return 1;
	if (l->waiting < LNS_WAITING && l->over.first) {
		lns_tunnel_free(l, l->over.first);
		return 1;
	}
	for (i = 1; i < LNS_LINES; i++)
		if (l->line[i].n > q->n)
			q = &l->line[i];
	if (!q->first)
		return 0;
	l->forgotten++;
	lns_tunnel_free(l, q->first);
	return 1;
}

struct lns_tunnel *
lns_tunnel_new(struct lns *l, const struct sock_path *path, uint16_t ptid)
{
	struct l2tp_cc_mem mem = { NULL, NULL, LNS_TX, LNS_RX };
	struct lns_tunnel *t;
	uint8_t random[32];

	if (l->bng->stopping || getentropy(random, sizeof(random)) < 0 ||
	    !make_room(l))
		return NULL;
	t = calloc(1, sizeof(*t));
	if (!t || !(t->slots = calloc(LNS_TX + LNS_RX, sizeof(*t->slots)))) {
		free(t);
		return NULL;
	}
	mem.tx = t->slots;
	mem.rx = t->slots + LNS_TX;
	t->id = new_id(l);
	t->path = *path;
	l->tunnel[t->id] = t;
	l->ntunnels++;
	enter(t, line_of(l, &path->peer));
	l->waiting++;
	t->hash = hash(l, &path->peer, ptid);
	t->next_hash = l->hash[t->hash % 256];
	l->hash[t->hash % 256] = t;
	l2tp_cc_init(&t->cc, &l->conf, &mem, random);
	l2tp_cc_listen(&t->cc, t->id);
	return t;
}

void
lns_tunnel_free(struct lns *l, struct lns_tunnel *t)
{
	struct lns_tunnel **p = &l->hash[t->hash % 256];

	while (*p != t)
		p = &(*p)->next_hash;
	*p = t->next_hash;
	for (p = &l->dirty; t->dirty && *p; p = &(*p)->next_dirty)
		if (*p == t) {
			*p = t->next_dirty;
			break;
		}
	lns_tunnel_stands(l, t);
	timers_set(&l->tunnel_timers, t->id, -1);
	l->tunnel[t->id] = NULL;
	l->ntunnels--;
	free(t->slots);
	free(t);
}
