/* limen: ISC licence, see LICENSE */
/*
 * udp_floor FILE BLKSIZE WINDOW: the cheapest way to send a file as datagrams
 * of BLKSIZE + 4 bytes without end, WINDOW of them for each datagram that
 * comes: pread, and one sendmsg with UDP_SEGMENT for each 64 KB. It knows
 * nothing of TFTP: no timers, no addresses to compare, no block numbers. An
 * empty datagram is answered by an empty one.
 */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static uint8_t buf[1 << 17];

int
main(int argc, char **argv)
{
	struct sockaddr_in a, peer;
	socklen_t alen;
	uint8_t in[64];
	const int fd = open(argv[1], O_RDONLY);
	const int s = socket(AF_INET, SOCK_DGRAM, 0);
	const size_t seg = strtoul(argv[2], NULL, 10) + 4;
	const size_t window = strtoul(argv[3], NULL, 10) * seg;
	size_t most = 65000 / seg, left, n;
	int iseg = (int)seg;
	ssize_t in_n;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(69);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc != 4 || bind(s, (struct sockaddr *)&a, sizeof(a)) < 0)
		return 1;
	most = (most > 64 ? 64 : most ? most : 1) * seg;
	if (most > seg)
		setsockopt(s, SOL_UDP, UDP_SEGMENT, &iseg, sizeof(iseg));
	for (;;) {
		alen = sizeof(peer);
		in_n = recvfrom(
		    s, in, sizeof(in), 0, (struct sockaddr *)&peer, &alen);
		if (in_n == 0)
			sendto(s, in, 0, 0, (struct sockaddr *)&peer, alen);
		if (in_n <= 0)
			continue;
		for (left = window; left; left -= n) {
			n = left < most ? left : most;
			if (read(fd, buf, n) < (ssize_t)n) {
				lseek(fd, 0, SEEK_SET); /* without end */
				if (read(fd, buf, n) < (ssize_t)n)
					return 1;
			}
			sendto(s, buf, n, 0, (struct sockaddr *)&peer, alen);
		}
	}
}
