/* limen: ISC licence, see LICENSE */
/*
 * Both sides of authentication, each against the input: byte 0 is the
 * method and whether the secret is known; then a byte: bit 7 the side, the
 * rest a length, 0 for time, 1 for what the other side said last; the bytes
 * are a packet. A wrong answer never passes.
 */
#include <stdint.h>
#include <string.h>

#include "ppp_auth.h"
#include "ppp_peer.h"
#include "rd.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define MUST(x)                           \
	do {                              \
		if (!(x))                 \
			__builtin_trap(); \
	} while (0)

static struct ppp_auth a;
static struct ppp_peer p;
static struct ppp_turn t;
static struct ppp_auth_cfg acfg = { "server", 1000, 4, 0 };
static struct ppp_peer_cfg pcfg = { "user", "secret", 1000, 4 };
static uint8_t last[2][1500]; /* said by the server, by the client */
static size_t lastlen[2];
static const char *secret; /* the server's idea of it */
static int lookups, honest;

/* at most one frame for one event, of a size that fits */
static void
drain(int client)
{
	const struct ppp_act *x;
	struct ppp_ctl c;
	struct ppp_frame f;
	int sends = 0;

	while ((x = ppp_turn_next(&t))) {
		if (x->type == PPP_ACT_SECRET) {
			MUST(!client && a.state == PPP_AUTH_LOOKUP);
			MUST(x->len < PPP_NAMELEN && x->p[x->len] == 0);
			lookups++;
		}
		if (x->type != PPP_ACT_SEND)
			continue;
		sends++;
		MUST(ppp_get(&f, x->p, x->len) == 0);
		MUST(f.proto == PPP_PAP || f.proto == PPP_CHAP);
		MUST(ppp_ctl_get(&c, f.data, f.len) == 0 &&
		     c.len + PPP_CTL_HDR == f.len);
		memcpy(last[client], x->p, x->len);
		lastlen[client] = x->len;
	}
	MUST(sends <= 1 && t.lost == 0);
}

static void
answer_lookup(void)
{
	enum ppp_auth_result got;

	if (a.state != PPP_AUTH_LOOKUP)
		return;
	got = ppp_auth_secret(&a, &t, secret, secret ? strlen(secret) : 0);
	MUST(got == PPP_AUTH_OK || got == PPP_AUTH_BAD);
	MUST((got == PPP_AUTH_OK) == (a.state == PPP_AUTH_PASSED));
	/* only the real client's own answer can be right for CHAP */
	if (got == PPP_AUTH_OK)
		MUST(secret && (honest || a.method == PPP_AUTH_PAP));
	drain(0);
}

static void
input(int client, const uint8_t *b, size_t len)
{
	struct ppp_frame f;

	ppp_turn(&t, t.now);
	if (ppp_get(&f, b, len) < 0)
		return;
	if (client) {
		const enum ppp_peer_result got = ppp_peer_input(&p, &t, &f);

		if (got == PPP_PEER_OK && p.method == PPP_AUTH_MSCHAPV2)
			MUST(honest && secret);
	} else {
		(void)ppp_auth_input(&a, &t, &f);
	}
	drain(client);
	if (!client)
		answer_lookup();
}

static void
pass_time(void)
{
	ppp_turn(&t, t.now + 700);
	(void)ppp_auth_tick(&a, &t);
	drain(0);
	ppp_turn(&t, t.now);
	(void)ppp_peer_tick(&p, &t);
	drain(1);
	MUST(a.deadline < 0 || a.deadline > t.now);
	MUST(p.deadline < 0 || p.deadline > t.now);
}

static void
begin(unsigned how)
{
	static const uint8_t key[16] = { 9 };
	static uint32_t count;
	const enum ppp_method m = (enum ppp_method)(1 + how % 3);

	count = how;
	t.key = key;
	t.count = &count;
	honest = how & 8;
	secret = how & 4 ? NULL : honest ? "secret" : "another";
	acfg.rechallenge = how & 16 ? 3000 : 0;
	lastlen[0] = lastlen[1] = 0;
	lookups = 0;
	ppp_auth_start(&a, ppp_turn(&t, 0), &acfg, m);
	drain(0);
	ppp_peer_start(&p, ppp_turn(&t, 0), &pcfg, m);
	drain(1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct rd r;
	const uint8_t *b;
	unsigned op, i;

	rd_init(&r, data, len);
	begin(rd_u8(&r));
	while (rd_left(&r)) {
		op = rd_u8(&r);
		if ((op & 127) == 0)
			pass_time();
		else if ((op & 127) == 1)
			input(op >> 7, last[!(op >> 7)], lastlen[!(op >> 7)]);
		else if ((b = rd_bytes(&r, op & 127)))
			input(op >> 7, b, op & 127);
	}
	acfg.rechallenge = 0;
	for (i = 0; i < 40; i++)
		pass_time();
	MUST(a.state == PPP_AUTH_PASSED || a.state == PPP_AUTH_FAILED);
	MUST(p.state == PPP_PEER_PASSED || p.state == PPP_PEER_FAILED);
	ppp_auth_stop(&a);
	ppp_peer_stop(&p);
	MUST(a.deadline == -1 && p.deadline == -1);
	return 0;
}
