/* limen: ISC licence, see LICENSE */
/*
 * For the tests of bng: questions from many hosts behind one subscriber, and
 * all the answers at the same time.
 *
 *	burst N PREFIX TO
 *
 * Asks port 7777 of TO from PREFIX1, PREFIX2 ... PREFIXN (IPv6), serves that
 * port of ::1, answers nothing until it has all questions, and prints how many
 * have their answers, up to the first that has none.
 */
#include <arpa/inet.h>
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

enum { MOST = 64, PORT = 7777, PATIENCE = 5000 };

static int
udp(struct sockaddr_in6 *a, const char *addr, unsigned port)
{
	const int s = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_in6){ .sin6_family = AF_INET6,
		.sin6_port = htons((uint16_t)port) };
	if (inet_pton(AF_INET6, addr, &a->sin6_addr) != 1 ||
	    bind(s, (struct sockaddr *)a, sizeof(*a)) < 0) {
		perror(addr);
		exit(2);
	}
	return s;
}

static int
waits(int s)
{
	struct pollfd p = { s, POLLIN, 0 };

	return poll(&p, 1, PATIENCE) == 1;
}

int
main(int argc, char **argv)
{
	const int n = argc == 4 ? atoi(argv[1]) : 0;
	struct sockaddr_in6 a, to, from[MOST];
	int i, k, server, s[MOST];
	socklen_t len = sizeof(a);
	char addr[64], b[16];

	if (n < 1 || n > MOST)
		return 2;
	server = udp(&to, "::1", PORT);
	if (inet_pton(AF_INET6, argv[3], &to.sin6_addr) != 1)
		return 2;
	for (i = 0; i < n; i++) {
		snprintf(addr, sizeof(addr), "%s%d", argv[2], i + 1);
		s[i] = udp(&a, addr, 0);
		if (sendto(s[i], "?", 1, 0, (struct sockaddr *)&to, len) < 0)
			perror(addr);
	}
	for (k = 0; k < n && waits(server); k++)
		if (recvfrom(server, b, sizeof(b), 0,
			(struct sockaddr *)&from[k], &len) < 0)
			return 2;
	for (i = 0; i < k; i++)
		sendto(server, "!", 1, 0, (struct sockaddr *)&from[i], len);
	for (i = 0; i < n && waits(s[i]); i++)
		;
	printf("%d\n", i);
	return 0;
}
