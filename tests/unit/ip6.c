/* limen: ISC licence, see LICENSE */
/*
 * IPv6 of a subscriber: what is answered, forwarded and complained about.
 *
 * link: bng/ip6.c bng/pool.c
 */
#include <arpa/inet.h>

#include <string.h>

#include "../../bng/bng.h"
#include "../../bng/fwd.h"
#include "../../bng/ip6.h"
#include "../../bng/subs.h"
#include "dhcp6.h"
#include "ip.h"
#include "nd.h"
#include "tap.h"

enum { SUBS = 2, MTU = 1492, POOL = 100 };

static struct conf conf = { .base6 = { 0xfd, 0x62, 0x6e, 0x67 }, .mtu = MTU };
static struct sub sub[SUBS];
static struct bng b = {
	.conf = &conf, .now = 100000, .subs = { .s = sub, .max = SUBS }
};

/* the last that came out: to whom, SUBS: to libslirp; and how many did */
static int who, came, asked, full;
static uint8_t out[2048 + 2];
static size_t outlen;
static struct ip oip;
static struct icmp oicmp;

#define LL	"fe80::2"
#define OWN	"fd62:6e67:8000:0::5"
#define NOBODY	"fd62:6e67:8000:500::1"
#define NEXT	"fd62:6e67:8000:100::1"
#define GATEWAY "fe80::1"
#define DNS	"fd62:6e67:ffff:ff00::53"
#define ALL	"ff02::1"
#define AWAY	"2001:db8::1"

void
bng_log(const struct bng *bn, const struct sub *s, const char *fmt, ...)
{
	(void)bn;
	(void)s;
	(void)fmt;
}

uint32_t
subs_slot(const struct bng *bn, const struct sub *s)
{
	return (uint32_t)(s - bn->subs.s);
}

uint8_t *
subs_room(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
	return out + 2;
}

static void
came_out(int to, size_t len)
{
	who = to;
	came++;
	outlen = len;
	if (ip_get(&oip, out + 2, len) < 0)
		OK_MSG(0, "a whole packet");
	memset(&oicmp, 0, sizeof(oicmp));
	if (oip.proto == IP_ICMP6 && icmp_get(&oicmp, &oip) < 0)
		OK_MSG(0, "a right checksum");
}

void
subs_commit(struct bng *bn, struct sub *s, uint16_t proto, size_t len)
{
	(void)bn;
	OK(proto == PPP_IP6);
	came_out((int)(s - sub), len);
}

int
fwd_may_complain(const struct bng *bn, struct bucket *k)
{
	return bucket_take(k, bn->now, FWD_ERRORS, 1, FWD_ERRORS / 2);
}

int
nat_input(struct nat *n, uint32_t i, uint8_t *ip, size_t len)
{
	(void)n;
	(void)i;
	if (full)
		return -1;
	memcpy(out + 2, ip, len);
	came_out(SUBS, len);
	return 0;
}

void
dns6_ask(
    struct bng *bn, struct sub *s, const struct ip *ip, const struct udp *u)
{
	(void)bn;
	(void)s;
	(void)ip;
	(void)u;
	asked++;
}

/* the packet that is to come from sub[0] */
static uint8_t buf[64 + 2048];
static struct ip ip;
static struct wr w;

static void
between(const char *src, const char *dst, unsigned hop)
{
	memset(&ip, 0, sizeof(ip));
	ip.version = 6;
	ip.ttl = (uint8_t)hop;
	if (inet_pton(AF_INET6, src, ip.src) != 1 ||
	    inet_pton(AF_INET6, dst, ip.dst) != 1)
		OK_MSG(0, "addresses");
	wr_init(&w, buf + 64, sizeof(buf) - 64);
}

/* what is in buf comes; how much comes out */
static int
comes(void)
{
	came = 0;
	ip6_from(&b, &sub[0], (struct fwd_packet){ buf + 64, wr_len(&w) });
	return came;
}

static int
icmp(const char *src, const char *dst, unsigned type)
{
	const struct icmp i = { .type = (uint8_t)type,
		.rest = 7,
		.body = (const uint8_t *)"abc",
		.len = 3 };

	between(src, dst, 64);
	icmp_put(&w, &ip, &i);
	return comes();
}

static int
udp(const char *src, const char *dst, unsigned port, size_t len)
{
	static uint8_t body[2000];
	const struct udp u = { 4000, (uint16_t)port, body, len };

	between(src, dst, 64);
	udp_put(&w, &ip, &u);
	return comes();
}

static int
is(const uint8_t a[16], const char *text)
{
	uint8_t want[16];

	return inet_pton(AF_INET6, text, want) == 1 && !memcmp(a, want, 16);
}

/* an ICMP error of that type to the sender, about the packet that came */
static int
complaint(unsigned type, unsigned code, uint32_t rest)
{
	return came == 1 && who == 0 && oicmp.type == type &&
	       oicmp.code == code && oicmp.rest == rest && is(oip.src, DNS) &&
	       !memcmp(oip.dst, ip.src, 16) && outlen <= IP6_MTU_MIN &&
	       (oicmp.len == wr_len(&w) || outlen == IP6_MTU_MIN) &&
	       !memcmp(oicmp.body, buf + 64, oicmp.len);
}

static void
errors(void)
{
	OK(udp(OWN, NOBODY, 9, 10) && complaint(ICMP6_UNREACH, 0, 0));
	sub[1].mtu6 = 1280;
	OK(udp(OWN, NEXT, 9, 1300) && complaint(ICMP6_TOO_BIG, 0, 1280));
	OK(udp(OWN, NEXT, 9, 1232) && who == 1 && oip.ttl == 63);
	between(OWN, NEXT, 1);
	udp_put(&w, &ip, &(struct udp){ 1, 2, NULL, 0 });
	OK(comes() && complaint(ICMP6_TIMEX, 0, 0));
	OK_MSG(!icmp(OWN, NOBODY, 1), "not about an error");
	OK(icmp(OWN, NOBODY, 128) && complaint(ICMP6_UNREACH, 0, 0));
	full = 1;
	OK(udp(OWN, AWAY, 9, 10) && complaint(ICMP6_UNREACH, 3, 0));
	full = 0;
	OK(udp(OWN, AWAY, 9, 10) && who == SUBS);
}

static void
limit(void)
{
	int i, n = 0;

	memset(&sub[0].errors, 0, sizeof(sub[0].errors));
	for (i = 0; i < 500; i++)
		n += icmp(OWN, NOBODY, 1);
	OK_MSG(!n && !sub[0].errors.at, "what has no answer costs none");
	for (i = 0; i < 500; i++)
		n += udp(OWN, NOBODY, 9, 10);
	OK_MSG(n == FWD_ERRORS / 2, "RFC 4443 section 2.4 (f)");
	b.now += 1000;
	OK(udp(OWN, NOBODY, 9, 10) == 1);
}

static void
not_out(void)
{
	OK(udp(OWN, "::1", 9, 10) && who == 0 && oicmp.type == ICMP6_UNREACH);
	OK(udp(OWN, "::ffff:127.0.0.1", 9, 10) && who == 0);
	OK(udp(OWN, "::7f00:1", 9, 10) && who == 0);
	OK(udp(OWN, "::", 9, 10) && who == 0);
	OK(icmp(OWN, AWAY, 128) && who == 0 && oicmp.type == ICMP6_UNREACH);
	OK(!icmp(OWN, AWAY, 1));
	OK(icmp(OWN, "fec0::2", 128) && who == SUBS);
	OK(!udp(LL, AWAY, 9, 10));
	OK(!udp(OWN, "fe80::7", 9, 10));
	OK(!udp(NEXT, AWAY, 9, 10));
	OK(!udp("ff02::5", AWAY, 9, 10));
}

/* the MSS that a SYN to dst has where it comes out */
static unsigned
told(const char *dst)
{
	const struct tcp syn = { .flags = TCP_SYN,
		.opts = (const uint8_t *)"\2\4\5\264", /* 1460 */
		.optlen = 4 };
	struct tcp t;

	between(OWN, dst, 64);
	tcp_put(&w, &ip, &syn);
	if (comes() != 1 || tcp_get(&t, &oip) < 0 || t.optlen != 4)
		return 0;
	return (unsigned)(t.opts[2] << 8 | t.opts[3]);
}

static void
mss(void)
{
	sub[1].mtu6 = MTU;
	OK(told(AWAY) == MTU - 60 && told(NEXT) == MTU - 60);
	sub[0].mtu6 = 1280;
	OK(told(AWAY) == 1220);
	OK_MSG(told(NEXT) == 1220, "what the sender's link takes");
	sub[0].mtu6 = MTU;
}

static void
echoes(void)
{
	OK(icmp(LL, GATEWAY, 128) && oicmp.type == 129 && oicmp.rest == 7);
	OK(is(oip.src, GATEWAY) && is(oip.dst, LL) && oicmp.len == 3);
	OK(icmp(OWN, DNS, 128) && is(oip.src, DNS) && is(oip.dst, OWN));
	OK(icmp(LL, ALL, 128) && is(oip.src, GATEWAY) && is(oip.dst, LL));
	OK(icmp(LL, "ff02::2", 128) && is(oip.src, GATEWAY));
	OK_MSG(!icmp(LL, "fe80::7", 128), "an address of nobody");
	OK(!icmp(LL, "ff02::fb", 128));
	OK(!icmp("::", GATEWAY, 128) && !icmp(ALL, GATEWAY, 128));
}

/* a solicitation; has_mac: with a link-layer address */
static int
solicit(unsigned type, const char *src, const char *dst, int has_mac)
{
	struct nd n = { .type = (uint8_t)type,
		.target = { 0xfe, 0x80, [15] = 1 },
		.has_mac = (uint8_t)has_mac };

	between(src, dst, 255);
	nd_put(&w, &ip, &n);
	return comes();
}

static void
neighbours(void)
{
	OK(solicit(ND_NS, LL, GATEWAY, 1) && oicmp.type == ND_NA);
	OK(is(oip.dst, LL) && oicmp.rest >> 24 == 0xe0);
	OK(solicit(ND_NS, "::", "ff02::1:ff00:1", 0) && oicmp.type == ND_NA);
	OK_MSG(is(oip.dst, ALL) && oicmp.rest >> 24 == 0xa0,
	    "who wants our address hears that it is taken");
	OK(!solicit(ND_NS, "::", "ff02::1:ff00:1", 1));
	OK(!solicit(ND_NS, "::", ALL, 0));
}

/* RFC 4861 section 6.2.6 */
static void
routers(void)
{
	int i, n = 0;

	ip6_up(&b, &sub[0]);
	OK(solicit(ND_RS, LL, "ff02::2", 0) && oicmp.type == ND_RA);
	OK(is(oip.dst, LL) && is(oip.src, GATEWAY));
	OK(ip6_deadline(&sub[0]) == b.now + 200000);
	for (i = 0; i < 1000; i++)
		n += solicit(ND_RS, "::", "ff02::2", 0);
	OK_MSG(!n && ip6_deadline(&sub[0]) == b.now + 3000,
	    "to all nodes: 3 s apart");
	b.now += 3000;
	came = 0;
	ip6_tick(&b, &sub[0]);
	OK(came == 1 && is(oip.dst, ALL));
	OK(ip6_deadline(&sub[0]) == b.now + 200000);
	b.now += 3000;
	OK(solicit(ND_RS, "::", "ff02::2", 0) && is(oip.dst, ALL));
	OK(!solicit(ND_RS, "::", "ff02::2", 1));
}

static int
information_request(const char *dst)
{
	static const uint8_t msg[] = { DHCP6_INFORMATION, 1, 2, 3 };
	const struct udp u = { 4000, DHCP6_SERVER_PORT, msg, sizeof(msg) };

	between(LL, dst, 64);
	udp_put(&w, &ip, &u);
	return comes();
}

static void
services(void)
{
	struct udp u;

	OK(information_request("ff02::1:2") && is(oip.src, GATEWAY));
	OK(udp_get(&u, &oip) == 0 && u.dport == DHCP6_CLIENT_PORT);
	OK(!information_request(GATEWAY) && !information_request(ALL));
	OK(!udp(OWN, DNS, 53, 10) && !udp(LL, GATEWAY, 53, 10) && asked == 2);
	OK(!udp(OWN, ALL, 53, 10) && !udp("::", DNS, 53, 10) && asked == 2);
}

/* what listens on no port of ours says so, to traceroute for instance */
static void
closed(void)
{
	OK(udp(OWN, DNS, 33435, 12) && complaint(ICMP6_UNREACH, 4, 0));
	OK(udp(LL, GATEWAY, 33435, 12) && oicmp.type == ICMP6_UNREACH);
	OK_MSG(is(oip.src, GATEWAY) && is(oip.dst, LL), "RFC 4443, 2.2 (a)");
	between(OWN, DNS, 64);
	tcp_put(&w, &ip, &(struct tcp){ .sport = 1, .dport = 53 });
	OK(comes() && complaint(ICMP6_UNREACH, 4, 0));
	OK(!udp(OWN, ALL, 33435, 12) && !udp(OWN, "ff02::fb", 5353, 12));
	OK_MSG(!information_request(GATEWAY), "this one is served, elsewhere");
}

int
main(void)
{
	uint32_t i;

	if (pool_init(&b.pool, POOL, POOL + 9) < 0)
		return 1;
	ip6_init(&b);
	for (i = 0; i < SUBS; i++) {
		sub[i].addr = pool_take(&b.pool, 0, i);
		sub[i].up6 = 1;
		sub[i].mtu6 = MTU;
	}
	errors();
	limit();
	not_out();
	mss();
	echoes();
	neighbours();
	routers();
	services();
	closed();
	pool_free(&b.pool);
	return tap_done();
}
