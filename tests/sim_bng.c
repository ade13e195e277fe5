/* limen: ISC licence, see LICENSE */
/* bng's LNS and PPP in memory: see sim.h */
#include <arpa/inet.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../bng/access.h"
#include "../bng/bng.h"
#include "../bng/fwd.h"
#include "../bng/ip6.h"
#include "../bng/lns.h"
#include "../bng/subs.h"
#include "clock.h"
#include "rd.h"
#include "sim.h"
#include "sock.h"
#include "wr.h"

static struct conf conf;
static struct bng b;
static const uint8_t *coming;
static size_t ncoming;
static int strangers, dead;

/* what bng's files need of others */

void
bng_log(const struct bng *bn, const struct sub *s, const char *fmt, ...)
{
	va_list ap;

	(void)bn;
	if (!getenv("SIM_VERBOSE"))
		return;
	printf("# %lld bng: %04x ", (long long)sim.now, s ? s->id : 0);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

socklen_t
sock_addrlen(const union sock_addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
}

uint16_t
sock_port(const union sock_addr *a)
{
	return ntohs(a->in.sin_port);
}

void
sock_setport(union sock_addr *a, uint16_t port)
{
	a->in.sin_port = htons(port);
}

int
sock_udp(const union sock_addr *a, const char *iface)
{
	(void)a;
	(void)iface;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

void
sock_cut(int fd)
{
	(void)fd;
}

void
sock_queue(int fd, int bytes)
{
	(void)fd;
	(void)bytes;
}

static struct sockaddr_in
lac(void)
{
	return (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_port = htons(sim.port),
		.sin_addr = { htonl(sim.host ? sim.host : INADDR_LOOPBACK) } };
}

int
sock_recv(int fd, struct sock_msg *m, size_t n)
{
	(void)fd;
	if (!ncoming || !n || ncoming > m->cap)
		return 0;
	memset(&m->path, 0, sizeof(m->path));
	m->path.peer.in = lac();
	memcpy(m->buf, coming, ncoming);
	m->len = ncoming;
	m->truncated = 0;
	ncoming = 0;
	return 1;
}

int
sock_send(int fd, const struct sock_msg *m, size_t n)
{
	const struct sockaddr_in to = lac();
	size_t i;

	(void)fd;
	for (i = 0; i < n && !dead; i++)
		if (!memcmp(&m[i].path.peer.in, &to, sizeof(to)))
			sim_put(SIM_LAC, m[i].buf, m[i].len);
	return (int)n;
}

uint8_t *
access_room(struct bng *bn, struct sub *s, size_t *cap)
{
	(void)bn;
	(void)s;
	(void)cap;
	abort();
}

void
access_commit(struct bng *bn, struct sub *s, size_t len)
{
	(void)len;
	(void)access_room(bn, s, NULL);
}

void
access_hangup(struct bng *bn, struct sub *s, const char *reason)
{
	(void)bn;
	(void)s;
	(void)reason;
}

void
access_cut(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
}

int64_t
ip6_deadline(const struct sub *s)
{
	(void)s;
	return -1;
}

void
ip6_tick(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
}

void
ip6_up(struct bng *bn, struct sub *s)
{
	(void)bn;
	(void)s;
	abort();
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

/* a client's packet is its address twice; it comes back */
void
nat_drop(struct nat *n, uint32_t i)
{
	(void)n;
	(void)i;
}

uint32_t
fwd_nat(const struct bng *bn, uint32_t slot, uint32_t addr)
{
	(void)bn;
	(void)addr;
	return slot;
}

void
fwd_up(struct bng *bn, struct sub *s, uint16_t proto, struct fwd_packet k)
{
	struct rd r;

	if (proto != PPP_IP || !s->up4)
		return;
	rd_init(&r, k.p, k.len);
	strangers += k.len != 8 || rd_u32(&r) != s->addr;
	memcpy(subs_room(bn, s), k.p, k.len);
	subs_commit(bn, s, PPP_IP, k.len);
}

/* what its main file does */

static void
configure(void)
{
	static char secret[] = "hush";

	conf = (struct conf){ .ac_name = "sim",
		.address = 0x0a000001,
		.pool_first = SIM_POOL,
		.pool_last = SIM_POOL + SIM_MAX - 1,
		.max = sim.max ? sim.max : SIM_MAX,
		.mtu = 1492,
		.verbose = 1,
		.l2tp = 1 };
	if (sim.secret)
		conf.l2tp_secret = secret;
	if (sim.bad_line)
		conf.line =
		    (struct line_conf){ LINE_WHOLE / 20, 20, 10, 1000000 };
}

static void
users(void)
{
	char spec[64];
	int i;

	for (i = 0; i < SIM_CLIENTS; i++) {
		snprintf(spec, sizeof(spec),
		    i < SIM_USERS ? "u%d:hush:10.0.9.%d" : "u%d:hush", i, i);
		if (users_add(&b.users, spec) < 0)
			abort();
	}
	if (users_done(&b.users))
		abort();
}

void
sim_bng_start(void)
{
	configure();
	memset(&b, 0, sizeof(b));
	b.conf = &conf;
	b.now = b.started = sim.now;
	b.ppp = ppp_link_defaults;
	b.ppp.lcp.auth[0] = PPP_AUTH_CHAP;
	b.ppp.auth.name = "sim";
	b.ppp.lcp.echo = 5000;
	b.ppp.lcp.echo_failures = 3;
	b.access.fd = b.access.tx = b.capture.fd = -1;
	users();
	if (pool_init(&b.pool, conf.pool_first, conf.pool_last) < 0 ||
	    line_set(&b.line, &conf.line) < 0)
		abort();
	subs_init(&b);
	b.lns = lns_open(&b);
}

void
sim_bng_datagram(const uint8_t *p, size_t n)
{
	b.now = sim.now;
	coming = p;
	ncoming = n;
	lns_input(b.lns);
}

void
sim_bng_turn(void)
{
	b.now = sim.now;
	line_tick(&b);
	lns_tick(b.lns);
	subs_tick(&b);
	lns_flush(b.lns);
}

int64_t
sim_bng_deadline(void)
{
	return clock_min(clock_min(subs_deadline(&b), line_deadline(&b.line)),
	    lns_deadline(b.lns));
}

int
sim_bng_list(struct sim_session *v, int max)
{
	const struct lns_call *c;
	uint32_t subs = 0;
	int n = 0;

	for (c = b.lns->call + 1; c < b.lns->call + b.lns->ncalls; c++) {
		if (!c->t)
			continue;
		if (n == max || (c->s && c->s->call != c))
			return -1;
		v[n++] = (struct sim_session){ .sid = c->l2.sid,
			.psid = c->l2.psid,
			.addr = c->s && c->s->up4 ? c->s->addr : 0 };
		subs += !!c->s;
	}
	return b.subs.count == subs ? n : -1;
}

void
sim_bng_drop(unsigned n)
{
	struct sub *s = &b.subs.s[n % b.subs.max];

	b.now = sim.now;
	if (s->bearer)
		subs_close(&b, s, "dropped");
}

void
sim_bng_cut(unsigned n)
{
	b.now = sim.now;
	subs_cut(&b, &b.subs.s[n], "cut");
}

void
sim_bng_mend(void)
{
	static const struct line_conf good;

	if (line_set(&b.line, &good) < 0)
		abort();
}

int
sim_bng_tunnels(int all)
{
	uint32_t i;
	int n = 0;

	for (i = 1; i <= b.lns->ids; i++)
		n += b.lns->tunnel[i] &&
		     (all || b.lns->tunnel[i]->cc.state == L2TP_CC_ESTABLISHED);
	return n;
}

int
sim_bng_longest(void)
{
	const struct lns *l = b.lns;
	int n, longest = 0;
	uint32_t i, c;

	for (i = 0; i <= l->peer_mask; i++) {
		for (n = 0, c = l->by_peer[i]; c; c = l->call[c].next_peer)
			n++;
		longest = n > longest ? n : longest;
	}
	return longest;
}

int
sim_bng_strangers(void)
{
	return strangers;
}

int
sim_bng_given(void)
{
	int i, n = (int)(b.pool.n - b.pool.nstack);

	for (i = 0; i < SIM_USERS; i++)
		n += pool_owner(&b.pool, SIM_OWN + (uint32_t)i) != POOL_NONE;
	return n;
}

void
sim_bng_kill(void)
{
	dead = 1;
	lns_close(b.lns);
	line_free(&b.line);
	subs_free(&b);
	pool_free(&b.pool);
	users_free(&b.users);
	dead = 0;
}
