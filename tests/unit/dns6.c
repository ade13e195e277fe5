/* limen: ISC licence, see LICENSE */
/*
 * Questions that come by IPv6 and are asked by IPv4.
 *
 * link: bng/dns6.c
 */
#include <string.h>

#include "../../bng/bng.h"
#include "../../bng/subs.h"
#include "tap.h"

enum { HOSTILE, HONEST, GROUPED = DNS6_GROUPS, SUBS };

static struct sub sub[SUBS];
static struct bng b = { .subs = { .s = sub, .max = SUBS } };
static uint8_t asked[1500], room[2048];
static int told[SUBS], refused, bad;
static size_t toldlen;

uint32_t
subs_slot(const struct bng *bn, const struct sub *s)
{
	return (uint32_t)(s - bn->subs.s);
}

int
nat_input(struct nat *n, uint32_t i, uint8_t *ip, size_t len)
{
	(void)n;
	bad |= i < 7000 || len > sizeof(asked);
	if (!bad)
		memcpy(asked, ip, len);
	return refused ? -1 : 0;
}

uint8_t *
subs_room(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
	return room;
}

void
subs_commit(struct bng *bn, struct sub *s, uint16_t proto, size_t len)
{
	(void)bn;
	(void)proto;
	told[s - sub]++;
	toldlen = len;
}

static void
ask(int who, unsigned port)
{
	struct ip ip = { .version = 6, .src = { 0xfd, 1 }, .dst = { 0xfd, 2 } };
	struct udp u = { (uint16_t)port, 53, (const uint8_t *)"what?", 5 };

	ip.src[15] = (uint8_t)who;
	dns6_ask(&b, &sub[who], &ip, &u);
}

/* the name server answers the question in q */
static int
answer(const uint8_t q[1500])
{
	struct ip in, out = { .version = 4, .ttl = 9, .src = { 192, 0, 2, 1 } };
	struct udp u;
	uint8_t p[64];
	struct wr w;

	OK(ip_get(&in, q, 1500) == 0 && udp_get(&u, &in) == 0);
	u = (struct udp){ 53, u.sport, (const uint8_t *)"that", 4 };
	memcpy(out.dst, in.src, 4);
	wr_init(&w, p, sizeof(p));
	udp_put(&w, &out, &u);
	return dns6_answer(&b, p, wr_len(&w));
}

/* honest: of another group, or of the same */
static void
flood(int honest)
{
	uint8_t q[1500];
	unsigned i;
	struct ip ip;
	struct udp u;

	ask(honest, 4000);
	memcpy(q, asked, sizeof(q));
	for (i = 0; i < 10000; i++)
		ask(HOSTILE, 1000 + i);
	OK(answer(q) == 1 && told[honest] == 1 && !told[HOSTILE]);
	OK(ip_get(&ip, room, toldlen) == 0 && ip.version == 6);
	OK(udp_get(&u, &ip) == 0 && u.dport == 4000 && u.len == 4);
	OK(ip.dst[1] == 1 && ip.src[1] == 2 && ip.dst[15] == honest);
	OK_MSG(answer(q) == 1 && told[honest] == 1, "once");
	OK(answer(asked) == 1 && told[HOSTILE] == 1);
	told[HOSTILE] = 0;
	refused = 1;
	ask(honest, 4001);
	OK(answer(asked) == 1 && !bad);
	refused = 0;
}

/* an operator's own (RFC 6598) as any other; then what no host can have */
static void
left_alone(void)
{
	struct ip ip = { .version = 4, .ttl = 9, .src = { 192, 0, 2, 1 } };
	const struct udp u = { 53, 4000, (const uint8_t *)"that", 4 };
	uint32_t a, n = 0;
	uint8_t p[64];
	struct wr w;

	for (a = 0x01000001; a >> 24 < 224; a += 0x1000) {
		ip_put4(ip.dst, a);
		wr_init(&w, p, sizeof(p));
		udp_put(&w, &ip, &u);
		n += dns6_answer(&b, p, wr_len(&w)) != 0;
	}
	OK_MSG(!n, "what is for a subscriber is no answer, whatever it has");
}

int
main(void)
{
	sub[HOSTILE] =
	    (struct sub){ .up6 = 1, .mtu6 = 1492, .serial = 1, .nat = 7000 };
	sub[HONEST] =
	    (struct sub){ .up6 = 1, .mtu6 = 1492, .serial = 2, .nat = 7001 };
	sub[GROUPED] =
	    (struct sub){ .up6 = 1, .mtu6 = 1492, .serial = 3, .nat = 7064 };
	b.dns[0] = 0xc0000201;
	flood(HONEST);
	flood(GROUPED);
	left_alone();
	return tap_done();
}
