/* limen: ISC licence, see LICENSE */
/*
 * Stands between a LAC and an LNS on the loopback and gives the LNS's data
 * messages every form of header that RFC 2661 section 3.1 allows, one after
 * the other: with and without length, offset (and its padding) and priority,
 * PPP with and without address and control.
 *
 *	l2tp-twist [-i] PORT LNS-PORT
 *
 * Prints at SIGTERM how many of each form went to the LAC. With -i it leaves
 * these as they are, but adds to the LAC's ICCN the proxy AVPs and Sequencing
 * Required, and prints how many data messages came from the LNS with sequence
 * numbers and without.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "l2tp.h"
#include "wr.h"

enum { FORMS = 16, PAD = 5 };
enum { PROXY_FIRST = 26, PROXY_TYPE = 29, PROXY_ID = 32, PROXY_LAST = 33 };

static volatile sig_atomic_t ended;
static unsigned form, count[FORMS], adding, numbered, bare;

static void
on_signal(int sig)
{
	ended = sig;
}

/* bits of form: 1 length, 2 offset, 4 priority, 8 no address and control */
static size_t
twist(uint8_t *out, size_t cap, const struct l2tp_hdr *h)
{
	const uint8_t *p = h->body.p;
	size_t n = rd_left(&h->body), hole = 0;
	const int ac = n >= 2 && p[0] == 0xff && p[1] == 3;
	const unsigned f = form++ % FORMS;
	struct wr w;

	wr_init(&w, out, cap);
	wr_u16(&w, 2u | (f & 1 ? L2TP_L : 0) | (f & 2 ? L2TP_O : 0) |
		       (f & 4 ? L2TP_P : 0));
	if (f & 1)
		hole = wr_hole16(&w);
	wr_u16(&w, h->tid);
	wr_u16(&w, h->sid);
	if (f & 2) {
		wr_u16(&w, PAD);
		wr_bytes(&w, "\xaa\xaa\xaa\xaa\xaa", PAD);
	}
	if (!(f & 8) && !ac)
		wr_u16(&w, 0xff03);
	wr_bytes(&w, p + (f & 8 && ac ? 2 : 0), n - (f & 8 && ac ? 2 : 0));
	if (f & 1) {
		wr_fill16(&w, hole, 4);
		/* padding that the length excludes */
		wr_bytes(&w, "\xbb\xbb\xbb", 3);
	}
	count[f]++;
	return wr_len(&w);
}

/* b holds n bytes, a message of the LAC */
static size_t
more(uint8_t *b, size_t cap, size_t n)
{
	static const struct l2tp_secret none;
	struct l2tp_msg m;
	struct l2tp_hdr h;
	struct wr w;
	unsigned id;

	if (!adding || l2tp_hdr_get(&h, b, n) < 0 || !(h.flags & L2TP_T) ||
	    l2tp_msg_get(&m, &h, &none) < 0 || m.type != L2TP_ICCN)
		return n;
	wr_init(&w, b, cap);
	w.p += n;
	for (id = PROXY_FIRST; id <= PROXY_LAST; id++)
		if (id == PROXY_TYPE || id == PROXY_ID)
			l2tp_put16(&w, id, 2);
		else
			l2tp_put_bytes(&w, id, "\x01\x04\x05\xd4", 4);
	l2tp_put_bytes(&w, L2TP_M | L2TP_AVP_SEQUENCING, "", 0);
	l2tp_put_end(&w);
	return wr_len(&w);
}

static int
bound(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	if (fd < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0) {
		perror("l2tp-twist");
		exit(2);
	}
	return fd;
}

static void
pass(int lac, int lns, struct sockaddr_in *peer, unsigned port)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	uint8_t b[4096], out[4096];
	socklen_t len = sizeof(*peer);
	struct l2tp_hdr h;
	ssize_t n;

	n = recvfrom(lac, b, sizeof(b), MSG_DONTWAIT, (void *)peer, &len);
	if (n > 0)
		(void)sendto(lns, b, more(b, sizeof(b), (size_t)n), 0,
		    (struct sockaddr *)&to, sizeof(to));
	n = recv(lns, b, sizeof(b), MSG_DONTWAIT);
	if (n <= 0)
		return;
	if (l2tp_hdr_get(&h, b, (size_t)n) < 0 || (h.flags & L2TP_T) || adding)
		memcpy(out, b, (size_t)n);
	else
		n = (ssize_t)twist(out, sizeof(out), &h);
	if (!(h.flags & L2TP_T))
		*(h.flags & L2TP_S ? &numbered : &bare) += 1;
	(void)sendto(
	    lac, out, (size_t)n, 0, (struct sockaddr *)peer, sizeof(*peer));
}

int
main(int argc, char **argv)
{
	struct sockaddr_in peer = { 0 };
	struct pollfd p[2];
	unsigned i, port;

	adding = argc == 4 && !strcmp(argv[1], "-i");
	if (argc != 3 && !adding)
		return 2;
	port = (unsigned)strtoul(argv[argc - 1], NULL, 10);
	signal(SIGTERM, on_signal);
	p[0].fd = bound((unsigned)strtoul(argv[argc - 2], NULL, 10));
	p[1].fd = bound(0);
	p[0].events = p[1].events = POLLIN;
	while (!ended)
		if (poll(p, 2, 100) > 0)
			pass(p[0].fd, p[1].fd, &peer, port);
	printf("numbered %u, not %u\n", numbered, bare);
	for (i = 0; !adding && i < FORMS; i++)
		printf("form %u: %u\n", i, count[i]);
	return 0;
}
