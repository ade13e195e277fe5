/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "dhcp6.h"
#include "siphash.h"

enum {
	IAS = 8, /* of each kind that are looked at */
	NO_ADDRS = 2,
	NO_BINDING = 3,
	NO_PREFIX = 6,
	NOT_ON_LINK = 4,
	DUID_LEN = 10,
};

struct ia {
	unsigned type;
	uint32_t iaid;
	struct rd options;
};

struct request {
	uint8_t type;
	uint8_t id[3];
	const uint8_t *client;
	size_t clientlen;
	uint64_t who; /* a hash of client */
	int server;   /* 0 none, 1 ours, -1 another's */
	int rapid;
	struct ia ia[2 * IAS];
	int nia;
};

/* what an answer is made from, and what it leaves behind */
struct reply {
	const struct request *q;
	const struct dhcp6_offer *o;
	struct dhcp6_lease *lease;
	struct dhcp6_log *log;
};

static void
duid(uint8_t b[DUID_LEN], const struct dhcp6_offer *o)
{
	static const uint8_t ll[4] = { 0, 3, 0, 1 }; /* DUID-LL, Ethernet */

	memcpy(b, ll, sizeof(ll));
	memcpy(b + sizeof(ll), o->mac, 6);
}

/* the type of the next option in r; o is what it holds */
static unsigned
next(struct rd *r, struct rd *o)
{
	const unsigned type = rd_u16(r);

	*o = rd_sub(r, rd_u16(r));
	return type;
}

static void
take_ia(struct request *q, unsigned type, struct rd *r)
{
	struct ia *ia = &q->ia[q->nia];

	if (q->nia == 2 * IAS)
		return;
	ia->type = type;
	ia->iaid = rd_u32(r);
	if (type != DHCP6_IA_TA)
		rd_skip(r, 8); /* T1 and T2: hints of the client's */
	ia->options = *r;
	if (!r->err)
		q->nia++;
}

static void
option(
    struct request *q, unsigned type, struct rd *r, const struct dhcp6_offer *o)
{
	uint8_t own[DUID_LEN];

	switch (type) {
	case DHCP6_CLIENTID:
		q->clientlen = rd_left(r);
		q->client = rd_bytes(r, q->clientlen);
		break;
	case DHCP6_SERVERID:
		duid(own, o);
		q->server =
		    rd_left(r) == DUID_LEN && !memcmp(r->p, own, DUID_LEN) ? 1
									   : -1;
		break;
	case DHCP6_RAPID: q->rapid = 1; break;
	case DHCP6_IA_NA:
	case DHCP6_IA_TA:
	case DHCP6_IA_PD: take_ia(q, type, r); break;
	}
}

static int
parse(
    struct request *q, const void *msg, size_t len, const struct dhcp6_offer *o)
{
	static const uint8_t key[16];
	struct rd r, sub;
	unsigned type;

	memset(q, 0, sizeof(*q));
	rd_init(&r, msg, len);
	q->type = rd_u8(&r);
	rd_copy(&r, q->id, 3);
	while (rd_left(&r)) {
		type = next(&r, &sub);
		if (r.err)
			return -1;
		option(q, type, &sub, o);
	}
	if (q->client)
		q->who = siphash(key, q->client, q->clientlen);
	/* a DUID is of 1 to 128 bytes and a type (RFC 8415 section 11.1) */
	return r.err || q->clientlen > 130 ? -1 : 0;
}

/* section 16: who must name a client, a server, or no server */
static int
valid(const struct request *q)
{
	switch (q->type) {
	case DHCP6_SOLICIT:
	case DHCP6_CONFIRM:
	case DHCP6_REBIND: return q->client && !q->server;
	case DHCP6_REQUEST:
	case DHCP6_RENEW:
	case DHCP6_RELEASE:
	case DHCP6_DECLINE: return q->client && q->server == 1;
	case DHCP6_INFORMATION: return q->server >= 0 && !q->nia;
	default: return 0;
	}
}

static size_t
begin(struct wr *w, unsigned type)
{
	wr_u16(w, type);
	return wr_hole16(w);
}

static void
status(struct wr *w, unsigned code)
{
	wr_u16(w, DHCP6_STATUS);
	wr_u16(w, 2);
	wr_u16(w, code);
}

static void
put_addr(struct wr *w, const struct dhcp6_offer *o)
{
	size_t hole = begin(w, DHCP6_IAADDR);

	wr_bytes(w, o->addr, 16);
	wr_u32(w, o->preferred);
	wr_u32(w, o->valid);
	wr_fill16(w, hole, 0);
}

static void
put_prefix(struct wr *w, const struct dhcp6_offer *o)
{
	size_t hole = begin(w, DHCP6_IAPREFIX);

	wr_u32(w, o->preferred);
	wr_u32(w, o->valid);
	wr_u8(w, o->plen);
	wr_bytes(w, o->prefix, 16);
	wr_fill16(w, hole, 0);
}

/* is every address or prefix that the client names the offered one? */
static int
matches(const struct ia *ia, const struct dhcp6_offer *o)
{
	struct rd r = ia->options, s;
	unsigned type;
	const uint8_t *p;

	while (rd_left(&r)) {
		type = next(&r, &s);
		if (type == DHCP6_IAADDR) {
			p = rd_bytes(&s, 16);
			if (!p || memcmp(p, o->addr, 16) != 0)
				return 0;
		} else if (type == DHCP6_IAPREFIX) {
			rd_skip(&s, 8);
			if (rd_u8(&s) != o->plen)
				return 0;
			p = rd_bytes(&s, 16);
			if (!p || memcmp(p, o->prefix, 16) != 0)
				return 0;
		}
	}
	return !r.err;
}

/* addresses and prefixes of a former session: lifetime 0, so that the client
 * stops using them (section 18.3.4) */
static void
put_stale(struct wr *w, const struct ia *ia, const struct dhcp6_offer *o)
{
	struct rd r = ia->options, s;
	struct dhcp6_offer old = *o;
	unsigned type;

	old.valid = old.preferred = 0;
	while (rd_left(&r)) {
		type = next(&r, &s);
		if (type == DHCP6_IAADDR) {
			rd_copy(&s, old.addr, 16);
			if (!s.err && memcmp(old.addr, o->addr, 16) != 0)
				put_addr(w, &old);
		} else if (type == DHCP6_IAPREFIX) {
			rd_skip(&s, 8);
			old.plen = rd_u8(&s);
			rd_copy(&s, old.prefix, 16);
			if (!s.err && memcmp(old.prefix, o->prefix, 16) != 0)
				put_prefix(w, &old);
		}
	}
}

static struct dhcp6_held *
held(const struct reply *r, const struct ia *ia)
{
	return ia->type == DHCP6_IA_NA ? &r->lease->na : &r->lease->pd;
}

/* does this client hold what ia would get, for ia itself (mine 1), or for
 * another association (0)? */
static int
holds(const struct reply *r, const struct ia *ia, int mine)
{
	const struct dhcp6_held *h = held(r, ia);

	return h->until > r->lease->now && h->client == r->q->who &&
	       (h->iaid == ia->iaid) == mine;
}

static void
hold(const struct reply *r, const struct ia *ia)
{
	struct dhcp6_held *h = held(r, ia);

	h->client = r->q->who;
	h->iaid = ia->iaid;
	h->until = r->lease->now + (int64_t)r->o->valid * 1000;
}

/* what is given: one of each kind for a session, and no temporary address. An
 * Advertise binds nothing. */
static void
put_binding(struct wr *w, const struct reply *r, const struct ia *ia)
{
	const struct request *q = r->q;
	const int pd = ia->type == DHCP6_IA_PD;
	uint8_t *given = pd ? &r->log->pd : &r->log->na;

	if (ia->type == DHCP6_IA_TA || *given || holds(r, ia, 0)) {
		r->log->refused++;
		status(w, pd ? NO_PREFIX : NO_ADDRS);
		return;
	}
	if (pd)
		put_prefix(w, r->o);
	else
		put_addr(w, r->o);
	if (q->type == DHCP6_RENEW || q->type == DHCP6_REBIND)
		put_stale(w, ia, r->o);
	if (q->type != DHCP6_SOLICIT || q->rapid)
		hold(r, ia);
	*given = 1;
}

static void
put_release(struct wr *w, const struct reply *r, const struct ia *ia)
{
	if (ia->type == DHCP6_IA_TA || !holds(r, ia, 1) || !matches(ia, r->o)) {
		r->log->refused++;
		status(w, NO_BINDING);
		return;
	}
	held(r, ia)->until = 0;
	/* somebody else has it: not to be given again (section 18.3.8) */
	if (r->q->type == DHCP6_DECLINE && ia->type == DHCP6_IA_NA)
		r->lease->declined++;
	status(w, 0);
}

static int
is_release(const struct request *q)
{
	return q->type == DHCP6_RELEASE || q->type == DHCP6_DECLINE;
}

static void
put_ia(struct wr *w, const struct reply *r, const struct ia *ia)
{
	const uint32_t t = is_release(r->q) ? 0 : r->o->preferred;
	size_t hole = begin(w, ia->type);

	wr_u32(w, ia->iaid);
	if (ia->type != DHCP6_IA_TA) {
		wr_u32(w, t / 2);
		wr_u32(w, t * 4 / 5);
	}
	if (is_release(r->q))
		put_release(w, r, ia);
	else
		put_binding(w, r, ia);
	wr_fill16(w, hole, 0);
}

static int
has_address(const struct ia *ia)
{
	struct rd r = ia->options, s;
	unsigned type = 0;

	while (rd_left(&r) && type != DHCP6_IAADDR)
		type = next(&r, &s);
	return !r.err && type == DHCP6_IAADDR;
}

/* Confirm is about addresses only, and where it names none there must be no
 * answer (section 18.3.3) */
static int
confirm(struct wr *w, const struct reply *r)
{
	const struct request *q = r->q;
	int i, good = 1, any = 0;

	for (i = 0; i < q->nia; i++)
		if (q->ia[i].type == DHCP6_IA_NA && has_address(&q->ia[i])) {
			any = 1;
			good &= matches(&q->ia[i], r->o);
		}
	if (!any)
		return -1;
	r->log->refused = !good;
	status(w, good ? 0 : NOT_ON_LINK);
	return 0;
}

int
dhcp6_answer(struct wr *w, const void *msg, size_t len,
    const struct dhcp6_offer *o, struct dhcp6_lease *lease,
    struct dhcp6_log *log)
{
	struct request q;
	struct dhcp6_offer next = *o;
	const struct reply r = { &q, &next, lease, log };
	uint8_t own[DUID_LEN];
	int i, advertise;

	memset(log, 0, sizeof(*log));
	next.addr[15] += lease->declined;
	if (parse(&q, msg, len, o) < 0 || !valid(&q))
		return -1;
	log->type = q.type;
	advertise = q.type == DHCP6_SOLICIT && !q.rapid;
	wr_u8(w, advertise ? DHCP6_ADVERTISE : DHCP6_REPLY);
	wr_bytes(w, q.id, 3);
	duid(own, o);
	wr_u16(w, DHCP6_SERVERID);
	wr_u16(w, DUID_LEN);
	wr_bytes(w, own, DUID_LEN);
	if (q.client) {
		wr_u16(w, DHCP6_CLIENTID);
		wr_u16(w, (unsigned)q.clientlen);
		wr_bytes(w, q.client, q.clientlen);
	}
	if (q.type == DHCP6_SOLICIT && q.rapid)
		wr_u32(w, DHCP6_RAPID << 16);
	if (q.type == DHCP6_CONFIRM && confirm(w, &r) < 0)
		return -1;
	if (q.type != DHCP6_CONFIRM)
		for (i = 0; i < q.nia; i++)
			put_ia(w, &r, &q.ia[i]);
	if (is_release(&q))
		status(w, 0);
	wr_u16(w, DHCP6_DNS);
	wr_u16(w, 16);
	wr_bytes(w, o->dns, 16);
	return w->err ? -1 : 0;
}

const char *
dhcp6_name(unsigned type)
{
	switch (type) {
	case DHCP6_SOLICIT: return "Solicit";
	case DHCP6_REQUEST: return "Request";
	case DHCP6_CONFIRM: return "Confirm";
	case DHCP6_RENEW: return "Renew";
	case DHCP6_REBIND: return "Rebind";
	case DHCP6_RELEASE: return "Release";
	case DHCP6_DECLINE: return "Decline";
	case DHCP6_INFORMATION: return "Information-request";
	default: return "unknown";
	}
}
