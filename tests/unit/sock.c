/* limen: ISC licence, see LICENSE */
#include <poll.h>
#include <sys/utsname.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "at.h"
#include "sock.h"
#include "tap.h"

static uint8_t big[140000];

static int
get(int fd, struct sock_msg *m, size_t n)
{
	struct pollfd p = { fd, POLLIN, 0 };

	return poll(&p, 1, 2000) == 1 ? sock_recv(fd, m, n) : -1;
}

/* a request to one of many addresses is answered from that one */
static void
asked_address(void)
{
	union sock_addr any = at("0.0.0.0", 0), me = at("127.0.0.1", 0);
	union sock_addr to = at("127.9.8.7", 0);
	uint8_t buf[64];
	struct sock_msg m = { .buf = buf, .cap = sizeof(buf) }, out;
	int srv = sock_udp(&any, NULL), cli = sock_udp(&me, NULL);

	OK(srv >= 0 && cli >= 0 && sock_name(srv, &any) == 0);
	sock_setport(&to, sock_port(&any));
	memset(&out, 0, sizeof(out));
	out.path.peer = to;
	out.buf = (uint8_t *)"ask";
	out.len = 3;
	OK(sock_send(cli, &out, 1) == 1);
	OK(get(srv, &m, 1) == 1 && m.len == 3 && !m.truncated && !m.seg);
	OK(m.path.local.in.sin_addr.s_addr == to.in.sin_addr.s_addr);
	OK(m.path.ifindex == 1);
	OK(sock_send(srv, &m, 1) == 1 && get(cli, &m, 1) == 1);
	OK(m.path.peer.in.sin_addr.s_addr == to.in.sin_addr.s_addr);
	m.cap = 2;
	OK(sock_send(cli, &out, 1) == 1 && get(srv, &m, 1) == 1);
	OK(m.truncated && m.len == 2);
	close(srv);
	close(cli);
}

static void
asked_address6(void)
{
	union sock_addr any = at("::", 0), me = at("::1", 0), own;
	uint8_t buf[64];
	struct sock_msg m = { .buf = buf, .cap = sizeof(buf) }, out;
	int srv = sock_udp(&any, NULL), cli = sock_udp(&me, NULL);

	if (srv < 0 && errno == EAFNOSUPPORT)
		return;
	OK(srv >= 0 && cli >= 0 && sock_name(srv, &own) == 0);
	memset(&out, 0, sizeof(out));
	out.path.peer = me;
	sock_setport(&out.path.peer, sock_port(&own));
	out.buf = (uint8_t *)"ask";
	out.len = 3;
	OK(sock_send(cli, &out, 1) == 1 && get(srv, &m, 1) == 1);
	OK(IN6_IS_ADDR_LOOPBACK(&m.path.local.in6.sin6_addr));
	OK(sock_send(srv, &m, 1) == 1 && get(cli, &m, 1) == 1);
	close(srv);
	close(cli);
}

/* how many of the total bytes from base on arrive, as datagrams of seg bytes
 * but for the last */
static size_t
collect(int fd, const uint8_t *base, size_t total, size_t seg)
{
	static uint8_t in[70000];
	struct sock_msg m = { .buf = in, .cap = sizeof(in) };
	size_t got = 0, each;

	while (got < total && get(fd, &m, 1) == 1) {
		each = m.seg ? m.seg : m.len;
		if (memcmp(in, base + got, m.len))
			break;
		got += m.len;
		if (each != seg && got != total)
			break;
	}
	return got;
}

static void
trains(int plain)
{
	union sock_addr me = at("127.0.0.1", 0);
	struct sock_path to;
	struct sock_train t;
	size_t off;
	ssize_t n;
	int rx = sock_udp(&me, NULL), tx = sock_udp(&me, NULL);

	memset(&to, 0, sizeof(to));
	sock_name(rx, &to.peer);
	sock_queue(rx, 4 << 20);
	sock_gro(rx);
	for (off = 0; off < sizeof(big); off += (size_t)n) {
		t.to = &to;
		t.buf = big + off;
		t.len = sizeof(big) - off;
		t.seg = 1432;
		t.plain = plain;
		if ((n = sock_train(tx, &t)) < 1 ||
		    collect(rx, big + off, (size_t)n, 1432) != (size_t)n)
			break;
	}
	OK_MSG(off == sizeof(big),
	    plain ? "datagrams one by one" : "trains cut by the kernel");
	close(rx);
	close(tx);
}

/* waits for what comes later, not for ever, and not in the other calls */
static void
patience(void)
{
	union sock_addr a = at("127.0.0.1", 0), from, to;
	uint8_t b[8];
	int rx = sock_udp(&a, NULL), tx = sock_udp(&a, NULL);
	pid_t child;

	sock_patient(rx, 5);
	OK(sock_wait1(rx, b, sizeof(b), &from) < 0 && errno == EAGAIN);
	sock_patient(rx, 10000);
	OK(sock_recv1(rx, b, sizeof(b), &from) < 0 && errno == EAGAIN);
	OK(sock_name(rx, &to) == 0 && sock_name(tx, &a) == 0);
	if (!(child = fork())) {
		usleep(50000);
		(void)sendto(tx, "late", 4, 0, &to.sa, sizeof(to.in));
		_exit(0);
	}
	OK(sock_wait1(rx, b, sizeof(b), &from) == 4 &&
	    sock_port(&from) == sock_port(&a));
	(void)waitpid(child, NULL, 0);
	close(rx);
	close(tx);
}

/* an inherited socket of v6 takes v4, too: such a peer is one of v4 */
static void
adopted(void)
{
	union sock_addr any = at("::", 0), me = at("127.0.0.1", 0);
	const int fd = socket(AF_INET6, SOCK_DGRAM, 0);
	const int tcp = socket(AF_INET, SOCK_STREAM, 0);
	int cli = sock_udp(&me, NULL);
	uint8_t buf[64];
	struct sock_msg m = { .buf = buf, .cap = sizeof(buf) }, out;

	OK(sock_adopt(tcp) < 0 && errno == EPROTOTYPE);
	OK_MSG(sock_adopt(fd) < 0 && errno == EADDRNOTAVAIL, "not bound yet");
	OK(bind(fd, &any.sa, sock_addrlen(&any)) == 0 && sock_adopt(fd) == 0);
	OK_MSG(sock_recv(fd, &m, 1) < 0 && errno == EAGAIN, "it never waits");
	memset(&out, 0, sizeof(out));
	OK(sock_name(fd, &any) == 0);
	out.path.peer = at("127.0.0.1", sock_port(&any));
	out.buf = (uint8_t *)"ask";
	out.len = 3;
	OK(sock_send(cli, &out, 1) == 1 && get(fd, &m, 1) == 1);
	OK(sock_name(cli, &me) == 0 && m.path.peer.sa.sa_family == AF_INET);
	OK(m.path.peer.in.sin_addr.s_addr == me.in.sin_addr.s_addr &&
	    sock_port(&m.path.peer) == sock_port(&me));
	close(fd);
	close(tcp);
	close(cli);
}

/* is the next datagram these bytes, and the only one? */
static int
alone(int rx, const void *b, size_t n)
{
	static uint8_t in[70000];
	struct sock_msg m = { .buf = in, .cap = sizeof(in) };

	return get(rx, &m, 1) == 1 && m.len == n && !memcmp(in, b, n) &&
	       sock_recv(rx, &m, 1) < 0 && errno == EAGAIN;
}

/* puts n bytes of big into the pipe, each bytes a page */
static int
pour(int fd, size_t n, size_t each)
{
	size_t off;

	for (off = 0; off < n; off += each)
		if (write(fd, big + off, each) != (ssize_t)each)
			return -1;
	return 0;
}

/* what was begun leaves in one piece, or not at all, and nothing is added to
 * it by mistake */
static void
pieces(const union sock_addr *me)
{
	struct sock_path to;
	struct sock_train t = { &to, (uint8_t *)"head", 4, 4 + 20000, 0 };
	uint8_t whole[8 + 40000], b[64];
	int p[2], rx = sock_udp(me, NULL), tx = sock_udp(me, NULL);

	memset(&to, 0, sizeof(to));
	if (sock_name(rx, &to.peer) < 0 ||
	    pipe2(p, O_DIRECT | O_NONBLOCK) < 0 ||
	    fcntl(p[1], F_SETPIPE_SZ, 131072) < 0)
		return;
	sock_gro(rx);
	memcpy(whole, "head", 4);
	memcpy(whole + 4, big, 20000);
	memcpy(whole + 20004, "more", 4);
	memcpy(whole + 20008, big + 20000, 20000);
	OK(pour(p[1], 40000, 4000) == 0 && sock_begin(tx, &t) == 0 &&
	    sock_pages(tx, p[0], 20000, 0) == 0 &&
	    sock_more(tx, "more", 4) == 0);
	OK_MSG(sock_recv1(rx, b, sizeof(b), &to.local) < 0,
	    "nothing leaves before the last piece");
	to.local.sa.sa_family = 0;
	OK(sock_pages(tx, p[0], 20000, 1) == 0 &&
	    collect(rx, whole, sizeof(whole), 20004) == sizeof(whole));

	OK(sock_begin(tx, &t) == 0 && sock_more(tx, "more", 4) == 0);
	sock_drop(tx);
	OK_MSG(sock_more(tx, "more", 4) < 0, "there is nothing to add to");
	t.len = 2;
	t.seg = 2;
	OK(sock_train(tx, &t) == 2);
	OK_MSG(alone(rx, "he", 2), "what was dropped is gone");
	sock_drop(tx);
	OK(sock_train(tx, &t) == 2 && alone(rx, "he", 2));

	/* in more pieces than the kernel has room for */
	t.seg = 1000;
	OK(pour(p[1], 30 * 20, 20) == 0 && sock_begin(tx, &t) == 0);
	OK(sock_pages(tx, p[0], 30 * 20, 1) < 0);
	sock_drop(tx);
	t.seg = 2;
	OK(sock_train(tx, &t) == 2);
	OK_MSG(alone(rx, "he", 2), "what could not be sent is gone");
	close(p[0]);
	close(p[1]);
	close(rx);
	close(tx);
}

static int
old_kernel(void)
{
	struct utsname u;
	long major, minor;
	char *end;

	if (uname(&u) < 0)
		return 0;
	major = strtol(u.release, &end, 10);
	minor = *end == '.' ? strtol(end + 1, NULL, 10) : 0;
	return major < 6 || (major == 6 && minor < 5);
}

/* sends b from a socket to the address of another */
static int
passes(int from, const char *b, int to)
{
	union sock_addr a;

	return sock_name(to, &a) == 0 &&
	       sendto(from, b, strlen(b), 0, &a.sa, sock_addrlen(&a)) ==
		   (ssize_t)strlen(b);
}

/* is b the next datagram, and then none? */
static int
hears(int fd, const char *b)
{
	struct pollfd p = { fd, POLLIN, 0 };
	char got[16];

	return poll(&p, 1, 1000) == 1 &&
	       recv(fd, got, sizeof(got), MSG_DONTWAIT) == (ssize_t)strlen(b) &&
	       !memcmp(got, b, strlen(b)) &&
	       recv(fd, got, sizeof(got), MSG_DONTWAIT) < 0;
}

/* who is connected to hears its peer, its twin all others, under one address
 * that nobody else can take then; both answer from it */
static void
twins(const char *host)
{
	const union sock_addr any = at(host, 0);
	const int fd = sock_bound(&any, NULL), one = 1;
	const int peer = sock_bound(&any, NULL), other = sock_bound(&any, NULL);
	int thief = socket(any.sa.sa_family, SOCK_DGRAM, 0), twin;
	struct sock_train t = {
		.buf = (const uint8_t *)"hi", .len = 2, .seg = 2
	};
	union sock_addr a, me;

	OK(sock_name(peer, &a) == 0 && sock_name(fd, &me) == 0);
	twin = sock_twin(fd, &a, NULL);
	OK(twin >= 0 && sock_name(twin, &a) == 0 && addr_same(&a.sa, &me.sa));
	OK(passes(peer, "peer", fd) && passes(other, "other", fd));
	OK(hears(fd, "peer") && hears(twin, "other"));
	OK(sock_train(fd, &t) == 2 && hears(peer, "hi"));
	OK(passes(twin, "you", other) && hears(other, "you"));
	OK(setsockopt(thief, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0);
	OK(bind(thief, &me.sa, sock_addrlen(&me)) < 0);
	close(twin);
	close(fd);
	OK(bind(thief, &me.sa, sock_addrlen(&me)) == 0);
	close(thief);
	close(peer);
	close(other);
	OK(sock_twin(-1, &a, NULL) < 0);
}

int
main(void)
{
	size_t i;
	union sock_addr a = at("127.0.0.1", 0);
	struct sock_path to;
	struct sock_train t;
	union sock_addr a6 = at("::1", 0);
	int fd = sock_udp(&a, NULL), err, can;

	for (i = 0; i < sizeof(big); i++)
		big[i] = (uint8_t)(i * 7 + i / 256);
	asked_address();
	asked_address6();
	patience();
	adopted();
	twins("127.0.0.1");
	twins("::1");
	OK(sock_udp(&a, "no-such-if") < 0);
	OK(sock_adopt(fd) == 0);
	OK(sock_adopt(0) < 0);
	sock_queue(fd, 65536);
	OK(sock_fit(fd, 100, 1000) == 65);
	OK(sock_fit(fd, 3, 1000) == 3 && sock_fit(fd, 3, 100000) == 1);

	/* nobody there: ICMP tells, and whom it was about */
	memset(&to, 0, sizeof(to));
	to.peer = at("127.0.0.1", 9);
	t.to = &to;
	t.buf = big;
	t.len = t.seg = 10;
	t.plain = 0;
	sock_wanterrors(fd);
	OK(sock_train(fd, &t) == 10);
	for (i = 0; i < 200 && !sock_error(fd, &a, &err); i++)
		usleep(10000);
	OK(err == ECONNREFUSED && sock_port(&a) == 9);
	close(fd);
	can = sock_probe();
	OK((can & (SOCK_CUTS | SOCK_JOINS)) == (SOCK_CUTS | SOCK_JOINS));
	/* kernels before 6.5 are found out */
	OK((can & SOCK_PAGES) || old_kernel());
	if (can & SOCK_PAGES)
		pieces(&(union sock_addr){ .in = at("127.0.0.1", 0).in });
	if (can & SOCK_PAGES6)
		pieces(&a6);
	for (i = 0; i < 2; i++)
		trains((int)i);
	return tap_done();
}
