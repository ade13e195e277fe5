/* limen: ISC licence, see LICENSE */
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <unistd.h>

#include "ethport.h"
#include "ip.h"
#include "ip_sum.h"
#include "tap.h"

static uint8_t frame[1514] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x88,
	0x63, 'x' };

static int
open_as(struct ethport *e, const char *name, enum ethport_what what)
{
	struct netname n;

	return netname_parse(&n, name) < 0 ? -1 : ethport_open(e, &n, what);
}

/* frames that came within 5 s, at most max */
static int
take(struct ethport *e, struct ethport_frame *f, int max)
{
	struct pollfd p = { e->fd, POLLIN, 0 };

	return poll(&p, 1, 5000) == 1 ? ethport_recv(e, f, max) : 0;
}

static int
nothing(struct ethport *e)
{
	struct ethport_frame f[1];

	return ethport_recv(e, f, 1) == 0;
}

static void
multicast(void)
{
	struct ethport_frame f[ETHPORT_BATCH];
	struct ethport a, b, all;
	int i, n, got = 0;

	if (open_as(&a, "mcast:230.0.0.1:7701", ETHPORT_PPPOE) < 0) {
		OK_MSG(1, "multicast # SKIP none on this host's lo");
		return;
	}
	OK(open_as(&b, "mcast:230.0.0.1:7701", ETHPORT_PPPOE) == 0);
	OK(open_as(&all, "mcast:230.0.0.1:7701", ETHPORT_ALL) == 0);
	for (i = 0; i < 40; i++)
		ethport_add(&a, frame, sizeof(frame));
	ethport_flush(&a);
	OK(a.tx_frames == 40);
	while (got < 40 && (n = take(&b, f, ETHPORT_BATCH)) > 0)
		for (i = 0; i < n; i++)
			got += f[i].len == sizeof(frame) &&
			       !memcmp(f[i].p, frame, f[i].len);
	OK(got == 40);
	OK_MSG(nothing(&a), "one's own frames do not come back");
	frame[13] = 0;
	ethport_add(&a, frame, 60);
	ethport_flush(&a);
	for (got = 0; got < 41 && (n = take(&all, f, ETHPORT_BATCH)) > 0;)
		got += n;
	OK(got == 41);
	OK_MSG(nothing(&b), "the PPPoE port sees PPPoE only");
	frame[13] = 0x63;
	ethport_close(&a);
	ethport_close(&b);
	ethport_close(&all);
}

/* b has named a as its peer: what a third one sends to it changes nothing */
static void
other_sender(struct ethport *a, struct ethport *b, const char *peer)
{
	struct ethport_frame f[2] = { { frame, 60 }, { frame, 61 } };
	struct ethport c;
	char at[160];

	snprintf(at, sizeof(at), "unix:/tmp/ethport-d.%d,%.*s", (int)getpid(),
	    (int)strcspn(peer + 5, ","), peer + 5);
	OK(open_as(&c, at, ETHPORT_ALL) == 0);
	OK(ethport_send(&c, f, 1) == 1 && take(b, f, 2) == 1);
	f[0].p = frame;
	OK(ethport_send(b, f + 1, 1) == 1);
	OK_MSG(take(a, f, 2) == 1 && f[0].len == 61, "a named peer stays");
	OK(nothing(&c));
	ethport_close(&c);
}

static void
local(void)
{
	char at[64], peer[140];
	struct ethport_frame f[2] = { { frame, 60 }, { frame, 1514 } };
	struct ethport a, b;

	snprintf(at, sizeof(at), "unix:/tmp/ethport-a.%d", (int)getpid());
	snprintf(peer, sizeof(peer), "unix:/tmp/ethport-b.%d,%s", (int)getpid(),
	    at + 5);
	OK(open_as(&a, at, ETHPORT_ALL) == 0);
	OK(open_as(&b, at, ETHPORT_ALL) < 0 && errno == EADDRINUSE);
	OK(open_as(&b, peer, ETHPORT_ALL) == 0);
	OK_MSG(ethport_send(&a, f, 1) == 0 && a.tx_lost == 1,
	    "without a peer a frame is lost");
	OK(ethport_send(&b, f, 2) == 2);
	OK(take(&a, f, 2) == 2 && f[1].len == 1514);
	OK_MSG(ethport_send(&a, f, 1) == 1, "whoever sent last is answered");
	OK(take(&b, f, 2) == 1 && f[0].len == 60);
	other_sender(&a, &b, peer);
	ethport_close(&b);
	f[0].p = frame;
	OK_MSG(ethport_send(&a, f, 1) == 0, "a peer that left is no error");
	ethport_close(&a);
	OK_MSG(access(at + 5, F_OK) < 0, "the socket is removed");
}

/* a path that was named by mistake keeps what is there; a socket that a killed
 * program left does not stand in the way */
static void
taken_path(void)
{
	const int s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct ethport a;
	char at[64];
	FILE *fp;

	snprintf(at, sizeof(at), "unix:/tmp/ethport-c.%d", (int)getpid());
	OK((fp = fopen(at + 5, "w")) && fputs("mine", fp) >= 0 && !fclose(fp));
	OK(open_as(&a, at, ETHPORT_ALL) < 0 && errno == EADDRINUSE);
	OK_MSG(access(at + 5, F_OK) == 0, "a file that is no socket stays");
	unlink(at + 5);
	memcpy(un.sun_path, at + 5, strlen(at + 5));
	OK(bind(s, (struct sockaddr *)&un, sizeof(un)) == 0 && !close(s));
	OK(open_as(&a, at, ETHPORT_ALL) == 0);
	ethport_close(&a);
}

/* brings an interface up or down */
static int
flag(const char *name, short flags)
{
	const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r;
	int bad;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	r.ifr_flags = flags;
	bad = ioctl(s, SIOCSIFFLAGS, &r);
	close(s);
	return bad;
}

/* the next PPPoE frame within 5 s, past what the host itself says */
static int
next(struct ethport *e, struct ethport_frame *f)
{
	size_t at;

	while (take(e, f, 1) == 1) {
		at = f->p[12] == 0x81 ? 16 : 12;
		if (f->p[at] == 0x88 && f->p[at + 1] == 0x63)
			return 1;
	}
	return 0;
}

/* what is written to the tap comes out of the port on its interface */
static void
from_tap(struct ethport *tap, struct ethport *port)
{
	static uint8_t tagged[64] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		0x81, 0, 0x20, 7, 0x88, 0x63, 'y' };
	struct ethport_frame f = { frame, 60 }, got;
	struct ethport_part part = { frame, frame + 14, 14, 100 };

	OK(ethport_send(tap, &f, 1) == 1);
	OK(next(port, &got) && got.len == 60 && !memcmp(got.p, frame, 60));
	OK(ethport_sendv(tap, &part, 1) == 1);
	OK(next(port, &got) && got.len == 114 && !memcmp(got.p, frame, 114));
	f.p = tagged;
	f.len = sizeof(tagged);
	OK(ethport_send(tap, &f, 1) == 1);
	OK_MSG(next(port, &got) && got.len == sizeof(tagged) &&
		   !memcmp(got.p, tagged, got.len),
	    "the tag that the kernel takes out is back");
}

static void
to_tap(struct ethport *tap, struct ethport *port)
{
	struct ethport_frame f = { frame, 60 }, got;

	OK(ethport_send(port, &f, 1) == 1);
	OK(next(tap, &got) && got.len == 60 && !memcmp(got.p, frame, 60));
	OK_MSG(nothing(port), "a port does not hear itself");
}

/* more frames than the ring has slots; one that is longer than a slot */
static void
ring(struct ethport *tap, struct ethport *port)
{
	static uint8_t longer[4000] = { 0 };
	struct ethport_frame f = { longer, sizeof(longer) }, got;
	int i, bad = 0;

	memcpy(longer, frame, 14);
	OK(ethport_send(tap, &f, 1) == 1);
	f.p = frame;
	f.len = 70;
	OK(ethport_send(tap, &f, 1) == 1);
	OK_MSG(next(port, &got) && got.len == 70,
	    "a frame longer than a slot is passed over");
	for (i = 0; i < 5000; i++) {
		f.len = 60 + (size_t)i % 1000;
		bad += ethport_send(tap, &f, 1) != 1 || !next(port, &got) ||
		       got.len != f.len || memcmp(got.p, frame, got.len);
	}
	OK_MSG(!bad, "the ring goes round");
	OK_MSG(nothing(port) && ethport_lost(port) == 1,
	    "what was passed over is counted");
	for (i = 0; i < 2048 + 10; i++)
		(void)ethport_send(tap, &f, 1);
	OK_MSG(ethport_lost(port) == 1 + 10 && ethport_lost(port) == 1 + 10,
	    "and what finds no slot");
	while (next(port, &got))
		;
}

static void
interface(enum ethport_what what)
{
	struct ethport_frame f = { frame, 60 }, got[4];
	struct ethport tap, port;

	OK(open_as(&tap, "tap:unit0", ETHPORT_ALL) == 0);
	OK(flag("unit0", IFF_UP) == 0);
	OK(open_as(&port, "packet:unit0", what) == 0);
	OK(!port.ring.map == (what == ETHPORT_ALL));
	OK(ethport_promisc(&port) == 0 && ethport_promisc(&tap) == 0);
	from_tap(&tap, &port);
	to_tap(&tap, &port);
	if (what == ETHPORT_PPPOE)
		ring(&tap, &port);
	OK(flag("unit0", 0) == 0);
	OK_MSG(ethport_send(&tap, &f, 1) == 0 && tap.tx_lost == 1,
	    "a frame for an interface that is down is lost");
	OK_MSG(ethport_recv(&port, got, 4) == 0 &&
		   ethport_recv(&port, got, 4) == 0,
	    "an interface that is down is silent");
	OK(flag("unit0", IFF_UP) == 0);
	to_tap(&tap, &port);
	ethport_close(&tap);
	OK_MSG(ethport_recv(&port, got, 4) == -1 && errno == ENODEV,
	    "one that is deleted is gone");
	ethport_close(&port);
}

/* what checksum offload left undone is done: UDP on lo */
static void
offload(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET };
	const int s = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ethport_frame f;
	struct ethport port;
	struct ip ip;

	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	to.sin_port = htons(9);
	OK(flag("lo", IFF_UP) == 0);
	OK(open_as(&port, "packet:lo", ETHPORT_ALL) == 0);
	OK(sendto(s, "hello", 5, 0, (struct sockaddr *)&to, sizeof(to)) == 5);
	OK(take(&port, &f, 1) == 1 && ip_get(&ip, f.p + 14, f.len - 14) == 0 &&
	    ip.proto == IP_UDP && ip.len == 13);
	OK(ip_sum_fold(ip_sum(
	       ip_sum_pseudo(&ip, ip.proto, ip.len), ip.body, ip.len)) == 0);
	ethport_close(&port);
	close(s);
}

/* names of interfaces and paths that are too long name nothing */
static void
names(void)
{
	char s[200];
	struct netname n = { .kind = NETNAME_PACKET, .arg = s };
	struct ethport e;

	memset(s, 'n', sizeof(s));
	s[sizeof(s) - 1] = 0;
	OK(ethport_open(&e, &n, ETHPORT_ALL) < 0 && errno == ENODEV);
	n.kind = NETNAME_TAP;
	OK(ethport_open(&e, &n, ETHPORT_ALL) < 0 && errno == ENODEV);
	memcpy(s, "unix:", 5);
	OK(open_as(&e, s, ETHPORT_ALL) < 0 && errno == ENAMETOOLONG);
	memcpy(s, "unix:/tmp/a,", 12);
	OK(open_as(&e, s, ETHPORT_ALL) < 0 && errno == ENAMETOOLONG);
	OK(open_as(&e, "unix:/nosuch/dir/s", ETHPORT_ALL) < 0 &&
	    errno == ENOENT);
}

/* the socket that a killed program left is taken over */
static void
stale(void)
{
	char at[64], left[140];
	struct ethport a, b;
	struct ethport_frame f;
	static uint8_t big[70000];

	snprintf(at, sizeof(at), "unix:/tmp/ethport-c.%d", (int)getpid());
	snprintf(left, sizeof(left), "unix:/tmp/ethport-d.%d,%s", (int)getpid(),
	    at + 5);
	OK(open_as(&a, at, ETHPORT_ALL) == 0);
	a.own.sun_path[0] = 0;
	ethport_close(&a);
	OK(access(at + 5, F_OK) == 0 && open_as(&a, at, ETHPORT_ALL) == 0);
	OK(open_as(&b, left, ETHPORT_ALL) == 0);
	memcpy(big, frame, sizeof(frame));
	ethport_add(&b, frame, 60);
	ethport_add(&b, big, 3000);
	ethport_commit(&b, 0);
	OK_MSG(take(&a, &f, 1) == 1 && f.len == 60, "a long frame keeps order");
	OK(take(&a, &f, 1) == 1 && f.len == 3000 && b.nout == 0);
	ethport_add(&b, big, sizeof(big));
	OK_MSG(take(&a, &f, 1) == 0 && a.rx_lost == 1,
	    "what is longer than any frame is dropped and counted");
	ethport_close(&a);
	ethport_close(&b);
}

int
main(void)
{
	struct ethport e;

	multicast();
	local();
	taken_path();
	names();
	stale();
	if (unshare(CLONE_NEWNET) < 0 || access("/dev/net/tun", W_OK) < 0)
		OK_MSG(1, "interfaces # SKIP no namespace or no tap here");
	else {
		interface(ETHPORT_ALL);
		interface(ETHPORT_PPPOE);
		offload();
	}
	OK(open_as(&e, "none", ETHPORT_ALL) < 0 && errno == EOPNOTSUPP);
	OK(open_as(&e, "packet:nosuchif0", ETHPORT_ALL) < 0);
	/* a directory or a device that is closed is open in no namespace */
	OK(!strcmp(ethport_why(EACCES), strerror(EACCES)));
	OK(!strncmp(ethport_why(EPERM), "not permitted", 13));
	return tap_done();
}
