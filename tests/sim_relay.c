/* limen: ISC licence, see LICENSE */
/* the relay in memory: see sim.h */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../pppoe-l2tp-relay/relay.h"
#include "addr.h"
#include "clock.h"
#include "sim.h"

static struct relay_conf conf;
static struct relay r;
static union sock_addr lns;
static struct ethport_frame coming;

/* what the relay's files need of others */

void
note(const struct relay *rl, const char *fmt, ...)
{
	va_list ap;

	(void)rl;
	if (!getenv("SIM_VERBOSE"))
		return;
	printf("# %lld relay: ", (long long)sim.now);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
}

void
wire_control(
    struct relay *rl, const struct tunnel *t, const uint8_t *p, size_t n)
{
	(void)rl;
	(void)t;
	sim_put(SIM_LNS, p, n);
}

void
wire_data(struct relay *rl, struct tunnel *t, uint8_t *p, size_t n)
{
	wire_control(rl, t, p, n);
}

void
wire_flush(struct relay *rl)
{
	(void)rl;
}

int
ethport_recv(struct ethport *e, struct ethport_frame *f, int max)
{
	(void)e;
	(void)max;
	*f = coming;
	coming.p = NULL;
	return !!f->p;
}

void
ethport_add(struct ethport *e, const void *p, size_t len)
{
	(void)e;
	sim_put(SIM_CLIENT, p, len);
}

void
ethport_flush(struct ethport *e)
{
	(void)e;
}

int
ethport_sendv(struct ethport *e, const struct ethport_part *f, int n)
{
	uint8_t b[2048];
	int i;

	(void)e;
	for (i = 0; i < n; i++) {
		memcpy(b, f[i].head, f[i].headlen);
		memcpy(b + f[i].headlen, f[i].body, f[i].len);
		sim_put(SIM_CLIENT, b, f[i].headlen + f[i].len);
	}
	return n;
}

int
resolve_ask(int fd, unsigned i, const char *host)
{
	(void)fd;
	(void)i;
	(void)host;
	return -1;
}

void
kpath_up(struct relay *rl, struct call *c)
{
	(void)rl;
	(void)c;
}

void
kpath_drop(struct relay *rl, struct call *c)
{
	(void)rl;
	(void)c;
}

int
kpath_frame(struct relay *rl, struct call *c, const uint8_t *p, size_t n)
{
	(void)rl;
	(void)c;
	(void)p;
	(void)n;
	return 0;
}

void
ktunnel_end(struct relay *rl, struct tunnel *t)
{
	(void)rl;
	(void)t;
}

/* what its main file does */

static void
configure(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };

	conf = (struct relay_conf){ .tx_speed = 1000000,
		.per_session = sim.per_session,
		.hide = sim.hide,
		.ac = { .name = "sim",
		    .flags = PPPOE_AC_ANY,
		    .max = sim.max ? sim.max : SIM_MAX },
		.cc = { .host = "sim",
		    .framing = 3,
		    .window = 64,
		    .rto = 1000,
		    .rto_max = 8000,
		    .tries = 5,
		    .hello = 30000,
		    .linger = 31000 } };
	memcpy(conf.ac.mac, mac, 6);
	if (sim.secret)
		conf.cc.secret =
		    (struct l2tp_secret){ (const uint8_t *)"hush", 4 };
}

void
sim_relay_start(void)
{
	const char *why;
	int i;

	configure();
	memset(&r, 0, sizeof(r));
	r.conf = &conf;
	r.now = r.start = sim.now;
	r.pcap.fd = -1;
	r.ac_mem = calloc(1, pppoe_ac_size(&conf.ac));
	if (!r.ac_mem || call_init(&r) < 0 || tunnel_init(&r) < 0 ||
	    path_init(&r) < 0 || lns_add(&r, "127.0.0.1", &why) < 0)
		abort();
	lns = r.lns[0].addr[0];
	for (i = 0; i < 16; i++)
		conf.ac.key[i] = (uint8_t)sim_rnd(256);
	pppoe_ac_init(&r.ac, &conf.ac, r.ac_mem);
}

void
sim_relay_frame(uint8_t *p, size_t n)
{
	r.now = sim.now;
	coming = (struct ethport_frame){ p, n };
	path_access(&r);
}

void
sim_relay_datagram(uint8_t *p, size_t n)
{
	r.now = sim.now;
	path_datagram(&r, &lns, p, n);
	path_flush(&r);
}

void
sim_relay_turn(void)
{
	r.now = sim.now;
	call_tick(&r);
	kick_tick(&r);
	tunnel_tick(&r);
	while (pppoe_ac_deadline(&r.ac) >= 0 &&
	       pppoe_ac_deadline(&r.ac) <= r.now) {
		pppoe_ac_tick(&r.ac, r.now);
		path_discovery(&r);
	}
	tunnel_turn(&r);
	path_flush(&r);
}

int64_t
sim_relay_deadline(void)
{
	return clock_min(clock_min(tunnel_deadline(&r), call_deadline(&r)),
	    clock_min(kick_deadline(&r), pppoe_ac_deadline(&r.ac)));
}

int
sim_relay_list(struct sim_session *v, int max)
{
	const struct call *c;
	int n = 0;

	for (c = r.calls + 1; c <= r.calls + r.ncalls; c++) {
		if (!c->used)
			continue;
		if (n == max || !c->pppoe || c->pppoe->state != PPPOE_UP ||
		    c->l2.state != L2TP_CALL_UP)
			return -1;
		memset(&v[n], 0, sizeof(v[n]));
		v[n].pppoe = c->pppoe->sid;
		memcpy(v[n].mac, c->pppoe->c->mac, 6);
		v[n].sid = c->l2.sid;
		v[n++].psid = c->l2.psid;
	}
	return r.ac.tab.count == (uint32_t)n ? n : -1;
}

void
sim_relay_stop(int tunnels)
{
	uint32_t i;

	r.now = sim.now;
	if (tunnels) {
		tunnel_stop(&r);
		return;
	}
	r.stopping = 1;
	r.ac.conf.flags |= PPPOE_AC_DRAIN;
	for (i = 1; i <= r.ncalls; i++)
		if (r.calls[i].used)
			call_drop(&r, &r.calls[i], "stop");
}

int
sim_relay_tunnels(int all)
{
	uint32_t i;
	int n = 0;

	for (i = 1; i <= r.ntunnels; i++)
		n += r.tunnels[i] &&
		     (all || r.tunnels[i]->cc.state == L2TP_CC_ESTABLISHED);
	return n;
}

void
sim_relay_kill(void)
{
	uint32_t i;

	for (i = 1; i <= r.ntunnels; i++)
		if (r.tunnels[i]) {
			free(r.tunnels[i]->slots);
			free(r.tunnels[i]);
		}
	free(r.tunnels);
	free(r.free_ids);
	free(r.heap.v);
	free(r.calls_mem);
	free(r.call_of);
	free(r.sid_of);
	free(r.words);
	free(r.path);
	free(r.ac_mem);
	memset(&r, 0, sizeof(r));
}
