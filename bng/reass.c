/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "ip.h"
#include "ip4.h"
#include "reass.h"

enum { HEAD = 60, LONGEST = 65535, UNITS = 8192 /* of 8 bytes */ };

#define DATA ((size_t)LONGEST - IP4_HEAD)

struct packet {
	int64_t since; /* -1: free */
	uint32_t src, dst;
	uint16_t id;
	uint8_t proto;
	size_t hlen;  /* of the first fragment, 0: it is missing */
	size_t total; /* bytes of data, 0: the last one is missing */
	size_t end;   /* of those that have come */
	size_t units; /* that have come, a bit each: */
	uint8_t have[UNITS / 8];
	uint8_t head[HEAD];
	uint8_t b[REASS_ROOM + HEAD + LONGEST];
};

struct reass {
	struct packet p[REASS_PACKETS];
};

struct reass *
reass_new(void)
{
	struct reass *r = calloc(1, sizeof(*r));
	int i;

	for (i = 0; r && i < REASS_PACKETS; i++)
		r->p[i].since = -1;
	return r;
}

void
reass_free(struct reass *r)
{
	free(r);
}

static int
is_live(const struct packet *p, int64_t now)
{
	return p->since >= 0 && now - p->since < REASS_LIFE;
}

/* how many of them are of the sender of p */
static unsigned
senders(const struct reass *r, const struct packet *p)
{
	const struct packet *q;
	unsigned n = 0;

	for (q = r->p; q < r->p + REASS_PACKETS; q++)
		n += q->src == p->src;
	return n;
}

/* a place for one more: free, or of the oldest of the sender that has most */
static struct packet *
place(struct reass *r, int64_t now)
{
	struct packet *p, *gone = r->p;
	unsigned n, most = 0;

	for (p = r->p; p < r->p + REASS_PACKETS; p++)
		if (!is_live(p, now))
			return p;
	for (p = r->p; p < r->p + REASS_PACKETS; p++) {
		n = senders(r, p);
		if (n < most || (n == most && p->since >= gone->since))
			continue;
		most = n;
		gone = p;
	}
	return gone;
}

/* the packet that it is of, or a new one */
static struct packet *
find(struct reass *r, int64_t now, const struct ip4 *h)
{
	struct packet *p;

	for (p = r->p; p < r->p + REASS_PACKETS; p++)
		if (is_live(p, now) && p->id == h->id && p->src == h->src &&
		    p->dst == h->dst && p->proto == h->proto)
			return p;
	p = place(r, now);
	memset(p, 0, offsetof(struct packet, head));
	p->since = now;
	p->id = h->id;
	p->src = h->src;
	p->dst = h->dst;
	p->proto = h->proto;
	return p;
}

static void
mark(struct packet *p, size_t from, size_t to)
{
	for (; from < to; from++) {
		p->units += !(p->have[from / 8] >> from % 8 & 1);
		p->have[from / 8] |= (uint8_t)(1U << from % 8);
	}
}

static uint8_t *
finish(struct packet *p, size_t *whole)
{
	uint8_t *ip = p->b + REASS_ROOM + HEAD - p->hlen;

	if (!p->hlen || !p->total || p->units != (p->total + 7) / 8 ||
	    p->hlen + p->total > LONGEST)
		return NULL;
	p->since = -1;
	*whole = p->hlen + p->total;
	memcpy(ip, p->head, p->hlen);
	ip4_finish(ip, p->hlen, *whole, 0);
	return ip;
}

uint8_t *
reass_add(
    struct reass *r, int64_t now, const uint8_t *p, size_t len, size_t *whole)
{
	struct packet *k;
	struct ip4 h;
	size_t off, n;

	if (ip4_get(&h, p, len) < 0 || h.len <= h.hlen)
		return NULL;
	off = (size_t)(h.off & IP_FRAG_OFF) * 8;
	n = h.len - h.hlen;
	if (off > DATA || n > DATA - off || (h.off & IP_FRAG_MORE && n % 8))
		return NULL;
	k = find(r, now, &h);
	if (k->end < off + n)
		k->end = off + n;
	if (!(h.off & IP_FRAG_MORE) && !k->total)
		k->total = off + n;
	if (k->total && k->end > k->total) { /* of no packet that there is */
		k->since = -1;
		return NULL;
	}
	memcpy(k->b + REASS_ROOM + HEAD + off, p + h.hlen, n);
	mark(k, off / 8, (off + n + 7) / 8);
	if (!off) {
		k->hlen = h.hlen;
		memcpy(k->head, p, h.hlen);
	}
	return finish(k, whole);
}
