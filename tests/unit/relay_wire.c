/* limen: ISC licence, see LICENSE */
/*
 * The relay's UDP socket, which all LNSs share: what ICMP says of one must cost
 * the others nothing.
 *
 * link: pppoe-l2tp-relay/wire.c pppoe-l2tp-relay/wire_open.c
 */
#include <netinet/in.h>
#include <sys/socket.h>

#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "../pppoe-l2tp-relay/relay.h"
#include "ip_sum.h"
#include "tap.h"

enum { N = 4, LONG = 100 };

static struct relay r;
static struct tunnel one, other; /* to a port that is closed, to an open one */
static int open_fd;

void
path_datagram(struct relay *rl, const union sock_addr *a, uint8_t *p, size_t n)
{
	(void)rl;
	(void)a;
	(void)p;
	(void)n;
}

void
path_ahead(const struct relay *rl, const uint8_t *p, size_t len, size_t seg)
{
	(void)rl;
	(void)p;
	(void)len;
	(void)seg;
}

void
path_flush(struct relay *rl)
{
	(void)rl;
}

void
tunnel_refused(struct relay *rl, const union sock_addr *a)
{
	(void)rl;
	(void)a;
}

/* of 127.0.0.1, its address in a; or -1 */
static int
port(union sock_addr *a)
{
	int fd;

	memset(a, 0, sizeof(*a));
	a->in.sin_family = AF_INET;
	a->in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if ((fd = sock_udp(a, NULL)) < 0 || sock_name(fd, a) < 0)
		return -1;
	return fd;
}

static int
error_waits(void)
{
	struct pollfd p = { wire_fd(&r, 0), 0, 0 };

	return poll(&p, 1, 5000) == 1 && p.revents & POLLERR;
}

/* a train to the other: all of it comes, and the next ones are trains, too */
static int
train_comes(void)
{
	static uint8_t b[N][LONG];
	struct pollfd p = { open_fd, POLLIN, 0 };
	uint8_t in[2 * LONG];
	int i, got = 0;

	for (i = 0; i < N; i++)
		wire_data(&r, &other, b[i], LONG);
	wire_flush(&r);
	while (poll(&p, 1, 200) == 1)
		got += recv(open_fd, in, sizeof(in), MSG_DONTWAIT) == LONG;
	return got == N && !r.lost_up && other.segmax == UINT16_MAX;
}

/* ICMP's word, "network unreachable", on a datagram to the closed port */
static int
unreachable(void)
{
	uint8_t b[8 + 20 + 8] = { 3, 0 };
	union sock_addr own, to = one.peer;
	const int fd = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP);
	uint16_t sum;

	if (fd < 0 || sock_name(wire_fd(&r, 0), &own) < 0)
		return -1;
	b[8] = 0x45;
	b[11] = 28;
	b[16] = 64;
	b[17] = IPPROTO_UDP;
	memcpy(b + 20, &to.in.sin_addr, 4);
	memcpy(b + 24, &to.in.sin_addr, 4);
	memcpy(b + 28, &own.in.sin_port, 2);
	memcpy(b + 30, &to.in.sin_port, 2);
	sum = ip_sum_fold(ip_sum(0, b, sizeof(b)));
	b[2] = (uint8_t)(sum >> 8);
	b[3] = (uint8_t)sum;
	to.in.sin_port = 0;
	(void)sendto(fd, b, sizeof(b), 0, &to.sa, sock_addrlen(&to));
	close(fd);
	return error_waits();
}

int
main(void)
{
	static const struct relay_conf conf = { 0 };
	static const uint8_t hello[12];
	int got;

	r.conf = &conf;
	r.nlns = 1;
	r.lns[0].numeric = 1;
	r.lns[0].addr[0].sa.sa_family = AF_INET;
	one.segmax = other.segmax = UINT16_MAX;
	OK((open_fd = port(&other.peer)) >= 0 && close(port(&one.peer)) == 0);
	OK(wire_open(&r) == 0);
	OK(train_comes());
	wire_control(&r, &one, hello, sizeof(hello));
	wire_flush(&r);
	OK(error_waits());
	OK_MSG(
	    train_comes(), "one LNS refuses: the other's train is none less");
	if ((got = unreachable()) >= 0) {
		OK(got);
		OK_MSG(train_comes(),
		    "one LNS's network is gone: the other's train comes");
	}
	wire_close(&r);
	return tap_done();
}
