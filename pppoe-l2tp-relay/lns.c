/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "relay.h"

enum {
	PENALTY = 5000, /* ms that a dead LNS is left alone, doubling */
	PENALTY_MAX = 60000,
	FRESH = 1000, /* an answer of the resolver serves that long */
};

int
lns_add(struct relay *r, const char *name, const char **why)
{
	struct lns *l = &r->lns[r->nlns];
	struct sockaddr_storage ss;
	socklen_t len;

	l->name = name;
	l->port = L2TP_PORT;
	l->bit = 1u << r->nlns;
	l->asked = l->last_failure = -1;
	if (addr_server(name, l->host, sizeof(l->host), &l->port) < 0) {
		*why = "not HOST or HOST:PORT";
		return -1;
	}
	if (addr_sock(name, L2TP_PORT, &ss, &len) == 0) {
		memcpy(&l->addr[0], &ss, sizeof(l->addr[0]));
		l->numeric = l->naddr = 1;
	}
	r->nlns++;
	return 0;
}

/* is a better than b for a new call? */
static int
better(const struct relay *r, const struct lns *a, const struct lns *b)
{
	int dead_a = a->dead_until > r->now, dead_b = b->dead_until > r->now;

	if (dead_a != dead_b)
		return dead_b;
	if (dead_a)
		return a->dead_until < b->dead_until;
	/* calls that it refused count as well: it has few, and draws all */
	return r->conf->balance &&
	       a->calls + a->refused < b->calls + b->refused;
}

struct lns *
lns_pick(struct relay *r, uint32_t tried)
{
	struct lns *l, *best = NULL;
	int i;

	for (i = 0; i < r->nlns; i++) {
		l = &r->lns[i];
		if (l->bit & tried)
			continue;
		/* when all are dead one is tried all the same, but not more
		 * often than once a second */
		if (l->dead_until > r->now && r->now - l->last_failure < 1000)
			continue;
		if (!best || better(r, l, best))
			best = l;
	}
	return best;
}

void
lns_ready(struct lns *l)
{
	l->failed = 0;
	l->penalty = 0;
	l->dead_until = 0;
	l->connects++;
}

void
lns_failed(struct relay *r, struct lns *l, const char *why)
{
	snprintf(l->why, sizeof(l->why), "%s", why);
	l->failures++;
	l->failed++;
	if (l->naddr)
		l->at = (l->at + 1) % l->naddr;
	if (l->failed < l->naddr)
		return;
	l->failed = 0;
	l->penalty = l->penalty ? l->penalty * 2 : PENALTY;
	if (l->penalty > PENALTY_MAX)
		l->penalty = PENALTY_MAX;
	l->dead_until = r->now + l->penalty;
	l->last_failure = r->now;
	/* what waits for it need not each find out by itself */
	while (l->waiting)
		tunnel_fail(r, l->waiting, l->why);
}

/*
 * Opens the next tunnel that waits, one at a time: an LNS may take a second
 * SCCRQ from our port for the first one repeated (l2tpns does).
 */
static void
open_next(struct relay *r, struct lns *l)
{
	struct tunnel *t = l->waiting;

	if (!t || l->opening || l->asking)
		return;
	if (!(l->waiting = t->next))
		l->waiting_last = NULL;
	t->next = NULL;
	l->opening = t;
	tunnel_open(r, t);
}

/* the tunnel is not in set-up any more */
void
lns_settled(struct relay *r, struct tunnel *t)
{
	struct tunnel *p, *last = NULL;

	for (p = t->lns->waiting; !t->opened && p; last = p, p = p->next)
		if (p == t) {
			if (last)
				last->next = t->next;
			else
				t->lns->waiting = t->next;
			if (t->lns->waiting_last == t)
				t->lns->waiting_last = last;
			break;
		}
	if (t->lns->opening != t)
		return;
	t->lns->opening = NULL;
	open_next(r, t->lns);
}

/* opens the tunnel as soon as the LNS has an address and is free; -1: it
 * cannot have one */
int
lns_wait(struct relay *r, struct tunnel *t)
{
	struct lns *l = t->lns;
	int known = l->numeric || (l->naddr && l->asked >= 0 &&
				      (l->failed || r->now - l->asked < FRESH));

	if (!known && !l->asking) {
		if (resolve_ask(r->resolver, (unsigned)(l - r->lns), l->host) ==
		    0)
			l->asking = 1;
		else if (!l->naddr)
			return -1;
	}
	if (l->waiting)
		l->waiting_last->next = t;
	else
		l->waiting = t;
	l->waiting_last = t;
	open_next(r, l);
	return 0;
}

void
lns_answer(struct relay *r, unsigned i, const union sock_addr *a, int n)
{
	struct lns *l = &r->lns[i];
	int k;

	l->asking = 0;
	l->asked = r->now;
	if (n) {
		memcpy(l->addr, a, (size_t)n * sizeof(*a));
		for (k = 0; k < n; k++)
			sock_setport(&l->addr[k], l->port);
		l->naddr = n;
		l->at %= n;
	}
	if (!l->naddr)
		lns_failed(r, l, "its name is not found");
	open_next(r, l); /* an old address is better than none */
}
