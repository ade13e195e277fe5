/* limen: ISC licence, see LICENSE */
/*
 * An LNS of one tunnel, which does what a well-behaved one need not:
 *
 *	odd-lns MODE ADDR:PORT
 *
 *	call	takes calls; a packet is answered with a TCP SYN, MSS 1460
 *	cdn	refuses each call: CDN 2, error 4
 *	mute	says nothing after SCCRP
 *	move	answers the first SCCRQ with StopCCN from the next port, the
 *		second with SCCRP from there, and is "call" then
 *
 * Prints each message's type and which of the two ports it came to, and the
 * last two bytes of packets: the MSS of a SYN.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "l2tp.h"
#include "sock.h"
#include "wr.h"

static const uint8_t syn[] = "\xff\x03\0\x21\x45\0\0\x2c\0\0\0\0\x40\6\0\0"
			     "\x0a\0\0\1\x0a\0\0\2\x10\0\0\x50\0\0\0\1\0\0\0\0"
			     "\x60\2\x20\0\0\0\0\0\2\4\5\xb4";
static const char *mode;
static struct pollfd at[2];
static union sock_addr peer;
static uint16_t ns, nr, tid, sid;
static unsigned requests;

static int
is(const char *what)
{
	return !strcmp(mode, what);
}

static void
put(int i, const void *p, size_t n)
{
	(void)sendto(at[i].fd, p, n, 0, &peer.sa, sock_addrlen(&peer));
}

static void
say(int i, unsigned type)
{
	uint8_t b[256];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(
	    &w, type, tid, type == L2TP_ICRP || type == L2TP_CDN ? sid : 0);
	if (type == L2TP_SCCRP) {
		l2tp_put16(&w, L2TP_M | L2TP_AVP_VERSION, 0x100);
		l2tp_put32(&w, L2TP_M | L2TP_AVP_FRAMING_CAP, 3);
		l2tp_put_bytes(&w, L2TP_M | L2TP_AVP_HOST, "odd", 3);
		l2tp_put16(&w, L2TP_M | L2TP_AVP_TID, 99);
	} else if (type == L2TP_STOPCCN) {
		l2tp_put16(&w, L2TP_M | L2TP_AVP_TID, 99);
		l2tp_put_result(&w, 1, 0, NULL);
	} else if (type == L2TP_CDN)
		l2tp_put_result(&w, 2, 4, NULL);
	if (type == L2TP_ICRP || type == L2TP_CDN)
		l2tp_put16(&w, L2TP_M | L2TP_AVP_SID, 777);
	l2tp_put_end(&w);
	l2tp_put_seq(b, ns, nr);
	if (type != L2TP_ZLB && type != L2TP_STOPCCN)
		ns++;
	put(i, b, wr_len(&w));
}

static void
request(int i, const struct l2tp_msg *m)
{
	tid = m->atid;
	if (is("move") && (i || ++requests != 2)) {
		nr = 0; /* to be asked again */
		if (!i)
			say(1, L2TP_STOPCCN);
	} else
		say(is("move"), L2TP_SCCRP);
}

static void
control(int i, const struct l2tp_hdr *h)
{
	const struct l2tp_secret none = { NULL, 0 };
	struct l2tp_msg m;

	if (l2tp_msg_get(&m, h, &none) < 0 || m.type == L2TP_ZLB)
		return;
	printf("message %u at %d\n", m.type, i);
	if (is("mute") && m.type != L2TP_SCCRQ)
		return;
	if (m.ns != nr) {
		say(i, L2TP_ZLB);
		return;
	}
	nr++;
	if (m.type == L2TP_ICRQ)
		sid = m.asid;
	if (m.type == L2TP_SCCRQ)
		request(i, &m);
	else if (m.type == L2TP_ICRQ)
		say(i, is("cdn") ? L2TP_CDN : L2TP_ICRP);
	else
		say(i, L2TP_ZLB);
}

static void
data(int i, const struct l2tp_hdr *h)
{
	const size_t n = rd_left(&h->body);
	uint8_t b[6 + sizeof(syn) - 1] = { 0, 2, (uint8_t)(tid >> 8),
		(uint8_t)tid, (uint8_t)(sid >> 8), (uint8_t)sid };

	if (n < sizeof(syn) - 1 || memcmp(h->body.p, syn, 6))
		return;
	printf("packet ends in %02x%02x\n", h->body.p[n - 2], h->body.p[n - 1]);
	memcpy(b + 6, syn, sizeof(syn) - 1);
	put(i, b, sizeof(b));
}

static void
take(int i)
{
	socklen_t len = sizeof(peer);
	struct l2tp_hdr h;
	uint8_t b[2048];
	ssize_t n = recvfrom(at[i].fd, b, sizeof(b), 0, &peer.sa, &len);

	if (n < 0 || l2tp_hdr_get(&h, b, (size_t)n) < 0)
		return;
	if (h.flags & L2TP_T)
		control(i, &h);
	else
		data(i, &h);
}

int
main(int argc, char **argv)
{
	struct sockaddr_storage ss;
	union sock_addr a;
	socklen_t len;
	int i;

	if (argc != 3 || addr_sock(argv[2], L2TP_PORT, &ss, &len) < 0)
		return 2;
	mode = argv[1];
	setvbuf(stdout, NULL, _IOLBF, 0);
	memcpy(&a, &ss, sizeof(a));
	for (i = 0; i < 2; i++) {
		at[i].events = POLLIN;
		if ((at[i].fd = sock_udp(&a, NULL)) < 0) {
			perror("odd-lns");
			return 1;
		}
		sock_setport(&a, (uint16_t)(sock_port(&a) + 1));
	}
	puts("ready");
	while (poll(at, 2, -1) > 0)
		for (i = 0; i < 2; i++)
			if (at[i].revents)
				take(i);
	return 1;
}
