/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>
#include <libslirp.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "eth.h"
#include "flows.h"
#include "ip.h"
#include "ip4.h"
#include "nat.h"
#include "nat_shard.h"
#include "nd.h"
#include "reass.h"

/* the subscribers as libslirp sees them: one address on its Ethernet */
static const uint8_t sub_mac[6] = { 0x02, 0x62, 0x6e, 0x67, 0, 1 };

/* libslirp sends what can go, and looks at the clock; no descriptors */
static void
flush(struct nat_shard *s)
{
	slirp_pollfds_poll(s->slirp, 1, NULL, NULL);
}

/* it has something to do, or to wait for. libslirp knows the time by flush()
 * and the like only: what it begins now would be old at once by the time when
 * it fell asleep. */
static void
wake(struct nat_shard *s)
{
	s->fresh = s->pending = 1;
	if (s->awake)
		return;
	flush(s);
	s->awake = 1;
	s->next_awake = s->nat->awake;
	s->nat->awake = s;
}

/* libslirp asks for the hardware address of a subscriber */
static void
ask(struct nat_shard *s, unsigned version, const uint8_t *addr)
{
	struct nat_question q = { .version = (uint8_t)version };
	int i;

	memcpy(q.addr, addr, version == 4 ? 4 : 16);
	for (i = 0; i < s->nasked; i++)
		if (!memcmp(&s->asked[i], &q, sizeof(q)))
			return;
	if (i < QUESTIONS)
		s->asked[s->nasked++] = q;
}

static int
is_request(const uint8_t *arp, size_t len)
{
	return len >= 28 && arp[7] == 1;
}

static int
is_solicitation(const uint8_t *ip, size_t len)
{
	return len >= 64 && ip[6] == 58 && ip[40] == 135;
}

static ssize_t
send_packet(const void *buf, size_t len, void *arg)
{
	struct nat_shard *s = arg;
	const struct nat_conf *c = &s->nat->conf;
	const uint8_t *f = buf;
	unsigned type;

	if (c->frame) {
		c->frame(c->arg, f, len);
		return (ssize_t)len;
	}
	if (len < ETH_HEAD)
		return (ssize_t)len;
	type = (unsigned)f[12] << 8 | f[13];
	if (type == ETH_ARP && is_request(f + ETH_HEAD, len - ETH_HEAD))
		ask(s, 4, f + ETH_HEAD + 24);
	else if (type == ETH_IP6 &&
		 is_solicitation(f + ETH_HEAD, len - ETH_HEAD))
		ask(s, 6, f + ETH_HEAD + 48);
	else if (type == ETH_IP || (type == ETH_IP6 && !(f[0] & 1)))
		c->out(c->arg, f + ETH_HEAD, len - ETH_HEAD);
	return (ssize_t)len;
}

static void
guest_error(const char *msg, void *arg)
{
	(void)msg, (void)arg;
}

/* libslirp has 32 bits for milliseconds, and what is to end beyond them has
 * ended: in the last minutes of these no UDP would get an answer. Its clock
 * begins anew an hour before. */
#define LAP ((1LL << 32) - 3600000)

static int64_t
clock_get_ns(void *arg)
{
	(void)arg;
	return clock_ns() % (LAP * 1000000);
}

static void *
timer_new(SlirpTimerId id, void *opaque, void *arg)
{
	struct nat_shard *s = arg;
	int i;

	for (i = 0; i < RA_TIMERS; i++)
		if (!s->timer[i].used) {
			s->timer[i] = (struct nat_timer){ id, opaque, -1, 1 };
			return &s->timer[i];
		}
	return NULL;
}

static void
timer_free(void *timer, void *arg)
{
	struct nat_timer *t = timer;

	(void)arg;
	if (t)
		t->used = 0;
}

static void
timer_mod(void *timer, int64_t at, void *arg)
{
	struct nat_timer *t = timer;

	(void)arg;
	if (t)
		t->at = at + clock_ms() / LAP * LAP;
}

_Static_assert(NAT_ALL <= FLOWS_WORLD, "a number for each");

static void
opened(int fd, void *arg)
{
	struct nat_shard *s = arg;

	flows_open(s->nat->conf.flows, fd);
}

static void
closing(int fd, void *arg)
{
	struct nat_shard *s = arg;

	flows_close(s->nat->conf.flows, fd);
}

static void
notify(void *arg)
{
	struct nat_shard *s = arg;

	wake(s);
	s->nat->busy = 1;
}

static const SlirpCb callbacks = {
	.send_packet = send_packet,
	.guest_error = guest_error,
	.clock_get_ns = clock_get_ns,
	.timer_new_opaque = timer_new,
	.timer_free = timer_free,
	.timer_mod = timer_mod,
	.register_poll_fd = opened,
	.unregister_poll_fd = closing,
	.notify = notify,
};

static Slirp *
start(const struct nat_conf *c, struct nat_shard *s)
{
	SlirpConfig cfg = { 0 };

	cfg.version = 4;
	cfg.in_enabled = true;
	cfg.vnetwork.s_addr = htonl(c->address & c->mask);
	cfg.vnetmask.s_addr = htonl(c->mask);
	cfg.vhost.s_addr = htonl(c->address);
	cfg.vnameserver.s_addr = htonl(c->dns);
	cfg.vdhcp_start.s_addr = htonl(c->first_dhcp);
	cfg.disable_dhcp = !c->first_dhcp;
	cfg.in6_enabled = !c->frame; /* the world segment has IPv4 only */
	/* fec0::/64 as QEMU's; the host fec0::2, DNS fec0::3 */
	cfg.vprefix_addr6.s6_addr[0] = cfg.vhost6.s6_addr[0] = 0xfe;
	cfg.vprefix_addr6.s6_addr[1] = cfg.vhost6.s6_addr[1] = 0xc0;
	cfg.vnameserver6 = cfg.vhost6;
	cfg.vhost6.s6_addr[15] = 2;
	cfg.vnameserver6.s6_addr[15] = 3;
	cfg.vprefix_len = 64;
	cfg.if_mtu = cfg.if_mru = c->mtu;
	return slirp_new(&cfg, &callbacks, s);
}

void
nat_init(struct nat *n, const struct nat_conf *conf)
{
	memset(n, 0, sizeof(*n));
	n->conf = *conf;
}

static struct nat_shard *
shard(struct nat *n, uint32_t i)
{
	struct nat_shard **at = &n->shard[i], *s = *at;

	if (s) {
		wake(s);
		return s;
	}
	s = calloc(1, sizeof(*s));
	if (!s)
		return NULL;
	s->nat = n;
	s->slirp = start(&n->conf, s);
	if (!s->slirp) {
		free(s);
		return NULL;
	}
	s->next = n->list;
	n->list = *at = s;
	wake(s);
	return s;
}

/* an ARP reply: that address is ours (RFC 826) */
static void
tell_arp(struct nat_shard *s, const uint8_t addr[4])
{
	uint8_t f[42] = { 0 };

	memcpy(f + 6, sub_mac, 6);
	f[12] = ETH_ARP >> 8;
	f[13] = ETH_ARP & 0xff;
	f[15] = 1; /* Ethernet */
	f[16] = 8; /* IPv4 */
	f[18] = 6;
	f[19] = 4;
	f[21] = 2; /* reply */
	memcpy(f + 22, sub_mac, 6);
	memcpy(f + 28, addr, 4);
	slirp_input(s->slirp, f, sizeof(f));
}

/* a neighbour advertisement of that address, to all nodes (RFC 4861) */
static void
tell_nd(struct nat_shard *s, const uint8_t addr[16])
{
	static const uint8_t all[16] = { 0xff, 2, [15] = 1 };
	struct ip ip = { .version = 6 };
	struct nd n = { .type = ND_NA, .flags = ND_NA_OVERRIDE, .has_mac = 1 };
	uint8_t f[128] = { 0x33, 0x33, 0, 0, 0, 1 };
	struct wr w;

	memcpy(ip.src, addr, 16);
	memcpy(ip.dst, all, 16);
	memcpy(n.target, addr, 16);
	memcpy(n.mac, sub_mac, 6);
	wr_init(&w, f + 6, sizeof(f) - 6);
	wr_bytes(&w, sub_mac, 6);
	wr_u16(&w, ETH_IP6);
	nd_put(&w, &ip, &n);
	slirp_input(s->slirp, f, (int)(6 + wr_len(&w)));
}

/* a few at a time: of more than 16 libslirp forgets the first, and a packet
 * asks once only */
void
nat_answer(struct nat_shard *s)
{
	const struct nat_question *q;
	int i;

	while (s->nasked) {
		for (i = 0; s->nasked && i < TOLD; i++) {
			q = &s->asked[--s->nasked];
			if (q->version == 4)
				tell_arp(s, q->addr);
			else
				tell_nd(s, q->addr);
		}
		flush(s);
	}
}

/* a packet for libslirp: as it is, or whole with this fragment, or NULL */
static uint8_t *
made_whole(struct nat *n, uint8_t *ip, size_t *len)
{
	struct ip4 h;

	if (ip4_get(&h, ip, *len) < 0 ||
	    !(h.off & (IP_FRAG_MORE | IP_FRAG_OFF)))
		return ip;
	if (!n->reass && !(n->reass = reass_new()))
		return NULL;
	return reass_add(n->reass, clock_ms(), ip, *len, len);
}

/* a frame of whoever that is */
static void
input(struct nat_shard *s, int who, const uint8_t *f, size_t len)
{
	struct flows *flows = s->nat->conf.flows;

	flows_input(flows, who, f + ETH_HEAD, len - ETH_HEAD);
	slirp_input(s->slirp, f, (int)len);
	flows_input(flows, FLOWS_NOBODY, NULL, 0);
}

int
nat_input(struct nat *n, uint32_t i, uint8_t *ip, size_t len)
{
	unsigned type = ip[0] >> 4 == 6 ? ETH_IP6 : ETH_IP;
	struct nat_shard *s;
	uint8_t *f;

	if (!(ip = made_whole(n, ip, &len)))
		return 0;
	if (!flows_may_pass(n->conf.flows, (int)i, ip, len))
		return -1;
	if (!(s = shard(n, i)))
		return 0;
	f = ip - NAT_HEAD;
	memset(f, 0x52, 6); /* libslirp does not look at it */
	memcpy(f + 6, sub_mac, 6);
	f[12] = (uint8_t)(type >> 8);
	f[13] = (uint8_t)type;
	input(s, (int)i, f, len + NAT_HEAD);
	nat_answer(s);
	return 0;
}

void
nat_input_frame(struct nat *n, const uint8_t *frame, size_t len)
{
	struct nat_shard *s = shard(n, 0);
	size_t left = len - ETH_HEAD;
	uint8_t *ip, *f = (uint8_t *)(uintptr_t)frame;
	unsigned type;

	if (!s || len < ETH_HEAD || len > 65536)
		return;
	type = (unsigned)frame[12] << 8 | frame[13];
	if (type == ETH_IP) {
		if (!(ip = made_whole(n, f + ETH_HEAD, &left)))
			return;
		if (ip != f + ETH_HEAD) {
			f = ip - ETH_HEAD;
			memcpy(f, frame, ETH_HEAD);
			len = ETH_HEAD + left;
		}
	}
	if (!flows_may_pass(
		n->conf.flows, FLOWS_WORLD, f + ETH_HEAD, len - ETH_HEAD))
		return;
	input(s, FLOWS_WORLD, f, len);
	/* an answer to ARP lets packets go that wait for it */
	n->busy |= type == ETH_ARP;
}

int
nat_add_forward(struct nat *n, uint32_t i, const struct nat_forward *f)
{
	struct nat_shard *s = shard(n, i);
	struct in_addr host = { htonl(f->host) }, guest = { htonl(f->addr) };

	if (!s) {
		errno = ENOMEM;
		return -1;
	}
	return slirp_add_hostfwd(
	    s->slirp, f->udp, host, f->host_port, guest, f->port);
}

static void
end(struct nat_shard *s)
{
	slirp_cleanup(s->slirp);
	free(s);
}

void
nat_drop(struct nat *n, uint32_t i)
{
	struct nat_shard *s = n->shard[i], **at;

	if (i >= NAT_KEPT || !s)
		return;
	n->shard[i] = NULL;
	for (at = &n->list; *at != s; at = &(*at)->next)
		;
	*at = s->next;
	for (at = &n->awake; *at && *at != s; at = &(*at)->next_awake)
		;
	if (*at)
		*at = s->next_awake;
	end(s);
}

struct nat_count
nat_count(const struct nat *n)
{
	struct nat_count c = { 0, 0 };
	const struct nat_shard *s;

	for (s = n->list; s; s = s->next) {
		c.all++;
		c.awake += !!s->awake;
	}
	return c;
}

void
nat_free(struct nat *n)
{
	struct nat_shard *s;

	while ((s = n->list)) {
		n->list = s->next;
		end(s);
	}
	memset(n->shard, 0, sizeof(n->shard));
	reass_free(n->reass);
	n->reass = NULL;
}

const char *
nat_version(void)
{
	return slirp_version_string();
}
