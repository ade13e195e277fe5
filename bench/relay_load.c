/* limen: ISC licence, see LICENSE */
/*
 * relay_load: both ends of a relay in one process, to measure what stands
 * between them: PPPoE clients (discovery only) on an interface of this
 * network namespace and an LNS without PPP, made of the relay's own cores, on
 * a UDP socket of another. Sets sessions up, then sends packets through in
 * one direction with a bounded number under way, and prints the CPU time that
 * process PID took for each, by its schedstat. With --hold PID stands still
 * while the packets of a window are sent: it finds them all at once, so that
 * each that is measured works in batches of the same size, whatever their
 * speed. With --waves all sessions are set up and ended again and again, half
 * of them by their clients, half by the LNS. With --bare there is no set-up:
 * the thing between is a forwarder whose sessions have the numbers from 1 on.
 */
#include <sys/random.h>
#include <sys/socket.h>
#include <netinet/in.h>
#include <netinet/udp.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "arg.h"
#include "clock.h"
#include "die.h"
#include "eth.h"
#include "ethport.h"
#include "l2tp_call.h"
#include "netname.h"
#include "num.h"
#include "pppoe.h"
#include "sock.h"

enum { SLOTS = 64, BATCH = 32, MAX = 20000, HEAD = 20 };

struct sess {
	uint16_t sid;  /* PPPoE */
	uint16_t psid; /* the relay's L2TP id */
	struct l2tp_call call;
	uint8_t mac[6];
	uint8_t state; /* 0 none, 1 PADI, 2 PADR, 3 up */
	int64_t at;
};

struct load {
	struct ethport port;
	int udp;
	union sock_addr relay;
	struct l2tp_cc cc;
	struct l2tp_cc_slot tx[SLOTS], rx[SLOTS];
	struct sess *s; /* from 1 */
	uint8_t ac[6];
	long n, up, calls, packets, size, window, pid, waves;
	uint64_t sent, got;
	int bare, down, gso, hold, ask;
	int64_t now;
};

static uint8_t buf[BATCH][65536];

/* the client that an ICRQ is for: its address ends in its number */
static uint16_t
caller(const struct l2tp_msg *m)
{
	char mac[ADDR_MACLEN] = "";
	unsigned i = 0;
	uint8_t b[6];

	if (m->calling.len < sizeof(mac))
		memcpy(mac, m->calling.p, m->calling.len);
	if (addr_mac(mac, b) == 0)
		i = (unsigned)(b[4] << 8 | b[5]);
	if (!i || i > MAX)
		die(1, "calling number %s", mac);
	return (uint16_t)i;
}

/* what a message did to its call */
static void
happened(struct load *l, int what)
{
	l->calls += what == L2TP_CALL_CONNECTED;
	l->calls -= what == L2TP_CALL_ENDED;
}

static void
control_out(struct load *l)
{
	struct l2tp_cc_act a;
	uint16_t i;

	while (l2tp_cc_next(&l->cc, l->now, &a)) {
		if (a.type == L2TP_CC_SEND)
			(void)sendto(l->udp, a.pkt, a.len, 0, &l->relay.sa,
			    sock_addrlen(&l->relay));
		if (a.type == L2TP_CC_DOWN)
			die(1, "the tunnel went down: %s",
			    l2tp_cc_whyname(l->cc.why));
		if (a.type != L2TP_CC_MSG)
			continue;
		i = a.msg.type == L2TP_ICRQ ? caller(&a.msg) : a.msg.sid;
		if (a.msg.type == L2TP_ICRQ)
			l2tp_call_accept(&l->s[i].call, l->now, i, &a.msg);
		else if (a.msg.sid && a.msg.sid <= MAX)
			happened(
			    l, l2tp_call_input(&l->s[a.msg.sid].call, &a.msg));
		if (i && i <= MAX)
			(void)l2tp_call_send(&l->s[i].call, &l->cc, NULL);
	}
}

static void
control_in(struct load *l, uint8_t *p, size_t n, const union sock_addr *from)
{
	struct l2tp_hdr h;

	if (l2tp_hdr_get(&h, p, n) < 0)
		return;
	if (!(h.flags & L2TP_T)) {
		l->got++;
		return;
	}
	l->relay = *from;
	l2tp_cc_input(&l->cc, l->now, &h);
	control_out(l);
}

static void
udp_in(struct load *l)
{
	struct sock_msg m[BATCH];
	size_t off, seg;
	int i, n;

	for (i = 0; i < BATCH; i++) {
		m[i].buf = buf[i];
		m[i].cap = sizeof(buf[i]);
	}
	while ((n = sock_recv(l->udp, m, BATCH)) > 0) {
		for (i = 0; i < n; i++) {
			seg = m[i].seg ? m[i].seg : m[i].len;
			for (off = 0; off < m[i].len; off += seg)
				if (!(m[i].buf[off] & 0x80))
					l->got++;
				else
					control_in(l, m[i].buf + off,
					    m[i].len - off < seg
						? m[i].len - off
						: seg,
					    &m[i].path.peer);
		}
		if (n < BATCH)
			break;
	}
	l2tp_cc_tick(&l->cc, l->now);
	control_out(l);
}

static void
discovery(struct load *l, long i, unsigned code, struct pppoe_str cookie)
{
	struct eth e = { .type = ETH_PPPOED };
	uint8_t b[512];
	struct wr w;
	size_t hole;

	memset(e.dst, 255, 6);
	if (code != PPPOE_PADI)
		memcpy(e.dst, l->ac, 6);
	memcpy(e.src, l->s[i].mac, 6);
	wr_init(&w, b, sizeof(b));
	eth_put(&w, &e);
	hole = pppoe_put(&w, code, code == PPPOE_PADT ? l->s[i].sid : 0);
	if (code != PPPOE_PADT)
		pppoe_tag_put(&w, PPPOE_SERVICE, pppoe_str(""));
	if (code != PPPOE_PADT)
		pppoe_echo_put(&w, PPPOE_COOKIE, cookie);
	pppoe_end(&w, hole);
	ethport_add(&l->port, b, wr_len(&w));
	l->s[i].at = l->now;
}

static void
ended(struct load *l, long i)
{
	l->s[i].state = 0;
	l->up--;
}

static void
discovered(struct load *l, const struct eth *e)
{
	struct pppoe_disc d;
	struct pppoe p;
	long i;

	if (pppoe_get(&p, e->body, e->len) < 0 || pppoe_disc_get(&d, &p) < 0)
		return;
	i = e->dst[4] << 8 | e->dst[5];
	if (!i || i > l->n)
		return;
	if (p.code == PPPOE_PADO && l->s[i].state == 1) {
		memcpy(l->ac, e->src, 6);
		l->s[i].state = 2;
		discovery(l, i, PPPOE_PADR, d.cookie);
	} else if (p.code == PPPOE_PADS && l->s[i].state == 2 && p.sid) {
		l->s[i].state = 3;
		l->s[i].sid = p.sid;
		l->up++;
	} else if (p.code == PPPOE_PADT && !l->waves)
		die(1, "session %ld was ended", i);
	else if (p.code == PPPOE_PADT && l->s[i].state == 3)
		ended(l, i);
}

static void
eth_in(struct load *l)
{
	struct ethport_frame f[ETHPORT_BATCH];
	struct eth e;
	int i, n;

	while ((n = ethport_recv(&l->port, f, ETHPORT_BATCH)) > 0) {
		for (i = 0; i < n; i++) {
			if (f[i].len > 14 && f[i].p[12] == 0x88 &&
			    f[i].p[13] == 0x64)
				l->got++;
			else if (eth_get(&e, f[i].p, f[i].len) == 0)
				discovered(l, &e);
		}
		ethport_flush(&l->port);
	}
}

/* 1: something is there on the standard input */
static int
turn(struct load *l, int ms)
{
	struct pollfd p[3] = { { l->port.fd, POLLIN, 0 }, { l->udp, POLLIN, 0 },
		{ l->ask ? 0 : -1, POLLIN, 0 } };

	ethport_flush(&l->port);
	(void)poll(p, 3, ms);
	l->now = clock_ms();
	if (p[0].revents)
		eth_in(l);
	if (p[1].revents)
		udp_in(l);
	return !!p[2].revents;
}

static void
set_up(struct load *l)
{
	const int64_t begun = clock_ns();
	const struct pppoe_str none = { NULL, 0 };
	long i, begin = 1, oldest = 1;
	int64_t ns;

	while (l->up < l->n) {
		for (i = 0; begin <= l->n && begin - l->up < 128 && i < 32;
		     i++, begin++) {
			l->s[begin].state = 1;
			discovery(l, begin, PPPOE_PADI, none);
		}
		(void)turn(l, 5);
		for (; oldest < begin && l->s[oldest].state == 3; oldest++)
			;
		if (oldest < begin && l->now - l->s[oldest].at > 500) {
			l->s[oldest].state = 1;
			discovery(l, oldest, PPPOE_PADI, none);
		}
	}
	ns = clock_ns() - begun;
	if (l->waves)
		return;
	printf("setup sessions=%ld seconds=%.3f rate=%.0f\n", l->n,
	    (double)ns / 1e9, (double)l->n * 1e9 / (double)ns);
	fflush(stdout);
}

static double
cpu_us(long pid)
{
	char name[64], b[128];
	unsigned long long ns;
	FILE *fp;

	snprintf(name, sizeof(name), "/proc/%ld/schedstat", pid);
	if (!(fp = fopen(name, "r")) || !fgets(b, sizeof(b), fp))
		die(1, "%s:", name);
	fclose(fp);
	ns = strtoull(b, NULL, 10);
	return (double)ns / 1000;
}

static void
frames_out(struct load *l, long *at)
{
	static uint8_t f[BATCH][2048];
	struct ethport_frame v[BATCH];
	struct eth e = { .type = ETH_PPPOES };
	struct wr w;
	size_t hole;
	int i;

	memcpy(e.dst, l->ac, 6);
	for (i = 0; i < BATCH; i++) {
		*at = *at % l->n + 1;
		memcpy(e.src, l->s[*at].mac, 6);
		wr_init(&w, f[i], sizeof(f[i]));
		eth_put(&w, &e);
		hole = pppoe_put(&w, PPPOE_SESSION, l->s[*at].sid);
		wr_u16(&w, 0x21);
		(void)wr_room(&w, (size_t)l->size - 2);
		pppoe_end(&w, hole);
		v[i].p = f[i];
		v[i].len = wr_len(&w);
	}
	l->sent += (unsigned)ethport_send(&l->port, v, BATCH);
}

static void
datagrams_out(struct load *l, long *at)
{
	static uint8_t b[BATCH * 2048];
	struct sock_path path = { .peer = l->relay };
	struct sock_train t = { .to = &path, .buf = b, .plain = !l->gso };
	ssize_t n;
	struct wr w;
	int i;

	wr_init(&w, b, sizeof(b));
	for (i = 0; i < BATCH; i++) {
		*at = *at % l->n + 1;
		wr_u16(&w, 2);
		wr_u16(&w, l->bare ? 1 : l->cc.ptid);
		wr_u16(&w, l->bare ? (unsigned)*at : l->s[*at].call.psid);
		wr_u16(&w, 0xff03);
		wr_u16(&w, 0x21);
		(void)wr_room(&w, (size_t)l->size - 2);
	}
	t.seg = (size_t)l->size + 8;
	t.len = wr_len(&w);
	n = sock_train(l->udp, &t);
	l->sent += n > 0 ? (uint64_t)((size_t)n / t.seg) : 0;
}

static void
batch_out(struct load *l, long *at)
{
	if (l->down)
		datagrams_out(l, at);
	else
		frames_out(l, at);
}

/* a window of packets, when there is room for one or all are back */
static void
window_out(struct load *l, long *at)
{
	const uint64_t upto = l->sent + (uint64_t)l->window;

	if (!l->hold) {
		batch_out(l, at);
		(void)turn(l, 0);
		return;
	}
	kill((pid_t)l->pid, SIGSTOP);
	while (l->sent + BATCH <= upto)
		batch_out(l, at);
	kill((pid_t)l->pid, SIGCONT);
}

static void
flood(struct load *l)
{
	const double cpu = cpu_us(l->pid);
	const int64_t begun = clock_ns();
	const uint64_t room = l->hold ? 1 : (uint64_t)l->window;
	int64_t last = clock_ms(), ns;
	uint64_t before = 0, lost = 0;
	long at = 0;

	l->sent = l->got = 0;
	while (l->sent < (uint64_t)l->packets) {
		if (l->sent - l->got - lost < room)
			window_out(l, &at);
		else
			(void)turn(l, 20);
		if (l->got != before) {
			before = l->got;
			last = l->now;
		} else if (l->now - last > 300) { /* lost: do not wait */
			lost = l->sent - l->got;
			last = l->now;
		}
	}
	ns = clock_ns() - begun;
	for (last = clock_ms(); l->got < l->sent && l->now - last < 300;)
		(void)turn(l, 20);
	printf("flow %s size=%ld sent=%llu lost=%lld pps=%.0f cpu_us=%.3f\n",
	    l->down ? "down" : "up", l->size, (unsigned long long)l->sent,
	    (long long)(l->sent - l->got), (double)l->got * 1e9 / (double)ns,
	    (cpu_us(l->pid) - cpu) / (double)(l->got ? l->got : 1));
	fflush(stdout);
}

/* the clients with even numbers leave, a window of them at a time, until the
 * LNS has heard of all; one that was lost is sent again */
static void
leave(struct load *l)
{
	const struct pppoe_str none = { NULL, 0 };
	const long most = l->calls, left = l->n - l->n / 2;
	int64_t last = l->now;
	long i, before;

	for (i = 2; l->calls > left; i += 2) {
		if (i <= l->n) {
			if (l->s[i].state == 3)
				ended(l, i);
			discovery(l, i, PPPOE_PADT, none);
		}
		while (i / 2 - (most - l->calls) > l->window / 2 ||
		       (i > l->n && l->calls > left && l->now - last < 500)) {
			before = l->calls;
			(void)turn(l, 20);
			if (l->calls != before)
				last = l->now;
		}
		if (i > l->n)
			i = 0;
	}
}

/* the LNS ends what is left; returns how many clients did not hear of it */
static long
end_calls(struct load *l)
{
	int64_t last;
	long i, lost;

	for (i = 1; i <= MAX; i++) {
		if (l->s[i].call.state != L2TP_CALL_UP)
			continue;
		while (!l2tp_cc_room(&l->cc))
			(void)turn(l, 20);
		l2tp_call_close(&l->s[i].call, L2TP_CDN_ADMIN, 0);
		(void)l2tp_call_send(&l->s[i].call, &l->cc, NULL);
		l->calls--;
		control_out(l);
	}
	for (last = l->now; l->up && l->now - last < 1000;)
		(void)turn(l, 20);
	lost = l->up;
	for (i = 1; i <= l->n; i++)
		if (l->s[i].state == 3)
			ended(l, i);
	return lost;
}

static void
waves(struct load *l)
{
	const int64_t begun = clock_ns();
	double seconds;
	long i, lost = 0;

	for (i = 0; i < l->waves; i++) {
		set_up(l);
		while (l->calls < l->n) /* the last ICCN may be under way */
			(void)turn(l, 20);
		leave(l);
		lost += end_calls(l);
	}
	seconds = (double)(clock_ns() - begun) / 1e9;
	printf("waves sessions=%ld seconds=%.1f rate=%.0f unheard=%ld\n",
	    l->waves * l->n, seconds, (double)(l->waves * l->n) / seconds,
	    lost);
	fflush(stdout);
}

/* until the next line of the standard input; 0 at its end */
static int
asked(struct load *l)
{
	char c = 0;

	while (c != '\n') {
		while (!turn(l, 1000))
			;
		if (read(0, &c, 1) != 1)
			return 0;
	}
	return 1;
}

static const struct arg_opt opts[] = {
	{ 'n', "sessions", "N", "sessions (1)" },
	{ 'p', "packets", "N", "packets to send (0: none)" },
	{ 's', "size", "N", "bytes of a PPP frame (1400)" },
	{ 'w', "window", "N", "packets under way (512)" },
	{ 'H', "hold", NULL, "PID stands still while a window is sent" },
	{ 'i', "ask", NULL, "a flow of packets for each line of the input" },
	{ 'd', "down", NULL, "from the LNS to the clients" },
	{ 'G', "no-train", NULL, "the LNS sends datagrams one by one" },
	{ 'b', "bare", "MAC", "no set-up, the forwarder's address is MAC" },
	{ 'r', "relay", "ADDR", "and this one on the other side" },
	{ 'C', "waves", "N", "set up all sessions and end them, N times" },
	{ 'N', "netns", "FILE", "network namespace of the LNS" },
	{ 'a', "address", "ADDR", "of the LNS" },
	{ 'P', "pid", "PID", "whose CPU time counts" },
	{ 0, NULL, NULL, NULL },
};
static const struct arg_tool tool = { "relay_load", "[options] PORT", opts, 0,
	0 };

static void
address(struct arg *a, union sock_addr *to)
{
	struct sockaddr_storage ss;
	socklen_t len;

	if (addr_sock(a->value, L2TP_PORT, &ss, &len) < 0)
		arg_usage(a, "not an address: %s", a->value);
	memcpy(to, &ss, sizeof(*to));
}

/* a socket of another namespace */
static int
udp_there(const char *netns, const union sock_addr *a)
{
	int here = open("/proc/self/ns/net", O_RDONLY), there, fd;

	there = open(netns, O_RDONLY);
	if (here < 0 || there < 0 || setns(there, CLONE_NEWNET) < 0)
		die(1, "%s:", netns);
	if ((fd = sock_udp(a, NULL)) < 0 || setns(here, CLONE_NEWNET) < 0)
		die(1, "UDP:");
	close(here);
	close(there);
	sock_gro(fd);
	sock_queue(fd, 8 << 20);
	return fd;
}

static void
tunnel(struct load *l)
{
	static const struct l2tp_cc_conf conf = { .host = "load",
		.framing = 3,
		.window = 64,
		.rto = 200,
		.rto_max = 8000,
		.tries = 10,
		.linger = 1000 };
	struct l2tp_cc_mem mem = { l->tx, l->rx, SLOTS, SLOTS };
	uint8_t random[32] = { 1 };
	long i;

	l2tp_cc_init(&l->cc, &conf, &mem, random);
	l2tp_cc_listen(&l->cc, 1);
	for (i = 1; i <= l->n; i++) {
		l->s[i].mac[0] = 2;
		l->s[i].mac[4] = (uint8_t)(i >> 8);
		l->s[i].mac[5] = (uint8_t)i;
		l->s[i].sid = (uint16_t)i;
	}
}

/* what the command line says that is no field of the load */
struct words {
	const char *port, *netns;
	union sock_addr own;
};

static void
options(struct load *l, struct words *w, struct arg *a)
{
	int o;

	while ((o = arg_next(a)) != ARG_END)
		switch (o) {
		case 'n': l->n = (long)arg_num(a, 1, MAX); break;
		case 'p': l->packets = (long)arg_num(a, 0, 1000000000); break;
		case 's': l->size = (long)arg_num(a, 10, 1492); break;
		case 'w': l->window = (long)arg_num(a, 32, 65536); break;
		case 'H': l->hold = 1; break;
		case 'i': l->ask = 1; break;
		case 'd': l->down = 1; break;
		case 'C': l->waves = (long)arg_num(a, 1, 1000000); break;
		case 'G': l->gso = 0; break;
		case 'b':
			l->bare = 1;
			if (addr_mac(a->value, l->ac) < 0)
				arg_usage(a, "not a MAC: %s", a->value);
			break;
		case 'r': address(a, &l->relay); break;
		case 'N': w->netns = a->value; break;
		case 'a': address(a, &w->own); break;
		case 'P': l->pid = (long)arg_num(a, 1, 1 << 30); break;
		case ARG_OPERAND: w->port = a->value; break;
		}
}

int
main(int argc, char **argv)
{
	static struct load l;
	struct words w = { .netns = "/proc/self/ns/net" };
	struct netname net;
	struct arg a;

	(void)argc;
	l.n = 1;
	l.size = 1400;
	l.window = 512;
	l.gso = 1;
	l.pid = getpid();
	arg_init(&a, &tool, argv);
	options(&l, &w, &a);
	if (!w.port || netname_parse(&net, w.port) < 0)
		arg_usage(&a, "PORT is missing or no network");
	if (ethport_open(&l.port, &net, ETHPORT_PPPOE) < 0 ||
	    ethport_promisc(&l.port) < 0)
		die(1, "%s:", w.port);
	if (!(l.s = calloc(MAX + 1, sizeof(*l.s))))
		die(1, "memory:");
	l.udp = udp_there(w.netns, &w.own);
	l.now = clock_ms();
	tunnel(&l);
	if (!l.bare && !l.waves)
		set_up(&l);
	while (l.ask ? asked(&l) : l.waves || l.packets) {
		if (l.waves)
			waves(&l);
		else
			flood(&l);
		if (!l.ask)
			break;
	}
	return l.got != l.sent;
}
