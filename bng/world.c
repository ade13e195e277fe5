/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "bng.h"
#include "die.h"
#include "eth.h"
#include "fwd.h"
#include "ip.h"
#include "ip4.h"
#include "subs.h"
#include "world.h"

enum {
	HOST = WORLD_NET + 2,
	DNS = WORLD_NET + 3,
	DHCP = WORLD_NET + 15,
	MACHINES = 256,
	TURNS = 4,
	ASK_AGAIN = 1000, /* ms */
	WAITING = 8,	  /* packets of one machine, the latest */
	WAIT = 3000,	  /* ms, at most */
};

/* the gateway's, which is libslirp's: 52:55 and its address */
static const uint8_t gateway[6] = { 0x52, 0x55, 10, 0, 2, 2 };

/* what waits for a machine's address (RFC 1122 section 2.3.2.2) */
struct wait {
	int64_t since;
	size_t len;
	uint8_t packet[WORLD_MTU];
};

/* a machine on the segment, by the last byte of its address */
struct machine {
	uint8_t mac[6];
	uint8_t known;
	int64_t asked;
	unsigned first, n; /* of wait, a ring */
	struct wait wait[WAITING];
};

struct world {
	struct bng *bng;
	struct ethport port;
	struct nat nat;
	struct machine m[MACHINES];
};

static void
out(void *arg, const uint8_t *frame, size_t len)
{
	struct world *w = arg;

	ethport_add(&w->port, frame, len);
}

struct world *
world_open(struct bng *b)
{
	struct nat_conf nc = { .address = HOST,
		.dns = DNS,
		.first_dhcp = DHCP,
		.mask = WORLD_MASK,
		.mtu = 1500,
		.flows = &b->flows,
		.frame = out };
	struct world *w = calloc(1, sizeof(*w));
	char name[256];

	if (!w)
		die(1, "memory for the world:");
	w->bng = b;
	netname_str(&b->conf->world, name, sizeof(name));
	if (ethport_open(&w->port, &b->conf->world, ETHPORT_ALL) < 0)
		die(1, "world %s: %s", name, ethport_why(errno));
	if (ethport_promisc(&w->port) < 0)
		die(1, "world %s: promiscuous mode:", name);
	nc.arg = w;
	nat_init(&w->nat, &nc);
	return w;
}

int
world_has(uint32_t addr)
{
	return (addr & WORLD_MASK) == WORLD_NET && addr != HOST &&
	       addr != DNS && addr != WORLD_NET && addr != (WORLD_NET | 255);
}

static void
header(uint8_t *f, const uint8_t dst[6], const uint8_t src[6], unsigned type)
{
	memcpy(f, dst, 6);
	memcpy(f + 6, src, 6);
	f[12] = (uint8_t)(type >> 8);
	f[13] = (uint8_t)type;
}

static void
ask(struct world *w, uint32_t addr)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	uint8_t f[42];
	struct wr wr;

	header(f, all, gateway, ETH_ARP);
	wr_init(&wr, f + ETH_HEAD, 28);
	wr_u32(&wr, 0x00010800);
	wr_u32(&wr, 0x06040001);
	wr_bytes(&wr, gateway, 6);
	wr_u32(&wr, HOST);
	wr_zero(&wr, 6);
	wr_u32(&wr, addr);
	out(w, f, sizeof(f));
}

static void
frame_to(
    struct world *w, const struct machine *m, const uint8_t *ip, size_t len)
{
	uint8_t *f = ethport_room(&w->port);

	header(f, m->mac, gateway, ETH_IP);
	memcpy(f + ETH_HEAD, ip, len);
	ethport_commit(&w->port, ETH_HEAD + len);
}

void
world_send(struct bng *b, uint32_t addr, const uint8_t *ip, size_t len)
{
	struct world *w = b->world;
	struct machine *m = &w->m[addr & ~WORLD_MASK];
	struct wait *k;

	if (len > WORLD_MTU)
		return;
	if (m->known) {
		frame_to(w, m, ip, len);
		return;
	}
	if (m->n == WAITING) {
		m->first++;
		m->n--;
	}
	k = &m->wait[(m->first + m->n++) % WAITING];
	k->since = b->now;
	k->len = len;
	memcpy(k->packet, ip, len);
	if (m->asked && b->now - m->asked < ASK_AGAIN)
		return;
	m->asked = b->now;
	ask(w, addr);
}

static void
send_waiting(struct world *w, struct machine *m)
{
	const struct wait *k;

	for (; m->n; m->first++, m->n--) {
		k = &m->wait[m->first % WAITING];
		if (w->bng->now - k->since < WAIT)
			frame_to(w, m, k->packet, k->len);
	}
}

/* learns from ARP who is where (RFC 826) */
static void
arp(struct world *w, const struct eth *e)
{
	struct machine *m;
	struct rd r;
	uint8_t mac[6];
	uint32_t addr;

	rd_init(&r, e->body, e->len);
	if (rd_u32(&r) != 0x00010800)
		return;
	rd_skip(&r, 4);
	rd_copy(&r, mac, 6);
	addr = rd_u32(&r);
	if (r.err || mac[0] & 1 || !world_has(addr))
		return;
	m = &w->m[addr & ~WORLD_MASK];
	memcpy(m->mac, mac, 6);
	m->known = 1;
	send_waiting(w, m);
}

/* 1 when it was for a subscriber */
static int
for_subscriber(struct world *w, const struct eth *e)
{
	struct bng *b = w->bng;
	struct ip4_error err = { IP4_UNREACH_HOST, HOST, 0 };
	uint8_t *p = (uint8_t *)(uintptr_t)e->body, buf[IP4_ERROR];
	struct ip4 h;
	size_t n;

	if (memcmp(e->dst, gateway, 6) != 0 || ip4_get(&h, p, e->len) < 0 ||
	    !(subs_by_addr(b, h.dst) || pool_has(&b->pool, h.dst)))
		return 0;
	if (h.ttl > 1 && subs_by_addr(b, h.dst)) {
		ip_hop(p, h.len);
		fwd_down(b, p, h.len);
		return 1;
	}
	if (h.ttl <= 1)
		err.what = IP4_TIME_EXCEEDED;
	n = ip4_icmp_error(buf, &err, p, h.len);
	if (n && world_has(h.src) && fwd_may_complain(b, &b->world_errors))
		world_send(b, h.src, buf, n);
	return 1;
}

/* libslirp takes all frames for its own, and would have this host send on what
 * one machine sends to another, to a group, or to all (but DHCP it answers).
 * Its name server's MAC is the next one. */
static int
stays(const struct eth *e)
{
	struct ip4 h;

	if (!(e->dst[0] & 1) && memcmp(e->dst, gateway, 5) != 0)
		return 1;
	if (e->type != ETH_IP || ip4_get(&h, e->body, e->len) < 0)
		return 0;
	if ((h.dst & WORLD_MASK) == WORLD_NET)
		return h.dst != HOST && h.dst != DNS;
	return !ip4_is_host(h.dst) && h.dst != 0xffffffff;
}

static void
frame(struct world *w, const struct ethport_frame *f)
{
	struct eth e;

	if (eth_get(&e, f->p, f->len) < 0 || e.ntag)
		return;
	if (e.type == ETH_ARP)
		arp(w, &e);
	if (stays(&e) || (e.type == ETH_IP && for_subscriber(w, &e)))
		return;
	nat_input_frame(&w->nat, f->p, f->len);
}

void
world_input(struct bng *b)
{
	struct ethport_frame f[ETHPORT_BATCH];
	struct world *w = b->world;
	int i, n, turn;

	for (turn = 0; turn < TURNS; turn++) {
		n = ethport_recv(&w->port, f, ETHPORT_BATCH);
		if (n < 0) {
			bng_fail(b, "world");
			return;
		}
		for (i = 0; i < n; i++)
			frame(w, &f[i]);
		if (n < ETHPORT_BATCH)
			break;
	}
}

int
world_fd(const struct world *w)
{
	return w->port.fd;
}

int64_t
world_fill(struct world *w, struct pollset *p, int64_t now)
{
	return nat_fill(&w->nat, p, now);
}

void
world_poll(struct world *w, struct pollset *p)
{
	nat_poll(&w->nat, p);
}

void
world_flush(struct world *w)
{
	ethport_flush(&w->port);
}

void
world_close(struct world *w)
{
	if (!w)
		return;
	world_flush(w);
	nat_free(&w->nat);
	ethport_close(&w->port);
	free(w);
}
