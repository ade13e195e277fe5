/* limen: ISC licence, see LICENSE */
/*
 * A PPPoE client for tests and benches, from the same cores: dials N sessions
 * from as many addresses and says what came of them.
 *
 *	pppoe-client [-n N] [-w WINDOW] [-u NAME:PASSWORD] [-s SERVICE]
 *	    [-m MAX-PAYLOAD] [-p ADDR] [-c] [-k SECONDS] [-t SECONDS]
 *	    [-V VLAN[.VLAN]] [-l CIRCUIT,REMOTE] [-q PORT[,N]]
 *	    [-T IF] [-N 4|6|46] [-A METHOD] [-e MS] PORT
 *
 * -w how many dial at once; -p pings ADDR from the first session, "peer" is
 * the second session's address; -c leaves without a word; -k stays up for so
 * long, or until SIGTERM; -t gives up after so long; -l adds the tag that an
 * access node adds (TR-101); -q asks, after -p, the UDP service at PORT of the
 * same address from N ports (1) until one is answered, 5 s at most, and prints
 * "answered" or "not answered"; -T carries the packets of the first session
 * from and to the interface IF, which it makes, as pppd does: of the type ppp,
 * but the addresses are left to others; -N opens these network protocols (4);
 * -A authenticates with pap, chap or mschapv2 only; -e sends an echo after so
 * long a silence. Prints "up ID ADDR PEER DNS MTU" and "up6 ID ADDR PEER MTU"
 * for each session and "N up in MS ms"; "down ID WHY" when one ends.
 */
#include <sys/ioctl.h>

#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "clock.h"
#include "eth.h"
#include "ethport.h"
#include "ppp_link.h"
#include "pppoe.h"
#include "timers.h"

enum { MAX = 20000, RETRY = 1000 };
enum state { IDLE, PADI, PADR, UP, DEAD };

struct session {
	enum state st;
	uint8_t mac[6], ac[6];
	uint16_t sid, mtu;
	uint8_t cookie[64];
	size_t cookielen;
	uint32_t addr;
	int up;
	int64_t again;
	struct ppp_link link;
};

struct client {
	struct ethport e;
	struct ppp_turn turn;
	struct ppp_link_cfg cfg;
	struct session *s;
	struct timers t;
	int n, window, next, dialling, nup, ndead, pinged, answered;
	const char *service, *line;
	unsigned max_payload;
	unsigned vlan[2];
	int nvlan;
	unsigned nets; /* PPP_NET_... */
	int tun;       /* or -1 */
	int64_t now;
};

static volatile sig_atomic_t ended;

static void
on_signal(int sig)
{
	ended = sig;
}

static void
head(const struct client *c, struct wr *w, const struct session *s,
    unsigned type)
{
	static const uint8_t all[6] = { 255, 255, 255, 255, 255, 255 };

	wr_bytes(w, s->st == PADI ? all : s->ac, 6);
	wr_bytes(w, s->mac, 6);
	for (int i = 0; i < c->nvlan; i++) {
		wr_u16(w, i == 0 && c->nvlan == 2 ? ETH_STAG : ETH_QTAG);
		wr_u16(w, 0x6000 | c->vlan[i]);
	}
	wr_u16(w, type);
}

/* Vendor-Specific: the Broadband Forum's number, then what says the line */
static void
line_tag(struct wr *w, const char *line)
{
	const size_t n = strcspn(line, ",");
	uint8_t b[256];
	struct wr v;

	wr_init(&v, b, sizeof(b));
	wr_u32(&v, 3561);
	wr_u8(&v, 1);
	wr_u8(&v, (unsigned)n);
	wr_bytes(&v, line, n);
	if (line[n]) {
		wr_u8(&v, 2);
		wr_u8(&v, (unsigned)strlen(line + n + 1));
		wr_bytes(&v, line + n + 1, strlen(line + n + 1));
	}
	pppoe_tag_put(w, PPPOE_VENDOR, (struct pppoe_str){ b, wr_len(&v) });
}

static void
discovery(struct client *c, struct session *s, unsigned code)
{
	uint8_t b[1600],
	    mp[2] = { (uint8_t)(c->max_payload >> 8), (uint8_t)c->max_payload };
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	head(c, &w, s, ETH_PPPOED);
	hole = pppoe_put(&w, code, code == PPPOE_PADT ? s->sid : 0);
	if (code != PPPOE_PADT) {
		pppoe_tag_put(&w, PPPOE_SERVICE, pppoe_str(c->service));
		pppoe_tag_put(
		    &w, PPPOE_HOST_UNIQ, (struct pppoe_str){ s->mac, 6 });
		if (c->max_payload)
			pppoe_tag_put(
			    &w, PPPOE_MAX_PAYLOAD, (struct pppoe_str){ mp, 2 });
	}
	if (c->line && code != PPPOE_PADT)
		line_tag(&w, c->line);
	if (code == PPPOE_PADR)
		pppoe_tag_put(&w, PPPOE_COOKIE,
		    (struct pppoe_str){ s->cookie, s->cookielen });
	pppoe_end(&w, hole);
	ethport_add(&c->e, b, wr_len(&w));
	s->again = c->now + RETRY;
}

static void
send_ppp(struct client *c, struct session *s, const uint8_t *p, size_t len)
{
	uint8_t b[2048];
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	head(c, &w, s, ETH_PPPOES);
	hole = pppoe_put(&w, PPPOE_SESSION, s->sid);
	wr_bytes(&w, p, len);
	pppoe_end(&w, hole);
	ethport_add(&c->e, b, wr_len(&w));
}

static void
dead(struct client *c, struct session *s, const char *why, size_t len)
{
	if (s->st == DEAD)
		return;
	if (s->st != UP || !s->up)
		c->dialling--;
	c->nup -= s->up;
	s->up = 0;
	s->st = DEAD;
	c->ndead++;
	printf("down %04x %.*s\n", s->sid, (int)len, why);
}

static void
counts(struct client *c, struct session *s)
{
	if (!s->up) {
		c->dialling--;
		c->nup++;
	}
	s->up = 1;
}

static void
ip6_up(struct client *c, struct session *s, const struct ppp_act_ip6 *a)
{
	counts(c, s);
	if (c->n <= 300)
		printf("up6 %04x %016" PRIx64 " %016" PRIx64 " mtu %u\n",
		    s->sid, a->ours, a->peer, a->mtu);
}

static void
ip_up(struct client *c, struct session *s, const struct ppp_act_ip4 *a)
{
	char b[4][16];

	s->addr = a->ours;
	s->mtu = a->mtu;
	counts(c, s);
	if (c->n <= 300)
		printf("up %04x %s %s %s mtu %u\n", s->sid,
		    addr_ip4str(b[0], a->ours), addr_ip4str(b[1], a->peer),
		    addr_ip4str(b[2], a->dns[0]), a->mtu);
}

static unsigned
sum(const uint8_t *p, size_t n)
{
	unsigned a = 0;

	for (; n > 1; p += 2, n -= 2)
		a += (unsigned)p[0] << 8 | p[1];
	a = (a & 0xffff) + (a >> 16);
	return ~((a & 0xffff) + (a >> 16)) & 0xffff;
}

/* the header of an IP packet of len bytes to dst, after the protocol of PPP */
static void
ip_head(uint8_t *b, const struct session *s, uint32_t dst, unsigned proto,
    unsigned len)
{
	uint8_t *ip = b + 2;
	struct wr w;
	unsigned x;

	wr_init(&w, b, 22);
	wr_u16(&w, PPP_IP);
	wr_u32(&w, 0x45000000 | len);
	wr_u32(&w, 0);
	wr_u32(&w, 64 << 24 | proto << 16);
	wr_u32(&w, s->addr);
	wr_u32(&w, dst);
	x = sum(ip, 20);
	ip[10] = (uint8_t)(x >> 8);
	ip[11] = (uint8_t)x;
}

/* UDP without a checksum: a byte */
static void
udp(struct client *c, uint32_t dst, unsigned from, unsigned to)
{
	uint8_t b[2 + 29] = { 0 };

	ip_head(b, c->s, dst, 17, 29);
	b[22] = (uint8_t)(from >> 8);
	b[23] = (uint8_t)from;
	b[24] = (uint8_t)(to >> 8);
	b[25] = (uint8_t)to;
	b[27] = 9;
	b[30] = 'x';
	send_ppp(c, c->s, b, sizeof(b));
}

/* an ICMP message of n bytes in all to dst */
static void
icmp(struct client *c, struct session *s, uint32_t dst, unsigned type)
{
	uint8_t b[2 + 84] = { 0 }, *ip = b + 2;
	unsigned x;

	ip_head(b, s, dst, 1, 84);
	ip[20] = (uint8_t)type;
	ip[25] = 7;
	x = sum(ip + 20, 64);
	ip[22] = (uint8_t)(x >> 8);
	ip[23] = (uint8_t)x;
	send_ppp(c, s, b, sizeof(b));
}

static void
tun_open(struct client *c, const char *name)
{
	struct ifreq ifr = { 0 };

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", name);
	ifr.ifr_flags = IFF_TUN | IFF_NO_PI;
	c->tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
	if (c->tun < 0 || ioctl(c->tun, TUNSETIFF, &ifr) < 0 ||
	    ioctl(c->tun, TUNSETLINK, ARPHRD_PPP) < 0) {
		perror(name);
		exit(2);
	}
}

static void
tun_read(struct client *c)
{
	uint8_t b[2048] = { 0 };
	ssize_t n;

	while ((n = read(c->tun, b + 2, sizeof(b) - 2)) > 0) {
		b[1] = b[2] >> 4 == 6 ? PPP_IP6 & 0xff : PPP_IP & 0xff;
		if (c->s->up)
			send_ppp(c, c->s, b, (size_t)n + 2);
	}
}

/* an IP packet: answers pings, notes answers */
static void
packet(struct client *c, struct session *s, const uint8_t *p, size_t len)
{
	char b[16];
	uint32_t src;

	if (s == c->s && c->tun >= 0) {
		if (write(c->tun, p, len) < 0 && errno != EIO) /* down */
			perror("tun");
		return;
	}
	c->answered |= len > 28 && p[9] == 17 && s == c->s;
	if (len < 28 || p[9] != 1)
		return;
	src = (uint32_t)p[12] << 24 | (uint32_t)p[13] << 16 |
	      (uint32_t)p[14] << 8 | p[15];
	if (p[20] == 8)
		icmp(c, s, src, 0);
	else if (s == c->s) {
		printf("icmp %u from %s\n", p[20], addr_ip4str(b, src));
		c->pinged = 1;
	}
}

static void
drain(struct client *c, struct session *s)
{
	const struct ppp_act *a;
	const char *why;

	while ((a = ppp_turn_next(&c->turn)))
		switch (a->type) {
		case PPP_ACT_SEND: send_ppp(c, s, a->p, a->len); break;
		case PPP_ACT_UP4: ip_up(c, s, &a->u.ip4); break;
		case PPP_ACT_UP6: ip6_up(c, s, &a->u.ip6); break;
		case PPP_ACT_DELIVER: packet(c, s, a->p, a->len); break;
		case PPP_ACT_NETWORK:
			ppp_link_network(&s->link, &c->turn,
			    &(struct ppp_net){ c->nets,
				{ 0, 0, { 0, 0 }, PPP_IPCP_ASK_DNS },
				{ 0, 0 } });
			break;
		case PPP_ACT_END:
			why = ppp_end_name(a->u.end);
			discovery(c, s, PPPOE_PADT);
			dead(c, s, why, strlen(why));
			return;
		default: break;
		}
	timers_set(&c->t, (uint32_t)(s - c->s),
	    s->st == UP ? ppp_link_deadline(&s->link) : -1);
}

static void
start_ppp(struct client *c, struct session *s, const struct pppoe_disc *d)
{
	uint8_t seed[16];

	if (getentropy(seed, sizeof(seed)) < 0)
		exit(1);
	s->st = UP;
	s->up = 0;
	ppp_link_init(&s->link, &c->cfg, seed);
	ppp_link_open(&s->link, ppp_turn(&c->turn, c->now),
	    d->max_payload ? d->max_payload : PPPOE_MRU);
	drain(c, s);
}

static void
control(struct client *c, struct session *s, const struct eth *e)
{
	struct pppoe_disc d;
	struct pppoe p;

	if (pppoe_get(&p, e->body, e->len) < 0 || pppoe_disc_get(&d, &p) < 0)
		return;
	if (p.code == PPPOE_PADO && s->st == PADI &&
	    d.cookie.len <= sizeof(s->cookie)) {
		memcpy(s->ac, e->src, 6);
		memcpy(s->cookie, d.cookie.p ? d.cookie.p : s->cookie,
		    d.cookie.len);
		s->cookielen = d.cookie.len;
		s->st = PADR;
		discovery(c, s, PPPOE_PADR);
	} else if (p.code == PPPOE_PADS && s->st == PADR) {
		s->sid = p.sid;
		if (p.sid)
			start_ppp(c, s, &d);
		else
			dead(c, s,
			    d.error.type ? (const char *)d.error.v.p
					 : "no session",
			    d.error.type ? d.error.v.len : 10);
	} else if (p.code == PPPOE_PADT && s->st == UP && p.sid == s->sid) {
		ppp_link_down(&s->link, ppp_turn(&c->turn, c->now));
		dead(c, s, d.error.type ? (const char *)d.error.v.p : "PADT",
		    d.error.type ? d.error.v.len : 4);
	} else
		return;
	timers_set(&c->t, (uint32_t)(s - c->s),
	    s->st == UP	    ? ppp_link_deadline(&s->link)
	    : s->st == DEAD ? -1
			    : s->again);
}

static void
frame(struct client *c, const struct ethport_frame *f)
{
	struct session *s;
	struct pppoe p;
	struct eth e;
	int i;

	if (eth_get(&e, f->p, f->len) < 0 || e.dst[0] != 2)
		return;
	if (e.ntag != c->nvlan ||
	    (e.ntag && eth_vlan(&e.tag[e.ntag - 1]) != c->vlan[e.ntag - 1]))
		return;
	i = e.dst[4] << 8 | e.dst[5];
	if (i >= c->n || memcmp(c->s[i].mac, e.dst, 6) != 0)
		return;
	s = &c->s[i];
	if (s->st != PADI && memcmp(s->ac, e.src, 6) != 0)
		return; /* forged, or an offer that came too late */
	if (e.type == ETH_PPPOED)
		control(c, s, &e);
	if (e.type != ETH_PPPOES || s->st != UP ||
	    pppoe_get(&p, e.body, e.len) < 0 || p.sid != s->sid)
		return;
	ppp_link_input(&s->link, ppp_turn(&c->turn, c->now), p.body, p.len);
	drain(c, s);
}

static void
tick(struct client *c)
{
	struct session *s;
	uint32_t i;

	while (c->next < c->n && c->dialling < c->window) {
		s = &c->s[c->next++];
		s->st = PADI;
		c->dialling++;
		discovery(c, s, PPPOE_PADI);
		timers_set(&c->t, (uint32_t)(s - c->s), s->again);
	}
	while (timers_due(&c->t, c->now, &i)) {
		s = &c->s[i];
		if (s->st == UP) {
			ppp_link_tick(&s->link, ppp_turn(&c->turn, c->now));
			drain(c, s);
		} else if (s->st != DEAD) {
			discovery(
			    c, s, s->st == PADI ? PPPOE_PADI : PPPOE_PADR);
			timers_set(&c->t, i, s->again);
		}
	}
}

static void
turn(struct client *c, int64_t until)
{
	struct ethport_frame f[ETHPORT_BATCH];
	struct pollfd p[2] = { { c->e.fd, POLLIN, 0 }, { c->tun, POLLIN, 0 } };
	int i, n;

	c->now = clock_ms();
	tick(c);
	ethport_flush(&c->e);
	poll(p, 2, clock_left(c->now, clock_min(timers_next(&c->t), until)));
	c->now = clock_ms();
	if (c->tun >= 0)
		tun_read(c);
	do {
		n = ethport_recv(&c->e, f, ETHPORT_BATCH);
		for (i = 0; i < n; i++)
			frame(c, &f[i]);
		ethport_flush(&c->e);
	} while (n == ETHPORT_BATCH);
}

static void
leave(struct client *c)
{
	int64_t until = clock_ms() + 5000;
	int i;

	for (i = 0; i < c->n; i++)
		if (c->s[i].st == UP) {
			ppp_link_close(
			    &c->s[i].link, ppp_turn(&c->turn, c->now));
			drain(c, &c->s[i]);
		}
	while (c->ndead < c->next && clock_ms() < until)
		turn(c, until);
	ethport_flush(&c->e);
}

static int
ping(struct client *c, const char *to)
{
	int64_t until = clock_ms() + 5000;
	uint32_t dst = 0;
	int64_t again = 0;

	if (!strcmp(to, "peer"))
		dst = c->s[1].addr;
	else if (addr_ip4(to, &dst) < 0)
		return 2;
	while (!c->pinged && clock_ms() < until) {
		c->now = clock_ms();
		if (c->now >= again) {
			icmp(c, c->s, dst, 8);
			again = c->now + 500;
		}
		turn(c, clock_min(again, until));
	}
	return !c->pinged;
}

/* of what is "PORT[,N]" */
static void
ask(struct client *c, const char *to, const char *what)
{
	const char *comma = strchr(what, ',');
	const long port = strtol(what, NULL, 10);
	const long n = comma ? strtol(comma + 1, NULL, 10) : 1;
	int64_t until = clock_ms() + 5000, again = 0;
	uint32_t dst;
	long i;

	if (addr_ip4(to, &dst) < 0)
		return;
	while (!c->answered && clock_ms() < until) {
		c->now = clock_ms();
		for (i = 0; c->now >= again && i < n; i++)
			udp(c, dst, (unsigned)(20000 + i), (unsigned)port);
		if (c->now >= again)
			again = c->now + 500;
		turn(c, clock_min(again, until));
	}
	printf("%s\n", c->answered ? "answered" : "not answered");
}

static struct {
	char user[256];
	const char *target, *question, *tun, *auth;
	int quiet;
	int64_t hold, patience;
} opt = {
	.user = "db123@a.1:NotReallyTheSecret",
	.auth = "",
	.patience = 20000,
};

static int
options(struct client *c, int argc, char **argv)
{
	char *end;
	int o;

	while ((o = getopt(argc, argv, "n:w:u:s:m:p:ck:t:V:l:q:T:N:A:e:")) > 0)
		switch (o) {
		case 'n': c->n = (int)strtol(optarg, NULL, 10); break;
		case 'w': c->window = (int)strtol(optarg, NULL, 10); break;
		case 'u':
			snprintf(opt.user, sizeof(opt.user), "%s", optarg);
			break;
		case 's': c->service = optarg; break;
		case 'm':
			c->max_payload = (unsigned)strtol(optarg, NULL, 10);
			break;
		case 'p': opt.target = optarg; break;
		case 'q': opt.question = optarg; break;
		case 'V':
			c->vlan[0] = (unsigned)strtol(optarg, &end, 10);
			c->nvlan = 1 + (*end == '.');
			if (*end)
				c->vlan[1] =
				    (unsigned)strtol(end + 1, NULL, 10);
			break;
		case 'c': opt.quiet = 1; break;
		case 'l': c->line = optarg; break;
		case 'T': opt.tun = optarg; break;
		case 'N':
			c->nets = (strchr(optarg, '4') ? PPP_NET_IP4 : 0) |
				  (strchr(optarg, '6') ? PPP_NET_IP6 : 0);
			break;
		case 'A': opt.auth = optarg; break;
		case 'e': c->cfg.lcp.echo = strtol(optarg, NULL, 10); break;
		case 'k': opt.hold = strtol(optarg, NULL, 10) * 1000; break;
		case 't': opt.patience = strtol(optarg, NULL, 10) * 1000; break;
		default: return -1;
		}
	return optind == argc - 1 && c->n >= 1 && c->n <= MAX ? 0 : -1;
}

static void
prepare(struct client *c)
{
	static const struct {
		const char *name;
		unsigned bit;
	} way[] = {
		{ "pap", 1 << PPP_AUTH_PAP },
		{ "chap", 1 << PPP_AUTH_CHAP },
		{ "mschapv2", 1 << PPP_AUTH_MSCHAPV2 },
	};
	char *colon = strchr(opt.user, ':');
	size_t n;
	int i;

	for (n = 0; n < sizeof(way) / sizeof(*way); n++)
		if (!*opt.auth || !strcmp(opt.auth, way[n].name))
			c->cfg.lcp.own_auth |= way[n].bit;
	if (colon)
		*colon++ = 0;
	c->cfg.peer.name = opt.user;
	c->cfg.peer.secret = colon ? colon : "";
	c->cfg.peer.restart = 3000;
	c->cfg.peer.max_tries = 10;
	c->s = calloc((size_t)c->n, sizeof(*c->s));
	timers_init(
	    &c->t, (uint32_t)c->n, calloc(1, timers_size((uint32_t)c->n)));
	for (i = 0; i < c->n; i++) {
		c->s[i].mac[0] = 2;
		c->s[i].mac[3] = (uint8_t)getpid();
		c->s[i].mac[4] = (uint8_t)(i >> 8);
		c->s[i].mac[5] = (uint8_t)i;
	}
}

int
main(int argc, char **argv)
{
	static struct client c;
	int64_t t0, until;
	struct netname nn;
	int st;

	c.n = 1;
	c.window = 100;
	c.service = "";
	c.tun = -1;
	c.nets = PPP_NET_IP4;
	c.cfg = ppp_link_defaults;
	if (options(&c, argc, argv) < 0 ||
	    netname_parse(&nn, argv[optind]) < 0 ||
	    ethport_open(&c.e, &nn, ETHPORT_PPPOE) < 0 ||
	    ethport_promisc(&c.e) < 0) {
		perror("pppoe-client");
		return 2;
	}
	setvbuf(stdout, NULL, _IOLBF, 0);
	signal(SIGTERM, on_signal);
	if (opt.tun)
		tun_open(&c, opt.tun);
	prepare(&c);
	t0 = clock_ms();
	until = t0 + opt.patience;
	while (c.nup + c.ndead < c.n && clock_ms() < until && !ended)
		turn(&c, until);
	printf("%d up in %lld ms\n", c.nup, (long long)(clock_ms() - t0));
	st = c.nup == c.n ? 0 : 1;
	if (!st && opt.target)
		st = ping(&c, opt.target);
	if (!st && opt.target && opt.question)
		ask(&c, opt.target, opt.question);
	until = clock_ms() + opt.hold;
	while (!ended && clock_ms() < until && c.ndead < c.n)
		turn(&c, until);
	if (!opt.quiet)
		leave(&c);
	return st;
}
