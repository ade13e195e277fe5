/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "../l2tp_sim.h"
#include "hex.h"
#include "tap.h"

static const struct l2tp_cc_conf base = { .host = "lac",
	.vendor = "limen",
	.framing = 3,
	.firmware = 1,
	.window = 16,
	.rto = 1000,
	.rto_max = 8000,
	.tries = 5,
	.linger = 31000,
	.hello = 60000 };
static const uint8_t key[] = "s3cret", wrong[] = "other";
static struct sim s;

/* the message that side me sent as number ns */
static void
sent_as(struct l2tp_msg *m, int me, uint16_t ns)
{
	static const struct l2tp_secret none = { NULL, 0 };
	const struct l2tp_cc_slot *p = l2tp_cc_slot_of(&s.side[me].cc, ns);
	struct l2tp_hdr h;

	OK(l2tp_hdr_get(&h, p->pkt, p->len) == 0 &&
	    l2tp_msg_get(m, &h, &none) == 0);
}

static void
pair(unsigned seed, const struct l2tp_cc_conf *lac,
    const struct l2tp_cc_conf *lns)
{
	sim_init(&s, seed, lac, lns);
	l2tp_cc_open(&s.side[0].cc, s.now, 100, 0);
	sim_drain(&s, 0);
}

static void
setup(void)
{
	const uint64_t bearer = 1 << L2TP_AVP_BEARER_CAP | 1 << L2TP_AVP_BEARER;
	struct l2tp_msg m;

	pair(1, &base, &base);
	sim_run(&s, 20);
	OK(s.side[0].up && s.side[1].up && s.side[0].ups == 1);
	OK(s.side[0].cc.ptid == 200 && s.side[1].cc.ptid == 100);
	STREQ(s.side[1].cc.host, "lac");
	sim_dial(&s, 0);
	sim_run(&s, 20);
	OK(sim_agree(&s) && sim_used(&s.side[0]) == 1 && s.iccn_first == 1);
	sent_as(&m, 0, 0);
	OK_MSG(m.type == L2TP_SCCRQ && !(m.have & bearer),
	    "no bearer is told of by who places no calls");
	sent_as(&m, 0, 2);
	OK_MSG(m.type == L2TP_ICRQ && !(m.have & bearer),
	    "nor does a call of PPPoE come over one");
	l2tp_call_close(&s.side[0].call[0], L2TP_CDN_CARRIER, 0);
	sim_run(&s, 20);
	OK(sim_used(&s.side[0]) == 0 && sim_used(&s.side[1]) == 0);
	OK(s.side[1].call[0].result == L2TP_CDN_CARRIER);
	s.sent = 0;
	sim_run(&s, 59000);
	OK_MSG(s.sent == 0, "silence costs nothing");
	sim_run(&s, 2000);
	OK_MSG(s.sent >= 2 && s.sent <= 4, "then HELLO and its answer");
	l2tp_cc_close(&s.side[0].cc, s.now, L2TP_STOP_SHUTDOWN, 0);
	sim_run(&s, 20);
	OK(s.side[0].down == 1 && s.side[1].down == 1 && !s.side[0].dead);
	OK(s.side[1].cc.why == L2TP_CC_WHY_STOPCCN && s.side[1].cc.result == 6);
	sim_run(&s, 30000);
	OK_MSG(!s.side[0].dead && !s.side[1].dead, "acknowledges for 31 s");
	sim_run(&s, 1100);
	OK(s.side[0].dead == 1 && s.side[1].dead == 1);
	OK(l2tp_cc_deadline(&s.side[0].cc) == -1);
}

static void
secrets(void)
{
	struct l2tp_cc_conf c = base, d = base;

	c.secret.p = key;
	c.secret.len = 6;
	pair(2, &c, &c);
	sim_run(&s, 20);
	OK_MSG(s.side[0].up && s.side[1].up, "both know the secret");
	s.hide = 1;
	sim_dial(&s, 3);
	sim_run(&s, 20);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 1, "hidden AVPs");
	d.secret.p = wrong;
	d.secret.len = 5;
	pair(3, &c, &d);
	sim_run(&s, 20);
	OK(!s.side[0].ups && s.side[0].cc.why == L2TP_CC_WHY_SECRET);
	OK(s.side[1].cc.why == L2TP_CC_WHY_STOPCCN &&
	    s.side[1].cc.result == L2TP_STOP_NOT_AUTHORIZED);
	pair(4, &c, &base);
	sim_run(&s, 20);
	OK_MSG(s.side[1].cc.why == L2TP_CC_WHY_NO_SECRET && !s.side[0].ups &&
		   s.side[0].cc.why == L2TP_CC_WHY_STOPCCN,
	    "a challenge and no secret");
	pair(5, &base, &c);
	sim_run(&s, 20);
	OK(s.side[0].cc.why == L2TP_CC_WHY_NO_SECRET && !s.side[1].ups);
}

/* of the peer's name as much as fits, and nothing that a terminal obeys */
static void
names_shown(void)
{
	struct l2tp_cc_conf c = base;
	uint8_t random[16];

	c.host = "\033[2J\377\177abcdefghijklmnopqrstuvwxyz";
	sim_init(&s, 5, &c, &base);
	memcpy(random, s.side[1].cc.challenge, sizeof(random));
	l2tp_cc_open(&s.side[0].cc, s.now, 100, 0);
	sim_drain(&s, 0);
	sim_run(&s, 20);
	STREQ(s.side[1].cc.host, ".[2J..abcdefghijklmnopqrstuvwxy");
	MEMEQ(s.side[1].cc.challenge, random, sizeof(random));
}

/* What l2tpns 2.4.1 as LAC sent: it asks for a response, and gives none. */
#define L2TPNS                                                           \
	"8009 0000 0007 6c6e73 8012 0000 0008 4c696e7578204c325450 4e53" \
	"8008 0000 0002 0100 800a 0000 0003 00000003 8008 0000 0009 0002"
static const char l2tpns_sccrq[] =
    "c802 005f 0000 0000 0000 0000 8008 0000 0000 0001" L2TPNS
    "8016 0000 000b d67c254c73e0f4b9749bf930de0ddb31";
static const char l2tpns_scccn[] =
    "c802 0049 00c8 0000 0001 0001 8008 0000 0000 0003" L2TPNS;

static void
to_lns(const char *hex)
{
	uint8_t b[128];
	struct l2tp_hdr h;

	OK(l2tp_hdr_get(&h, b, hex_line(hex, b, sizeof(b))) == 0);
	l2tp_cc_input(&s.side[1].cc, s.now, &h);
	sim_drain(&s, 1);
}

static void
one_sided(void)
{
	struct l2tp_cc_conf c = base;
	struct l2tp_msg m;

	c.secret.p = key;
	c.secret.len = 6;
	sim_init(&s, 6, &base, &c);
	to_lns(l2tpns_sccrq);
	to_lns(l2tpns_scccn);
	OK(!s.side[1].ups && s.side[1].cc.why == L2TP_CC_WHY_UNANSWERED);
	c.answer_only = 1;
	sim_init(&s, 7, &base, &c);
	to_lns(l2tpns_sccrq);
	sent_as(&m, 1, 0);
	OK(m.type == L2TP_SCCRP && m.response.len == 16 && !m.challenge.p);
	to_lns(l2tpns_scccn);
	OK_MSG(s.side[1].up, "one that answers no challenge is sent none");
	STREQ(s.side[1].cc.host, "lns");
}

/* SCCCN with n bytes of the right response, a bit of byte bad wrong */
static int
answered(const struct l2tp_cc_conf *lns, size_t n, size_t bad)
{
	struct l2tp_cc *cc = &s.side[1].cc;
	const struct l2tp_bytes ch = { cc->challenge, sizeof(cc->challenge) };
	uint8_t b[128], sum[17] = { 0 };
	struct l2tp_hdr h;
	struct wr w;

	sim_init(&s, 6, &base, lns);
	to_lns(l2tpns_sccrq);
	l2tp_response(sum, L2TP_SCCCN, &lns->secret, &ch);
	sum[bad] ^= 1;
	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_SCCCN, 200, 0);
	l2tp_put_bytes(&w, L2TP_M | L2TP_AVP_RESPONSE, sum, n);
	l2tp_put_end(&w);
	l2tp_put_seq(b, 1, 1);
	OK(l2tp_hdr_get(&h, b, wr_len(&w)) == 0);
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, 1);
	OK(s.side[1].up || cc->why == L2TP_CC_WHY_SECRET);
	return s.side[1].up;
}

static void
responses(void)
{
	struct l2tp_cc_conf c = base;
	size_t i, n = 0;

	c.secret.p = key;
	c.secret.len = 6;
	for (i = 0; i < 16; i++)
		n += !answered(&c, 16, i);
	OK_MSG(n == 16, "each byte of a response counts");
	OK_MSG(!answered(&c, 17, 16) && answered(&c, 16, 16),
	    "and that there is none more");
}

/* hidden AVPs of one message, or of one tunnel, tell nothing of another's */
static void
vectors(void)
{
	struct l2tp_hide a, b, other;
	uint8_t buf[256];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	pair(3, &base, &base);
	l2tp_cc_hide(&s.side[0].cc, &w, &a);
	l2tp_cc_hide(&s.side[0].cc, &w, &b);
	l2tp_cc_hide(&s.side[1].cc, &w, &other);
	OK(memcmp(a.rv, b.rv, sizeof(a.rv)) != 0);
	OK(memcmp(a.rv, other.rv, sizeof(a.rv)) != 0);
}

static void
silence(void)
{
	int64_t at;

	pair(6, &base, &base);
	s.loss = 100;
	at = s.now;
	while (!s.side[0].dead && s.now < at + 60000)
		sim_run(&s, 100);
	OK(s.side[0].dead && s.side[0].cc.why == L2TP_CC_WHY_SILENT);
	OK_MSG(s.now - at > 22000 && s.now - at < 24500,
	    "1 + 2 + 4 + 8 + 8 s: given up");
	pair(7, &base, &base);
	sim_run(&s, 20);
	sim_dial(&s, 0);
	sim_run(&s, 20);
	s.loss = 100;
	at = s.now;
	while (!s.side[0].down && s.now < at + 120000)
		sim_run(&s, 100);
	OK_MSG(s.side[0].down && s.now - at < 60000 + 24500,
	    "a dead peer is noticed within HELLO and its tries");
	sim_init(&s, 8, &base, &base);
	l2tp_cc_open(&s.side[0].cc, s.now, 100, 2);
	sim_drain(&s, 0);
	sim_run(&s, 20);
	s.loss = 100;
	sim_dial(&s, 0);
	sim_run(&s, 20000);
	OK_MSG(s.side[0].up && !s.side[0].down,
	    "the tries of the request are not the tunnel's");
	pair(8, &base, &base);
	sim_run(&s, 20);
	s.loss = 100;
	l2tp_cc_close(&s.side[0].cc, s.now, L2TP_STOP_CLEAR, 0);
	sim_run(&s, 24500);
	OK_MSG(s.side[0].dead && s.side[0].cc.why == L2TP_CC_WHY_CLOSED,
	    "closed here, whatever the peer says to it");
}

/* what is on its way: when it is sent again, and what for */
static void
timer(void)
{
	struct l2tp_cc *cc = &s.side[0].cc;
	struct l2tp_cc_conf c = base;
	int64_t at;
	int i;

	c.hello = 5000;
	pair(9, &c, &base);
	sim_run(&s, 20);
	for (i = 0; i < 4; i++)
		sim_dial(&s, i);
	sim_run(&s, 100);
	s.loss = 100;
	sim_dial(&s, 4);
	at = cc->resend;
	sim_run(&s, 600);
	sim_dial(&s, 5);
	OK_MSG(cc->nxt == (uint16_t)(cc->una + 2) && cc->resend == at,
	    "the timer is the oldest message's");
	sim_run(&s, 6000);
	OK_MSG(cc->end == (uint16_t)(cc->una + 2),
	    "no HELLO: what is on its way asks the same");
	s.loss = 0;
	sim_run(&s, 10000);
	OK(sim_agree(&s) && sim_used(&s.side[1]) == 6 && cc->una == cc->end);
	s.loss = 100;
	sim_dial(&s, 6);
	OK_MSG(cc->resend == s.now + base.rto,
	    "an acknowledgement ends the doubling");
}

/* hands the LAC a message as if from its LNS */
static void
give(unsigned type, uint16_t ns, uint16_t nr, unsigned avp)
{
	uint8_t b[128];
	struct l2tp_hdr h;
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, type, 100, 0);
	if (avp)
		l2tp_put16(&w, avp, 1);
	l2tp_put_end(&w);
	l2tp_put_seq(b, ns, nr);
	(void)l2tp_hdr_get(&h, b, wr_len(&w));
	l2tp_cc_input(&s.side[0].cc, s.now, &h);
	sim_drain(&s, 0);
}

static void
hostile(void)
{
	struct l2tp_cc *cc = &s.side[0].cc;
	unsigned i, sent;

	pair(8, &base, &base);
	sim_run(&s, 20);
	s.loss = 100;
	sent = s.sent;
	for (i = 0; i < 100; i++)
		give(L2TP_ZLB, cc->nr, cc->high, 0);
	give(L2TP_ZLB, (uint16_t)(cc->nr + 1), cc->high, 0);
	l2tp_cc_tick(cc, s.now);
	sim_drain(&s, 0);
	OK_MSG(s.sent == sent, "a ZLB is never answered: no ping-pong");
	for (i = 0; i < 1000; i++)
		give(L2TP_HELLO, (uint16_t)(cc->nr + 1 + i), cc->high, 0);
	OK_MSG(cc->count.received < 10 && s.side[0].up,
	    "Ns far ahead costs nothing");
	sent = s.sent;
	l2tp_cc_tick(cc, s.now);
	sim_drain(&s, 0);
	OK_MSG(s.sent == sent + 1, "and gets one acknowledgement");
	give(L2TP_HELLO, (uint16_t)(cc->nr + 9), (uint16_t)(cc->high + 5), 0);
	OK_MSG(cc->una == cc->high, "Nr of what was not sent is ignored");
	give(77, cc->nr, cc->high, 0x20000 | 5);
	OK_MSG(!s.side[0].up && cc->why == L2TP_CC_WHY_MESSAGE,
	    "a message type with M set that nobody knows ends the tunnel");
	pair(9, &base, &base);
	sim_run(&s, 20);
	give(13, cc->nr, cc->high, 0);
	OK_MSG(cc->why == L2TP_CC_WHY_MESSAGE, "13 is no session's");
	pair(9, &base, &base);
	sim_run(&s, 20);
	give(L2TP_SCCRP, cc->nr, cc->high, 0);
	OK_MSG(cc->why == L2TP_CC_WHY_MESSAGE, "SCCRP without its AVPs");
	pair(9, &base, &base);
	sim_run(&s, 20);
	give(L2TP_SCCCN, cc->nr, cc->high, 0);
	OK(cc->why == L2TP_CC_WHY_FSM && cc->result == L2TP_STOP_FSM);
	pair(10, &base, &base);
	sim_run(&s, 20);
	give(L2TP_HELLO, cc->nr, cc->high, L2TP_M | 99);
	OK(cc->why == L2TP_CC_WHY_MESSAGE && cc->bad == L2TP_ERR_UNKNOWN_AVP);
	sim_run(&s, 20);
	OK(s.side[1].cc.result == 2 && s.side[1].cc.error == 8);
	STREQ(s.side[1].cc.text, "AVP 99");
}

/* n bytes of a message for the LAC that is ahead of its turn */
static void
ahead(uint16_t by, size_t n)
{
	static const uint8_t zero[L2TP_CC_MSGMAX + 1];
	struct l2tp_cc *cc = &s.side[0].cc;
	struct l2tp_hdr h = { .ns = (uint16_t)(cc->nr + by), .nr = cc->una };

	h.tid = 100;
	rd_init(&h.body, zero, n);
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, 0);
}

/* what came before its turn is kept as far as there is room */
static void
early(void)
{
	const struct l2tp_cc *cc = &s.side[0].cc;
	const struct l2tp_cc_slot *p;
	uint16_t ns;

	pair(12, &base, &base);
	sim_run(&s, 20);
	ns = (uint16_t)(cc->nr + 1);
	p = &cc->rx[ns & 3];
	ahead(1, L2TP_CC_MSGMAX + 1);
	OK_MSG(p->len == 0, "longer than a place");
	ahead(1, L2TP_CC_MSGMAX);
	OK(p->len == L2TP_CC_MSGMAX && p->mtype == ns);
	ahead(5, 20);
	OK_MSG(p->mtype == ns, "none takes the place of one before it");
	ahead(4, 20);
	OK(cc->rx[(ns + 3) & 3].len == 20);
}

/* StopCCN is taken whatever else is in it, and acknowledged for 31 s, also when
 * something is on its way */
static void
stopped(void)
{
	const struct l2tp_cc *cc = &s.side[0].cc;

	pair(13, &base, &base);
	sim_run(&s, 20);
	s.loss = 100;
	sim_dial(&s, 0);
	give(L2TP_STOPCCN, cc->nr, cc->una, L2TP_M | 99);
	OK(s.side[0].down && cc->why == L2TP_CC_WHY_STOPCCN);
	sim_run(&s, 30900);
	OK(!s.side[0].dead);
	sim_run(&s, 200);
	OK(s.side[0].dead == 1 && cc->why == L2TP_CC_WHY_STOPCCN);
	pair(14, &base, &base);
	give(L2TP_STOPCCN, 0, 1, L2TP_M | L2TP_AVP_TID);
	OK_MSG(s.side[0].down && cc->ptid == 1,
	    "a refusal tells to whom its acknowledgement goes");
}

/* RFC 2661 section 4.4.1: M says whether the message may be passed over */
static void
strange(void)
{
	uint8_t b[] = { 0xc8, 2, 0, 20, 0, 100, 0, 0, 0, 0, 0, 0, 0, 8, 0, 9, 0,
		0, 0, 10 };
	struct l2tp_cc *cc = &s.side[0].cc;
	struct l2tp_hdr h;

	pair(19, &base, &base);
	sim_run(&s, 20);
	l2tp_put_seq(b, cc->nr, cc->high);
	OK(l2tp_hdr_get(&h, b, sizeof(b)) == 0);
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, 0);
	OK_MSG(s.side[0].up && cc->count.ignored == 1,
	    "a vendor's message that may be passed over is");
	b[12] = 0x80;
	l2tp_put_seq(b, cc->nr, cc->high);
	OK(l2tp_hdr_get(&h, b, sizeof(b)) == 0);
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, 0);
	OK_MSG(!s.side[0].up && cc->bad == L2TP_ERR_UNKNOWN_AVP,
	    "one that may not ends the tunnel");
}

static void
version(void)
{
	struct l2tp_cc *lac = &s.side[0].cc, *lns = &s.side[1].cc;
	struct l2tp_cc_slot *p;

	sim_init(&s, 20, &base, &base);
	l2tp_cc_open(lac, s.now, 100, 0);
	p = l2tp_cc_slot_of(lac, 0);
	OK(p->pkt[26] == 1 && p->pkt[27] == 0); /* the second AVP's value */
	p->pkt[26] = 2;
	sim_drain(&s, 0);
	sim_run(&s, 20);
	OK_MSG(lns->why == L2TP_CC_WHY_VERSION && lac->result == 5 &&
		   lac->error == 1,
	    "another version is refused, ours named");
	sim_init(&s, 20, &base, &base);
	l2tp_cc_open(lac, s.now, 100, 0);
	l2tp_cc_slot_of(lac, 0)->pkt[27] = 1;
	sim_drain(&s, 0);
	sim_run(&s, 20);
	OK_MSG(s.side[1].up, "another revision is not");
}

/* hands a side a message as if from the other */
static void
give_to(int me, unsigned type, uint16_t ns)
{
	struct l2tp_cc *cc = &s.side[me].cc;
	uint8_t b[128];
	struct l2tp_hdr h;
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, type, type == L2TP_SCCRQ ? 0 : cc->ltid, 0);
	l2tp_put_end(&w);
	l2tp_put_seq(b, ns, 0);
	(void)l2tp_hdr_get(&h, b, wr_len(&w));
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, me);
}

static void
no_first(void)
{
	sim_init(&s, 14, &base, &base);
	OK(l2tp_cc_deadline(&s.side[1].cc) == -1);
	give_to(1, L2TP_SCCRQ, 1);
	OK_MSG(s.sent == 0 &&
		   l2tp_cc_deadline(&s.side[1].cc) == s.now + L2TP_CC_SETUP,
	    "SCCRQ that is not the first");
	sim_run(&s, 20000);
	give_to(1, L2TP_SCCRQ, 1);
	sim_run(&s, 10001);
	OK_MSG(s.side[1].dead == 1, "it ends, repeated or not");
	pair(15, &base, &base);
	give_to(0, L2TP_HELLO, 2);
	sim_run(&s, 20);
	for (int i = 0; i < 4; i++)
		sim_dial(&s, i);
	sim_run(&s, 100);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[0]) == 4,
	    "what came before SCCRP is none of this tunnel");
}

/* side me as it is after a start, with an id */
static void
anew(int me, uint16_t id)
{
	static const uint8_t random[2][32] = { { 7 }, { 8 } };
	struct sim_side *d = &s.side[me];
	struct l2tp_cc_mem mem = { d->tx, d->rx, 8, 4 };

	memset(d, 0, sizeof(*d));
	l2tp_cc_init(&d->cc, &base, &mem, random[me]);
	if (me)
		l2tp_cc_listen(&d->cc, id);
	else
		l2tp_cc_open(&d->cc, s.now, id, 30);
	sim_drain(&s, me);
}

/* a LAC that lost its state comes back with the id that it had */
static void
comes_back(void)
{
	struct l2tp_cc *lns = &s.side[1].cc;
	int i;

	pair(17, &base, &base);
	sim_run(&s, 20);
	sim_dial(&s, 0);
	sim_run(&s, 20);
	OK(sim_agree(&s) && sim_used(&s.side[1]) == 1);
	sim_run(&s, 2000);
	anew(0, 100);
	for (i = 0; i < 25 && !s.side[1].dead; i++) {
		l2tp_cc_probe(lns, s.now);
		sim_run(&s, 1000);
	}
	OK_MSG(s.side[1].dead == 1 && lns->why == L2TP_CC_WHY_SILENT,
	    "the old tunnel ends within the tries of one HELLO");
	anew(1, 201);
	sim_run(&s, 9000);
	for (i = 0; i < 4; i++)
		sim_dial(&s, i);
	sim_run(&s, 100);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 4,
	    "and nothing of it comes up in the new one");
}

/* the same request, by someone who forges the address of a LAC that lives */
static void
forged(void)
{
	struct l2tp_cc *lns = &s.side[1].cc;
	int64_t at;
	uint16_t end;
	int i;

	pair(18, &base, &base);
	sim_run(&s, 20);
	sim_dial(&s, 0);
	sim_run(&s, 2000);
	at = lns->hello;
	give_to(1, L2TP_SCCRQ, 0);
	OK_MSG(lns->hello == at, "a duplicate is no sign of life");
	end = lns->end;
	for (i = 0; i < 1000; i++) {
		give_to(1, L2TP_SCCRQ, 0);
		l2tp_cc_probe(lns, s.now);
		sim_run(&s, 10);
	}
	i = (uint16_t)(lns->end - end);
	OK_MSG(i >= 5 && i <= 11, "1000 in 10 s: a HELLO in a second");
	sim_run(&s, 60000);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 1 && s.side[1].up,
	    "and no session ends");
}

/* and again when so many messages have come that its Ns is one to be had */
static void
wrapped(uint16_t ns)
{
	struct l2tp_cc *lac = &s.side[0].cc;
	int i;

	pair(19, &base, &base);
	sim_run(&s, 2000);
	lac->una = lac->nxt = lac->high = lac->end = lac->recover = ns;
	s.side[1].cc.nr = ns;
	give_to(1, L2TP_SCCRQ, 0);
	for (i = 0; i < 4; i++) {
		sim_dial(&s, i);
		sim_run(&s, 100);
	}
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 4 && s.side[1].up,
	    "a forged request after 65536 messages is none of them");
}

/* the LNS takes a call with an ICRP that the LAC does not take */
static void
bad_reply(void)
{
	struct l2tp_cc *cc = &s.side[0].cc;
	const struct l2tp_call *c = &s.side[0].call[0];
	struct l2tp_cc_slot *last;
	uint8_t b[128];
	struct l2tp_hdr h;
	struct wr w;

	pair(16, &base, &base);
	sim_run(&s, 20);
	s.loss = 100;
	sim_dial(&s, 0);
	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, L2TP_ICRP, 100, c->sid);
	l2tp_put16(&w, L2TP_M | 99, 1);
	l2tp_put16(&w, L2TP_M | L2TP_AVP_SID, 77);
	l2tp_put_end(&w);
	l2tp_put_seq(b, cc->nr, cc->high);
	OK(l2tp_hdr_get(&h, b, wr_len(&w)) == 0);
	l2tp_cc_input(cc, s.now, &h);
	sim_drain(&s, 0);
	last = l2tp_cc_slot_of(cc, (uint16_t)(cc->high - 1));
	OK_MSG(last->mtype == L2TP_CDN && c->psid == 77 && l2tp_call_over(c) &&
		   last->pkt[6] == 0 && last->pkt[7] == 77,
	    "a bad ICRP is answered with CDN at once, to the id it names");
	OK_MSG(!memcmp(last->pkt + 20 + 10, "AVP 99", 6),
	    "and says what was not known (section 4.4.2)");
}

/* four calls come up and are closed by that side */
static void
four_calls(unsigned side)
{
	unsigned k;

	for (k = 0; k < 4; k++)
		sim_dial(&s, (int)k);
	sim_run(&s, 8);
	for (k = 0; k < 4; k++)
		l2tp_call_close(&s.side[side].call[k], 3, 0);
	sim_run(&s, 4);
}

/* calls come and go until each side has sent so many messages */
static void
far(unsigned n)
{
	const struct l2tp_cc *cc = &s.side[0].cc;
	unsigned i;

	for (i = 0; cc->high < n; i++)
		four_calls(i & 1);
}

/* what a burst loses is repeated as soon as the peer complains */
static void
burst(unsigned n)
{
	int i;

	pair(13, &base, &base);
	sim_run(&s, 20);
	far(n);
	for (i = 0; i < 4; i++)
		sim_dial(&s, i);
	sim_run(&s, 20);
	s.loss = 100;
	sim_dial(&s, 4);
	s.loss = 0;
	for (i = 5; i < 8; i++)
		sim_dial(&s, i);
	sim_run(&s, 100);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 8 &&
		   s.side[0].cc.count.resent > 0,
	    "a lost message is sent again after two complaints, not a second");
	s.loss = 100;
	sim_dial(&s, 8);
	for (i = 0; i < 100; i++)
		give(L2TP_ZLB, s.side[0].cc.nr, s.side[0].cc.una, 0);
	OK_MSG(s.side[0].cc.count.resent < 20, "but not for each complaint");
}

/* the number in an acknowledgement is that of the next new message, even while
 * old ones are sent again: one that the peer has had would be a duplicate */
static void
zlb_number(void)
{
	struct l2tp_cc *cc = &s.side[0].cc;
	struct l2tp_hdr h;
	int i, n = 0;

	pair(21, &base, &base);
	sim_run(&s, 20);
	for (i = 0; i < 4; i++)
		sim_dial(&s, i);
	sim_run(&s, 20);
	s.loss = 100;
	for (i = 4; i < 8; i++)
		sim_dial(&s, i);
	sim_run(&s, 1100);
	OK((uint16_t)(cc->high - cc->nxt) >= 2);
	s.loss = 0;
	give(L2TP_HELLO, cc->nr, cc->una, 0);
	l2tp_cc_tick(cc, s.now);
	sim_drain(&s, 0);
	for (i = 0; i < SIM_WIRE; i++)
		if (s.wire[i].to == 1 && s.wire[i].len == 12) {
			OK(l2tp_hdr_get(&h, s.wire[i].b, 12) == 0 &&
			    h.ns == cc->high && h.nr == cc->nr);
			n++;
		}
	OK(n == 1);
}

/* RFC 2661 section 5.8: not more than the peer's window on the way */
static void
window(unsigned n)
{
	struct l2tp_cc *cc = &s.side[0].cc;
	struct l2tp_cc_conf c = base;
	int i;

	c.window = (uint16_t)n;
	pair(22, &base, &c);
	for (i = 0; i < 16; i++)
		sim_dial(&s, i);
	sim_run(&s, 400);
	OK_MSG(sim_agree(&s) && sim_used(&s.side[1]) == 16,
	    "16 calls through a small window");
	n = n ? n : 4; /* unless told */
	OK(cc->cwnd == n);
	s.loss = 100;
	for (i = 16; i < 24; i++)
		sim_dial(&s, i);
	OK((uint16_t)(cc->nxt - cc->una) == n);
	sim_run(&s, 1100);
	OK_MSG(cc->ssthresh == (n > 3 ? n / 2 : 1),
	    "a loss halves it (appendix A)");
}

/* a tunnel whose slots are full still sends StopCCN, once there is room */
static void
full(void)
{
	int i;

	pair(11, &base, &base);
	sim_run(&s, 20);
	s.loss = 100;
	for (i = 0; i < SIM_CALLS; i++)
		sim_dial(&s, i);
	OK(l2tp_cc_room(&s.side[0].cc) == 0);
	l2tp_cc_close(&s.side[0].cc, s.now, L2TP_STOP_CLEAR, 0);
	OK_MSG((uint16_t)(s.side[0].cc.end - s.side[0].cc.high) == 1,
	    "what was never sent is void");
	s.loss = 0;
	sim_run(&s, 9000);
	OK(s.side[1].down && s.side[1].cc.why == L2TP_CC_WHY_STOPCCN);
}

/* one seeded life: dial, close from both sides, stop from either */
static int
life(unsigned seed)
{
	static struct l2tp_cc_conf c;
	int i, ok = 1, n;

	c = base;
	c.rto = 50;
	c.rto_max = 400;
	c.tries = 40;
	c.linger = 3000;
	c.hello = 500;
	c.window = (uint16_t)(1 + seed % 20);
	if (seed % 3 == 0) {
		c.secret.p = key;
		c.secret.len = 6;
	}
	pair(seed, &c, &c);
	s.hide = seed % 6 == 0;
	s.loss = seed % 31;
	s.dup = seed / 3 % 20;
	s.delay = seed % 40;
	s.side[1].refuse = seed % 5 == 0 ? 20 : 0;
	n = 1 + (int)sim_rnd(&s, SIM_CALLS);
	for (i = 0; i < n; i++)
		sim_dial(&s, i);
	sim_run(&s, sim_rnd(&s, 2) ? 200 : 8000);
	for (i = 0; i < SIM_CALLS; i++) {
		int k = (int)sim_rnd(&s, 4);

		if (k < 2 && s.side[k].used[i])
			l2tp_call_close(&s.side[k].call[i], L2TP_CDN_ADMIN, 0);
	}
	sim_run(&s, 12000);
	ok = sim_agree(&s) && s.side[0].up && s.side[1].up &&
	     s.side[0].ups == 1 && !s.side[0].early_calls &&
	     !s.side[1].early_calls && !s.overflow;
	l2tp_cc_close(&s.side[seed & 1].cc, s.now, L2TP_STOP_CLEAR, 0);
	sim_run(&s, 20000);
	return ok && s.side[0].dead == 1 && s.side[1].dead == 1 &&
	       s.side[0].down == 1 && s.side[1].down == 1;
}

static void
lives(void)
{
	unsigned seed, good = 0, runs = tap_lives(3000);

	for (seed = 1; seed <= runs; seed++)
		if (life(seed))
			good++;
		else
			printf("# seed %u\n", seed);
	printf("# %u lives\n", runs);
	OK_MSG(good == runs, "lives on a bad line end in agreement");
}

/* a million calls through one tunnel leave nothing behind */
static void
million(void)
{
	const unsigned calls = 4 * tap_lives(1000000 / 4);
	unsigned i;

	pair(12, &base, &base);
	sim_run(&s, 10);
	for (i = 0; i < calls / 4; i++)
		four_calls(i & 1);
	OK_MSG(sim_used(&s.side[0]) == 0 && sim_used(&s.side[1]) == 0,
	    "no session is left after a million");
	OK(s.iccn_first == calls && s.side[0].up && s.side[1].up);
	OK(l2tp_cc_room(&s.side[0].cc) == 7);
}

static void
names(void)
{
	STREQ(l2tp_cc_statename(L2TP_CC_STATES - 1), "gone");
	STREQ(l2tp_cc_statename(L2TP_CC_STATES), "unknown");
	STREQ(l2tp_cc_whyname(L2TP_CC_WHYS - 1),
	    "the peer does not answer our challenge");
	STREQ(l2tp_cc_whyname(L2TP_CC_WHYS), "unknown");
}

int
main(void)
{
	names();
	setup();
	secrets();
	names_shown();
	one_sided();
	responses();
	vectors();
	silence();
	timer();
	hostile();
	early();
	stopped();
	no_first();
	comes_back();
	forged();
	wrapped(0);
	wrapped(0xfffd);
	bad_reply();
	burst(10);
	burst(40000);
	burst(65520);
	zlb_number();
	for (unsigned i = 0; i < 5; i++)
		window(i);
	strange();
	version();
	full();
	lives();
	million();
	return tap_done();
}
