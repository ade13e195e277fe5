/* limen: ISC licence, see LICENSE */
/*
 * Attacks a running tufted over loopback, in the namespace that each test
 * file has: thousands of transfers, tens of thousands of requests, half-open
 * transfers, strangers, malformed packets. Descriptors and memory must come
 * back. Without a tufted on PATH nothing can be attacked, and that is said.
 */
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "tftp.h"
#include "tufted_peer.h"

enum { MANY = 4000, SIZE = 6400 }; /* transfers at once; of the file f */

static char dir[] = "/tmp/limen-attack.XXXXXX";
static pid_t srv;

static long
resident(void)
{
	char path[64], line[256];
	long kib = -1;
	FILE *fp;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)srv);
	if (!(fp = fopen(path, "r")))
		return -1;
	while (fgets(line, sizeof(line), fp))
		if (!strncmp(line, "VmRSS:", 6))
			kib = strtol(line + 6, NULL, 10);
	fclose(fp);
	return kib;
}

static int
settles(int fds)
{
	int i;

	for (i = 0; i < 300 && nfds(srv) > fds; i++)
		usleep(100000);
	return nfds(srv) <= fds;
}

static int
start(void)
{
	int fd, i;

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || chdir(dir) < 0)
		return -1;
	fd = open("f", O_WRONLY | O_CREAT, 0644);
	for (i = 0; i < SIZE / 16; i++)
		if (write(fd, "0123456789abcdef", 16) != 16)
			return -1;
	close(fd);
	srv = served_by("exec tufted -p 6969 --limit 4000 .");
	return srv > 0 ? 0 : -1;
}

/* each datagram that is no request: error 4, or nothing, and no transfer */
static void
malformed(void)
{
	static const struct {
		const char *b;
		size_t n;
		int code; /* of the error, -1: none is sent */
	} bad[] = {
		{ "\0\1f\0oct", 7, 4 },
		{ "\0\1f", 3, 4 },
		{ "\0\1", 2, 4 },
		{ "\0", 1, 4 },
		{ "\0\1f\0mail\0", 9, 4 },
		{ "\0\1f\0octet\0blksize\0", 18, 4 },
		{ "\0\1f\0octet\0blksize\0001", 19, 4 },
		{ "\0\3\0\1data", 8, 4 },
		{ "\0\4\0\1", 4, 4 },
		{ "\0\11\0\1", 4, 4 },
		{ "\0\2up\0octet\0", 11, 2 },
		{ "\0\1../f\0octet\0", 13, 2 },
		{ "\0\1\0octet\0", 9, 1 },
		{ "\0\5\0\1no\0", 7, -1 },
	};
	union sock_addr from, to = at("127.0.0.1", PORT);
	uint8_t b[2048];
	int fd = fresh("127.0.0.1"), wrong = 0;
	char *big = calloc(1, 60000);
	size_t i;
	ssize_t n;

	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		if (bad[i].code < 0) {
			say(fd, bad[i].b, bad[i].n, &to);
			n = hear(fd, b, &from, 300);
			wrong += n >= 0;
			continue;
		}
		n = ask(fd, bad[i].b, bad[i].n, b, &from);
		if (n < 5 || b[1] != TFTP_ERROR || b[3] != bad[i].code) {
			printf("# request %zu\n", i);
			wrong++;
		}
	}
	OK_MSG(!wrong, "malformed requests get their error");
	memset(big, 'a', 60000);
	memcpy(big, "\0\1", 2);
	memcpy(big + 1500, "\0octet\0", 7);
	n = ask(fd, big, 1507, b, &from);
	OK(n > 4 && b[1] == TFTP_ERROR && b[3] == TFTP_EILLEGAL);
	n = ask(fd, big, 60000, b, &from);
	OK(n > 4 && b[1] == TFTP_ERROR && b[3] == TFTP_EILLEGAL);
	free(big);
	close(fd);
}

/* a stranger to a transfer gets error 5, unless it sent an error itself (or two
 * transfers could be made to tell each other), and the transfer goes on */
static void
strangers(void)
{
	union sock_addr tid, from;
	uint8_t b[2048];
	int fd = fresh("127.0.0.1"), other = fresh("127.0.0.2");
	ssize_t n = ASK(fd, "\0\1f\0octet\0", b, &tid);
	int i;

	OK(n == 516 && b[1] == TFTP_DATA && sock_port(&tid) != PORT);
	for (i = 0; i < 3; i++) {
		say(other, i & 1 ? "\0\4\0\1" : "\0\3\0\1", 4, &tid);
		n = hear(other, b, &from, 3000);
		OK(n > 4 && b[1] == TFTP_ERROR && b[3] == TFTP_ETID);
	}
	say(other, "\0\5\0\0die\0", 8, &tid);
	say(other, "\0\5\0\5die", 7, &tid); /* malformed */
	OK_MSG(hear(other, b, &from, 300) < 0, "no error for an error");
	say(fd, "\0\4\0\1", 4, &tid);
	n = hear(fd, b, &from, 3000);
	OK(n == 516 && b[1] == TFTP_DATA && b[3] == 2);
	/* an acknowledgement twice: nothing comes twice */
	say(fd, "\0\4\0\2", 4, &tid);
	say(fd, "\0\4\0\2", 4, &tid);
	say(fd, "\0\4\0\1", 4, &tid);
	n = hear(fd, b, &from, 3000);
	OK(n == 516 && b[3] == 3);
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(fd);
	close(other);
}

/* the same in the middle of a transfer of 800 blocks, which has a socket of its
 * own for strangers by then */
static void
late_strangers(int fds)
{
	union sock_addr tid, from;
	uint8_t b[2048], ack[4] = { 0, 4 };
	const int fd = fresh("127.0.0.1"), other = fresh("127.0.0.2");
	const int near = fresh("127.0.0.1");
	int i, wrong = 0;
	ssize_t n = ASK(fd, "\0\1f\0octet\0blksize\0008\0", b, &tid);

	OK(n == 12 && b[1] == TFTP_OACK);
	for (i = 0; i <= SIZE / 8; i++) {
		ack[2] = (uint8_t)(i >> 8);
		ack[3] = (uint8_t)i;
		say(fd, ack, sizeof(ack), &tid);
		n = hear(fd, b, &from, 3000);
		wrong += n != (i < SIZE / 8 ? 12 : 4) || b[1] != TFTP_DATA ||
			 (b[2] << 8 | b[3]) != i + 1 ||
			 !addr_same(&from.sa, &tid.sa);
		if (i % 100 != 99)
			continue;
		say(i & 512 ? other : near, "\0\4\0\1", 4, &tid);
		n = hear(i & 512 ? other : near, b, &from, 3000);
		wrong += n <= 4 || b[1] != TFTP_ERROR || b[3] != TFTP_ETID ||
			 !addr_same(&from.sa, &tid.sa);
		say(other, "\0\5\0\0die\0", 8, &tid);
		say(other, "\0\5\0\5die", 7, &tid);
	}
	OK_MSG(nfds(srv) == fds + 3, "a long transfer has two sockets");
	OK_MSG(!wrong && hear(other, b, &from, 100) < 0,
	    "strangers to a long transfer");
	ack[2] = (uint8_t)(i >> 8);
	ack[3] = (uint8_t)i;
	say(fd, ack, sizeof(ack), &tid);
	OK(settles(fds));
	close(fd);
	close(other);
	close(near);
}

/* asked again and again while it answers: still one transfer */
static void
impatient(void)
{
	union sock_addr tid, from, to = at("127.0.0.1", PORT);
	uint8_t b[2048];
	int fd = fresh("127.0.0.1"), i, tids = 0;

	if (ASK(fd, "\0\1f\0octet\0", b, &tid) == 516)
		tids = 1;
	for (i = 0; i < 10; i++) {
		say(fd, "\0\1f\0octet\0", 10, &to);
		if (hear(fd, b, &from, 2000) == 516)
			tids += sock_port(&from) != sock_port(&tid);
	}
	OK_MSG(tids == 1, "a repeated request is no second transfer");
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(fd);
}

/* the answer comes from the address that was asked */
static void
homes(void)
{
	union sock_addr from, to = at("127.5.6.7", PORT);
	uint8_t b[2048];
	int fd = fresh("127.0.0.1"), ok;

	say(fd, "\0\1f\0octet\0", 10, &to);
	ok = hear(fd, b, &from, 5000) == 516 &&
	     from.in.sin_addr.s_addr == to.in.sin_addr.s_addr;
	OK_MSG(ok, "DATA leaves from the address that was asked");
	say(fd, "\0\5\0\0end\0", 8, &from);
	say(fd, "\0\1f\0octet\0tsize\0000\0", 18, &to);
	ok = hear(fd, b, &from, 5000) == 13 && b[1] == TFTP_OACK &&
	     from.in.sin_addr.s_addr == to.in.sin_addr.s_addr;
	OK_MSG(ok, "OACK leaves from the address that was asked");
	say(fd, "\0\5\0\0end\0", 8, &from);
	say(fd, "\0\1no\0octet\0", 11, &to);
	ok = hear(fd, b, &from, 5000) > 4 && b[1] == TFTP_ERROR &&
	     from.in.sin_addr.s_addr == to.in.sin_addr.s_addr;
	OK_MSG(ok, "ERROR leaves from the address that was asked");
	close(fd);
}

/* count requests from as many ports, of many addresses, none answered */
static void
flood(int count)
{
	const union sock_addr to = at("127.0.0.1", PORT);
	char ip[32];
	int i, fd;

	for (i = 0; i < count; i++) {
		snprintf(
		    ip, sizeof(ip), "127.1.%d.%d", i / 250 % 16, 1 + i % 250);
		if ((fd = fresh(ip)) < 0)
			continue;
		say(fd, "\0\1f\0octet\0blksize\0001428\0windowsize\00064\0", 37,
		    &to);
		close(fd);
	}
}

/* as many sockets as there may be, n at most */
static int
sockets(int n)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return 0;
	r.rlim_cur = r.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &r) < 0)
		return 0;
	/* of which the server has three for each transfer */
	return r.rlim_max / 3 < (rlim_t)n + 64 ? (int)r.rlim_max / 3 - 64 : n;
}

/* block k of f by 1428, asked for by acknowledging the one before: is it that?
 */
static int
next_block(int fd, const union sock_addr *tid, unsigned k)
{
	const uint8_t ack[4] = { 0, 4, 0, (uint8_t)(k - 1) };
	const size_t at = (k - 1) * 1428, left = SIZE - at;
	union sock_addr from;
	uint8_t b[2048];
	ssize_t n, i;

	say(fd, ack, sizeof(ack), tid);
	do /* what was sent again before the ACK came counts for nothing */
		n = hear(fd, b, &from, 5000);
	while (
	    n >= 4 && (b[1] == TFTP_OACK || (b[1] == TFTP_DATA && b[3] < k)));
	if (n != (ssize_t)(left < 1428 ? left : 1428) + 4 ||
	    b[1] != TFTP_DATA || b[3] != k || !addr_same(&from.sa, &tid->sa))
		return 0;
	for (i = 4; i < n; i++)
		if (b[i] != "0123456789abcdef"[(at + (size_t)i - 4) % 16])
			return 0;
	return 1;
}

/* as many transfers at once, each under way, and then each to its end */
static void
thousands(int n, int fds)
{
	static union sock_addr tid[MANY];
	static int fd[MANY];
	uint8_t b[2048];
	char ip[32];
	unsigned k;
	int i, open = 0, blocks = 0;

	for (i = 0; i < n; i++) {
		snprintf(ip, sizeof(ip), "127.3.0.%d", 1 + i / 200);
		fd[i] = fresh(ip);
		open += ASK(fd[i], "\0\1f\0octet\0blksize\0001428\0", b,
			    &tid[i]) == 15;
	}
	for (k = 1; k <= 5; k++) {
		for (i = 0; i < n; i++)
			blocks += next_block(fd[i], &tid[i], k);
		if (k == 1)
			/* a file each, and sockets that they share */
			OK_MSG(nfds(srv) > fds + n, "all at the same time");
	}
	for (i = 0; i < n; i++) {
		say(fd[i], "\0\4\0\5", 4, &tid[i]);
		close(fd[i]);
	}
	printf("# %d transfers, %d begun, %d blocks\n", n, open, blocks);
	OK_MSG(n >= 1000 && open == n && blocks == 5 * n,
	    "thousands of transfers at once, each right to its end");
}

/* half-open transfers whose ports stay open: nothing but one packet each */
static void
half_open(int count)
{
	static int fd[MANY];
	const union sock_addr to = at("127.0.0.1", PORT);
	union sock_addr from;
	uint8_t b[2048];
	char ip[32];
	int i, got = 0, more = 0;

	for (i = 0; i < count; i++) {
		snprintf(ip, sizeof(ip), "127.2.0.%d", 1 + i % 250);
		fd[i] = fresh(ip);
		say(fd[i], "\0\1f\0octet\0", 10, &to);
		if (i % 50 == 49)
			usleep(10000);
	}
	usleep(3000000);
	for (i = 0; i < count; i++) {
		got += fd[i] >= 0 && hear(fd[i], b, &from, 0) > 0;
		more += fd[i] >= 0 && hear(fd[i], b, &from, 0) > 0;
		close(fd[i]);
	}
	printf("# %d of %d answered, %d more packets\n", got, count, more);
	OK_MSG(got > count / 2 && more == 0,
	    "an unacknowledged answer is one packet");
}

/* its length, whatever b holds of it */
static ssize_t
length(int fd, uint8_t b[4], union sock_addr *from)
{
	struct pollfd p = { fd, POLLIN, 0 };
	socklen_t len = sizeof(*from);

	if (poll(&p, 1, 5000) != 1)
		return -1;
	return recvfrom(fd, b, 4, MSG_TRUNC, &from->sa, &len);
}

/* A file of ten large blocks, sent by twos and acknowledged, is cut within its
 * fourth: whole blocks, which may have been in the pipe before, and an
 * error, for a short one would mean the end. */
static void
cut(const char *req, size_t len, size_t blk)
{
	union sock_addr tid, from;
	uint8_t b[2048];
	int fd = fresh("127.0.0.1"), i, wrong = 0;
	const int g = open("g", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	ssize_t n;

	OK(g >= 0 && ftruncate(g, (off_t)(10 * blk)) == 0);
	n = ask(fd, req, len, b, &tid);
	OK(n > 4 && b[1] == TFTP_OACK);
	say(fd, "\0\4\0\0", 4, &tid);
	for (i = 1; i <= 2; i++) {
		n = length(fd, b, &from);
		wrong += n != (ssize_t)blk + 4 || b[3] != i;
	}
	OK(!wrong && ftruncate(g, (off_t)(3 * blk + 100)) == 0);
	say(fd, "\0\4\0\2", 4, &tid);
	for (i = 3; (n = length(fd, b, &from)) > 0 && b[1] == TFTP_DATA; i++)
		wrong += n != (ssize_t)blk + 4 || b[3] != i;
	OK_MSG(!wrong && i <= 5 && n > 4 && b[1] == TFTP_ERROR,
	    "a file that is cut ends in an error, not in a short block");
	close(g);
	close(fd);
	unlink("g");
}
#define CUT(blk)                                             \
	cut("\0\1g\0octet\0windowsize\0002\0blksize\0" #blk, \
	    sizeof("\0\1g\0octet\0windowsize\0002\0blksize\0" #blk), blk)

/* Requests that are read together: the first repeats one whose transfer is the
 * only one and has more than half of the buffer's bytes to send. */
static void
together(void)
{
	static const char req[] =
	    "\0\1g\0octet\0windowsize\00064\0blksize\0004096";
	const union sock_addr to = at("127.0.0.1", PORT);
	const int fd = fresh("127.0.0.1"), other = fresh("127.0.0.2");
	const int g = open("g", O_WRONLY | O_CREAT | O_TRUNC, 0644);
	union sock_addr tid, from;
	uint8_t b[2048];
	int st;

	OK(g >= 0 && ftruncate(g, 256 * 4096) == 0);
	OK(ask(fd, req, sizeof(req), b, &tid) > 4 && b[1] == TFTP_OACK);
	say(fd, "\0\4\0\0", 4, &tid);
	OK(hear(fd, b, &from, 5000) > 4 && b[1] == TFTP_DATA);
	kill(srv, SIGSTOP);
	OK(waitpid(srv, &st, WUNTRACED) == srv && WIFSTOPPED(st));
	say(fd, req, sizeof(req), &to);
	say(other, "\0\1f\0octet\0", 10, &to);
	kill(srv, SIGCONT);
	OK_MSG(hear(other, b, &from, 5000) == 516 && b[1] == TFTP_DATA,
	    "a repeated request does not spoil the next one");
	say(other, "\0\5\0\0end\0", 8, &from);
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(g);
	close(fd);
	close(other);
	unlink("g");
}

/* two that ask without a pause until they are killed */
static void
flooders(pid_t pid[2])
{
	const union sock_addr to = at("127.0.0.1", PORT);
	int i, fd;

	for (i = 0; i < 2; i++)
		if ((pid[i] = fork()) == 0) {
			alarm(20);
			for (fd = fresh("127.0.0.1");;)
				say(fd, "\0\1none\0octet\0", 13, &to);
		}
}

/* does it end by SIGTERM, with 0, while it is flooded? */
static int
ends(void)
{
	pid_t pid[2];
	int i, st = -1, done = 0;

	flooders(pid);
	usleep(300000);
	kill(srv, SIGTERM);
	for (i = 0; i < 100 && !done; i++) {
		usleep(100000);
		done = waitpid(srv, &st, WNOHANG) == srv;
	}
	for (i = 0; i < 2; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	return (done || waitpid(srv, &st, 0) == srv) && done && !st;
}

int
main(void)
{
	const int n = sockets(MANY);
	int fds;
	long kib;

	signal(SIGPIPE, SIG_IGN);
	if (start() < 0)
		return unserved(dir);
	fds = nfds(srv);
	malformed();
	strangers();
	settles(fds);
	late_strangers(fds);
	impatient();
	homes();
	CUT(8192);
	CUT(16384);
	CUT(65464);
	OK(settles(fds));
	together();
	settles(fds);
	kib = resident(); /* with the buffers, which it keeps */
	thousands(n, fds);
	OK(settles(fds));
	half_open(n);
	flood(60000);
	OK_MSG(settles(fds), "descriptors return to the start");
	printf("# %ld KiB resident at first, %ld after all\n", kib, resident());
	OK_MSG(resident() <= kib + 32, "and so does memory, but for pages");
	impatient(); /* and it serves */
	OK_MSG(ends(), "a flood does not keep SIGTERM out");
	clear(dir);
	return tap_done();
}
