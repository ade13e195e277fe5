/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "md5.h"
#include "mschap.h"
#include "ppp_peer.h"
#include "rd.h"
#include "wr.h"

static const char *const state_names[] = { "idle", "listening", "answered",
	"passed", "failed" };
_Static_assert(sizeof(state_names) / sizeof(*state_names) == PPP_PEER_NSTATES,
    "a name for each");

/* all changes of the state but that of ppp_peer_stop() */
static void
setstate(struct ppp_peer *p, struct ppp_turn *t, unsigned next, const char *ev)
{
	const struct ppp_act_log log = { ppp_method_name(
					     (enum ppp_method)p->method),
		state_names[p->state], state_names[next], ev };

	if (next == PPP_PEER_PASSED || next == PPP_PEER_FAILED)
		p->deadline = -1;
	if (p->state == next)
		return;
	p->state = (uint8_t)next;
	ppp_turn_log(t, &log);
}

static void
send_pap(struct ppp_peer *p, struct ppp_turn *t)
{
	const size_t n = strnlen(p->cfg->name, 255);
	const size_t s = strnlen(p->cfg->secret, 255);
	uint8_t buf[512];
	struct ppp_turn_pkt out = { PPP_PAP, PPP_PAP_REQ, p->id, buf, 0 };
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, (unsigned)n);
	wr_bytes(&w, p->cfg->name, n);
	wr_u8(&w, (unsigned)s);
	wr_bytes(&w, p->cfg->secret, s);
	out.len = wr_len(&w);
	ppp_turn_send(t, &out);
	explicit_bzero(buf, sizeof(buf));
	p->tries++;
	p->deadline = t->now + ppp_patience(p->tries, p->cfg->restart);
}

void
ppp_peer_start(struct ppp_peer *p, struct ppp_turn *t,
    const struct ppp_peer_cfg *cfg, enum ppp_method method)
{
	memset(p, 0, sizeof(*p));
	p->cfg = cfg;
	p->method = (uint8_t)method;
	p->deadline = t->now + (int64_t)cfg->restart * cfg->max_tries;
	if (method != PPP_AUTH_PAP) {
		setstate(p, t, PPP_PEER_LISTENING, "start");
		return;
	}
	p->id = (uint8_t)ppp_turn_rand(t);
	setstate(p, t, PPP_PEER_ANSWERED, "start");
	send_pap(p, t);
}

static enum ppp_peer_result
passed(struct ppp_peer *p, struct ppp_turn *t)
{
	setstate(p, t, PPP_PEER_PASSED, "Success");
	return PPP_PEER_OK;
}

static enum ppp_peer_result
failed(struct ppp_peer *p, struct ppp_turn *t, const char *why)
{
	setstate(p, t, PPP_PEER_FAILED, why);
	return PPP_PEER_BAD;
}

static enum ppp_peer_result
got_pap(struct ppp_peer *p, struct ppp_turn *t, const struct ppp_ctl *in)
{
	if (in->id != p->id || p->state != PPP_PEER_ANSWERED)
		return PPP_PEER_WAIT;
	if (in->code == PPP_PAP_ACK)
		return passed(p, t);
	if (in->code == PPP_PAP_NAK)
		return failed(p, t, "Nak");
	return PPP_PEER_WAIT;
}

static struct mschap
sums(const struct ppp_peer *p)
{
	return (struct mschap){ p->challenge, p->mine, p->cfg->name,
		strlen(p->cfg->name), p->cfg->secret, strlen(p->cfg->secret) };
}

/* the value of a Response to a Challenge (RFC 2759 section 4) */
static void
put_mschap(struct ppp_peer *p, struct wr *w)
{
	const struct mschap m = sums(p);
	uint8_t nt[MSCHAP_NT_LEN];

	mschap_response(&m, nt);
	wr_u8(w, MSCHAP_VALUE);
	wr_bytes(w, p->mine, sizeof(p->mine));
	wr_zero(w, 8);
	wr_bytes(w, nt, sizeof(nt));
	wr_u8(w, 0);
}

static void
put_md5(struct ppp_peer *p, struct wr *w, struct rd challenge)
{
	const size_t n = rd_left(&challenge);
	uint8_t sum[MD5_LEN];
	struct md5 m;

	md5_init(&m);
	md5_add(&m, &p->id, 1);
	md5_add(&m, p->cfg->secret, strlen(p->cfg->secret));
	md5_add(&m, rd_bytes(&challenge, n), n);
	md5_end(&m, sum);
	wr_u8(w, MD5_LEN);
	wr_bytes(w, sum, MD5_LEN);
}

/* a Challenge repeated gets the same Response, or the proof to come would be
 * of another one than we expect */
static void
take_challenge(struct ppp_peer *p, struct ppp_turn *t, struct rd challenge)
{
	uint8_t got[16];
	struct wr w;

	rd_copy(&challenge, got, sizeof(got));
	if (p->state != PPP_PEER_LISTENING &&
	    memcmp(got, p->challenge, sizeof(got)) == 0)
		return;
	memcpy(p->challenge, got, sizeof(got));
	wr_init(&w, p->mine, sizeof(p->mine));
	wr_u64(&w, ppp_turn_rand(t));
	wr_u64(&w, ppp_turn_rand(t));
}

static void
answer(struct ppp_peer *p, struct ppp_turn *t, const struct ppp_ctl *in)
{
	uint8_t buf[1 + MSCHAP_VALUE + 255];
	struct ppp_turn_pkt out = { PPP_CHAP, PPP_CHAP_RESPONSE, in->id, buf,
		0 };
	struct rd r, challenge;
	struct wr w;

	rd_init(&r, in->data, in->len);
	challenge = rd_sub(&r, rd_u8(&r));
	if (r.err || !rd_left(&challenge))
		return;
	wr_init(&w, buf, sizeof(buf));
	p->id = in->id;
	if (p->method == PPP_AUTH_CHAP) {
		put_md5(p, &w, challenge);
	} else {
		if (rd_left(&challenge) != sizeof(p->challenge))
			return;
		take_challenge(p, t, challenge);
		put_mschap(p, &w);
	}
	wr_bytes(&w, p->cfg->name, strnlen(p->cfg->name, 255));
	out.len = wr_len(&w);
	ppp_turn_send(t, &out);
	if (p->state == PPP_PEER_PASSED)
		return;
	p->deadline = t->now + (int64_t)p->cfg->restart * p->cfg->max_tries;
	setstate(p, t, PPP_PEER_ANSWERED, "Challenge");
}

/* MS-CHAPv2: whoever does not know our secret is not who we called */
static int
proven(const struct ppp_peer *p, const struct ppp_ctl *in)
{
	const struct mschap m = sums(p);
	uint8_t nt[MSCHAP_NT_LEN];
	char want[MSCHAP_PROOF];

	if (p->method != PPP_AUTH_MSCHAPV2)
		return 1;
	if (in->len < sizeof(want))
		return 0;
	mschap_response(&m, nt);
	mschap_proof(&m, nt, want);
	return ppp_same(in->data, want, sizeof(want));
}

static enum ppp_peer_result
got_chap(struct ppp_peer *p, struct ppp_turn *t, const struct ppp_ctl *in)
{
	if (p->state == PPP_PEER_FAILED)
		return PPP_PEER_WAIT;
	if (in->code == PPP_CHAP_CHALLENGE)
		answer(p, t, in);
	if (p->state == PPP_PEER_LISTENING || in->id != p->id)
		return PPP_PEER_WAIT;
	if (in->code == PPP_CHAP_FAILURE)
		return failed(p, t, "Failure");
	if (in->code != PPP_CHAP_SUCCESS)
		return PPP_PEER_WAIT;
	return proven(p, in) ? passed(p, t) : failed(p, t, "no proof");
}

enum ppp_peer_result
ppp_peer_input(
    struct ppp_peer *p, struct ppp_turn *t, const struct ppp_frame *f)
{
	struct ppp_ctl in;

	if (p->state == PPP_PEER_IDLE || ppp_ctl_get(&in, f->data, f->len) < 0)
		return PPP_PEER_WAIT;
	if (f->proto == PPP_PAP && p->method == PPP_AUTH_PAP)
		return got_pap(p, t, &in);
	if (f->proto == PPP_CHAP && p->method != PPP_AUTH_PAP)
		return got_chap(p, t, &in);
	return PPP_PEER_WAIT;
}

enum ppp_peer_result
ppp_peer_tick(struct ppp_peer *p, struct ppp_turn *t)
{
	if (p->deadline < 0 || t->now < p->deadline)
		return PPP_PEER_WAIT;
	if (p->method == PPP_AUTH_PAP && p->tries < p->cfg->max_tries) {
		send_pap(p, t);
		return PPP_PEER_WAIT;
	}
	setstate(p, t, PPP_PEER_FAILED, "timeout");
	return PPP_PEER_TIMEOUT;
}

void
ppp_peer_stop(struct ppp_peer *p)
{
	explicit_bzero(p->challenge, sizeof(p->challenge));
	explicit_bzero(p->mine, sizeof(p->mine));
	p->state = PPP_PEER_IDLE;
	p->deadline = -1;
}
