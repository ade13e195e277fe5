/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "md5.h"
#include "ppp_auth.h"
#include "rd.h"
#include "wr.h"

static const char *const state_names[] = { "idle", "asked", "looking up",
	"passed", "failed" };
_Static_assert(sizeof(state_names) / sizeof(*state_names) == PPP_AUTH_NSTATES,
    "a name for each");

/* all changes of the state but that of ppp_auth_stop(); no deadline is kept
 * over one */
static void
setstate(struct ppp_auth *a, struct ppp_turn *t, unsigned next, const char *ev)
{
	const struct ppp_act_log log = { ppp_method_name(
					     (enum ppp_method)a->method),
		state_names[a->state], state_names[next], ev };

	a->deadline = -1;
	if (a->state == next)
		return;
	a->state = (uint8_t)next;
	ppp_turn_log(t, &log);
}

static void
send_challenge(struct ppp_auth *a, struct ppp_turn *t)
{
	const char *name = a->cfg->name ? a->cfg->name : "";
	uint8_t buf[1 + sizeof(a->challenge) + PPP_NAMELEN];
	struct ppp_turn_pkt p = { PPP_CHAP, PPP_CHAP_CHALLENGE, a->id, buf, 0 };
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	wr_u8(&w, sizeof(a->challenge));
	wr_bytes(&w, a->challenge, sizeof(a->challenge));
	wr_bytes(&w, name, strnlen(name, PPP_NAMELEN));
	p.len = wr_len(&w);
	ppp_turn_send(t, &p);
	a->tries++;
	a->deadline = t->now + ppp_patience(a->tries, a->cfg->restart);
}

/* RFC 1994 section 2.3: unpredictable and never the same */
static void
new_challenge(struct ppp_auth *a, struct ppp_turn *t)
{
	struct wr w;

	wr_init(&w, a->challenge, sizeof(a->challenge));
	wr_u64(&w, ppp_turn_rand(t));
	wr_u64(&w, ppp_turn_rand(t));
	a->id++;
	a->tries = 0;
	setstate(a, t, PPP_AUTH_ASKED, "Challenge");
	send_challenge(a, t);
}

void
ppp_auth_start(struct ppp_auth *a, struct ppp_turn *t,
    const struct ppp_auth_cfg *cfg, enum ppp_method method)
{
	memset(a, 0, sizeof(*a));
	a->cfg = cfg;
	a->deadline = -1;
	a->method = (uint8_t)method;
	a->id = (uint8_t)ppp_turn_rand(t);
	if (method != PPP_AUTH_PAP) {
		new_challenge(a, t);
		return;
	}
	setstate(a, t, PPP_AUTH_ASKED, "start");
	a->deadline = t->now + (int64_t)cfg->restart * cfg->max_tries;
}

/* RFC 2759 section 5: what a Success says before the message */
static void
put_proof(const struct ppp_auth *a, struct wr *w)
{
	wr_bytes(w, a->answer, MSCHAP_PROOF);
	wr_str(w, " M=");
}

/* section 6: and a Failure, wrong name or password, without another try */
static void
put_failure(const struct ppp_auth *a, struct wr *w)
{
	wr_str(w, "E=691 R=0 C=");
	wr_hex(w, a->challenge, sizeof(a->challenge));
	wr_str(w, " V=3 M=");
}

/* PAP's messages have a length in front (RFC 1334 section 2.2.2) */
static void
send_verdict(struct ppp_auth *a, struct ppp_turn *t)
{
	const int good = a->state == PPP_AUTH_PASSED;
	const char *msg = good ? "Welcome" : "Authentication failed";
	struct ppp_turn_pkt p = { PPP_CHAP, 0, a->id, NULL, 0 };
	uint8_t buf[128];
	struct wr w;

	wr_init(&w, buf, sizeof(buf));
	p.code = good ? PPP_CHAP_SUCCESS : PPP_CHAP_FAILURE;
	if (a->method == PPP_AUTH_PAP) {
		p.proto = PPP_PAP;
		p.code = good ? PPP_PAP_ACK : PPP_PAP_NAK;
		wr_u8(&w, (unsigned)strlen(msg));
	}
	if (a->method == PPP_AUTH_MSCHAPV2 && good)
		put_proof(a, &w);
	else if (a->method == PPP_AUTH_MSCHAPV2)
		put_failure(a, &w);
	wr_str(&w, msg);
	p.data = buf;
	p.len = wr_len(&w);
	ppp_turn_send(t, &p);
}

static enum ppp_auth_result
fail(struct ppp_auth *a, struct ppp_turn *t, const char *why)
{
	explicit_bzero(a->answer, sizeof(a->answer));
	setstate(a, t, PPP_AUTH_FAILED, why);
	send_verdict(a, t);
	return PPP_AUTH_BAD;
}

/* 0, or -1 for a name that none of our users has */
static int
take_name(struct ppp_auth *a, const uint8_t *name, size_t len)
{
	const size_t n = len < PPP_NAMELEN ? len : 0;

	memset(a->name, 0, sizeof(a->name));
	if (n)
		memcpy(a->name, name, n);
	a->namelen = (uint8_t)n;
	return n == len && !memchr(a->name, 0, n ? n : 1) ? 0 : -1;
}

/* the user has answered: ask for the secret */
static enum ppp_auth_result
look_up(struct ppp_auth *a, struct ppp_turn *t)
{
	struct ppp_act *act;

	setstate(a, t, PPP_AUTH_LOOKUP, "answer of the peer");
	act = ppp_turn_add(t, PPP_ACT_SECRET);
	act->p = (const uint8_t *)a->name;
	act->len = a->namelen;
	return PPP_AUTH_WAIT;
}

static enum ppp_auth_result
got_pap(struct ppp_auth *a, struct ppp_turn *t, const struct ppp_ctl *in)
{
	struct rd r, name, pass;

	rd_init(&r, in->data, in->len);
	name = rd_sub(&r, rd_u8(&r));
	pass = rd_sub(&r, rd_u8(&r));
	if (r.err || in->code != PPP_PAP_REQ)
		return PPP_AUTH_WAIT;
	a->id = in->id;
	/* section 2.2.1: the same request again has the same answer */
	if (a->state == PPP_AUTH_PASSED || a->state == PPP_AUTH_FAILED)
		send_verdict(a, t);
	if (a->state != PPP_AUTH_ASKED)
		return PPP_AUTH_WAIT;
	if (rd_left(&pass) >= sizeof(a->answer) ||
	    take_name(a, name.p, rd_left(&name)) < 0)
		return fail(a, t, "no such name");
	a->len = (uint8_t)rd_left(&pass);
	memset(a->answer, 0, sizeof(a->answer));
	rd_copy(&pass, a->answer, a->len);
	return look_up(a, t);
}

static enum ppp_auth_result
got_chap(struct ppp_auth *a, struct ppp_turn *t, const struct ppp_ctl *in)
{
	const size_t want = a->method == PPP_AUTH_CHAP ? MD5_LEN : MSCHAP_VALUE;
	struct rd r, value;
	size_t left;

	rd_init(&r, in->data, in->len);
	value = rd_sub(&r, rd_u8(&r));
	if (r.err || in->code != PPP_CHAP_RESPONSE || in->id != a->id)
		return PPP_AUTH_WAIT;
	/* section 4.1: nor may it change when our answer was lost */
	if (a->state == PPP_AUTH_PASSED || a->state == PPP_AUTH_FAILED)
		send_verdict(a, t);
	if (a->state != PPP_AUTH_ASKED)
		return PPP_AUTH_WAIT;
	left = rd_left(&r);
	if (rd_left(&value) != want || take_name(a, r.p, left) < 0)
		return fail(a, t, "no such name");
	a->len = (uint8_t)want;
	rd_copy(&value, a->answer, want);
	return look_up(a, t);
}

enum ppp_auth_result
ppp_auth_input(
    struct ppp_auth *a, struct ppp_turn *t, const struct ppp_frame *f)
{
	struct ppp_ctl in;

	if (a->state == PPP_AUTH_IDLE || ppp_ctl_get(&in, f->data, f->len) < 0)
		return PPP_AUTH_WAIT;
	if (f->proto == PPP_PAP && a->method == PPP_AUTH_PAP)
		return got_pap(a, t, &in);
	if (f->proto == PPP_CHAP && a->method != PPP_AUTH_PAP)
		return got_chap(a, t, &in);
	return PPP_AUTH_WAIT;
}

static int
right_pap(struct ppp_auth *a, const void *secret, size_t len)
{
	uint8_t pad[sizeof(a->answer)] = { 0 };
	int good;

	if (len >= sizeof(pad))
		return 0;
	memcpy(pad, secret, len);
	good = ppp_same(pad, a->answer, sizeof(pad)) & (len == a->len);
	explicit_bzero(pad, sizeof(pad));
	return good;
}

static int
right_chap(struct ppp_auth *a, const void *secret, size_t len)
{
	uint8_t sum[MD5_LEN];
	struct md5 m;

	md5_init(&m);
	md5_add(&m, &a->id, 1);
	md5_add(&m, secret, len);
	md5_add(&m, a->challenge, sizeof(a->challenge));
	md5_end(&m, sum);
	return ppp_same(sum, a->answer, MD5_LEN);
}

/* when right, our own proof takes the answer's place */
static int
right_mschap(struct ppp_auth *a, const void *secret, size_t len)
{
	const struct mschap m = { a->challenge, a->answer, a->name, a->namelen,
		secret, len };
	uint8_t nt[MSCHAP_NT_LEN];
	char proof[MSCHAP_PROOF];

	mschap_response(&m, nt);
	if (!ppp_same(nt, a->answer + 24, sizeof(nt)))
		return 0;
	mschap_proof(&m, nt, proof);
	memcpy(a->answer, proof, sizeof(proof));
	return 1;
}

enum ppp_auth_result
ppp_auth_secret(
    struct ppp_auth *a, struct ppp_turn *t, const void *secret, size_t len)
{
	const void *s = secret ? secret : "";
	int good;

	if (a->state != PPP_AUTH_LOOKUP)
		return PPP_AUTH_WAIT;
	if (!secret)
		len = 0;
	if (a->method == PPP_AUTH_PAP)
		good = right_pap(a, s, len);
	else if (a->method == PPP_AUTH_CHAP)
		good = right_chap(a, s, len);
	else
		good = right_mschap(a, s, len);
	if (!good || !secret)
		return fail(a, t, secret ? "wrong secret" : "no such name");
	if (a->method != PPP_AUTH_MSCHAPV2)
		explicit_bzero(a->answer, sizeof(a->answer));
	a->passed = 1;
	setstate(a, t, PPP_AUTH_PASSED, "right secret");
	send_verdict(a, t);
	if (a->cfg->rechallenge && a->method != PPP_AUTH_PAP)
		a->deadline = t->now + a->cfg->rechallenge;
	return PPP_AUTH_OK;
}

enum ppp_auth_result
ppp_auth_tick(struct ppp_auth *a, struct ppp_turn *t)
{
	if (a->deadline < 0 || t->now < a->deadline)
		return PPP_AUTH_WAIT;
	if (a->state == PPP_AUTH_PASSED) {
		new_challenge(a, t);
		return PPP_AUTH_WAIT;
	}
	if (a->method == PPP_AUTH_PAP || a->tries >= a->cfg->max_tries) {
		setstate(a, t, PPP_AUTH_FAILED, "timeout");
		return PPP_AUTH_TIMEOUT;
	}
	/* the same again, not a new one: RFC 1994 section 4.1 has each changed,
	 * but on a slow line every answer would then be late */
	send_challenge(a, t);
	return PPP_AUTH_WAIT;
}

void
ppp_auth_stop(struct ppp_auth *a)
{
	explicit_bzero(a->answer, sizeof(a->answer));
	explicit_bzero(a->challenge, sizeof(a->challenge));
	a->state = PPP_AUTH_IDLE;
	a->deadline = -1;
}
