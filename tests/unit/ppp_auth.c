/* limen: ISC licence, see LICENSE */
/* the authenticator alone, against what a peer should not be let in with */
#include "md5.h"
#include "ppp_auth.h"
#include "tap.h"

static const struct ppp_auth_cfg cfg = { "bng", 3000, 3, 60000 };
static struct ppp_auth a;
static struct ppp_turn t;
static struct ppp_ctl said; /* the last packet, and how many */
static int nsaid, lookups;
static uint8_t off; /* from the right Identifier */

static void
drain(void)
{
	const struct ppp_act *x;
	struct ppp_frame f;

	nsaid = lookups = 0;
	while ((x = ppp_turn_next(&t))) {
		lookups += x->type == PPP_ACT_SECRET;
		if (x->type != PPP_ACT_SEND)
			continue;
		nsaid++;
		OK(ppp_get(&f, x->p, x->len) == 0 &&
		    ppp_ctl_get(&said, f.data, f.len) == 0);
	}
}

static void
start(enum ppp_method m)
{
	static const uint8_t key[16] = { 5 };
	static uint32_t count;

	t.key = key;
	t.count = &count;
	ppp_auth_start(&a, ppp_turn(&t, 1000), &cfg, m);
	drain();
}

static enum ppp_auth_result
hears(unsigned proto, unsigned code, const void *data, size_t len)
{
	uint8_t b[512];
	struct ppp_frame f = { (uint16_t)proto, b, 0 };
	enum ppp_auth_result got;
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_u8(&w, code);
	wr_u8(&w, a.id + off);
	wr_u16(&w, (unsigned)(PPP_CTL_HDR + len));
	wr_bytes(&w, data, len);
	f.len = wr_len(&w);
	got = ppp_auth_input(&a, ppp_turn(&t, t.now), &f);
	drain();
	return got;
}

static enum ppp_auth_result
is(const void *secret, size_t len)
{
	const enum ppp_auth_result got =
	    ppp_auth_secret(&a, ppp_turn(&t, t.now), secret, len);

	drain();
	return got;
}

/* a Response of n bytes and of the name "u" */
static enum ppp_auth_result
response(const void *value, size_t n)
{
	uint8_t b[128];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_u8(&w, (unsigned)n);
	wr_bytes(&w, value, n);
	wr_str(&w, "u");
	return hears(PPP_CHAP, PPP_CHAP_RESPONSE, b, wr_len(&w));
}

/* RFC 1994 section 4.1, to the challenge in hand */
static void
md5_of(uint8_t sum[MD5_LEN], const char *secret)
{
	struct md5 m;

	md5_init(&m);
	md5_add(&m, &said.id, 1);
	md5_add(&m, secret, strlen(secret));
	md5_add(&m, said.data + 1, 16);
	md5_end(&m, sum);
}

static void
chap(void)
{
	uint8_t sum[MD5_LEN + 1] = { 0 }, first[17];
	int i, n = 0;

	for (i = 0; i < MD5_LEN; i++) {
		start(PPP_AUTH_CHAP);
		md5_of(sum, "secret");
		sum[i] ^= 0x10;
		OK(response(sum, MD5_LEN) == PPP_AUTH_WAIT && lookups == 1);
		n += is("secret", 6) == PPP_AUTH_BAD &&
		     said.code == PPP_CHAP_FAILURE;
	}
	OK_MSG(n == MD5_LEN, "each byte of a CHAP response counts");
	start(PPP_AUTH_CHAP);
	md5_of(sum, "secret");
	OK_MSG(response(sum, MD5_LEN - 1) == PPP_AUTH_BAD && !lookups,
	    "a response that is too short");
	start(PPP_AUTH_CHAP);
	md5_of(sum, "secret");
	OK_MSG(response(sum, MD5_LEN + 1) == PPP_AUTH_BAD && !lookups,
	    "or too long");
	start(PPP_AUTH_CHAP);
	md5_of(sum, "");
	OK(response(sum, MD5_LEN) == PPP_AUTH_WAIT);
	OK_MSG(is(NULL, 0) == PPP_AUTH_BAD,
	    "no such user: an empty secret is not right");
	for (i = 0; i < (int)sizeof(a.answer); i++)
		n -= a.answer[i] != 0;
	OK_MSG(n == MD5_LEN, "what failed is forgotten");
	start(PPP_AUTH_CHAP);
	memcpy(first, said.data, sizeof(first));
	start(PPP_AUTH_CHAP);
	OK_MSG(memcmp(first + 1, said.data + 1, 8) != 0 &&
		   memcmp(first + 9, said.data + 9, 8) != 0,
	    "no challenge is like another");
	md5_of(sum, "secret");
	OK(hears(PPP_CHAP, PPP_CHAP_SUCCESS, "\20 0123456789abcdef", 18) ==
		PPP_AUTH_WAIT &&
	    !lookups && !nsaid);
	OK_MSG(hears(PPP_CHAP, PPP_CHAP_RESPONSE, "\20 short", 7) ==
		       PPP_AUTH_WAIT &&
		   !lookups && !nsaid,
	    "a value longer than the packet");
	OK_MSG(hears(PPP_PAP, PPP_PAP_REQ, "\1u\6secret", 9) == PPP_AUTH_WAIT &&
		   !lookups && !nsaid,
	    "PAP is not what was asked for");
	off = 1;
	(void)response(sum, MD5_LEN);
	off = 0;
	OK_MSG(!lookups && a.state == PPP_AUTH_ASKED,
	    "the answer to another challenge");
	OK(is("secret", 6) == PPP_AUTH_WAIT);
	OK(response(sum, MD5_LEN) == PPP_AUTH_WAIT && lookups == 1);
	OK_MSG(response(sum, MD5_LEN) == PPP_AUTH_WAIT && !lookups && !nsaid,
	    "once more while it is looked up");
	OK(is("secret", 6) == PPP_AUTH_OK && said.code == PPP_CHAP_SUCCESS);
	OK_MSG(response(sum, MD5_LEN) == PPP_AUTH_WAIT && !lookups &&
		   nsaid == 1 && said.code == PPP_CHAP_SUCCESS,
	    "its Success was lost: again");
}

/* once open it is asked again, and must answer that */
static void
rechallenge(void)
{
	const uint8_t id = a.id;
	uint8_t sum[MD5_LEN];
	int i;

	OK(a.state == PPP_AUTH_PASSED && a.deadline == 1000 + 60000);
	for (i = 1; i <= 3; i++) {
		OK(ppp_auth_tick(&a, ppp_turn(&t, a.deadline)) ==
		    PPP_AUTH_WAIT);
		drain();
		OK(nsaid == 1 && said.code == PPP_CHAP_CHALLENGE);
		OK_MSG(said.id == (uint8_t)(id + 1), "with a new Identifier");
	}
	OK(ppp_auth_tick(&a, ppp_turn(&t, a.deadline)) == PPP_AUTH_TIMEOUT);
	start(PPP_AUTH_CHAP);
	md5_of(sum, "secret");
	(void)response(sum, MD5_LEN);
	OK(is("secret", 6) == PPP_AUTH_OK);
	OK(ppp_auth_tick(&a, ppp_turn(&t, a.deadline)) == PPP_AUTH_WAIT);
	drain();
	OK(response(sum, MD5_LEN) == PPP_AUTH_WAIT);
	OK_MSG(is("secret", 6) == PPP_AUTH_BAD, "an old answer is not right");
}

static void
mschap(void)
{
	uint8_t value[MSCHAP_VALUE] = { 7 };
	struct mschap m = { NULL, value, "u", 1, "secret", 6 };
	int i, n = 0;

	for (i = 0; i <= MSCHAP_NT_LEN; i++) {
		start(PPP_AUTH_MSCHAPV2);
		m.auth_challenge = said.data + 1;
		mschap_response(&m, value + 24);
		value[24 + i] ^= i < MSCHAP_NT_LEN; /* then the flags' byte */
		(void)response(value, sizeof(value));
		n += is("secret", 6) == PPP_AUTH_BAD;
	}
	OK_MSG(n == MSCHAP_NT_LEN, "each byte of an NT-Response counts");
	OK(a.state == PPP_AUTH_PASSED && said.code == PPP_CHAP_SUCCESS);
	start(PPP_AUTH_MSCHAPV2);
	OK(response(value, MD5_LEN) == PPP_AUTH_BAD && !lookups);
	ppp_auth_stop(&a);
	for (i = n = 0; i < 16; i++)
		n += a.challenge[i] || a.answer[i];
	OK(!n && a.state == PPP_AUTH_IDLE);
}

static enum ppp_auth_result
pap(size_t len, const void *secret, size_t n)
{
	uint8_t b[256];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_str(&w, "\1u");
	wr_u8(&w, (unsigned)len);
	memset(b + 3, 'x', len);
	start(PPP_AUTH_PAP);
	(void)hears(PPP_PAP, PPP_PAP_REQ, b, 3 + len);
	return a.state == PPP_AUTH_LOOKUP ? is(secret, n) : PPP_AUTH_WAIT;
}

static void
passwords(void)
{
	static uint8_t x[256];

	start(PPP_AUTH_PAP);
	OK(response(x, MD5_LEN) == PPP_AUTH_WAIT && !lookups && !nsaid);
	OK(hears(PPP_PAP, PPP_PAP_ACK, "\1u\6secret", 9) == PPP_AUTH_WAIT &&
	    !lookups);
	memset(x, 'x', 127);
	OK(pap(5, x, 5) == PPP_AUTH_OK && pap(127, x, 127) == PPP_AUTH_OK);
	OK_MSG(!a.answer[0], "what was right is forgotten, too");
	OK_MSG(pap(5, x, 4) == PPP_AUTH_BAD && pap(5, x, 6) == PPP_AUTH_BAD,
	    "a password of another length");
	x[5] = 0;
	OK_MSG(pap(5, x, 6) == PPP_AUTH_BAD, "even by a NUL");
	OK(pap(0, "", 0) == PPP_AUTH_OK);
	OK(pap(0, NULL, 0) == PPP_AUTH_BAD && pap(5, NULL, 0) == PPP_AUTH_BAD);
	OK_MSG(pap(127, x, 128) == PPP_AUTH_BAD &&
		   pap(5, x, sizeof(x)) == PPP_AUTH_BAD,
	    "no user's secret is as long as that");
	OK_MSG(pap(128, x, 128) == PPP_AUTH_WAIT &&
		   a.state == PPP_AUTH_FAILED && said.code == PPP_PAP_NAK,
	    "nor a password");
}

int
main(void)
{
	chap();
	rechallenge();
	mschap();
	passwords();
	return tap_done();
}
