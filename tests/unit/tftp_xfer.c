/* limen: ISC licence, see LICENSE */
/* two cores over a link that loses, doubles, reorders and delays; seeded */
#include <stdint.h>
#include <stdlib.h>

#include "tap.h"
#include "tftp.h"
#include "tftp_xfer.h"

#define NPKT 4096

struct packet {
	int64_t at;
	uint64_t order;
	int to; /* 0: server, 1: client */
	size_t len;
	uint8_t b[1500];
};

struct link {
	struct packet *q;
	size_t n;
	uint64_t rnd, order;
	unsigned loss, dup, reorder; /* per cent */
	int64_t delay;
	uint64_t sent[2], bytes;
	int overflow;
};

struct end {
	struct tftp_xfer x;
	struct tftp_opts opts; /* of its hello */
	uint64_t got, size;    /* receiving; sending */
	int bad, over, committed;
};

struct sim {
	struct link l;
	struct end e[2]; /* server, client */
	int64_t now;
	int op; /* the request that the server has not seen yet */
	unsigned window, blksize, options;
	unsigned odd; /* the ends differ in what follows 65535 */
};

static uint64_t
rnd(struct link *l)
{
	l->rnd ^= l->rnd << 13;
	l->rnd ^= l->rnd >> 7;
	l->rnd ^= l->rnd << 17;
	return l->rnd;
}

static uint8_t
byte(uint64_t i)
{
	return (uint8_t)(i * 2654435761u >> 13);
}

static void
post(struct sim *s, int to, const uint8_t *b, size_t len)
{
	struct link *l = &s->l;
	struct packet *p;
	int copies = 1;

	l->sent[to]++;
	l->bytes += len;
	if (rnd(l) % 100 < l->loss)
		return;
	if (rnd(l) % 100 < l->dup)
		copies = 2;
	while (copies--) {
		if (l->n == NPKT) {
			l->overflow = 1;
			return;
		}
		p = &l->q[l->n++];
		p->at = s->now + 1 + (int64_t)(rnd(l) % (uint64_t)l->delay) / 4;
		if (rnd(l) % 100 < l->reorder)
			p->at += (int64_t)(rnd(l) % (uint64_t)l->delay);
		p->order = l->order++;
		p->to = to;
		p->len = len;
		memcpy(p->b, b, len);
	}
}

static void
send_blocks(struct sim *s, int me)
{
	struct end *e = &s->e[me];
	uint64_t i, j, n = e->x.count, off;
	uint8_t b[1500];
	size_t len;

	for (i = 0; i < n; i++) {
		off = (e->x.first + i - 1) * e->x.conf.blksize;
		len = e->x.conf.blksize;
		if (off + len > e->size)
			len = (size_t)(e->size - off);
		tftp_data_header(
		    b, tftp_wire(e->x.first + i, e->x.conf.rollover));
		for (j = 0; j < len; j++)
			b[TFTP_HDR + j] = byte(off + j);
		post(s, !me, b, TFTP_HDR + len);
	}
	tftp_xfer_sent(&e->x, s->now, n);
}

static void
take(struct end *e)
{
	size_t i;

	if (e->x.offset != e->got)
		e->bad = 1;
	for (i = 0; i < e->x.len; i++)
		if (e->x.data[i] != byte(e->got + i))
			e->bad = 1;
	e->got += e->x.len;
}

static void
hello(struct sim *s, int me, struct wr *w)
{
	struct tftp_pkt p;

	if (me == 0) {
		tftp_put_oack(w, &s->e[0].opts);
		return;
	}
	memset(&p, 0, sizeof(p));
	p.op = s->op;
	p.mode = TFTP_OCTET;
	p.text = "f";
	p.opts = s->e[1].opts;
	tftp_put_req(w, &p);
}

static void
drain(struct sim *s, int me)
{
	struct end *e = &s->e[me];
	uint8_t b[600];
	enum tftp_act act;
	struct wr w;

	while ((act = tftp_xfer_next(&e->x))) {
		wr_init(&w, b, sizeof(b));
		switch (act) {
		case TFTP_ACT_SEND: send_blocks(s, me); break;
		case TFTP_ACT_WRITE: take(e); break;
		case TFTP_ACT_COMMIT: e->committed++; break;
		case TFTP_ACT_HELLO: hello(s, me, &w); break;
		case TFTP_ACT_SENDACK: tftp_put_ack(&w, e->x.ackno); break;
		case TFTP_ACT_FAIL:
			tftp_put_error(&w, e->x.code, e->x.text);
			break;
		case TFTP_ACT_END: e->over = 1; break;
		default: e->bad = 1;
		}
		if (wr_len(&w))
			post(s, !me, b, wr_len(&w));
	}
	if (e->x.next - e->x.base > e->x.conf.window)
		e->bad = 1;
}

static void
serve(struct sim *s, const struct tftp_pkt *p)
{
	struct end *e = &s->e[0];
	struct tftp_conf c = { 512, 1, 0, 10, s->e[1].x.conf.rollover ^ s->odd,
		8000, 1000, 0, { 0 }, 0 };
	const int write = p->op == TFTP_WRQ;

	if (e->x.state || e->x.conf.blksize) {
		tftp_xfer_repeat(&e->x, s->now);
		return;
	}
	if (p->opts.have & TFTP_HAVE_BLKSIZE)
		c.blksize = p->opts.blksize;
	if (p->opts.have & TFTP_HAVE_WINDOW)
		c.window = p->opts.window;
	e->opts = p->opts;
	tftp_xfer_start(
	    &e->x, &c, write ? TFTP_SERVE_WRITE : TFTP_SERVE_READ, s->now);
	if (!write)
		tftp_xfer_size(&e->x, e->size);
	if (p->opts.have)
		tftp_xfer_oack(&e->x);
}

/* delivers the earliest packet, or lets the earlier deadline pass */
static int
step(struct sim *s)
{
	struct link *l = &s->l;
	struct tftp_pkt p;
	struct packet k;
	size_t i, m = 0;
	int64_t at = INT64_MAX;
	int who = -1, j;

	for (i = 0; i < l->n; i++)
		if (l->q[i].at < l->q[m].at ||
		    (l->q[i].at == l->q[m].at && l->q[i].order < l->q[m].order))
			m = i;
	for (j = 0; j < 2; j++)
		if (!s->e[j].over && s->e[j].x.conf.blksize &&
		    s->e[j].x.deadline >= 0 && s->e[j].x.deadline < at) {
			at = s->e[j].x.deadline;
			who = j;
		}
	if (l->n && l->q[m].at <= at) {
		k = l->q[m];
		l->q[m] = l->q[--l->n];
		s->now = k.at;
		who = k.to;
		if (s->e[who].over || tftp_get(&p, k.b, k.len) < 0)
			return 1;
		if (p.op == TFTP_RRQ || p.op == TFTP_WRQ)
			serve(s, &p);
		else
			tftp_xfer_input(&s->e[who].x, s->now, &p);
	} else if (who >= 0) {
		s->now = at;
		tftp_xfer_tick(&s->e[who].x, s->now);
	} else
		return 0;
	drain(s, who);
	return 1;
}

static void
open_sim(struct sim *s, uint64_t seed, uint64_t size)
{
	struct tftp_conf c = { 512, 1, 0, 10, 0, 8000, 1000, 0, { 0 }, 0 };
	struct end *cl = &s->e[1];
	const int put = s->op == TFTP_WRQ;

	s->l.rnd = seed * 0x9e3779b97f4a7c15 + 1;
	if (s->options) {
		cl->opts.have = TFTP_HAVE_BLKSIZE | TFTP_HAVE_WINDOW;
		cl->opts.blksize = s->blksize;
		cl->opts.window = s->window;
	}
	c.asked = cl->opts;
	c.rollover = (unsigned)seed % 2;
	tftp_xfer_start(&cl->x, &c, put ? TFTP_PUT : TFTP_GET, 0);
	s->e[put].size = size;
	if (put)
		tftp_xfer_size(&cl->x, size);
}

static int
run(struct sim *s, uint64_t seed, uint64_t size)
{
	const int put = s->op == TFTP_WRQ;
	const struct end *from = &s->e[put], *to = &s->e[!put];
	long steps;

	open_sim(s, seed, size);
	drain(s, 1);
	for (steps = 0; steps < 4000000 && step(s); steps++)
		;
	if (s->e[0].bad || s->e[1].bad || s->l.overflow || !s->e[1].over)
		return -1;
	if (s->e[0].x.conf.blksize && !s->e[0].over)
		return -1;
	if (to->committed > 1 || (to->committed && to->got != size))
		return -1;
	/* the sender believes it only when it is true */
	if (from->x.result == TFTP_DONE && !to->committed)
		return -1;
	return to->committed && from->x.result == TFTP_DONE;
}

static const uint64_t sizes[] = { 0, 1, 511, 512, 513, 1024, 5000, 12 * 512,
	40000 };
static const unsigned windows[] = { 1, 2, 3, 4, 8, 16, 64 };
static const unsigned blocks[] = { 8, 64, 512, 1428 };

static void
pick(struct sim *s, struct packet *q, unsigned i)
{
	memset(s, 0, sizeof(*s));
	s->l.q = q;
	s->l.delay = 1 + i % 40;
	s->op = i & 1 ? TFTP_WRQ : TFTP_RRQ;
	s->options = i % 5 > 0;
	s->window = windows[i / 5 % 7];
	s->blksize = blocks[i / 35 % 4];
}

static void
lossy(struct packet *q)
{
	static struct sim s;
	unsigned i, done = 0, wrong = 0, half = 0;
	int r;

	for (i = 0; i < 6000; i++) {
		pick(&s, q, i);
		s.l.loss = i % 4 * 5;
		s.l.dup = i % 3 * 10;
		s.l.reorder = i % 7 * 5;
		r = run(&s, i + 1, sizes[i % 9] / (s.blksize == 8 ? 8 : 1));
		if (r < 0) {
			wrong++;
			printf("# seed %u went wrong\n", i);
		}
		done += r > 0;
		half += r == 0;
	}
	printf("# %u complete, %u ended in an error, %u wrong\n", done, half,
	    wrong);
	OK_MSG(!wrong, "6000 bad links: the right bytes or an error");
	OK_MSG(done > 5800, "nearly all of them complete");
	/* without loss or trouble all are */
	for (i = done = 0; i < 700; i++) {
		pick(&s, q, i);
		done += run(&s, i + 1,
			    sizes[i % 9] / (s.blksize == 8 ? 8 : 1)) == 1;
	}
	OK_MSG(done == 700, "good links: always complete");
}

/* every packet twice: what is sent grows by a constant, not by itself */
static void
apprentice(struct packet *q)
{
	static struct sim s;
	unsigned i, worst = 0, n, lock = 0;

	for (i = 0; i < 70; i++) {
		pick(&s, q, i * 5 + (i & 1) + 1);
		s.l.delay = 1;
		s.l.dup = 100;
		if (run(&s, i + 1, s.blksize * 100u) != 1) {
			OK_MSG(0, "duplicates do not stop a transfer");
			return;
		}
		n = (unsigned)(s.l.sent[s.op == TFTP_RRQ]);
		if (s.window == 1)
			lock = n > lock ? n : lock;
		else
			worst = n > worst ? n : worst;
	}
	printf("# of 101 blocks: lockstep %u sent, windows %u\n", lock, worst);
	OK_MSG(lock <= 103, "lockstep: every packet twice repeats none");
	OK_MSG(worst <= 2 * 101 + 64, "windows: no more than once each");
}

/* block numbers wrap: 16 bits at 8 bytes a block; seed is the client's rule */
static int
wraps(struct sim *s, struct packet *q, unsigned op, uint64_t seed)
{
	s->l.q = q;
	s->l.delay = 1;
	s->op = op ? TFTP_WRQ : TFTP_RRQ;
	s->options = 1;
	s->blksize = 8;
	return run(s, seed, 8 * (70000 * 2 + op)) == 1;
}

static void
wrap(struct packet *q)
{
	static struct sim s;
	unsigned i;

	for (i = 0; i < 16; i++) {
		memset(&s, 0, sizeof(s));
		s.l.loss = i / 8;
		s.window = i & 2 ? 64 : 1;
		OK_MSG(wraps(&s, q, i & 1, 2 + (i >> 2 & 1)),
		    "block numbers wrap twice");
	}
	/* the ends do not agree: 1 for 0 and 0 for 1 in lockstep, 0 for 1 in
	 * windows */
	for (i = 0; i < 6; i++) {
		memset(&s, 0, sizeof(s));
		s.odd = 1;
		s.window = i < 4 ? 1 : 64;
		OK_MSG(wraps(&s, q, i & 1, 2 + ((i > 1) ^ (i & 1))),
		    "and the receiver follows");
	}
}

/* one request, then silence until it ends: how many packets it was worth */
static unsigned
unanswered(struct tftp_xfer *x)
{
	unsigned sends = 0;
	enum tftp_act act;
	int64_t now = 0;

	while (x->result == TFTP_RUNNING && x->deadline >= 0) {
		while ((act = tftp_xfer_next(x))) {
			if (act == TFTP_ACT_END)
				continue;
			if (act != TFTP_ACT_SEND) {
				sends++;
				continue;
			}
			sends += (unsigned)x->count;
			tftp_xfer_sent(x, now, x->count);
		}
		now = x->deadline;
		tftp_xfer_tick(x, now);
	}
	OK(x->result == TFTP_UNASKED);
	return sends;
}

/* one packet; with --retransmit an OACK goes twice, for a client that was not
 * listening yet */
static void
half_open(void)
{
	struct tftp_conf c = { 512, 1, 0, 10, 0, 8000, 1000, 0, { 0 }, 0 };
	struct tftp_xfer x;
	unsigned i;

	for (i = 0; i < 8; i++) {
		c.repeat = i & 4 ? 200 : 0;
		tftp_xfer_start(
		    &x, &c, i & 1 ? TFTP_SERVE_WRITE : TFTP_SERVE_READ, 0);
		if (!(i & 1))
			tftp_xfer_size(&x, 100000);
		if (i & 2) {
			x.conf.window = 64;
			tftp_xfer_oack(&x);
		}
		OK(x.deadline == ((i & 6) == 6 ? 1000 : 8000));
		OK_MSG(unanswered(&x) == ((i & 6) == 6 ? 2 : 1),
		    "an unanswered request is worth one packet, or two OACKs");
	}
}

static unsigned
acks(struct tftp_xfer *x)
{
	enum tftp_act act;
	unsigned n = 0;

	while ((act = tftp_xfer_next(x)))
		n += act == TFTP_ACT_SENDACK;
	return n;
}

/* an upload whose last ACK is lost twice: the client's timer, with or without
 * its option, finds somebody both times, and then it ends */
static void
last_ack(unsigned option)
{
	struct tftp_conf c = { 512, 1, option, 10, 0, 8000, 1000, 0, { 0 }, 0 };
	const int64_t timer = option ? option * 1000 : 5000;
	struct tftp_pkt p = { .op = TFTP_DATA, .block = 1 };
	struct tftp_xfer x;
	int64_t now = 3;
	int i;

	tftp_xfer_start(&x, &c, TFTP_SERVE_WRITE, 0);
	OK(acks(&x) == 1);
	tftp_xfer_input(&x, now, &p);
	OK(acks(&x) == 1 && tftp_xfer_dallying(&x));
	for (i = 0; i < 2; i++) {
		now += timer + 500;
		tftp_xfer_tick(&x, now);
		tftp_xfer_repeat(&x, now);
		OK(!acks(&x) && tftp_xfer_dallying(&x));
		tftp_xfer_input(&x, now, &p);
		OK_MSG(acks(&x) == 1, "the last block again is acknowledged");
	}
	OK(x.deadline > now + timer && x.deadline <= now + timer + 2000);
	tftp_xfer_tick(&x, x.deadline);
	OK(x.result == TFTP_DONE && x.deadline < 0 && !acks(&x));
}

/* a short time that was measured: never sooner than the timeout option */
static void
option_is_floor(void)
{
	struct tftp_conf c = { 512, 1, 3, 10, 0, 8000, 1000, 0, { 0 }, 0 };
	struct tftp_pkt p = { .op = TFTP_ACK, .block = 1 };
	struct tftp_xfer x;
	int64_t now = 1;
	int i;

	tftp_xfer_start(&x, &c, TFTP_SERVE_READ, 0);
	tftp_xfer_size(&x, 100000);
	x.rto.ms = 200;
	while (tftp_xfer_next(&x) == TFTP_ACT_SEND)
		tftp_xfer_sent(&x, 0, x.count);
	tftp_xfer_input(&x, now, &p);
	for (i = 0; i < 4; i++) {
		while (tftp_xfer_next(&x) == TFTP_ACT_SEND)
			tftp_xfer_sent(&x, now, x.count);
		OK(x.deadline >= now + 3000);
		now = x.deadline;
		tftp_xfer_tick(&x, now);
	}
}

/* the time given is where it starts, and what it never falls below; ms until
 * each of n repetitions, after a block that was acknowledged in 1 ms */
static int
repeats(int64_t ms, const int64_t *want, int n)
{
	const struct tftp_conf c = { .blksize = 512,
		.window = 1,
		.retries = 10,
		.patience = 8000,
		.repeat = ms };
	const struct tftp_pkt p = { .op = TFTP_ACK, .block = 1 };
	struct tftp_xfer x;
	int64_t now = 1;
	int i, wrong = 0;

	tftp_xfer_start(&x, &c, TFTP_SERVE_READ, 0);
	tftp_xfer_size(&x, 100000);
	while (tftp_xfer_next(&x) == TFTP_ACT_SEND)
		tftp_xfer_sent(&x, 0, x.count);
	tftp_xfer_input(&x, now, &p);
	for (i = 0; i < n; i++) {
		while (tftp_xfer_next(&x) == TFTP_ACT_SEND)
			tftp_xfer_sent(&x, now, x.count);
		wrong += x.deadline != now + want[i];
		now = x.deadline;
		tftp_xfer_tick(&x, now);
	}
	return !wrong;
}

static void
repeat_is_floor(void)
{
	OK(repeats(0, (const int64_t[]){ 100, 200, 400, 800 }, 4));
	OK(repeats(200, (const int64_t[]){ 200, 400, 800 }, 3));
	OK(repeats(3000, (const int64_t[]){ 3000, 5000, 5000 }, 3));
	OK(repeats(9000, (const int64_t[]){ 9000, 9000 }, 2));
}

/* drops what there is to do, as if it went; ms until a peer that is silent
 * from now on is given up */
static int64_t
silence(struct tftp_xfer *x, int64_t now)
{
	const int64_t from = now;
	enum tftp_act act;
	int i;

	for (i = 0; i < 200 && x->result == TFTP_RUNNING; i++) {
		while ((act = tftp_xfer_next(x)))
			if (act == TFTP_ACT_SEND)
				tftp_xfer_sent(x, now, x->count);
		if (x->deadline < now)
			break;
		now = x->deadline;
		tftp_xfer_tick(x, now);
	}
	return now - from;
}

/* a client that has one block, and then says nothing: the same */
static int64_t
vanished(unsigned timeout, unsigned retries, struct tftp_xfer *x)
{
	const struct tftp_conf c = { .blksize = 512,
		.window = 1,
		.timeout = timeout,
		.retries = retries,
		.patience = 8000 };
	const struct tftp_pkt p = { .op = TFTP_ACK, .block = 1 };

	tftp_xfer_start(x, &c, TFTP_SERVE_READ, 0);
	tftp_xfer_size(x, 100000);
	while (tftp_xfer_next(x) == TFTP_ACT_SEND)
		tftp_xfer_sent(x, 0, x->count);
	tftp_xfer_input(x, 1, &p);
	return silence(x, 1);
}

/* whoever is silent is given up, sooner or later by what was asked for */
static void
silent(void)
{
	struct tftp_xfer x;

	OK(vanished(0, 8, &x) < 60000 && x.result == TFTP_SILENT);
	OK(vanished(5, 8, &x) == 45000 && x.result == TFTP_SILENT);
	OK_MSG(vanished(255, 8, &x) == 3 * 255000 && x.result == TFTP_FAILED,
	    "a client that asked for 255 seconds and vanished");
	OK(x.resent == 2);
	OK(vanished(20, 8, &x) == 120000 && x.result == TFTP_FAILED);
	OK(vanished(0, 100, &x) > 400000 && x.result == TFTP_SILENT);
}

/* an upload whose client sends the same block every second for ever; last:
 * its last one. The seconds that this is borne. */
static int
echoed(int last, struct tftp_xfer *x)
{
	static const uint8_t data[512];
	const struct tftp_conf c = {
		.blksize = 512, .window = 1, .retries = 8, .patience = 8000
	};
	const struct tftp_pkt p = {
		.op = TFTP_DATA, .block = 1, .data = data, .len = last ? 1 : 512
	};
	int64_t now;

	tftp_xfer_start(x, &c, TFTP_SERVE_WRITE, 0);
	(void)acks(x);
	for (now = 0; now < 3600000 && x->deadline >= 0; now += 1000) {
		tftp_xfer_input(x, now, &p);
		(void)acks(x);
		tftp_xfer_tick(x, now);
		(void)acks(x);
	}
	return (int)(now / 1000);
}

static void
echoes(void)
{
	struct tftp_xfer x;

	OK_MSG(echoed(0, &x) == 121 && x.result == TFTP_FAILED,
	    "a client that only repeats itself is given up");
	OK_MSG(echoed(1, &x) == 121 && x.result == TFTP_DONE,
	    "nor is its last block acknowledged for ever");
}

/* what comes of an answer of the server's with one option of that value */
static enum tftp_result
offered(unsigned have, unsigned v)
{
	static const struct tftp_conf c = { .blksize = 512,
		.window = 1,
		.retries = 8,
		.hello = 1000,
		.asked = { .have = TFTP_HAVE_BLKSIZE | TFTP_HAVE_WINDOW |
				   TFTP_HAVE_TIMEOUT,
		    .blksize = 1000,
		    .window = 4,
		    .timeout = 3 } };
	const struct tftp_pkt p = { .op = TFTP_OACK,
		.opts = { .have = have,
		    .blksize = v,
		    .window = v,
		    .timeout = v,
		    .tsize = v } };
	struct tftp_xfer x;

	tftp_xfer_start(&x, &c, TFTP_GET, 0);
	tftp_xfer_input(&x, 1, &p);
	OK(x.result == TFTP_RUNNING || x.code == TFTP_EOPTION);
	return x.result;
}

/* RFC 2347, 2348, 2349, 7440: what a server may agree to */
static void
offers(void)
{
	OK(offered(TFTP_HAVE_BLKSIZE, 1000) == TFTP_RUNNING &&
	    offered(TFTP_HAVE_BLKSIZE, 8) == TFTP_RUNNING &&
	    offered(TFTP_HAVE_BLKSIZE, 1001) == TFTP_FAILED);
	OK(offered(TFTP_HAVE_WINDOW, 4) == TFTP_RUNNING &&
	    offered(TFTP_HAVE_WINDOW, 1) == TFTP_RUNNING &&
	    offered(TFTP_HAVE_WINDOW, 5) == TFTP_FAILED);
	OK(offered(TFTP_HAVE_TIMEOUT, 3) == TFTP_RUNNING &&
	    offered(TFTP_HAVE_TIMEOUT, 2) == TFTP_FAILED &&
	    offered(TFTP_HAVE_TIMEOUT, 4) == TFTP_FAILED);
	OK(offered(TFTP_HAVE_TSIZE, 3) == TFTP_FAILED);
}

static void
hears(struct tftp_xfer *x, int op, unsigned block, int64_t now)
{
	static const uint8_t data[513];
	const struct tftp_pkt p = { .op = op,
		.block = (uint16_t)block,
		.data = data,
		.len = op == TFTP_DATA ? x->conf.blksize : 0 };

	tftp_xfer_input(x, now, &p);
}

/* a first word that is none */
static void
strangers(void)
{
	const struct tftp_conf c = { .blksize = 512,
		.window = 1,
		.retries = 8,
		.hello = 1000,
		.patience = 8000 };
	struct tftp_xfer x;

	tftp_xfer_start(&x, &c, TFTP_PUT, 0);
	hears(&x, TFTP_ACK, 1, 1);
	OK(tftp_xfer_next(&x) == TFTP_ACT_HELLO && !tftp_xfer_next(&x));
	hears(&x, TFTP_ACK, 0, 1);
	OK(tftp_xfer_next(&x) == TFTP_ACT_SEND);
	tftp_xfer_start(&x, &c, TFTP_GET, 0);
	hears(&x, TFTP_DATA, 2, 1);
	OK(tftp_xfer_next(&x) == TFTP_ACT_HELLO && !tftp_xfer_next(&x));
	tftp_xfer_start(&x, &c, TFTP_SERVE_READ, 0);
	tftp_xfer_size(&x, 100000);
	tftp_xfer_oack(&x);
	hears(&x, TFTP_ACK, 5, 1);
	OK(tftp_xfer_next(&x) == TFTP_ACT_HELLO && !tftp_xfer_next(&x));
	hears(&x, TFTP_ACK, 0, 1);
	OK(tftp_xfer_next(&x) == TFTP_ACT_SEND);
	tftp_xfer_start(&x, &c, TFTP_SERVE_WRITE, 0);
	tftp_xfer_tick(&x, x.deadline);
	while (tftp_xfer_next(&x))
		;
	tftp_xfer_repeat(&x, 9000);
	OK_MSG(x.result == TFTP_UNASKED && !tftp_xfer_next(&x),
	    "nothing is repeated of what is over");
}

/* blocks that are not the next one */
static void
odd_blocks(void)
{
	const struct tftp_conf c = {
		.blksize = 512, .window = 4, .retries = 8, .patience = 8000
	};
	struct tftp_xfer x;

	tftp_xfer_start(&x, &c, TFTP_SERVE_WRITE, 0);
	OK(acks(&x) == 1);
	hears(&x, TFTP_DATA, 5, 1);
	OK_MSG(!acks(&x), "further ahead than the window");
	hears(&x, TFTP_DATA, 4, 1);
	OK_MSG(acks(&x) == 1, "not so far: what is missing is asked for");
	hears(&x, TFTP_DATA, 3, 1);
	OK_MSG(!acks(&x) && x.expected == 1, "once");
	x.expected = 65536;
	hears(&x, TFTP_DATA, 1, 1);
	OK_MSG(x.expected == 65536 && !x.conf.rollover,
	    "1 for 65537 in a window, whose 65536 was lost");
	x.conf.blksize = 513;
	hears(&x, TFTP_DATA, 0, 1);
	OK(x.expected == 65537 && x.len == 513);
	(void)acks(&x);
	x.conf.blksize = 512;
	tftp_xfer_input(&x, 1,
	    &(struct tftp_pkt){
		.op = TFTP_DATA, .block = 1, .data = x.data, .len = 513 });
	OK_MSG(x.result == TFTP_FAILED && x.code == TFTP_EILLEGAL &&
		   x.expected == 65537,
	    "a block longer than agreed");
	tftp_xfer_start(&x, &c, TFTP_SERVE_WRITE, 0);
	tftp_xfer_input(&x, 1,
	    &(struct tftp_pkt){ .op = TFTP_DATA, .block = 1, .data = x.data });
	OK(tftp_xfer_dallying(&x));
	tftp_xfer_fail(&x, TFTP_EFULL, "disk full");
	OK_MSG(x.result == TFTP_FAILED, "whole, and cannot be kept");
	tftp_xfer_start(&x, &c, TFTP_GET, 0);
	tftp_xfer_input(&x, 1, &(struct tftp_pkt){ .op = TFTP_OACK });
	OK(acks(&x) == 1);
	tftp_xfer_input(&x, 1, &(struct tftp_pkt){ .op = TFTP_OACK });
	OK_MSG(acks(&x) == 1, "its ACK of the options was lost");
	hears(&x, TFTP_DATA, 1, 1);
	OK(acks(&x) == 1);
	tftp_xfer_input(&x, 1, &(struct tftp_pkt){ .op = TFTP_OACK });
	OK_MSG(!acks(&x), "they come late");
}

static void
goes(struct tftp_xfer *x, int64_t now)
{
	while (tftp_xfer_next(x) == TFTP_ACT_SEND)
		tftp_xfer_sent(x, now, x->count);
}

/* an ACK that says nothing new: the window's first block was lost, unless it
 * comes sooner than that can be known, or echoes a repetition */
static void
second_acks(void)
{
	const struct tftp_conf c = {
		.blksize = 512, .window = 8, .retries = 8, .patience = 8000
	};
	struct tftp_xfer x;

	tftp_xfer_start(&x, &c, TFTP_SERVE_READ, 0);
	tftp_xfer_size(&x, 100000);
	tftp_xfer_oack(&x);
	(void)tftp_xfer_next(&x);
	hears(&x, TFTP_ACK, 0, 160);
	goes(&x, 160);
	hears(&x, TFTP_ACK, 9, 300);
	OK_MSG(x.base == 1, "of what was never sent");
	hears(&x, TFTP_ACK, 8, 320);
	goes(&x, 320);
	hears(&x, TFTP_ACK, 8, 325);
	OK(x.base == 9 && x.resent == 0);
	hears(&x, TFTP_ACK, 8, 400);
	OK(x.resent == 8);
	goes(&x, 400);
	hears(&x, TFTP_ACK, 8, 560);
	OK_MSG(x.resent == 8, "once a window");
	hears(&x, TFTP_ACK, 16, 570);
	goes(&x, 570);
	hears(&x, TFTP_ACK, 16, 700);
	OK_MSG(x.resent == 8, "the echo of what went twice");
	hears(&x, TFTP_ACK, 16, 710);
	OK(x.resent == 16);
}

int
main(void)
{
	struct packet *q = malloc(NPKT * sizeof(*q));

	if (!q)
		return 1;
	lossy(q);
	apprentice(q);
	wrap(q);
	half_open();
	last_ack(0);
	last_ack(1);
	last_ack(20);
	option_is_floor();
	repeat_is_floor();
	silent();
	echoes();
	offers();
	strangers();
	odd_blocks();
	second_acks();
	free(q);
	return tap_done();
}
