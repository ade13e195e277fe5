/* limen: ISC licence, see LICENSE */
/*
 * What a running tufted answers to single packets: options to the byte, what
 * the limits refuse, an upload whose last ACK was lost, who asks anew or asks
 * all, a rebuild within a transfer, the way that PXE asks, sockets that it was
 * given. Without a tufted on PATH there is nobody to ask, and that is said.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "addr.h"
#include "clock.h"
#include "tap.h"
#include "tftp.h"
#include "tufted_peer.h"

static char dir[] = "/tmp/limen-wire.XXXXXX";
static pid_t srv;

static void
stop(void)
{
	int st;

	kill(srv, SIGTERM);
	OK(waitpid(srv, &st, 0) == srv && WIFEXITED(st) && !WEXITSTATUS(st));
}

#define B(s) s, sizeof(s) - 1

/* what a request asks for, and the OACK; block 1 where there is none */
static const struct {
	const char *ask;
	size_t len;
	const char *oack;
	size_t olen;
} table[] = {
	{ B(""), B("") },
	{ B("blksize\0007\0"), B("") },
	{ B("blksize\0008\0"), B("blksize\0008\0") },
	{ B("blksize\00065464\0"), B("blksize\00065464\0") },
	{ B("blksize\00065465\0"), B("blksize\00065464\0") },
	{ B("blksize\00012x\0"), B("") },
	{ B("windowsize\0000\0"), B("") },
	{ B("windowsize\0001\0"), B("windowsize\0001\0") },
	{ B("windowsize\00065535\0"), B("windowsize\00064\0") },
	{ B("windowsize\00065536\0"), B("") },
	{ B("timeout\0000\0"), B("") },
	{ B("timeout\0001\0"), B("timeout\0001\0") },
	{ B("timeout\000255\0"), B("timeout\000255\0") },
	{ B("timeout\000256\0"), B("") },
	{ B("tsize\0000\0"), B("tsize\0006400\0") },
	{ B("tsize\000-1\0"), B("") },
	{ B("foo\0bar\0"), B("") },
	{ B("multicast\0\0rollover\0001\0utimeout\000100000\0blksize\0009\0"),
	    B("blksize\0009\0") },
	{ B("blksize\0007\0tsize\0000\0"), B("tsize\0006400\0") },
	{ B("WINDOWSIZE\0004\0tSize\0000\0foo\0bar\0timeout\0002\0"
	    "BLKSIZE\0001428\0"),
	    B("blksize\0001428\0timeout\0002\0tsize\0006400\0"
	      "windowsize\0004\0") },
};

/* asks for f with these options: is the answer that OACK, or block 1? */
static int
answers(const char *opts, size_t len, const char *oack, size_t olen)
{
	union sock_addr tid;
	uint8_t b[2048];
	char req[256] = "\0\1f\0octet";
	const int fd = fresh("127.0.0.1");
	ssize_t n;

	memcpy(req + 10, opts, len);
	n = ask(fd, req, 10 + len, b, &tid);
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(fd);
	if (!olen)
		return n == 516 && !memcmp(b, "\0\3\0\1", 4);
	return n == (ssize_t)olen + 2 && !memcmp(b, "\0\6", 2) &&
	       !memcmp(b + 2, oack, olen);
}

static void
options(void)
{
	char what[64];
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(
		    what, sizeof(what), "options %zu: %s", i, table[i].ask);
		OK_MSG(answers(table[i].ask, table[i].len, table[i].oack,
			   table[i].olen),
		    what);
	}
}

/* while one transfer is open, is another of ip refused with this text? */
static int
refuses(const char *ip, const char *text)
{
	union sock_addr tid, from;
	uint8_t b[2048];
	const int one = fresh("127.0.0.1"), two = fresh(ip);
	ssize_t n = ASK(one, "\0\1f\0octet\0", b, &tid);
	int ok = n == 516 && b[1] == TFTP_DATA;

	n = ASK(two, "\0\1f\0octet\0", b, &from);
	if (text)
		ok = ok && n == (ssize_t)strlen(text) + 5 &&
		     !memcmp(b, "\0\5\0\0", 4) &&
		     !strcmp((char *)b + 4, text) && sock_port(&from) == PORT;
	else
		ok = ok && n == 516 && b[1] == TFTP_DATA;
	say(one, "\0\5\0\0end\0", 8, &tid);
	say(two, "\0\5\0\0end\0", 8, &from);
	close(one);
	close(two);
	return ok;
}

/* an upload whose last ACK was lost: a WRQ that comes late is passed over, the
 * last block is acknowledged again, and the only place is free for others */
static void
last_ack(void)
{
	const union sock_addr to = at("127.0.0.1", PORT);
	union sock_addr tid, from;
	uint8_t b[2048];
	const int fd = fresh("127.0.0.1");
	ssize_t n = ASK(fd, "\0\2u\0octet\0", b, &tid);

	OK(n == 4 && !memcmp(b, "\0\4\0\0", 4));
	say(fd, "\0\3\0\1all", 7, &tid);
	OK(hear(fd, b, &from, 3000) == 4 && !memcmp(b, "\0\4\0\1", 4));
	say(fd, "\0\2u\0octet\0", 10, &to);
	OK_MSG(hear(fd, b, &from, 300) < 0, "a late WRQ gets no answer");
	say(fd, "\0\3\0\1all", 7, &tid);
	OK(hear(fd, b, &from, 3000) == 4 && !memcmp(b, "\0\4\0\1", 4));
	OK(addr_same(&from.sa, &tid.sa));
	OK_MSG(refuses("127.0.0.2", "too many transfers"),
	    "an upload that is whole takes no place");
	close(fd);
	unlink("u");
}

/* at the limit a client that vanished, with minutes to answer by its timeout
 * option, gives way to one that is there: after ten seconds, and not before */
static void
gives_way(void)
{
	static const char gone[] = "\0\5\0\0another client needs its place";
	union sock_addr tid, from;
	uint8_t b[2048];
	const int one = fresh("127.0.0.1"), two = fresh("127.0.0.2");
	ssize_t n = ASK(one, "\0\1f\0octet\0timeout\000255\0", b, &tid);
	int64_t began, refused = 0;
	int i;

	OK(n == 14 && b[1] == TFTP_OACK);
	say(one, "\0\4\0\0", 4, &tid);
	OK(hear(one, b, &from, 3000) == 516);
	began = clock_ms();
	for (i = 0; i < 60; i++) {
		n = ASK(two, "\0\1f\0octet\0", b, &from);
		if (n == 516)
			break;
		refused = clock_ms();
		(void)poll(NULL, 0, 500);
	}
	OK_MSG(n == 516, "the one that is there has the place");
	OK_MSG(refused - began > 8000, "but not at once");
	say(two, "\0\5\0\0end\0", 8, &from);
	n = hear(one, b, &from, 3000);
	OK_MSG(n == (ssize_t)sizeof(gone) && !memcmp(b, gone, sizeof(gone)),
	    "the other one is told");
	close(one);
	close(two);
}

/* With --retransmit 200ms: the answer to options goes once more to a client
 * that did not hear it (UEFI's, over IPv6, listens some ms after it has asked);
 * block 1, which is longer than what asks for it, does not. */
static void
oack_again(void)
{
	const int fd = fresh("127.0.0.1");
	const int64_t began = clock_ms();
	union sock_addr tid, from;
	uint8_t b[2048];

	OK(ASK(fd, "\0\1f\0octet\0blksize\000600\0", b, &tid) == 14);
	OK_MSG(hear(fd, b, &from, 3000) == 14 && addr_same(&from.sa, &tid.sa) &&
		   clock_ms() - began >= 1000,
	    "an unheard OACK goes once more");
	OK_MSG(hear(fd, b, &from, 1500) <= 0, "but not twice");
	say(fd, "\0\4\0\0", 4, &tid);
	OK(hear(fd, b, &from, 3000) == 604 && b[3] == 1);
	say(fd, "\0\5\0\0end\0", 8, &tid);
	OK(ASK(fd, "\0\1f\0octet\0", b, &tid) == 516);
	OK_MSG(hear(fd, b, &from, 1500) <= 0, "an unheard block does not");
	close(fd);
}

/* The same port asks again before it has acknowledged anything. The same
 * request gets the same answer; with other options, as of a loader that tries
 * without them, it is another one. */
static void
other_options(void)
{
	const int fd = fresh("127.0.0.1");
	union sock_addr tid;
	uint8_t b[2048];

	OK(ASK(fd, "\0\1f\0octet\0blksize\0001428\0", b, &tid) == 15);
	OK(ASK(fd, "\0\1f\0octet\0blksize\0001428\0", b, &tid) == 15);
	OK_MSG(ASK(fd, "\0\1f\0octet\0blksize\000600\0", b, &tid) == 14 &&
		   !memcmp(b, "\0\6blksize\000600\0", 14),
	    "asked anew with another option's value");
	OK_MSG(ASK(fd, "\0\1f\0octet\0", b, &tid) == 516 && b[1] == TFTP_DATA,
	    "asked anew without options");
	OK(ASK(fd, "\0\1f\0octet\0tsize\0000\0", b, &tid) == 13);
	OK_MSG(ASK(fd, "\0\1f\0netascii\0tsize\0000\0", b, &tid) == 516 &&
		   b[1] == TFTP_DATA,
	    "asked anew in another mode");
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(fd);
}

/* RFC 1123 section 4.2.3.5: to a request by broadcast there is no answer, and
 * so the first one is that to what is asked after it */
static void
broadcast(void)
{
	const union sock_addr all = at("127.255.255.255", PORT);
	const int fd = fresh("127.0.0.1"), one = 1;
	union sock_addr from;
	uint8_t b[2048];

	OK(setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) == 0);
	OK(sendto(fd, "\0\1f\0octet\0", 10, 0, &all.sa, sizeof(all.in)) == 10);
	OK_MSG(ASK(fd, "\0\1no\0octet\0", b, &from) > 4 && b[1] == TFTP_ERROR,
	    "a broadcast is not answered");
	close(fd);
}

/* a file of n bytes c at path */
static int
made(const char *path, char c, size_t n)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	char b[1024];
	int ok = fd >= 0;

	memset(b, c, sizeof(b));
	for (; ok && n; n -= sizeof(b))
		ok = write(fd, b, sizeof(b)) == sizeof(b);
	close(fd);
	return ok;
}

/* block k, of 512 times a window of two: how many of its bytes are c? */
static int
holds(int fd, unsigned k, char c)
{
	union sock_addr from;
	uint8_t b[2048];
	ssize_t n = hear(fd, b, &from, 3000);
	int same = 0;

	if (n < 4 || b[1] != TFTP_DATA || (b[2] << 8 | b[3]) != (int)k)
		return -1;
	while (n-- > 4)
		same += b[n] == c;
	return same;
}

/* A build of a megabyte is replaced, and the old one is taken away, while the
 * client has two blocks of it: all that follow are the old one's, to the last.
 * The next request gets the new one. */
static void
rebuild(void)
{
	enum { KIB = 1024, LAST = 2 * KIB + 1 };
	const char req[] = "\0\1image\0octet\0windowsize\0002";
	const int fd = fresh("127.0.0.1"), anew = fresh("127.0.0.1");
	union sock_addr tid;
	uint8_t b[2048], ack[4] = { 0, 4 };
	unsigned k;
	int old = 0;

	OK(mkdir("old", 0755) == 0 && made("old/image", 'o', KIB << 10));
	OK(mkdir("new", 0755) == 0 && made("new/image", 'n', KIB << 10));
	OK(symlink("old", "result") == 0 && symlink("new", "result.new") == 0);
	OK((srv = served_by("exec tufted -p 6969 result")) > 0);
	OK(ask(fd, req, sizeof(req), b, &tid) > 4 && b[1] == TFTP_OACK);
	for (k = 0; k < LAST; k += 2) {
		ack[2] = (uint8_t)(k >> 8);
		ack[3] = (uint8_t)k;
		say(fd, ack, sizeof(ack), &tid);
		old += holds(fd, k + 1, 'o');
		if (k + 1 < LAST)
			old += holds(fd, k + 2, 'o');
		if (k)
			continue;
		OK(rename("result.new", "result") == 0 &&
		    unlink("old/image") == 0 && rmdir("old") == 0);
	}
	OK_MSG(old == KIB << 10, "a rebuild does not get into a transfer");
	say(fd, "\0\4\10\1", 4, &tid);
	close(fd);
	OK(ASK(anew, "\0\1image\0octet\0", b, &tid) == 516 && b[4] == 'n' &&
	    b[515] == 'n');
	say(anew, "\0\5\0\0end\0", 8, &tid);
	close(anew);
	stop();
	unlink("new/image");
	rmdir("new");
	unlink("result");
}

/* whom -a leaves out gets no answer from a transfer's port either */
static void
left_out(void)
{
	const int fd = fresh("127.0.0.1"), other = fresh("127.0.0.2");
	const int near = fresh("127.0.0.1");
	union sock_addr tid, from;
	uint8_t b[2048];

	OK((srv = served_by("exec tufted -p 6969 -a 127.0.0.1 .")) > 0);
	OK(ASK(fd, "\0\1f\0octet\0", b, &tid) == 516);
	say(other, "\0\4\0\1", 4, &tid);
	say(near, "\0\4\0\1", 4, &tid);
	OK(hear(near, b, &from, 3000) > 4 && b[3] == TFTP_ETID);
	OK_MSG(hear(other, b, &from, 100) < 0, "no answer for who is left out");
	say(fd, "\0\5\0\0end\0", 8, &tid);
	close(fd);
	close(other);
	close(near);
	stop();
}

/* PXE asks for the size, is told, says ERROR 8 and asks anew: with -1 that is
 * not yet the transfer, neither from the same port nor from another */
static void
pxe(void)
{
	const char req[] = "\0\1f\0octet\0tsize\0000\0blksize\0001468";
	int fd = fresh("127.0.0.1"), i, st, oacks = 0, wrong = 0;
	union sock_addr tid, from;
	uint8_t b[2048], ack[4] = { 0, 4 };
	ssize_t n;

	OK((srv = served_by("exec tufted -p 6969 -1 .")) > 0);
	for (i = 0; i < 4; i++) {
		oacks += ask(fd, req, sizeof(req), b, &tid) == 26 &&
			 b[1] == TFTP_OACK;
		if (i == 3)
			break;
		say(fd, "\0\5\0\10no\0", 7, &tid);
		if (i & 1) {
			close(fd);
			fd = fresh("127.0.0.1");
		}
	}
	OK_MSG(oacks == 4 && waitpid(srv, NULL, WNOHANG) == 0,
	    "-1 outlives requests for sizes");
	for (i = 0; i < 5; i++) {
		ack[3] = (uint8_t)i;
		say(fd, ack, sizeof(ack), &tid);
		n = hear(fd, b, &from, 3000);
		wrong += n != (i < 4 ? 1472 : 532) || b[3] != i + 1;
	}
	say(fd, "\0\4\0\5", 4, &tid);
	close(fd);
	OK(!wrong);
	OK_MSG(waitpid(srv, &st, 0) == srv && WIFEXITED(st) && !WEXITSTATUS(st),
	    "and ends with the transfer");
}

/* GRUB looks at a file's first blocks and leaves it with an ERROR 0, as
 * PXELINUX does: the line has its words, and no controls among them */
static void
leaves(void)
{
	int fd = fresh("127.0.0.1"), st;
	union sock_addr tid, from;
	uint8_t b[2048];
	char line[512] = "";
	FILE *f;

	OK((srv = served_by("exec tufted -p 6969 -1 . 2>said")) > 0);
	OK(ASK(fd, "\0\1f\0octet\0blksize\0001024\0", b, &tid) == 15);
	say(fd, "\0\4\0\0", 4, &tid);
	OK(hear(fd, b, &from, 3000) == 1028);
	say(fd, "\0\5\0\0closed\33\0", 12, &tid);
	close(fd);
	OK(waitpid(srv, &st, 0) == srv && WIFEXITED(st) &&
	    WEXITSTATUS(st) == 1);
	if ((f = fopen("said", "r"))) {
		while (fgets(line, sizeof(line), f))
			;
		fclose(f);
	}
	OK_MSG(strstr(line, "file=\"f\"") &&
		   strstr(line, " error=\"the client says: closed\\x1b\"\n"),
	    "what it says is told");
}

/* does fd, of any family, get block 1 of f and an error for what is not there,
 * both from the very address and port that it asks? */
static int
served(int fd, const union sock_addr *to)
{
	union sock_addr from, asked = *to;
	uint8_t b[2048];
	ssize_t n = -1;
	int i, ok;

	for (i = 0; i < 10 && n < 0; i++) {
		(void)sendto(
		    fd, "\0\1f\0octet\0", 10, 0, &to->sa, sock_addrlen(to));
		n = hear(fd, b, &from, 1000);
	}
	ok = n == 516 && b[1] == TFTP_DATA;
	(void)sendto(fd, "\0\5\0\0end\0", 8, 0, &from.sa, sock_addrlen(&from));
	sock_setport(&asked, sock_port(&from));
	ok = ok && addr_same(&from.sa, &asked.sa);
	(void)sendto(fd, "\0\1no\0octet\0", 11, 0, &to->sa, sock_addrlen(to));
	n = hear(fd, b, &from, 3000);
	return ok && n > 4 && b[1] == TFTP_ERROR && b[3] == TFTP_ENOTFOUND &&
	       addr_same(&from.sa, &to->sa);
}

/* three sockets are handed over, as a service manager does: one of v4, one of
 * v6, one of v6 that takes v4 as well, which is what systemd makes of a port */
static void
handed(void)
{
	static const struct {
		const char *bind, *ask;
		int port, only;
	} t[] = {
		{ "127.0.0.1", "127.0.0.1", 7001, 1 },
		{ "::1", "::1", 7002, 1 },
		{ "::", "::1", 7003, 0 },
		{ "::", "127.0.0.1", 7003, 0 },
		{ "::", "127.5.6.7", 7003, 0 },
	};
	union sock_addr a;
	int fd[3], i;

	for (i = 0; i < 3; i++) {
		a = at(t[i].bind, (uint16_t)t[i].port);
		fd[i] = socket(a.sa.sa_family, SOCK_DGRAM, 0);
		if (a.sa.sa_family == AF_INET6)
			(void)setsockopt(fd[i], IPPROTO_IPV6, IPV6_V6ONLY,
			    &t[i].only, sizeof(t[i].only));
		OK(bind(fd[i], &a.sa, sock_addrlen(&a)) == 0);
	}
	if (!(srv = fork())) {
		for (i = 0; i < 3; i++)
			dup2(fd[i], 3 + i);
		setenv("LISTEN_FDS", "3", 1);
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		execlp("tufted", "tufted", ".", (char *)NULL);
		_exit(127);
	}
	for (i = 0; i < 3; i++)
		close(fd[i]);
	for (i = 0; i < (int)(sizeof(t) / sizeof(*t)); i++) {
		char what[64];

		snprintf(what, sizeof(what), "descriptor %d, bound to %s, %s",
		    i < 3 ? 3 + i : 5, t[i].bind, t[i].ask);
		a = at(t[i].ask, (uint16_t)t[i].port);
		fd[0] = fresh(strchr(t[i].ask, ':') ? "::1" : "127.0.0.1");
		OK_MSG(served(fd[0], &a), what);
		close(fd[0]);
	}
	stop();
}

int
main(void)
{
	int fd;

	if (!mkdtemp(dir) || chmod(dir, 0777) < 0 || chdir(dir) < 0)
		return 1;
	fd = open("f", O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, 6400) < 0 || close(fd) < 0)
		return 1;
	srv = served_by("exec tufted -p 6969 -w . --limit 1 .");
	if (srv < 0)
		return unserved(dir);
	options();
	OK(refuses("127.0.0.2", "too many transfers"));
	last_ack();
	gives_way();
	other_options();
	broadcast();
	stop();
	OK((srv = served_by("exec tufted -p 6969 --client-limit 1 "
			    "--retransmit 200ms .")) > 0);
	OK(refuses("127.0.0.1", "too many transfers of this client"));
	OK_MSG(refuses("127.0.0.2", NULL), "another client is served");
	OK_MSG(answers(B("timeout\0003\0blksize\0008\0"), B("blksize\0008\0")),
	    "--retransmit leaves the timeout option out");
	oack_again();
	stop();
	rebuild();
	left_out();
	pxe();
	leaves();
	handed();
	clear(dir);
	return tap_done();
}
