/* limen: ISC licence, see LICENSE */
/*
 * udp_floor FILE BLKSIZE WINDOW: the cheapest way to send a file as datagrams
 * of BLKSIZE + 4 bytes without end, WINDOW of them for each datagram that
 * comes: read, and one sendto with UDP_SEGMENT for each 64 KB; where there are
 * 16 KB and more to send of blocks of 8 KB and more, nothing is copied: the
 * file's pages go through a pipe behind four bytes each. What a packet has no
 * room for as pages (17 of them, header included) is copied. It knows nothing
 * of TFTP: no timers, no addresses to compare, no block numbers, and it trusts
 * each call. An empty datagram is answered by an empty one.
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

struct floor {
	int file, sock, pipe[2];
	size_t blk, most; /* blocks a call */
	off_t off, size;
	struct sockaddr_in peer;
};

/* n blocks by reading and one sendto */
static void
copy(struct floor *f, size_t n)
{
	const size_t len = n * (f->blk + 4);

	if (pread(f->file, buf, len, f->off) < (ssize_t)len)
		exit(1);
	sendto(
	    f->sock, buf, len, 0, (struct sockaddr *)&f->peer, sizeof(f->peer));
}

/* n blocks by their pages */
static void
pages(struct floor *f, size_t n)
{
	size_t head = 0, i;
	off_t off = f->off;

	if (n == 1 && (off % 4096 + f->blk + 4095) / 4096 > 16)
		head = 4096 + (size_t)(-off & 4095);
	if (splice(f->file, &off, f->pipe[1], NULL, n * f->blk, 0) !=
	    (ssize_t)(n * f->blk))
		exit(1);
	if (head && read(f->pipe[0], buf, head) != (ssize_t)head)
		exit(1);
	for (i = 0; i < n; i++) {
		sendto(f->sock, buf, 4 + head, MSG_MORE,
		    (struct sockaddr *)&f->peer, sizeof(f->peer));
		splice(f->pipe[0], NULL, f->sock, NULL, f->blk - head,
		    i + 1 < n ? SPLICE_F_MORE : 0);
	}
}

static size_t
some(struct floor *f, size_t left)
{
	size_t n = left < f->most ? left : f->most, fit;
	const size_t page = f->blk < 8192 ? 0 : 2 + (f->blk + 4094) / 4096;

	if (f->off + (off_t)(n * (f->blk + 4)) > f->size)
		f->off = 0; /* without end */
	fit = page && page < 17 ? 17 / page : 1;
	if (page && (fit < n ? fit : n) * f->blk >= 16384)
		pages(f, n = fit < n ? fit : n);
	else
		copy(f, n);
	f->off += (off_t)(n * f->blk);
	return n;
}

int
main(int argc, char **argv)
{
	struct floor f = { .file = open(argv[1], O_RDONLY),
		.sock = socket(AF_INET, SOCK_DGRAM, 0) };
	struct sockaddr_in a;
	socklen_t alen;
	uint8_t in[64];
	size_t window, left;
	int seg;
	ssize_t n;

	memset(&a, 0, sizeof(a));
	a.sin_family = AF_INET;
	a.sin_port = htons(69);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (argc != 4 || bind(f.sock, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    pipe(f.pipe) < 0 || fcntl(f.pipe[1], F_SETPIPE_SZ, 131072) < 0)
		return 1;
	f.blk = strtoul(argv[2], NULL, 10);
	f.size = lseek(f.file, 0, SEEK_END);
	window = strtoul(argv[3], NULL, 10);
	seg = (int)f.blk + 4;
	f.most = 65000 / (size_t)seg;
	f.most = f.most > 64 ? 64 : f.most ? f.most : 1;
	setsockopt(f.sock, SOL_UDP, UDP_SEGMENT, &seg, sizeof(seg));
	for (;;) {
		alen = sizeof(f.peer);
		n = recvfrom(f.sock, in, sizeof(in), 0,
		    (struct sockaddr *)&f.peer, &alen);
		if (n == 0)
			sendto(
			    f.sock, in, 0, 0, (struct sockaddr *)&f.peer, alen);
		for (left = n > 0 ? window : 0; left; left -= some(&f, left))
			;
	}
}
