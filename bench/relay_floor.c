/* limen: ISC licence, see LICENSE */
/*
 * relay_floor up|down IF ADDR [table]: the barest forwarder between PPPoE and
 * L2TP, to compare the relay with. Up: a packet ring in, one call with
 * UDP_SEGMENT out. Down: UDP_GRO in, sendmmsg out. It writes the same header
 * to each packet; with "table" that of the packet's session, taken from an
 * array by its number. No other tables, no checks, no control.
 */
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <linux/if_packet.h>

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "die.h"
#include "eth.h"
#include "pktring.h"

enum { BATCH = 32, HEAD = 20, IN = 65536 };

static struct {
	uint8_t up[8], down[HEAD];
} table[65536], *session;
static unsigned mask; /* of the session's number; 0: all are one */

static int
packet(const char *name, struct pktring *ring)
{
	struct sockaddr_ll ll = { .sll_family = AF_PACKET };
	int one = 1, fd = socket(AF_PACKET, SOCK_RAW, 0);

	ll.sll_protocol = htons(ETH_PPPOES);
	ll.sll_ifindex = (int)if_nametoindex(name);
	setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof(one));
	if (fd < 0 || (ring && pktring_open(ring, fd) < 0) ||
	    bind(fd, (struct sockaddr *)&ll, sizeof(ll)) < 0)
		die(1, "%s:", name);
	return fd;
}

static void
up(const char *name, int udp)
{
	union {
		struct cmsghdr c;
		uint8_t b[CMSG_SPACE(2)];
	} ctl = { .c = { .cmsg_len = CMSG_LEN(2),
		      .cmsg_level = SOL_UDP,
		      .cmsg_type = UDP_SEGMENT } };
	struct pktring ring;
	struct iovec v[BATCH];
	struct pollfd p = { packet(name, &ring), POLLIN, 0 };
	struct msghdr m = { .msg_iov = v };
	uint16_t seg;
	uint8_t *f;
	size_t n;

	for (;;) {
		while (m.msg_iovlen < BATCH && (f = pktring_next(&ring, &n))) {
			memcpy(
			    f + 12, session[(f[16] << 8 | f[17]) & mask].up, 8);
			v[m.msg_iovlen].iov_base = f + 12;
			v[m.msg_iovlen++].iov_len = n - 12;
		}
		if (!m.msg_iovlen) {
			poll(&p, 1, -1);
			continue;
		}
		seg = (uint16_t)v[0].iov_len;
		memcpy(CMSG_DATA(&ctl.c), &seg, 2);
		m.msg_control = m.msg_iovlen > 1 ? &ctl : NULL;
		m.msg_controllen = m.msg_iovlen > 1 ? sizeof(ctl) : 0;
		if (sendmsg(udp, &m, 0) < 0)
			warn("sendmsg:");
		m.msg_iovlen = 0;
		pktring_done(&ring);
	}
}

static void
frames(int fd, uint8_t *p, size_t len, size_t seg)
{
	static uint8_t head[64][HEAD];
	static struct mmsghdr m[64];
	static struct iovec v[64][2];
	size_t n;
	unsigned i = 0;

	for (; len && i < 64; len -= n, p += n, i++) {
		n = len < seg ? len : seg;
		memcpy(head[i], session[(p[4] << 8 | p[5]) & mask].down, 18);
		head[i][18] = (uint8_t)((n - 8) >> 8);
		head[i][19] = (uint8_t)(n - 8);
		v[i][0].iov_base = head[i];
		v[i][0].iov_len = HEAD;
		v[i][1].iov_base = p + 8;
		v[i][1].iov_len = n - 8;
		m[i].msg_hdr.msg_iov = v[i];
		m[i].msg_hdr.msg_iovlen = 2;
	}
	(void)syscall(SYS_sendmmsg, fd, m, i, 0);
}

static void
down(const char *name, int udp)
{
	static uint8_t buf[IN];
	union {
		struct cmsghdr c;
		uint8_t b[CMSG_SPACE(4)];
	} ctl;
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int fd = packet(name, NULL), one = 1, seg;
	ssize_t n;

	setsockopt(udp, SOL_UDP, UDP_GRO, &one, sizeof(one));
	for (;;) {
		m.msg_control = &ctl;
		m.msg_controllen = sizeof(ctl);
		if ((n = recvmsg(udp, &m, 0)) <= 8)
			continue;
		seg = (int)n;
		if (m.msg_controllen)
			memcpy(&seg, CMSG_DATA(&ctl.c), sizeof(seg));
		frames(fd, buf, (size_t)n, (size_t)seg);
	}
}

static void
fill(void)
{
	unsigned i;

	for (i = 0; i < 65536; i++) {
		memcpy(table[i].up, "\0\2\0\1\0\1\xff\3", 8);
		memcpy(table[i].down,
		    "\2\0\0\0\0\1\2\0\0\0\0\2\x88\x64\x11\0\0\1", 18);
		table[i].up[4] = table[i].down[16] = (uint8_t)(i >> 8);
		table[i].up[5] = table[i].down[17] = (uint8_t)i;
	}
	session = table + !mask;
}

int
main(int argc, char **argv)
{
	struct sockaddr_storage to, at = { .ss_family = AF_INET };
	socklen_t len;
	int udp = socket(AF_INET, SOCK_DGRAM, 0), big = 8 << 20;

	argv0 = "relay_floor";
	if (argc < 4 || argc > 5 || addr_sock(argv[3], 1701, &to, &len) < 0)
		die(2, "usage: relay_floor up|down IF ADDR [table]");
	mask = argc == 5 ? 0xffff : 0;
	fill();
	((struct sockaddr_in *)&at)->sin_port = htons(1701);
	setsockopt(udp, SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big));
	if (bind(udp, (struct sockaddr *)&at, sizeof(struct sockaddr_in)) < 0 ||
	    connect(udp, (struct sockaddr *)&to, len) < 0)
		die(1, "UDP:");
	if (!strcmp(argv[1], "up"))
		up(argv[2], udp);
	down(argv[2], udp);
	return 0;
}
