/* limen: ISC licence, see LICENSE */
/*
 * What a running tufted answers to single packets: options to the byte, what
 * the limits refuse, an upload whose last ACK was lost. Without a tufted on
 * PATH there is nobody to ask, and that is said.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "addr.h"
#include "tap.h"
#include "tftp.h"
#include "tufted_peer.h"

static char dir[] = "/tmp/limen-wire.XXXXXX";
static pid_t srv;

static int
start(const char *command)
{
	union sock_addr from;
	uint8_t b[2048];
	int fd, i;
	ssize_t n = -1;

	if (!(srv = fork())) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		execlp("sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	fd = fresh("127.0.0.1");
	for (i = 0; i < 100 && n < 0; i++) {
		if (waitpid(srv, NULL, WNOHANG) == srv)
			break;
		say(fd, "\0\1none\0octet\0", 13,
		    &(union sock_addr){ .in = at("127.0.0.1", PORT).in });
		n = hear(fd, b, &from, 100);
	}
	close(fd);
	return n > 0 ? 0 : -1;
}

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

int
main(void)
{
	int fd;

	if (!mkdtemp(dir) || chmod(dir, 0777) < 0 || chdir(dir) < 0)
		return 1;
	fd = open("f", O_WRONLY | O_CREAT, 0644);
	if (fd < 0 || ftruncate(fd, 6400) < 0 || close(fd) < 0)
		return 1;
	if (start("exec tufted -p 6969 -w . --limit 1 .") < 0) {
		printf("1..0 # SKIP no tufted on PATH\n");
		return 0;
	}
	options();
	OK(refuses("127.0.0.2", "too many transfers"));
	last_ack();
	stop();
	OK(start("exec tufted -p 6969 --client-limit 1 "
		 "--retransmit 200ms .") == 0);
	OK(refuses("127.0.0.1", "too many transfers of this client"));
	OK_MSG(refuses("127.0.0.2", NULL), "another client is served");
	OK_MSG(answers(B("timeout\0003\0blksize\0008\0"), B("blksize\0008\0")),
	    "--retransmit leaves the timeout option out");
	stop();
	unlink("f");
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
