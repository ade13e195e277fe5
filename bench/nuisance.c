/* limen: ISC licence, see LICENSE */
/*
 * What a server must stand: floods, lies and rubbish at a bounded rate, to be
 * run beside honest clients. pppoe PORT: PADIs of ever new clients, PADRs with
 * cookies of no one, PADTs and session frames for sessions of others, which it
 * hears on the wire and picks the server's address and the ids up from. l2tp
 * ADDR: tunnels asked for and left alone, messages of tunnels and calls of
 * others, Ns far ahead, AVPs longer than the message. tftp ADDR: requests left
 * alone, blocks of no transfer, uploads that stop. What is sent follows from
 * the seed.
 */
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "arg.h"
#include "clock.h"
#include "die.h"
#include "eth.h"
#include "ethport.h"
#include "l2tp.h"
#include "netname.h"
#include "num.h"
#include "pppoe.h"
#include "sock.h"

enum { SOCKETS = 8, CAP = 1500, TUNNELS = 1024, CALLS = 4096, SIDS = 64 };

struct nuisance {
	uint64_t rnd, sent;
	int64_t time;
	uint32_t rate;
	struct ethport port;
	uint8_t ac[6]; /* the server, once it was heard */
	uint16_t sid[SIDS];
	uint32_t nsid;
	int fd[SOCKETS];
	union sock_addr to;
};

static uint32_t
rnd(struct nuisance *z, uint32_t n)
{
	z->rnd ^= z->rnd << 13;
	z->rnd ^= z->rnd >> 7;
	z->rnd ^= z->rnd << 17;
	return (uint32_t)(z->rnd >> 11) % n;
}

static void
noise(struct nuisance *z, struct wr *w, size_t n)
{
	while (n--)
		wr_u8(w, rnd(z, 256));
}

static void
tag(struct nuisance *z, struct wr *w, unsigned type, size_t n)
{
	wr_u16(w, type);
	wr_u16(w, (unsigned)n);
	noise(z, w, n);
}

/* who serves here, and which sessions there are */
static void
overhear(struct nuisance *z, const struct ethport_frame *f)
{
	struct pppoe p;
	struct eth e;

	if (eth_get(&e, f->p, f->len) < 0 || pppoe_get(&p, e.body, e.len) < 0)
		return;
	if (e.type == ETH_PPPOED &&
	    (p.code == PPPOE_PADO || p.code == PPPOE_PADS))
		memcpy(z->ac, e.src, 6);
	if (p.sid && p.code != PPPOE_PADT)
		z->sid[z->nsid++ % SIDS] = p.sid;
}

static void
listen_in(struct nuisance *z)
{
	struct ethport_frame f[ETHPORT_BATCH];
	int i, n;

	do {
		n = ethport_recv(&z->port, f, ETHPORT_BATCH);
		for (i = 0; i < n; i++)
			overhear(z, &f[i]);
	} while (n == ETHPORT_BATCH);
}

static uint32_t
session(struct nuisance *z)
{
	const uint32_t n = z->nsid < SIDS ? z->nsid : SIDS;

	return n && rnd(z, 2) ? z->sid[rnd(z, n)] : rnd(z, 65536);
}

static void
pppoe(struct nuisance *z, struct wr *w)
{
	static const uint8_t codes[] = { PPPOE_PADI, PPPOE_PADI, PPPOE_PADR,
		PPPOE_PADT, PPPOE_SESSION, PPPOE_PADS, 0x42 };
	const unsigned code = codes[rnd(z, sizeof(codes))];
	struct eth e = { .type = ETH_PPPOED };
	size_t hole;

	memset(e.dst, 255, 6);
	if (code != PPPOE_PADI && (z->ac[0] || z->ac[5]))
		memcpy(e.dst, z->ac, 6);
	if (code == PPPOE_SESSION)
		e.type = ETH_PPPOES;
	e.src[0] = 6; /* nobody else's first byte */
	e.src[4] = (uint8_t)rnd(z, 256);
	e.src[5] = (uint8_t)rnd(z, 256);
	eth_put(w, &e);
	hole = pppoe_put(
	    w, code, code == PPPOE_PADI || code == PPPOE_PADR ? 0 : session(z));
	if (code == PPPOE_SESSION || code == 0x42) {
		noise(z, w, rnd(z, 64));
	} else {
		tag(z, w, PPPOE_SERVICE, 0);
		tag(z, w, PPPOE_HOST_UNIQ, rnd(z, 64));
		if (code != PPPOE_PADI)
			tag(z, w, PPPOE_COOKIE, 8 + rnd(z, 24));
		if (!rnd(z, 8))
			tag(z, w, rnd(z, 65536), rnd(z, 1000));
	}
	pppoe_end(w, hole);
	if (!rnd(z, 8)) /* claims more than there is */
		w->buf[ETH_HEAD + 4] = 0x7f;
}

/* ids count from 1 in most programs */
static uint16_t
id(struct nuisance *z, uint32_t n)
{
	return (uint16_t)rnd(z, rnd(z, 2) ? 8 : n);
}

/* a request, of which nothing comes and that says half the time not to be the
 * first of its tunnel, or a message of others with an AVP, hidden or not, that
 * is longer than all there is */
static void
control(struct nuisance *z, struct wr *w, int request)
{
	if (request) {
		l2tp_put_begin(w, L2TP_SCCRQ, 0, 0);
		l2tp_put16(w, L2TP_M | L2TP_AVP_VERSION, L2TP_VERSION);
		l2tp_put32(w, L2TP_M | L2TP_AVP_FRAMING_CAP, 3);
		l2tp_put_bytes(w, L2TP_M | L2TP_AVP_HOST, "nuisance", 8);
		l2tp_put16(w, L2TP_M | L2TP_AVP_TID, 1 + rnd(z, 65535));
		l2tp_put_end(w);
		l2tp_put_seq(w->buf, (uint16_t)rnd(z, 2), 0);
		return;
	}
	l2tp_put_begin(w, rnd(z, 20), id(z, TUNNELS), id(z, CALLS));
	wr_u16(w, rnd(z, 2) ? 0x83ff : 0xc3ff);
	noise(z, w, rnd(z, 1100));
	l2tp_put_end(w);
	l2tp_put_seq(w->buf, (uint16_t)rnd(z, 65536), (uint16_t)rnd(z, 65536));
}

static void
l2tp(struct nuisance *z, struct wr *w)
{
	const uint32_t kind = rnd(z, 8);

	if (!kind) {
		noise(z, w, rnd(z, CAP));
	} else if (kind < 3) { /* data of others */
		wr_u16(w, 2);
		wr_u16(w, id(z, TUNNELS));
		wr_u16(w, id(z, CALLS));
		wr_u16(w, 0xff03);
		noise(z, w, rnd(z, 64));
	} else
		control(z, w, kind < 5);
}

static void
tftp(struct nuisance *z, struct wr *w)
{
	static const char name[] =
	    "f\0octet\0blksize\0001428\0windowsize\00016";
	const uint32_t op = rnd(z, 7);

	wr_u16(w, op);
	if (op == 1 && rnd(z, 4))
		wr_bytes(w, name, sizeof(name));
	else if (op == 2) { /* an upload that does not come */
		wr_u8(w, 'u');
		wr_u8(w, 'a' + rnd(z, 26));
		wr_bytes(w, name + 1, sizeof(name) - 1);
	} else
		noise(z, w, rnd(z, 600));
}

/* one of a few sockets; now and then it is a new one, that is, a new peer */
static void
datagram(struct nuisance *z, const uint8_t *p, size_t n)
{
	const uint32_t i = rnd(z, SOCKETS);

	if (z->fd[i] >= 0 && !rnd(z, 16)) {
		close(z->fd[i]);
		z->fd[i] = -1;
	}
	if (z->fd[i] < 0 &&
	    (z->fd[i] = socket(z->to.sa.sa_family,
		 SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) < 0)
		die(1, "socket:");
	z->sent +=
	    sendto(z->fd[i], p, n, 0, &z->to.sa, sock_addrlen(&z->to)) >= 0;
}

static void
run(struct nuisance *z, void (*make)(struct nuisance *, struct wr *))
{
	const int64_t begun = clock_ms(), end = begun + z->time;
	uint64_t made = 0, due;
	int64_t now;
	uint8_t b[CAP + 64];
	struct wr w;

	while ((now = clock_ms()) < end) {
		if (z->port.fd >= 0)
			listen_in(z);
		due = (uint64_t)(now - begun) * z->rate / 1000;
		for (; made < due; made++) {
			wr_init(&w, b, sizeof(b));
			make(z, &w);
			if (z->port.fd < 0)
				datagram(z, b, wr_len(&w));
			else
				ethport_add(&z->port, b, wr_len(&w));
		}
		if (z->port.fd >= 0)
			ethport_flush(&z->port);
		(void)poll(NULL, 0, 2);
	}
	printf("nuisance made=%llu sent=%llu\n", (unsigned long long)made,
	    (unsigned long long)(z->sent + z->port.tx_frames));
}

static const struct arg_opt opts[] = {
	{ 't', "time", "TIME", "how long (1s)" },
	{ 'R', "rate", "N", "packets a second (1000)" },
	{ 's', "seed", "N", "another sequence (1)" },
	{ 0, NULL, NULL, NULL },
};
static const struct arg_tool tool = { "nuisance",
	"[options] pppoe PORT | l2tp ADDR | tftp ADDR", opts, 0, 0 };

static void
target(struct nuisance *z, struct arg *a, const char *kind, const char *where)
{
	struct sockaddr_storage ss;
	struct netname net;
	socklen_t len;

	if (!strcmp(kind, "pppoe")) {
		if (netname_parse(&net, where) < 0)
			arg_usage(a, "not a network: %s", where);
		if (ethport_open(&z->port, &net, ETHPORT_PPPOE) < 0 ||
		    ethport_promisc(&z->port) < 0)
			die(1, "%s:", where);
		run(z, pppoe);
	} else if (!strcmp(kind, "l2tp") || !strcmp(kind, "tftp")) {
		if (addr_sock(where, *kind == 'l' ? L2TP_PORT : 69, &ss, &len) <
		    0)
			arg_usage(a, "not an address: %s", where);
		memcpy(&z->to, &ss, sizeof(z->to));
		run(z, *kind == 'l' ? l2tp : tftp);
	} else
		arg_usage(a, "not pppoe, l2tp or tftp: %s", kind);
}

int
main(int argc, char **argv)
{
	static struct nuisance z = { .time = 1000, .rate = 1000, .rnd = 1 };
	const char *kind = NULL, *where = NULL;
	struct arg a;
	int c;

	(void)argc;
	z.port.fd = -1;
	memset(z.fd, -1, sizeof(z.fd));
	arg_init(&a, &tool, argv);
	while ((c = arg_next(&a)) != ARG_END)
		switch (c) {
		case 't':
			if (num_msec(a.value, 1, 86400000, &z.time) < 0)
				arg_usage(&a, "not a time: %s", a.value);
			break;
		case 'R': z.rate = (uint32_t)arg_num(&a, 1, 1000000); break;
		case 's': z.rnd = (uint64_t)arg_num(&a, 1, 1 << 30); break;
		case ARG_OPERAND:
			if (kind)
				where = a.value;
			else
				kind = a.value;
			break;
		}
	z.rnd *= 0x9e3779b97f4a7c15;
	if (!where)
		arg_usage(&a, "KIND or its place is missing");
	target(&z, &a, kind, where);
	return 0;
}
