/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "die.h"
#include "mss.h"
#include "relay.h"

enum {
	HEAD = 6, /* of a data message without options */
	HEAD_SEQ = 10,
	TURNS = 8, /* batches before the other side's turn */
};

/* frames to the clients that wait to be sent with the next flush */
struct path {
	struct ethport_part part[ETHPORT_BATCH];
	uint8_t head[ETHPORT_BATCH][PPPOE_HEAD_MAX];
	int n;
};

int
path_init(struct relay *r)
{
	return (r->path = calloc(1, sizeof(*r->path))) ? 0 : -1;
}

static void
capture(struct relay *r, const uint8_t *p, size_t n)
{
	if (r->pcap.fd >= 0)
		pcapfile_add(&r->pcap, p, n);
}

void
path_flush(struct relay *r)
{
	struct path *d = r->path;
	struct iovec v[2];
	int i;

	ethport_flush(&r->port); /* PADS goes before what follows it */
	for (i = 0; r->pcap.fd >= 0 && i < d->n; i++) {
		v[0].iov_base = (void *)(uintptr_t)d->part[i].head;
		v[0].iov_len = d->part[i].headlen;
		v[1].iov_base = (void *)(uintptr_t)d->part[i].body;
		v[1].iov_len = d->part[i].len;
		pcapfile_addv(&r->pcap, v, 2);
	}
	if (d->n)
		r->lost_down +=
		    (uint64_t)(d->n - ethport_sendv(&r->port, d->part, d->n));
	d->n = 0;
}

/* what the access concentrator has to say */
void
path_discovery(struct relay *r)
{
	struct pppoe_ac_act a;
	char mac[ADDR_MACLEN];

	while (pppoe_ac_next(&r->ac, &a))
		switch (a.type) {
		case PPPOE_AC_SEND:
			capture(r, a.frame, a.len);
			ethport_add(&r->port, a.frame, a.len);
			break;
		case PPPOE_AC_OPEN: call_open(r, a.s, a.disc); break;
		case PPPOE_AC_CLOSE: call_client_left(r, a.s); break;
		case PPPOE_AC_NOTE:
			note(r, "%s of %s: %s", pppoe_name(a.code),
			    addr_macstr(mac, a.mac), pppoe_ac_why(a.why));
			break;
		}
}

/* the header goes before the PPP frame at p, over what stood there */
static void
to_lns(struct relay *r, struct call *c, uint8_t *p, size_t n)
{
	const unsigned tid = c->t->cc.ptid, sid = c->l2.psid;
	size_t head = c->sequence ? HEAD_SEQ : HEAD;

	p -= 2;
	p[0] = 0xff;
	p[1] = 0x03;
	p -= head;
	p[0] = c->sequence ? L2TP_S >> 8 : 0;
	p[1] = 2;
	p[2] = (uint8_t)(tid >> 8);
	p[3] = (uint8_t)tid;
	p[4] = (uint8_t)(sid >> 8);
	p[5] = (uint8_t)sid;
	if (c->sequence) {
		p[6] = (uint8_t)(c->ns >> 8);
		p[7] = (uint8_t)c->ns++;
		p[8] = p[9] = 0; /* Nr is reserved */
	}
	c->up.frames++;
	c->up.bytes += n;
	wire_data(r, c->t, p, n + head + 2);
}

/* a session frame's PPP frame on its way to the LNS */
static void
upstream(struct relay *r, const struct pppoe_session *s, uint8_t *ppp, size_t n)
{
	struct call *c = &r->calls[r->call_of[pppoe_ac_slot(&r->ac, s)]];

	if (!c->t || n < 2)
		return;
	if (c->kernel && kpath_frame(r, c, ppp, n))
		return;
	if (c->lcp != RELAY_LCP_HEARD)
		kick_client(c, ppp, n);
	if (r->conf->mtu)
		r->clamped += (unsigned)mss_clamp(ppp, n, r->conf->mtu);
	to_lns(r, c, ppp, n);
}

/* a frame of type 0x8864 that is not what most are */
static void
session_frame(struct relay *r, const struct eth *e, uint8_t *frame)
{
	struct pppoe_session *s;
	struct pppoe p;

	if (pppoe_get(&p, e->body, e->len) < 0) {
		r->bad++;
	} else if (!(s = pppoe_ac_data(&r->ac, e, &p))) {
		r->strays++;
		pppoe_ac_stray(&r->ac, r->now, e, &p);
		path_discovery(r);
	} else
		upstream(r, s, frame + (p.body - frame), p.len);
}

static void
frame(struct relay *r, const struct ethport_frame *f)
{
	struct pppoe_session *s;
	struct eth e;
	size_t n;

	capture(r, f->p, f->len);
	if ((s = pppoe_ac_plain(&r->ac, f->p, f->len, &n))) {
		upstream(r, s, f->p + PPPOE_AC_PLAIN, n);
		return;
	}
	if (eth_get(&e, f->p, f->len) < 0)
		r->bad++;
	else if (e.type == ETH_PPPOES)
		session_frame(r, &e, f->p);
	else if (e.type == ETH_PPPOED) {
		pppoe_ac_input(&r->ac, r->now, f->p, f->len);
		path_discovery(r);
	}
}

/* with thousands of sessions each is far from the processor: a batch's are
 * fetched at a time, not one after the other */
static void
ahead(const struct relay *r, const struct ethport_frame *f, int n)
{
	int32_t slot;
	int i;

	for (i = 0; i < n; i++)
		if ((slot = pppoe_ac_ahead(&r->ac, f[i].p, f[i].len)) >= 0)
			__builtin_prefetch(&r->calls[r->call_of[slot]], 1);
}

void
path_access(struct relay *r)
{
	struct ethport_frame f[ETHPORT_BATCH];
	int i, n, turns;

	for (turns = 0; turns < TURNS; turns++) {
		n = ethport_recv(&r->port, f, ETHPORT_BATCH);
		if (n < 0) {
			warn("%s:", r->conf->portname);
			r->gone = 1;
			return;
		}
		ahead(r, f, n);
		for (i = 0; i < n; i++)
			frame(r, &f[i]);
		wire_flush(r); /* the frames are ours until the next call */
		if (n < ETHPORT_BATCH)
			return;
	}
}

/* the client's ConfReq once more */
void
path_kick(struct relay *r, struct call *c)
{
	uint8_t b[HEAD_SEQ + 2 + RELAY_CONFREQ];

	r->kicks++;
	wire_flush(r);
	memcpy(b + HEAD_SEQ + 2, c->words->conf, c->words->nconf);
	to_lns(r, c, b + HEAD_SEQ + 2, c->words->nconf);
	wire_flush(r);
}

static void
to_client(struct relay *r, struct call *c, uint8_t *p, size_t n)
{
	struct path *d = r->path;
	struct ethport_part *o;
	int i;

	if (c->lcp != RELAY_LCP_HEARD)
		kick_lns(r, c, p, n);
	if (r->conf->mtu)
		r->clamped += (unsigned)mss_clamp(p, n, r->conf->mtu);
	c->down.frames++;
	c->down.bytes += n;
	if (d->n == ETHPORT_BATCH)
		path_flush(r);
	i = d->n++;
	o = &d->part[i];
	o->head = d->head[i];
	o->headlen = pppoe_ac_head(c->pppoe, d->head[i], n);
	o->body = p;
	o->len = n;
}

/*
 * RFC 2661 section 5.4: the LNS decides, at any time. A message with numbers
 * turns ours on, one without turns them off (we never require them), and they
 * go on from where they were. What comes late is dropped, PPP does not stand
 * disorder. 1 when the message may pass.
 */
static int
in_sequence(struct call *c, const struct l2tp_hdr *h)
{
	c->sequence = !!(h->flags & L2TP_S);
	if (!c->sequence)
		return 1;
	if ((uint16_t)(h->ns - c->nr) & 0x8000)
		return 0;
	c->nr = (uint16_t)(h->ns + 1);
	return 1;
}

static void
data(struct relay *r, struct tunnel *t, const struct l2tp_hdr *h, uint8_t *pkt)
{
	struct call *c = call_of_sid(r, h->sid);
	uint8_t *p = pkt + (h->body.p - pkt);
	size_t n = rd_left(&h->body);

	if (!c || c->t != t || !c->pppoe || c->pppoe->state != PPPOE_UP) {
		r->strays++;
		return;
	}
	if (((h->flags & L2TP_S) || c->sequence) && !in_sequence(c, h)) {
		r->lost_down++;
		return;
	}
	if (n >= 2 && p[0] == 0xff && p[1] == 0x03) {
		p += 2;
		n -= 2;
	}
	if (n < 1)
		return;
	/* what was queued when the kernel took over is nobody else's */
	if (c->kernel)
		(void)kpath_frame(r, c, p, n);
	to_client(r, c, p, n);
}

/* a message without options is read in one go: the cursors' many steps are
 * felt here */
static int
header(struct l2tp_hdr *h, uint8_t *p, size_t n)
{
	if (n < HEAD || p[0] || p[1] != 2)
		return l2tp_hdr_get(h, p, n);
	h->flags = 2;
	h->tid = (uint16_t)(p[2] << 8 | p[3]);
	h->sid = (uint16_t)(p[4] << 8 | p[5]);
	rd_init(&h->body, p + HEAD, n - HEAD);
	return 0;
}

/* RFC 2661 section 8.1: the LNS may answer SCCRQ from another port */
static int
other_port(const struct tunnel *t, const union sock_addr *from,
    const struct l2tp_hdr *h)
{
	static const uint8_t sccrp[] = { 0, 0, 0, 0, 0, L2TP_SCCRP };
	union sock_addr a = *from;

	if (t->cc.state != L2TP_CC_WAIT_REPLY || !(h->flags & L2TP_T) ||
	    rd_left(&h->body) < 2 + sizeof(sccrp) ||
	    memcmp(h->body.p + 2, sccrp, sizeof(sccrp)))
		return 0;
	sock_setport(&a, sock_port(&t->peer));
	return addr_same(&t->peer.sa, &a.sa);
}

/* the tunnel's messages go to the port that a good SCCRP came from, others
 * change nothing */
static void
moved(struct relay *r, struct tunnel *t, const union sock_addr *from,
    const struct l2tp_hdr *h)
{
	const union sock_addr asked = t->peer;

	t->peer = *from;
	tunnel_input(r, t, h);
	if (r->tunnels[h->tid] == t && !t->was_up)
		t->peer = asked;
}

/* as for frames, see ahead(): the calls of a train's datagrams, then their
 * sessions */
void
path_ahead(const struct relay *r, const uint8_t *p, size_t len, size_t seg)
{
	const struct call *c[ETHPORT_BATCH];
	unsigned sid;
	int i, n = 0;

	for (; n < ETHPORT_BATCH && len >= HEAD; p += seg, len -= seg) {
		sid = (unsigned)(p[4] << 8 | p[5]) % (r->ncalls + 1);
		c[n] = &r->calls[r->of_sid[sid]];
		__builtin_prefetch(c[n++], 1);
		if (len < seg)
			break;
	}
	for (i = 0; i < n; i++)
		if (c[i]->used)
			__builtin_prefetch(c[i]->pppoe);
}

void
path_datagram(
    struct relay *r, const union sock_addr *from, uint8_t *p, size_t n)
{
	struct tunnel *t;
	struct l2tp_hdr h;

	if (header(&h, p, n) < 0) {
		r->bad++;
		return;
	}
	t = h.tid && h.tid <= r->ntunnels ? r->tunnels[h.tid] : NULL;
	if (!t || !t->opened)
		r->forged++;
	else if (!addr_same(&t->peer.sa, &from->sa)) {
		if (other_port(t, from, &h))
			moved(r, t, from, &h);
		else
			r->forged++;
	} else if (h.flags & L2TP_T)
		tunnel_input(r, t, &h);
	else
		data(r, t, &h, p);
}
