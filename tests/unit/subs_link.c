/* limen: ISC licence, see LICENSE */
/*
 * The address of a bng session: whose it is when its user is known.
 *
 * link: bng/subs_link.c bng/pool.c
 */
#include <string.h>

#include "../../bng/access.h"
#include "../../bng/fwd.h"
#include "../../bng/ip6.h"
#include "../../bng/lns.h"
#include "../../bng/subs.h"
#include "../../bng/subs_link.h"
#include "tap.h"

enum { FIRST = 100, LAST = 109, OWN_A = 105, OWN_B = 500 };

static struct conf conf;
static struct sub subs[3];
static struct bng b = { .conf = &conf, .subs = { .s = subs, .max = 3 } };
static char name_a[] = "a", name_b[] = "b", name_none[] = "none";
static struct user users[] = { { .name = name_a, .addr = OWN_A },
	{ .name = name_b, .addr = OWN_B }, { .name = name_none } };

/* what bng's other files do */

const struct user *
users_find(const struct users *us, const char *name)
{
	size_t i;

	(void)us;
	for (i = 0; i < 3; i++)
		if (!strcmp(users[i].name, name))
			return &users[i];
	return NULL;
}

uint32_t
subs_slot(const struct bng *bn, const struct sub *s)
{
	return (uint32_t)(s - bn->subs.s);
}

void
subs_arm(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
}

void
subs_send(struct bng *bn, struct sub *s, const uint8_t *p, size_t len)
{
	(void)bn;
	(void)s;
	(void)p;
	(void)len;
}

void
bng_log(const struct bng *bn, const struct sub *s, const char *fmt, ...)
{
	(void)bn;
	(void)s;
	(void)fmt;
}

void
access_hangup(struct bng *bn, struct sub *s, const char *reason)
{
	(void)bn;
	(void)s;
	(void)reason;
}

void
lns_hangup(struct lns *l, struct sub *s)
{
	(void)l;
	(void)s;
}

static int dropped;

void
nat_drop(struct nat *n, uint32_t i)
{
	(void)n;
	(void)i;
	dropped++;
}

uint32_t
fwd_nat(const struct bng *bn, uint32_t slot, uint32_t addr)
{
	(void)bn;
	return addr == OWN_B ? NAT_KEPT : slot;
}

void
fwd_up(struct bng *bn, struct sub *s, uint16_t proto, struct fwd_packet k)
{
	(void)bn;
	(void)s;
	(void)proto;
	(void)k;
}

void
ip6_up(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
}

const char *
ip6_prefix_str(const struct bng *bn, const struct sub *s, char *t, size_t cap)
{
	(void)bn;
	(void)s;
	(void)t;
	(void)cap;
	return "";
}

/* its link has come to the network phase with that user; its address then */
static uint32_t
admit(struct sub *s, const char *name)
{
	struct ppp_act *a = ppp_turn_add(ppp_turn(&b.turn, 0), PPP_ACT_NETWORK);

	a->p = (const uint8_t *)name;
	a->len = strlen(name);
	subs_link_act(&b, s);
	return s->addr;
}

static void
begin(void)
{
	static char mem[4096];
	int i;

	memset(subs, 0, sizeof(subs));
	OK(timers_size(3) <= sizeof(mem));
	timers_init(&b.subs.timers, 3, memset(mem, 0, sizeof(mem)));
	for (i = 0; i < 3; i++) {
		ppp_link_init(&subs[i].link, &ppp_link_defaults,
		    (const uint8_t *)"sixteen bytes...");
		subs[i].up_since = -1;
	}
	OK(pool_init(&b.pool, FIRST, LAST) == 0);
}

/* LCP began anew, which an Opened link may at any time (RFC 1661, 4.1) */
static void
again(void)
{
	begin();
	OK(admit(&subs[0], "none") == FIRST);
	dropped = 0;
	OK_MSG(admit(&subs[0], "none") == FIRST, "the same user: the same");
	OK(!dropped);
	OK(admit(&subs[0], "a") == OWN_A);
	OK_MSG(dropped == 1, "another address: its flows are over");
	OK(pool_owner(&b.pool, FIRST) == POOL_NONE);
	OK(admit(&subs[0], "a") == OWN_A);
	OK(admit(&subs[0], "b") == OWN_B && subs[0].nat == NAT_KEPT);
	OK(pool_owner(&b.pool, OWN_A) == POOL_NONE);
	OK(pool_owner(&b.pool, OWN_B) == 0);
	OK_MSG(admit(&subs[0], "none") != OWN_B, "it is b's alone");
	OK(b.pool.nstack == LAST - FIRST && !subs[0].ending);
	pool_free(&b.pool);
}

static void
dialled_twice(void)
{
	uint32_t addr;

	begin();
	OK(admit(&subs[0], "a") == OWN_A);
	addr = admit(&subs[1], "none");
	OK(pool_owner(&b.pool, addr) == 1);
	OK(admit(&subs[2], "a") == OWN_A);
	OK(subs[0].moved && !subs[0].addr && pool_owner(&b.pool, OWN_A) == 2);
	OK_MSG(admit(&subs[1], "a") == OWN_A, "a session that had another");
	OK(subs[2].moved && pool_owner(&b.pool, addr) == POOL_NONE);
	pool_free(&b.pool);
}

/* --max-per-user 2, and the second of two is about to end */
static void
one_ends(void)
{
	int i;

	begin();
	conf.max_per_user = 2;
	for (i = 0; i < 3; i++) {
		subs[i].bearer = BEARER_PPPOE;
		subs[i].since = i;
		subs[i].link.auth.passed = 1;
		memcpy(subs[i].link.auth.name, "none", 5);
	}
	OK(admit(&subs[0], "none") && admit(&subs[1], "none"));
	subs[1].link.phase = PPP_LINK_TERMINATE;
	OK_MSG(admit(&subs[2], "none") && !subs[0].moved && subs[1].moved,
	    "a session that ends costs its user no other");
	OK(admit(&subs[1], "none") && subs[0].moved);
	conf.max_per_user = 0;
	pool_free(&b.pool);
}

/* is IPv6 wanted on a link with that MRU of the peer's? (RFC 5072, 2) */
static int
six(uint16_t his_mru, uint16_t mtu)
{
	struct sub *s = &subs[0];

	begin();
	conf.ipv6 = 1;
	conf.mtu = mtu;
	s->link.phase = PPP_LINK_ADMIT;
	s->link.lcp.mru_max = 1492;
	s->link.lcp.his_mru = his_mru;
	admit(s, "none");
	pool_free(&b.pool);
	OK(s->link.nets & PPP_NET_IP4);
	return !!(s->link.nets & PPP_NET_IP6);
}

static void
mtus(void)
{
	OK(six(1492, 1492) && six(1280, 1280));
	OK(!six(1279, 1492) && !six(1492, 1279));
}

int
main(void)
{
	mtus();
	again();
	dialled_twice();
	one_ends();
	return tap_done();
}
