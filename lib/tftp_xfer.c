/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "tftp_xfer.h"

enum { HELLO, FLOW, DALLY, OVER };

#define UNKNOWN	 UINT64_MAX
#define GET_MIN	 200	/* ms that a client dallies at least, */
#define PUT_PEER 5000	/* the longest usual timer of clients (U-Boot's), */
#define PUT_MORE 1000	/* and what its packet may take besides */
#define OACK_LAG 1000	/* that an ACK of options may take at least */
#define STALL	 120000 /* ms without progress that are borne in any case */

static int
sends(const struct tftp_xfer *x)
{
	return x->role == TFTP_SERVE_READ || x->role == TFTP_PUT;
}

static int
serves(const struct tftp_xfer *x)
{
	return x->role == TFTP_SERVE_READ || x->role == TFTP_SERVE_WRITE;
}

static void
end(struct tftp_xfer *x, enum tftp_result r)
{
	if (x->result == TFTP_RUNNING)
		x->result = r;
	x->state = OVER;
	x->deadline = -1;
	x->todo = (x->todo & TFTP_ACT_FAIL) | TFTP_ACT_END;
}

void
tftp_xfer_fail(struct tftp_xfer *x, unsigned code, const char *text)
{
	if (x->state == OVER)
		return;
	x->code = (uint16_t)code;
	x->text = text;
	x->result = TFTP_RUNNING; /* a COMMIT may fail */
	x->todo = TFTP_ACT_FAIL;
	end(x, TFTP_FAILED);
}

static void
sample(struct tftp_xfer *x, int64_t now)
{
	tftp_rto_sample(&x->rto, now - x->timed_at);
	x->timed = 0;
}

static int64_t
larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* RFC 1350 section 6: until a peer that did not get the last ACK would have
 * sent its block again */
static int64_t
linger(const struct tftp_xfer *x)
{
	const int64_t peer =
	    x->conf.timeout ? (int64_t)x->conf.timeout * 1000 : PUT_PEER;

	if (!serves(x))
		return larger(2 * x->rto.ms, GET_MIN);
	return larger(2 * x->rto.ms, peer + larger(x->rto.ms, PUT_MORE));
}

/* When a transfer that makes no progress ends: a peer that only repeats itself
 * would keep it for ever, and one that asked for 255 seconds and went away for
 * 38 minutes. Not before the repetitions are over that were asked for. */
static int64_t
stalled_at(const struct tftp_xfer *x)
{
	const int64_t each = larger(TFTP_RTO_MAX, x->conf.repeat);

	return x->since + larger(STALL, larger(each * (x->conf.retries + 1),
					    (int64_t)x->conf.timeout * 3000));
}

/* RFC 2349: never sooner than the client's timeout option says */
static void
arm(struct tftp_xfer *x, int64_t now)
{
	const int64_t floor =
	    larger((int64_t)x->conf.timeout * 1000, x->conf.repeat);
	const int64_t last = stalled_at(x);

	x->deadline =
	    now + (x->state == DALLY ? linger(x)
				     : tftp_rto_wait(&x->rto, x->tries, floor));
	if (x->deadline > last)
		x->deadline = last;
}

/* an own first word went out: it is timed, and waited for */
static void
arm_hello(struct tftp_xfer *x, int64_t now)
{
	int64_t ms = x->conf.hello;
	unsigned i;

	x->timed = x->tries ? 0 : UNKNOWN;
	x->timed_at = now;
	if (serves(x)) {
		x->deadline = now + x->conf.patience;
		return;
	}
	for (i = 0; !x->conf.wait && i < x->tries && ms < TFTP_RTO_MAX; i++)
		ms *= 2;
	x->deadline = now + ms;
}

/* the peer has brought it further */
static void
advance(struct tftp_xfer *x, int64_t now)
{
	x->tries = 0;
	x->since = now;
}

static void
flow(struct tftp_xfer *x)
{
	x->state = FLOW;
	if (x->size != UNKNOWN)
		x->last = x->size / x->conf.blksize + 1;
}

void
tftp_xfer_start(struct tftp_xfer *x, const struct tftp_conf *conf,
    enum tftp_role role, int64_t now)
{
	memset(x, 0, sizeof(*x));
	x->role = role;
	x->conf = *conf;
	x->size = x->last = UNKNOWN;
	x->base = x->next = x->high = 1;
	x->expected = 1;
	x->since = now;
	tftp_rto_init(&x->rto);
	if (conf->repeat)
		x->rto.ms = conf->repeat;
	arm_hello(x, now);
	x->state = HELLO;
	if (!serves(x)) {
		x->todo = TFTP_ACT_HELLO;
		return;
	}
	flow(x);
	if (role == TFTP_SERVE_WRITE)
		x->todo = TFTP_ACT_SENDACK;
}

void
tftp_xfer_oack(struct tftp_xfer *x)
{
	x->oack = 1;
	x->todo = TFTP_ACT_HELLO;
	if (x->role == TFTP_SERVE_READ)
		x->state = HELLO;
	if (x->conf.repeat)
		x->deadline = x->since + larger(x->conf.repeat, OACK_LAG);
}

void
tftp_xfer_size(struct tftp_xfer *x, uint64_t size)
{
	x->size = size;
	x->last = size / x->conf.blksize + 1;
}

void
tftp_xfer_last(struct tftp_xfer *x, uint64_t n)
{
	x->last = n;
}

static void
acknowledge(struct tftp_xfer *x, int64_t now)
{
	x->ackno = tftp_wire(x->expected - 1, x->conf.rollover);
	x->todo |= TFTP_ACT_SENDACK;
	x->run = 0;
	arm(x, now);
}

/* all blocks from base on go once more */
static void
again(struct tftp_xfer *x)
{
	x->resent += (unsigned)(x->next - x->base);
	x->next = x->base;
	x->timed = 0;
}

/* An ACK of nothing new: in lockstep it is of no account, in windows it may
 * say that the window's first block was lost (RFC 7440 section 4). Believed
 * once a window, and not when it can be the echo of a repetition. */
static void
second_ack(struct tftp_xfer *x, int64_t now)
{
	if (x->conf.window == 1 || x->fast || x->next == x->base)
		return;
	if (x->owed) {
		x->owed--;
		return;
	}
	if (x->rto.srtt > 0 && now - x->sent_at < x->rto.srtt / 16)
		return;
	x->fast = 1;
	x->owed = 1;
	again(x);
}

static void
in_ack(struct tftp_xfer *x, int64_t now, uint16_t block)
{
	const int32_t d = tftp_ahead(x->base - 1, block, x->conf.rollover);
	uint64_t n;

	if (d < 0 || (n = x->base - 1 + (uint64_t)d) >= x->high)
		return;
	if (!d) {
		second_ack(x, now);
		return;
	}
	if (x->timed && n >= x->timed)
		sample(x, now);
	advance(x, now);
	x->fast = 0;
	x->base = n + 1;
	if (n == x->last) {
		end(x, TFTP_DONE);
		return;
	}
	if (x->next > x->base)
		again(x); /* the rest is lost: RFC 7440 section 4 */
	x->next = x->base;
	arm(x, now);
}

static void
accept(struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p)
{
	if (x->timed)
		sample(x, now);
	advance(x, now);
	x->gapped = 0;
	x->data = p->data;
	x->len = p->len;
	x->offset = (x->expected - 1) * x->conf.blksize;
	x->todo |= TFTP_ACT_WRITE;
	x->expected++;
	x->run++;
	if (p->len < x->conf.blksize) {
		x->state = DALLY;
		x->result = TFTP_DONE;
		x->todo |= TFTP_ACT_COMMIT;
	}
	if (p->len < x->conf.blksize || x->run == x->conf.window) {
		acknowledge(x, now);
		x->timed = 1;
		x->timed_at = now;
	} else
		arm(x, now);
}

static void
in_data(struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p)
{
	int32_t d;

	if (p->len > x->conf.blksize) {
		tftp_xfer_fail(x, TFTP_EILLEGAL, "block longer than agreed");
		return;
	}
	/* some start over with 1, which in lockstep cannot be anything else;
	 * and no 0 comes from one that does */
	if (x->expected == 65536 && p->block < 2 &&
	    (x->conf.window == 1 || !p->block))
		x->conf.rollover = p->block;
	d = tftp_ahead(x->expected - 1, p->block, x->conf.rollover);
	if (d == 1 && x->state == FLOW)
		accept(x, now, p);
	else if (d == 0 && !x->run) {
		x->resent++;
		acknowledge(x, now); /* ours was lost */
	} else if (d > 1 && (unsigned)d <= x->conf.window && !x->gapped) {
		x->gapped = 1;
		acknowledge(x, now);
	}
}

/* may the server say so? RFC 2347, 2348, 2349, 7440: nothing that was not
 * asked for, nothing larger */
static int
agreeable(const struct tftp_opts *asked, const struct tftp_opts *o)
{
	if (o->have & ~asked->have)
		return 0;
	if (o->have & TFTP_HAVE_BLKSIZE && o->blksize > asked->blksize)
		return 0;
	if (o->have & TFTP_HAVE_WINDOW && o->window > asked->window)
		return 0;
	return !(o->have & TFTP_HAVE_TIMEOUT) || o->timeout == asked->timeout;
}

/* the client's HELLO is answered; o is NULL when no option was taken */
static void
answered(struct tftp_xfer *x, int64_t now, const struct tftp_opts *o)
{
	x->conf.blksize = TFTP_BLKSIZE;
	x->conf.window = 1;
	x->conf.timeout = 0;
	if (o) {
		x->agreed = *o;
		if (o->have & TFTP_HAVE_BLKSIZE)
			x->conf.blksize = o->blksize;
		if (o->have & TFTP_HAVE_WINDOW)
			x->conf.window = o->window;
		if (o->have & TFTP_HAVE_TIMEOUT)
			x->conf.timeout = o->timeout;
	}
	if (x->timed)
		sample(x, now);
	advance(x, now);
	flow(x);
	if (!sends(x) && o)
		acknowledge(x, now);
	else
		arm(x, now);
}

static void
in_hello(struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p)
{
	if (serves(x)) {
		advance(x, now);
		flow(x);
		arm(x, now);
	} else if (p->op == TFTP_OACK) {
		if (agreeable(&x->conf.asked, &p->opts))
			answered(x, now, &p->opts);
		else
			tftp_xfer_fail(
			    x, TFTP_EOPTION, "options not asked for");
	} else if (p->op == TFTP_ACK && sends(x) && !p->block)
		answered(x, now, NULL);
	else if (p->op == TFTP_DATA && !sends(x) && p->block == 1) {
		answered(x, now, NULL);
		in_data(x, now, p);
	}
}

static void
in_flow(struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p)
{
	if (p->op == TFTP_ACK && sends(x))
		in_ack(x, now, p->block);
	else if (p->op == TFTP_DATA && !sends(x))
		in_data(x, now, p);
	else if (p->op == TFTP_OACK && x->role == TFTP_GET && x->expected == 1)
		acknowledge(x, now);
}

static int
expects(const struct tftp_xfer *x, int op)
{
	if (op == TFTP_ERROR || op == (sends(x) ? TFTP_ACK : TFTP_DATA))
		return 1;
	return op == TFTP_OACK && !serves(x);
}

void
tftp_xfer_input(struct tftp_xfer *x, int64_t now, const struct tftp_pkt *p)
{
	if (x->state == OVER)
		return;
	if (p && x->state == HELLO && serves(x) && p->op == TFTP_ACK &&
	    p->block)
		return; /* of another transfer */
	if (serves(x) && !x->confirmed && x->timed)
		sample(x, now);
	x->confirmed = 1;
	if (!p || !expects(x, p->op)) {
		if (x->state != DALLY)
			tftp_xfer_fail(
			    x, TFTP_EILLEGAL, tftp_strerror(TFTP_EILLEGAL));
	} else if (p->op == TFTP_ERROR) {
		x->code = p->code;
		end(x, TFTP_PEER);
	} else if (x->state == HELLO)
		in_hello(x, now, p);
	else
		in_flow(x, now, p);
}

void
tftp_xfer_repeat(struct tftp_xfer *x, int64_t now)
{
	if (x->confirmed || x->state == OVER)
		return;
	x->tries = 1;
	arm_hello(x, now);
	x->resent++;
	if (x->oack)
		x->todo |= TFTP_ACT_HELLO;
	else if (sends(x))
		x->next = x->base;
	else
		x->todo |= TFTP_ACT_SENDACK;
}

void
tftp_xfer_tick(struct tftp_xfer *x, int64_t now)
{
	if (x->deadline < 0 || now < x->deadline)
		return;
	if (x->state == DALLY)
		end(x, TFTP_DONE);
	else if (serves(x) && !x->confirmed && x->oack && x->conf.repeat &&
		 !x->tries)
		tftp_xfer_repeat(x, now);
	else if (serves(x) && !x->confirmed)
		end(x, TFTP_UNASKED);
	else if (++x->tries > x->conf.retries &&
		 !(x->state == HELLO && x->conf.wait))
		end(x, TFTP_SILENT);
	else if (x->state != HELLO && now >= stalled_at(x))
		tftp_xfer_fail(x, TFTP_EUNDEF, "no progress");
	else if (x->state == HELLO) {
		arm_hello(x, now);
		x->resent++;
		x->todo |= TFTP_ACT_HELLO;
	} else if (sends(x)) {
		again(x);
		x->fast = x->owed = 0;
		arm(x, now);
	} else {
		x->timed = 0;
		x->resent++;
		acknowledge(x, now);
	}
}

void
tftp_xfer_sent(struct tftp_xfer *x, int64_t now, uint64_t n)
{
	if (!n)
		return;
	x->next = x->first + n;
	x->sent_at = now;
	if (x->next > x->high) {
		x->high = x->next;
		if (!x->timed && x->confirmed) {
			x->timed = x->next - 1;
			x->timed_at = now;
		}
	}
	if (x->confirmed)
		arm(x, now);
}

enum tftp_act
tftp_xfer_next(struct tftp_xfer *x)
{
	const unsigned act = x->todo & -x->todo;
	uint64_t upto;

	x->todo &= ~act;
	if (act || x->state != FLOW || !sends(x))
		return (enum tftp_act)act;
	upto = x->base + (x->confirmed ? x->conf.window : 1);
	if (x->last != UNKNOWN && upto > x->last + 1)
		upto = x->last + 1;
	if (x->next >= upto)
		return TFTP_ACT_NONE;
	x->first = x->next;
	x->count = upto - x->next;
	return TFTP_ACT_SEND;
}

int
tftp_xfer_flowing(const struct tftp_xfer *x)
{
	return x->high > 1 || x->expected > 1;
}

int
tftp_xfer_dallying(const struct tftp_xfer *x)
{
	return x->state == DALLY;
}
