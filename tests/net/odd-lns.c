/* limen: ISC licence, see LICENSE */
/*
 * An LNS of one tunnel, which does what a well-behaved one need not:
 *
 *	odd-lns MODE ADDR:PORT
 *
 *	call	takes calls; a packet is answered with a TCP SYN, MSS 1460
 *	huge	the same, with a Calling Number of 1017 bytes in ICRP
 *	async	the same, and can do asynchronous framing only
 *	cdn	refuses each call: CDN 2, error 4
 *	admin	the same: CDN 3
 *	mute	says nothing after SCCRP
 *	slow	answers the first call alone, acknowledges what that asked for
 *		later, and takes two messages at a time
 *	move	answers the first SCCRQ with StopCCN from the next port, the
 *		second with SCCRP from there, and is "call" then
 *
 * Lines on its standard input, calls counted from 1:
 *
 *	ppp CALL HEX [NS]	sends a PPP frame, with that number
 *	cdn CALL RESULT [HEX]	ends a call, with these AVPs behind the others
 *	say CALL TYPE [HEX]	any message, of a call or of none (0)
 *
 * Prints each message's type and which of the two ports it came to, and what
 * it says of the LAC and the call; of data the call, the sequence number or
 * "-", and the first bytes; of packets their last two: the MSS of a SYN.
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

enum { CALLS = 16, FIRST = 777, LONGEST = 1017, SHOWN = 12, INPUT = 2 };

static const uint8_t syn[] = "\xff\x03\0\x21\x45\0\0\x2c\0\0\0\0\x40\6\0\0"
			     "\x0a\0\0\1\x0a\0\0\2\x10\0\0\x50\0\0\0\1\0\0\0\0"
			     "\x60\2\x20\0\0\0\0\0\2\4\5\xb4";
static const char *mode;
static struct pollfd at[3];
static union sock_addr peer;
static uint16_t ns, nr, tid, sid[CALLS + 1]; /* of call 0: none */
static unsigned requests, calls;

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
put_sccrp(struct wr *w)
{
	l2tp_put16(w, L2TP_M | L2TP_AVP_VERSION, 0x100);
	l2tp_put32(w, L2TP_M | L2TP_AVP_FRAMING_CAP, is("async") ? 2 : 3);
	l2tp_put_bytes(w, L2TP_M | L2TP_AVP_HOST, "odd", 3);
	l2tp_put16(w, L2TP_M | L2TP_AVP_TID, 99);
	if (is("slow"))
		l2tp_put16(w, L2TP_M | L2TP_AVP_WINDOW, 2);
}

/* a message from port i about a call, with n bytes of AVPs behind its own */
static void
say(int i, unsigned type, unsigned call, unsigned result, const uint8_t *more,
    size_t n)
{
	static uint8_t b[2048], number[LONGEST];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	l2tp_put_begin(&w, type, tid, sid[call]);
	if (type == L2TP_SCCRP)
		put_sccrp(&w);
	else if (type == L2TP_STOPCCN) {
		l2tp_put16(&w, L2TP_M | L2TP_AVP_TID, 99);
		l2tp_put_result(&w, 1, 0, NULL);
	} else if (type == L2TP_CDN)
		l2tp_put_result(&w, result, result == 2 ? 4 : 0, NULL);
	if (call && type != L2TP_ZLB)
		l2tp_put16(&w, L2TP_M | L2TP_AVP_SID, FIRST - 1 + call);
	if (type == L2TP_ICRP && is("huge"))
		l2tp_put_bytes(
		    &w, L2TP_M | L2TP_AVP_CALLING, number, sizeof(number));
	wr_bytes(&w, more, n);
	l2tp_put_end(&w);
	l2tp_put_seq(b, ns, nr - (is("slow") && type == L2TP_ICRP));
	if (type != L2TP_ZLB && type != L2TP_STOPCCN)
		ns++;
	put(i, b, wr_len(&w));
}

static void
request(int i, const struct l2tp_msg *m)
{
	tid = m->atid;
	printf("host %.*s\n", m->host.len, (const char *)m->host.p);
	if (is("move") && (i || ++requests != 2)) {
		nr = 0; /* to be asked again */
		if (!i)
			say(1, L2TP_STOPCCN, 0, 0, NULL, 0);
	} else
		say(is("move"), L2TP_SCCRP, 0, 0, NULL, 0);
}

static void
call(int i, const struct l2tp_msg *m)
{
	if (calls == CALLS)
		return;
	sid[++calls] = m->asid;
	printf("call %u of %.*s\n", calls, m->calling.len,
	    (const char *)m->calling.p);
	if (is("slow") && calls > 1)
		return;
	say(i, is("cdn") || is("admin") ? L2TP_CDN : L2TP_ICRP, calls,
	    is("admin") ? 3 : 2, NULL, 0);
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
		say(i, L2TP_ZLB, 0, 0, NULL, 0);
		return;
	}
	nr++;
	if (m.type == L2TP_ICCN)
		printf("framing %u\nspeeds %u %u\n", m.framing, m.tx_speed,
		    m.rx_speed);
	if (m.type == L2TP_CDN)
		printf("end of %u: %u %u %.*s\n", m.sid, m.result, m.error,
		    m.text.len, (const char *)m.text.p);
	if (m.type == L2TP_SCCRQ)
		request(i, &m);
	else if (m.type == L2TP_ICRQ)
		call(i, &m);
	else
		say(i, L2TP_ZLB, 0, 0, NULL, 0);
}

/* a PPP frame of a call, with or without a number */
static void
frame(int i, unsigned c, const uint8_t *p, size_t n, const char *number)
{
	uint8_t b[1536];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_u16(&w, number ? 2 | L2TP_S : 2);
	wr_u16(&w, tid);
	wr_u16(&w, sid[c]);
	if (number) {
		wr_u16(&w, (unsigned)strtoul(number, NULL, 10));
		wr_u16(&w, 0);
	}
	wr_bytes(&w, p, n);
	put(i, b, wr_len(&w));
}

static void
data(int i, const struct l2tp_hdr *h)
{
	const size_t n = rd_left(&h->body);
	const unsigned c = (unsigned)(h->sid - FIRST + 1);
	size_t k;

	printf("ppp %u ", c);
	printf(h->flags & L2TP_S ? "%u " : "- ", h->ns);
	for (k = 0; k < n && k < SHOWN; k++)
		printf("%02x", h->body.p[k]);
	putchar('\n');
	if (c > calls || n < sizeof(syn) - 1 || memcmp(h->body.p, syn, 6) != 0)
		return;
	printf("packet ends in %02x%02x\n", h->body.p[n - 2], h->body.p[n - 1]);
	frame(i, c, syn, sizeof(syn) - 1, NULL);
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

static size_t
unhex(const char *s, uint8_t *b, size_t cap)
{
	char two[3] = "";
	size_t n;

	for (n = 0; s && s[0] && s[1] && n < cap; s += 2) {
		memcpy(two, s, 2);
		b[n++] = (uint8_t)strtoul(two, NULL, 16);
	}
	return n;
}

static void
command(char *line)
{
	const char *what = strtok(line, " "), *c = strtok(NULL, " ");
	const char *w = strtok(NULL, " "), *more = strtok(NULL, " ");
	const unsigned n = c ? (unsigned)strtoul(c, NULL, 10) : 0;
	uint8_t b[1024];

	if (n > calls || !w)
		printf("no such call: %s\n", line);
	else if (!strcmp(what, "say"))
		say(0, (unsigned)strtoul(w, NULL, 10), n, 0, b,
		    unhex(more, b, sizeof(b)));
	else if (!strcmp(what, "ppp"))
		frame(0, n, b, unhex(w, b, sizeof(b)), more);
	else if (!strcmp(what, "cdn"))
		say(0, L2TP_CDN, n, (unsigned)strtoul(w, NULL, 10), b,
		    unhex(more, b, sizeof(b)));
	puts("done");
}

static void
input(void)
{
	static char b[8192];
	static size_t n;
	const ssize_t got = read(0, b + n, sizeof(b) - 1 - n);
	char *end;

	if (got <= 0) {
		at[INPUT].fd = -1;
		return;
	}
	n += (size_t)got;
	b[n] = '\0';
	while ((end = strchr(b, '\n'))) {
		*end = '\0';
		command(b);
		n -= (size_t)(end + 1 - b);
		memmove(b, end + 1, n + 1);
	}
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
	at[INPUT] = (struct pollfd){ 0, POLLIN, 0 };
	puts("ready");
	while (poll(at, 3, -1) > 0) {
		for (i = 0; i < 2; i++)
			if (at[i].revents)
				take(i);
		if (at[INPUT].revents)
			input();
	}
	return 1;
}
