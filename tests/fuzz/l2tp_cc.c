/* limen: ISC licence, see LICENSE */
/*
 * A tunnel of either side against a stranger. The first byte chooses the
 * side and the secret; then each record is a byte that says what happens and
 * what it needs: a datagram as it is, a message with good sequence numbers,
 * time, a call.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "l2tp_call.h"
#include "rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TX = 8, RX = 4, CALLS = 4 };

struct run {
	struct l2tp_cc cc;
	struct l2tp_cc_slot tx[TX], rx[RX];
	struct l2tp_call call[CALLS];
	int64_t now;
	int ups, downs, deads, lns;
	unsigned sent, got;
};

static void
must(int x)
{
	if (!x)
		abort();
}

static void
sound(const struct run *r)
{
	const struct l2tp_cc *c = &r->cc;
	uint16_t end = (uint16_t)(c->end - c->una);

	must(end <= TX);
	must((uint16_t)(c->nxt - c->una) <= end);
	must((uint16_t)(c->high - c->una) <= end);
	must((uint16_t)(c->nxt - c->una) <= (uint16_t)(c->high - c->una));
	must(c->cwnd >= 1 && c->cwnd <= TX);
	must((uint16_t)(c->nxt - c->una) <= c->win);
	must(c->state < L2TP_CC_STATES);
	must(l2tp_cc_room(c) < TX);
	must(r->ups <= 1 && r->downs <= 1 && r->deads <= 1);
	must(!r->deads || c->state == L2TP_CC_GONE);
	must(memchr(c->host, 0, sizeof(c->host)) &&
	     memchr(c->text, 0, sizeof(c->text)));
}

static void
message(struct run *r, const struct l2tp_msg *m)
{
	unsigned i;

	must(r->ups == 1 && !r->downs);
	for (i = 0; i < CALLS; i++)
		if (m->type == L2TP_ICRQ && l2tp_call_over(&r->call[i])) {
			l2tp_call_accept(
			    &r->call[i], r->now, (uint16_t)(i + 1), m);
			return;
		}
	if (m->sid >= 1 && m->sid <= CALLS)
		(void)l2tp_call_input(&r->call[m->sid - 1], m);
}

static void
drain(struct run *r)
{
	static const struct l2tp_call_info info = {
		.tx_speed = 1, .calling = { (const uint8_t *)"x", 1 }, .hide = 1
	};
	struct l2tp_cc_act a;
	struct l2tp_hdr h;
	unsigned i, n = 0;

	for (i = 0; i < CALLS; i++)
		(void)l2tp_call_send(&r->call[i], &r->cc, &info);
	while (l2tp_cc_next(&r->cc, r->now, &a)) {
		must(n++ < 100);
		must(!r->deads);
		switch (a.type) {
		case L2TP_CC_SEND:
			must(l2tp_hdr_get(&h, a.pkt, a.len) == 0);
			must(h.flags & L2TP_T);
			r->sent++;
			break;
		case L2TP_CC_UP: r->ups++; break;
		case L2TP_CC_DOWN:
			r->downs++;
			memset(r->call, 0, sizeof(r->call));
			break;
		case L2TP_CC_DEAD: r->deads++; break;
		case L2TP_CC_MSG: message(r, &a.msg); break;
		}
	}
	sound(r);
}

static void
input(struct run *r, const struct l2tp_hdr *h)
{
	r->got++;
	l2tp_cc_input(&r->cc, r->now, h);
}

/* AVPs with a header that fits the state of the channel */
static void
good(struct run *r, struct rd *in)
{
	uint8_t b[300];
	struct l2tp_hdr h;
	struct wr w;
	uint16_t ns = (uint16_t)(r->cc.nr + (rd_u8(in) & 7) - 1);
	uint16_t nr = (uint16_t)(r->cc.una + (rd_u8(in) & 7));
	struct rd avps = rd_sub(in, rd_u8(in));

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, 0, r->cc.ltid, rd_u8(in) & 3);
	wr_bytes(&w, avps.p, rd_left(&avps));
	l2tp_put_end(&w);
	l2tp_put_seq(b, ns, nr);
	if (l2tp_hdr_get(&h, b, wr_len(&w)) == 0)
		input(r, &h);
	drain(r);
}

static void
raw(struct run *r, struct rd *in)
{
	struct rd pkt = rd_sub(in, rd_u8(in));
	struct l2tp_hdr h;

	if (l2tp_hdr_get(&h, pkt.p, rd_left(&pkt)) == 0 && (h.flags & L2TP_T))
		input(r, &h);
	drain(r);
}

static void
call(struct run *r, unsigned v)
{
	struct l2tp_call *c = &r->call[v % CALLS];

	if (v & 0x80)
		l2tp_call_close(c, 3, 0);
	else if (l2tp_call_over(c) && r->ups && !r->downs && !r->lns)
		l2tp_call_open(c, r->now, (uint16_t)(v % CALLS + 1), v);
	drain(r);
}

static void
step(struct run *r, struct rd *in)
{
	unsigned op = rd_u8(in);
	int i;

	switch (op & 7) {
	case 0:
	case 1:
	case 2: good(r, in); break;
	case 3: raw(r, in); break;
	case 4: call(r, rd_u8(in)); break;
	case 5: r->now += rd_u8(in); break;
	case 6:
		r->now += rd_u8(in) * 256;
		for (i = 0; i < CALLS; i++)
			(void)l2tp_call_tick(&r->call[i], r->now);
		break;
	case 7:
		if (op == 0xff)
			l2tp_cc_close(&r->cc, r->now, 1, 0);
		break;
	}
	l2tp_cc_tick(&r->cc, r->now);
	drain(r);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct l2tp_cc_conf conf[] = {
		{ .host = "h",
		    .window = 4,
		    .rto = 1000,
		    .rto_max = 8000,
		    .tries = 5,
		    .hello = 30000,
		    .linger = 31000 },
		{ .host = "h",
		    .window = 4,
		    .rto = 1000,
		    .rto_max = 8000,
		    .tries = 5,
		    .hello = 30000,
		    .linger = 31000,
		    .secret = { (const uint8_t *)"s3cret", 6 } },
	};
	static const uint8_t random[32] = { 1, 2, 3 };
	static struct run r;
	struct l2tp_cc_mem mem = { r.tx, r.rx, TX, RX };
	struct rd in;
	unsigned how, n = 0;

	rd_init(&in, data, len);
	how = rd_u8(&in);
	memset(&r, 0, sizeof(r));
	r.now = 1000;
	l2tp_cc_init(&r.cc, &conf[how & 1], &mem, random);
	r.lns = how >> 1 & 1;
	if (r.lns)
		l2tp_cc_listen(&r.cc, 7);
	else
		l2tp_cc_open(&r.cc, r.now, 7, 0);
	drain(&r);
	while (rd_left(&in) && n++ < 2000)
		step(&r, &in);
	/* left alone it comes to an end, unless it never heard of anyone */
	for (n = 0; n < 200 && l2tp_cc_deadline(&r.cc) >= 0; n++) {
		if (l2tp_cc_deadline(&r.cc) > r.now)
			r.now = l2tp_cc_deadline(&r.cc);
		l2tp_cc_tick(&r.cc, r.now);
		drain(&r);
	}
	must(r.cc.state == L2TP_CC_GONE ||
	     (r.cc.state == L2TP_CC_IDLE && r.lns && !r.got));
	return 0;
}
