/* limen: ISC licence, see LICENSE */
/*
 * Packets to the world segment: they wait for the machine's address.
 *
 * link: bng/world.c bng/ip4.c
 */
#include <sys/socket.h>
#include <sys/un.h>

#include <string.h>
#include <unistd.h>

#include "../../bng/bng.h"
#include "../../bng/fwd.h"
#include "../../bng/ip4.h"
#include "../../bng/subs.h"
#include "../../bng/world.h"
#include "eth.h"
#include "ip.h"
#include "tap.h"
#include "wr.h"

#define MACHINE (WORLD_NET | 100)

static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 7 };
static struct conf conf;
static struct bng b = { .conf = &conf, .now = 5000 };
static int peer; /* the segment's other end */
static char at[] = "/tmp/world.XXXXXX";

struct sub *
subs_by_addr(const struct bng *bn, uint32_t addr)
{
	(void)bn;
	(void)addr;
	return NULL;
}

int
pool_has(const struct pool *p, uint32_t addr)
{
	(void)p;
	(void)addr;
	return 0;
}

void
fwd_down(struct bng *bn, const uint8_t *ip, size_t len)
{
	(void)bn;
	(void)ip;
	(void)len;
}

int
fwd_may_complain(const struct bng *bn, struct bucket *k)
{
	(void)bn;
	(void)k;
	return 1;
}

void
bng_fail(struct bng *bn, const char *what)
{
	(void)bn;
	OK_MSG(0, what);
}

void
nat_init(struct nat *n, const struct nat_conf *c)
{
	(void)n;
	(void)c;
}

static int leaves;

void
nat_input_frame(struct nat *n, const uint8_t *frame, size_t len)
{
	(void)n;
	(void)frame;
	(void)len;
	leaves++;
}

int64_t
nat_fill(struct nat *n, struct pollset *p, int64_t now)
{
	(void)n;
	(void)p;
	(void)now;
	return -1;
}

void
nat_poll(struct nat *n, struct pollset *p)
{
	(void)n;
	(void)p;
}

void
nat_free(struct nat *n)
{
	(void)n;
}

static void
open_segment(void)
{
	static char name[160];
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (!mkdtemp(at))
		exit(1);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/peer", at);
	peer = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (peer < 0 || bind(peer, (void *)&un, sizeof(un)) < 0)
		exit(1);
	snprintf(name, sizeof(name), "unix:%s/world,%s", at, un.sun_path);
	if (netname_parse(&conf.world, name) < 0)
		exit(1);
	b.world = world_open(&b);
	snprintf(un.sun_path, sizeof(un.sun_path), "%s/world", at);
	if (connect(peer, (void *)&un, sizeof(un)) < 0)
		exit(1);
}

/* frames of that type that came; in seen the first byte behind the Ethernet
 * header of each */
static int
come(unsigned type, char *seen)
{
	uint8_t f[2048];
	ssize_t n;
	int got = 0;

	world_flush(b.world);
	while ((n = recv(peer, f, sizeof(f), 0)) > 0)
		if (n > ETH_HEAD && f[12] << 8 == (int)(type & 0xff00) &&
		    f[13] == (type & 0xff)) {
			seen[got++] = (char)f[ETH_HEAD];
			if (type == ETH_IP)
				MEMEQ(f, mac, 6);
		}
	seen[got] = '\0';
	return got;
}

/* to the machine whose address ends in host, size bytes that begin with c */
static void
put(unsigned host, int c, size_t size)
{
	static uint8_t p[WORLD_MTU + 1];

	p[0] = (uint8_t)c;
	world_send(&b, WORLD_NET | host, p, size);
}

/* the machine says where it is */
static void
reply(unsigned host)
{
	uint8_t f[42];
	struct wr w;

	wr_init(&w, f, sizeof(f));
	wr_zero(&w, 6);
	wr_bytes(&w, mac, 6);
	wr_u16(&w, ETH_ARP);
	wr_u32(&w, 0x00010800);
	wr_u32(&w, 0x06040002);
	wr_bytes(&w, mac, 6);
	wr_u32(&w, WORLD_NET | host);
	wr_zero(&w, 10);
	if (send(peer, f, sizeof(f), 0) < 0)
		exit(1);
	world_input(&b);
}

static void
waiting(void)
{
	char seen[64];
	int i;

	put(100, 'a', 1);
	put(100, 'b', WORLD_MTU);
	put(100, 'x', WORLD_MTU + 1);
	put(101, 'z', 20);
	put(100, 'c', 20);
	OK_MSG(come(ETH_ARP, seen) == 2, "one question a machine");
	OK(come(ETH_IP, seen) == 0);
	b.now += 2999;
	put(100, 'd', 20);
	OK_MSG(come(ETH_ARP, seen) == 1, "and again after a second");
	reply(100);
	OK(come(ETH_IP, seen) == 4);
	STREQ(seen, "abcd");
	reply(100);
	OK_MSG(come(ETH_IP, seen) == 0, "once");
	put(100, 'e', 20);
	OK(come(ETH_IP, seen) == 1);
	STREQ(seen, "e");

	b.now++;
	reply(101);
	OK_MSG(come(ETH_IP, seen) == 0, "what has waited for 3 s is late");

	for (i = 0; i < 20; i++)
		put(102, 'a' + i, 20);
	reply(102);
	OK(come(ETH_IP, seen) == 8);
	STREQ(seen, "mnopqrst");
}

/* does a machine's packet to dst, in a frame to that MAC, go to libslirp? */
static int
leaves_for(uint32_t dst, const uint8_t to[6])
{
	struct ip ip = { .version = 4, .ttl = 255 };
	struct udp u = { 5353, 5353, (const uint8_t *)"x", 1 };
	uint8_t f[64];
	struct wr w;

	ip_put4(ip.src, MACHINE);
	ip_put4(ip.dst, dst);
	wr_init(&w, f, sizeof(f));
	wr_bytes(&w, to, 6);
	wr_bytes(&w, mac, 6);
	wr_u16(&w, ETH_IP);
	udp_put(&w, &ip, &u);
	leaves = 0;
	if (send(peer, f, wr_len(&w), 0) < 0)
		exit(1);
	world_input(&b);
	return leaves;
}

static void
leaving(void)
{
	static const uint8_t us[6] = { 0x52, 0x55, 10, 0, 2, 2 },
			     dns[6] = { 0x52, 0x55, 10, 0, 2, 3 },
			     other[6] = { 2, 0, 0, 0, 0, 8 },
			     all[6] = { 255, 255, 255, 255, 255, 255 };

	OK(leaves_for(0xc0000201, us) && leaves_for(WORLD_NET | 2, us));
	OK(leaves_for(WORLD_NET | 3, dns));
	OK_MSG(leaves_for(0xffffffff, all), "DHCP");
	OK_MSG(!leaves_for(0xe00000fb, all), "multicast stays on the segment");
	OK(!leaves_for(0x7f000001, us) && !leaves_for(0, us));
	OK(!leaves_for(0xf0000001, us));
	OK_MSG(!leaves_for(WORLD_NET | 101, other) &&
		   !leaves_for(0xc0000201, other),
	    "so does what is for another machine");
	OK(!leaves_for(WORLD_NET | 255, all) && !leaves_for(WORLD_NET | 9, us));
}

int
main(void)
{
	char path[64];

	open_segment();
	waiting();
	leaving();
	world_close(b.world);
	snprintf(path, sizeof(path), "%s/peer", at);
	OK(unlink(path) == 0 && rmdir(at) == 0);
	return tap_done();
}
