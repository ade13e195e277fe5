/* limen: ISC licence, see LICENSE */
/*
 * Where bng sends packets, and what it says about those that it cannot.
 *
 * link: bng/fwd.c bng/ip4.c bng/pool.c
 */
#include <stdlib.h>
#include <string.h>

#include "../../bng/bng.h"
#include "../../bng/fwd.h"
#include "../../bng/ip4.h"
#include "../../bng/ip6.h"
#include "../../bng/subs.h"
#include "../../bng/world.h"
#include "ip.h"
#include "ip_sum.h"
#include "tap.h"
#include "wr.h"

enum { SUBS = 3, MTU = 1492, OUT = 8 };
#define US	0x0a000001U
#define POOL	0x0a00000aU /* 10.0.0.10: the first subscriber's */
#define AWAY	0xc0000201U /* 192.0.2.1 */
#define MACHINE 0x0a000264U /* of the world segment */

static struct conf conf = { .address = US, .mtu = MTU };
static struct sub sub[SUBS];
static struct bng b = { .conf = &conf };

/* what came out: to subscriber who, the world (SUBS) or out (SUBS + 1) */
static struct out {
	int who;
	size_t len;
	uint8_t p[2048];
} out[OUT];
static int nout, six;
static uint8_t room[2048 + 2];

static unsigned
checksum(const uint8_t *p, size_t len)
{
	return ip_sum_fold(ip_sum(0, p, len));
}

static void
came_out(int who, const uint8_t *p, size_t len)
{
	if (nout == OUT)
		abort();
	out[nout].who = who;
	out[nout].len = len;
	memcpy(out[nout++].p, p, len);
}

struct sub *
subs_by_addr(const struct bng *bn, uint32_t addr)
{
	int i;

	(void)bn;
	for (i = 0; i < SUBS; i++)
		if (sub[i].up4 && sub[i].addr == addr)
			return &sub[i];
	return NULL;
}

uint8_t *
subs_room(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
	return room + 2;
}

void
subs_commit(struct bng *bn, struct sub *s, uint16_t proto, size_t len)
{
	(void)bn;
	if (proto == PPP_IP)
		came_out((int)(s - sub), room + 2, len);
}

static int full;

int
nat_input(struct nat *n, uint32_t i, uint8_t *ip, size_t len)
{
	(void)n;
	if (full || i < 7000)
		return -1;
	came_out(SUBS + 1, ip, len);
	return 0;
}

int
world_has(uint32_t addr)
{
	return addr >> 8 == MACHINE >> 8;
}

void
world_send(struct bng *bn, uint32_t addr, const uint8_t *ip, size_t len)
{
	(void)bn;
	(void)addr;
	came_out(SUBS, ip, len);
}

void
ip6_from(struct bng *bn, struct sub *s, struct fwd_packet k)
{
	(void)bn;
	(void)s;
	(void)k;
	six++;
}

/* a UDP packet of len bytes, or one of another protocol whose data are 11 */
static uint8_t *
packet(uint32_t src, uint32_t dst, size_t len, unsigned flags)
{
	static uint8_t buf[64 + 4096];
	uint8_t *p = buf + 64;
	struct wr w;
	unsigned sum;

	memset(p, 11, 4096);
	wr_init(&w, p, 20);
	wr_u16(&w, 0x4500);
	wr_u16(&w, (unsigned)len);
	wr_u16(&w, 77);
	wr_u16(&w, flags & (IP_FRAG_DONT | IP_FRAG_MORE | IP_FRAG_OFF));
	wr_u8(&w, 64);
	wr_u8(&w, flags >> 16 ? flags >> 16 : 17);
	wr_u16(&w, 0);
	wr_u32(&w, src);
	wr_u32(&w, dst);
	sum = checksum(p, 20);
	p[10] = (uint8_t)(sum >> 8);
	p[11] = (uint8_t)sum;
	nout = 0;
	return p;
}

static void
from(int i, uint8_t *p, size_t len)
{
	fwd_up(&b, &sub[i], PPP_IP, (struct fwd_packet){ p, len });
}

/* is out[0] an ICMP error of that kind to dst, from us, about p? */
static int
complaint(unsigned what, uint32_t dst, const uint8_t *p, unsigned mtu)
{
	const uint8_t *o = out[0].p;
	struct ip4 h;

	return nout == 1 && ip4_get(&h, o, out[0].len) == 0 && h.src == US &&
	       o[1] == 0xc0 && h.dst == dst && h.proto == 1 &&
	       !checksum(o, 20) && !checksum(o + 20, h.len - 20) &&
	       (unsigned)(o[20] << 8 | o[21]) == what &&
	       (unsigned)(o[26] << 8 | o[27]) == mtu &&
	       !memcmp(o + 28, p, h.len - 28) && h.len <= 576;
}

static void
ways(void)
{
	uint8_t *p = packet(POOL, AWAY, 100, 0);

	from(0, p, 120); /* padding behind it is cut */
	OK_MSG(nout == 1 && out[0].who == SUBS + 1 && out[0].len == 100,
	    "to the rest of the world by libslirp");
	from(0, p = packet(POOL, POOL + 1, 100, 0), 100);
	OK_MSG(nout == 1 && out[0].who == 1 && out[0].p[8] == 63 &&
		   !checksum(out[0].p, 20),
	    "to another subscriber: one hop");
	from(0, packet(POOL, MACHINE, 100, 0), 100);
	OK_MSG(nout == 1 && out[0].who == SUBS && out[0].p[8] == 63,
	    "to a machine of the segment: one hop");
	fwd_down(&b, packet(AWAY, POOL + 1, 100, 0), 100);
	OK_MSG(nout == 1 && out[0].who == 1 && out[0].p[8] == 64,
	    "from libslirp to a subscriber");
	from(0, packet(POOL + 1, AWAY, 100, 0), 100);
	OK_MSG(!nout && b.spoofed == 1, "not from another's address");
	from(0, packet(POOL, AWAY, 100, 0), 99);
	from(0, packet(POOL, AWAY, 19, 0), 100);
	OK_MSG(!nout && sub[0].dropped == 3, "no half packets");
	fwd_down(&b, packet(AWAY, POOL + 2, 100, 0), 100);
	fwd_down(&b, packet(AWAY, POOL + 2, 100, 0), 99);
	OK_MSG(!nout && b.unreachable == 1, "nor to nobody");
	fwd_up(&b, &sub[0], PPP_IP6, (struct fwd_packet){ p, 100 });
	OK_MSG(!six, "IPv6 from those only who have it");
	sub[0].up6 = 1;
	fwd_up(&b, &sub[0], PPP_IP6, (struct fwd_packet){ p, 100 });
	OK(six == 1);
}

static void
errors(void)
{
	uint8_t *p;

	from(0, p = packet(POOL, POOL + 2, 900, 0), 900);
	OK_MSG(complaint(IP4_UNREACH_HOST, POOL, p, 0) && out[0].len == 576,
	    "host unreachable: an address that nobody has now");
	from(0, packet(POOL, POOL + 2, 900, 1 << 16), 900);
	OK_MSG(!nout, "not about an ICMP error");
	p = packet(POOL, POOL + 2, 900, 1 << 16);
	p[20] = 8;
	from(0, p, 900);
	OK_MSG(complaint(IP4_UNREACH_HOST, POOL, p, 0), "but about a ping");
	from(0, packet(POOL, POOL + 2, 900, 5), 900);
	OK_MSG(!nout, "not about a later fragment");
	p = packet(POOL, POOL + 1, 100, 0);
	while (ip_hop(p, 100) == 0)
		;
	from(0, p, 100);
	OK_MSG(complaint(IP4_TIME_EXCEEDED, POOL, p, 0), "time exceeded");
	fwd_down(
	    &b, p = packet(POOL, POOL + 1, MTU + 1, IP_FRAG_DONT), MTU + 1);
	OK_MSG(complaint(IP4_UNREACH_FRAG, POOL, p, MTU) && sub[1].dropped == 1,
	    "fragmentation needed, with the MTU");
	fwd_down(&b, packet(AWAY, POOL + 1, MTU + 1, IP_FRAG_DONT), MTU + 1);
	OK_MSG(!nout, "to its sender only when that is one of ours");
	fwd_down(
	    &b, p = packet(MACHINE, POOL + 1, MTU + 1, IP_FRAG_DONT), MTU + 1);
	OK_MSG(
	    complaint(IP4_UNREACH_FRAG, MACHINE, p, MTU) && out[0].who == SUBS,
	    "on the segment, too");
}

/* what must not leave the host that sent it (RFC 1812 sections 5.2.2, 5.3.7),
 * and RFC 6888, REQ-8 */
static void
not_out(void)
{
	static const uint32_t no[] = { 0, 0x00000007, 0x7f000001, 0xe00000fb,
		0xf0000001, 0xffffffff };
	uint8_t *p;
	size_t i;

	for (i = 0; i < sizeof(no) / sizeof(*no); i++) {
		from(0, packet(POOL, no[i], 100, 0), 100);
		OK(!nout || out[0].who == 0);
	}
	p = packet(POOL, AWAY, 100, 0);
	p[11] ^= 1;
	from(0, p, 100);
	OK_MSG(!nout, "a wrong header checksum");
	p = packet(POOL, POOL + 1, MTU + 1, 0);
	p[11] ^= 1;
	from(0, p, MTU + 1);
	OK_MSG(!nout, "which fragments would make a right one");
	full = 1;
	from(0, p = packet(POOL, AWAY, 100, 0), 100);
	OK_MSG(complaint(IP4_UNREACH_HOST, POOL, p, 0), "a share is full");
	full = 0;
}

/* RFC 1812 section 4.3.2.8 */
static void
many_errors(void)
{
	int i, n[2] = { 0, 0 };

	b.now = 1000;
	memset(&sub[0].errors, 0, sizeof(sub[0].errors));
	for (i = 0; i < 1000; i++) {
		from(0, packet(POOL, POOL + 2, 100, 0), 100);
		n[0] += nout;
	}
	from(1, packet(POOL + 1, POOL + 2, 100, 0), 100);
	OK_MSG(n[0] == FWD_ERRORS / 2 && nout == 1, "a limit for each");
	for (i = 0; i < 1000; i++) {
		b.now++;
		from(0, packet(POOL, POOL + 2, 100, 0), 100);
		n[1] += nout;
	}
	OK(n[1] == FWD_ERRORS);
}

/* a link may take more than the segment does (RFC 4638) */
static void
to_segment(void)
{
	struct ip4 h;
	uint8_t *p;

	from(0, packet(POOL, MACHINE, 1500, IP_FRAG_DONT), 1500);
	OK(nout == 1 && out[0].who == SUBS && out[0].len == 1500);
	from(0, p = packet(POOL, MACHINE, 1501, IP_FRAG_DONT), 1501);
	OK_MSG(complaint(IP4_UNREACH_FRAG, POOL, p, 1500) && !out[0].who,
	    "longer than the segment takes");
	from(0, packet(POOL, MACHINE, 1700, 0), 1700);
	OK(nout == 2 && out[0].who == SUBS && out[1].who == SUBS);
	OK(ip4_get(&h, out[0].p, out[0].len) == 0 && h.len == 1500 &&
	    h.off == IP_FRAG_MORE);
	OK(ip4_get(&h, out[1].p, out[1].len) == 0 && h.len == 220 &&
	    h.off == 1480 / 8);
}

/* a packet longer than the link takes, put together again */
static void
fragments(size_t len, uint16_t mtu, unsigned flags, int want)
{
	static uint8_t whole[4096];
	const uint8_t *p = packet(AWAY, POOL + 1, len, flags);
	size_t at = 0, n = 0;
	unsigned more = IP_FRAG_MORE;
	int i, bad = 0;
	struct ip4 h;

	for (i = 20; i < (int)len; i++)
		((uint8_t *)(uintptr_t)p)[i] = (uint8_t)(i * 7);
	sub[1].mtu = mtu;
	fwd_down(&b, p, len);
	for (i = 0; i < nout; i++) {
		bad |= ip4_get(&h, out[i].p, out[i].len) < 0 ||
		       h.len != out[i].len || h.len > mtu || out[i].who != 1 ||
		       checksum(out[i].p, 20) || h.dst != POOL + 1;
		at = (h.off & IP_FRAG_OFF) * 8 - (flags & IP_FRAG_OFF) * 8;
		if (bad || at != n)
			break;
		memcpy(whole + at, out[i].p + 20, h.len - 20);
		n += h.len - 20;
		more = h.off & IP_FRAG_MORE;
		bad |= i + 1 < nout && !more;
	}
	OK(!bad && nout == want && n == len - 20 &&
	    more == (flags & IP_FRAG_MORE));
	OK(!memcmp(whole, p + 20, len - 20));
	sub[1].mtu = MTU;
}

/* the MSS that a SYN of the first subscriber's has where it comes out */
static unsigned
told(uint32_t dst)
{
	const struct ip ip = {
		.version = 4, .ttl = 64, .src = { 10, 0, 0, 10 }
	};
	const struct tcp syn = { .flags = TCP_SYN,
		.opts = (const uint8_t *)"\2\4\5\264", /* 1460 */
		.optlen = 4 };
	static uint8_t buf[64 + 64];
	struct ip to = ip, got;
	struct tcp t;
	struct wr w;

	nout = 0;
	ip_put4(to.dst, dst);
	wr_init(&w, buf + 64, 64);
	tcp_put(&w, &to, &syn);
	from(0, buf + 64, wr_len(&w));
	if (nout != 1 || ip_get(&got, out[0].p, out[0].len) < 0 ||
	    tcp_get(&t, &got) < 0 || t.optlen != 4)
		return 0;
	return (unsigned)(t.opts[2] << 8 | t.opts[3]);
}

static void
mss(void)
{
	OK(told(AWAY) == MTU - 40 && told(POOL + 1) == MTU - 40);
	OK_MSG(told(MACHINE) == MTU - 40, "a machine's segment takes more");
	sub[0].mtu = 1000;
	OK(told(AWAY) == 960 && told(MACHINE) == 960);
	OK_MSG(told(POOL + 1) == 960, "what the sender's link takes");
	sub[0].mtu = MTU;
	sub[1].mtu = 1000;
	OK(told(POOL + 1) == 960 && told(AWAY) == MTU - 40);
	sub[1].mtu = MTU;
}

int
main(void)
{
	int i;

	if (pool_init(&b.pool, POOL, POOL + SUBS - 1) < 0)
		return 1;
	b.world = (void *)&b;
	for (i = 0; i < SUBS; i++) {
		sub[i].addr = POOL + (uint32_t)i;
		sub[i].mtu = MTU;
		sub[i].nat = 7000;
		sub[i].up4 = i < 2;
	}
	ways();
	errors();
	not_out();
	to_segment();
	many_errors();
	mss();
	fragments(MTU, MTU, 0, 1);
	fragments(MTU + 1, MTU, 0, 2);
	fragments(4000, 576, 0, 8);
	fragments(1500, 600, IP_FRAG_MORE | 100, 3);
	fragments(1500, 600, 100, 3);
	conf.nforward = 2;
	conf.forward[1].addr = POOL + 2;
	OK(fwd_nat(&b, 5, POOL) == 5 &&
	    fwd_nat(&b, 5, POOL + 2) == NAT_KEPT + 1);
	pool_free(&b.pool);
	return tap_done();
}
