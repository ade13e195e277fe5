/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "bng.h"
#include "dns6.h"
#include "subs.h"

enum {
	ROOM = 1500,
};

static const uint32_t stand_in = 0xf0400000; /* 240.64.0.0 */

/* how many of a group wait for their answers with q, of its subscriber */
static unsigned
senders(const struct dns6_question *group, const struct dns6_question *q)
{
	unsigned i, n = 0;

	for (i = 0; i < DNS6_ASKED; i++)
		n += group[i].port && group[i].slot == q->slot;
	return n;
}

/* where another question can stand: what was answered rests longest */
static struct dns6_question *
place(struct dns6_question *group)
{
	struct dns6_question *q, *gone = group;
	unsigned n, most = 0;

	for (q = group; q < group + DNS6_ASKED; q++) {
		n = q->port ? senders(group, q) : DNS6_ASKED + 1;
		if (n < most || (n == most && q->nr >= gone->nr))
			continue;
		most = n;
		gone = q;
	}
	return gone;
}

void
dns6_ask(struct bng *b, struct sub *s, const struct ip *ip, const struct udp *u)
{
	const uint32_t group = subs_slot(b, s) % DNS6_GROUPS;
	struct dns6_question *q = place(&b->dns6.q[group * DNS6_ASKED]);
	struct ip out = { .version = 4, .ttl = 64, .proto = IP_UDP };
	struct udp ask = { u->sport, 53, u->body, u->len };
	uint8_t buf[NAT_HEAD + ROOM];
	struct wr w;

	q->nr = b->dns6.nr++;
	q->slot = subs_slot(b, s);
	q->serial = s->serial;
	q->port = u->sport;
	memcpy(q->from, ip->src, 16);
	memcpy(q->to, ip->dst, 16);
	ip_put4(out.src, stand_in | (uint32_t)(q - b->dns6.q));
	ip_put4(out.dst, b->dns[0]);
	wr_init(&w, buf + NAT_HEAD, ROOM);
	udp_put(&w, &out, &ask);
	if (!w.err)
		nat_input(&b->nat, s->nat, buf + NAT_HEAD, wr_len(&w));
}

int
dns6_answer(struct bng *b, const uint8_t *p, size_t len)
{
	struct dns6_question *q;
	struct ip in, out = { .version = 6, .ttl = 64, .proto = IP_UDP };
	struct sub *s;
	struct udp u;
	struct wr w;
	uint32_t n;

	if (len < 20 || p[0] >> 4 != 4 || p[16] != 240 || ip_get(&in, p, len))
		return 0;
	n = ip_get4(in.dst) - stand_in;
	if (n >= DNS6_GROUPS * DNS6_ASKED)
		return 0;
	q = &b->dns6.q[n];
	s = &b->subs.s[q->slot];
	if (udp_get(&u, &in) < 0 || u.sport != 53 || u.dport != q->port ||
	    !s->up6 || s->serial != q->serial)
		return 1;
	memcpy(out.src, q->to, 16);
	memcpy(out.dst, q->from, 16);
	wr_init(&w, subs_room(b, s), s->mtu6);
	udp_put(&w, &out, &u);
	if (!w.err)
		subs_commit(b, s, PPP_IP6, wr_len(&w));
	q->port = 0;
	return 1;
}
