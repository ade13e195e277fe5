/* limen: ISC licence, see LICENSE */
/* radius-yes SECRET [ADDR:PORT]: answers each Access-Request with
 * Access-Accept and each accounting request with its answer (RFC 2865, 2866),
 * for an LNS that knows no users of its own */
#include <netinet/in.h>
#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "die.h"
#include "md5.h"

enum {
	ACCESS_REQUEST = 1,
	ACCESS_ACCEPT = 2,
	ACCOUNTING_REQUEST = 4,
	ACCOUNTING_RESPONSE = 5,
};

static size_t
answer(uint8_t *b, size_t n, const char *secret)
{
	struct md5 m;

	if (n < 20 || (b[0] != ACCESS_REQUEST && b[0] != ACCOUNTING_REQUEST))
		return 0;
	b[0] = b[0] == ACCESS_REQUEST ? ACCESS_ACCEPT : ACCOUNTING_RESPONSE;
	b[2] = 0;
	b[3] = 20;
	md5_init(&m);
	md5_add(&m, b, 20);
	md5_add(&m, secret, strlen(secret));
	md5_end(&m, b + 4);
	return 20;
}

int
main(int argc, char **argv)
{
	struct sockaddr_storage at, from;
	socklen_t len, fromlen;
	uint8_t b[4096];
	ssize_t n;
	int fd;

	argv0 = "radius-yes";
	if (argc < 2 || addr_sock(argc > 2 ? argv[2] : "127.0.0.1:1812", 1812,
			    &at, &len) < 0)
		die(2, "usage: radius-yes SECRET [ADDR:PORT]");
	fd = socket(at.ss_family, SOCK_DGRAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&at, len) < 0)
		die(1, "bind:");
	for (;;) {
		fromlen = sizeof(from);
		n = recvfrom(
		    fd, b, sizeof(b), 0, (struct sockaddr *)&from, &fromlen);
		n = n < 0 ? 0 : (ssize_t)answer(b, (size_t)n, argv[1]);
		if (n)
			(void)sendto(fd, b, (size_t)n, 0,
			    (struct sockaddr *)&from, fromlen);
	}
}
