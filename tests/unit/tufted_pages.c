/* limen: ISC licence, see LICENSE */
/*
 * Blocks that a running tufted brings into its pipe before their time: one
 * transfer goes on while others come, take the pipe and vanish, ACKs come late
 * or twice, and each block must be its own. Without a tufted on PATH there is
 * nobody to ask, and that is said.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "tap.h"
#include "tftp.h"
#include "tufted_peer.h"

enum { MOST = 65464, BLOCKS = 50 };

static size_t blk;

static char dir[] = "/tmp/limen-pages.XXXXXX";

struct client {
	const char
	    *name; /* of one letter: its file, and the salt of its bytes */
	int fd;
	union sock_addr tid;
	unsigned at; /* the block that it has */
};

/* what a file has at an offset: no two blocks or pages are alike */
static uint8_t
byte(char salt, size_t off)
{
	return (uint8_t)(salt + off / 4096 * 7 + off / blk * 13 + off % 251);
}

static int
made(const char *name)
{
	static uint8_t b[MOST];
	const int fd = open(name, O_WRONLY | O_CREAT, 0644);
	size_t i, k;
	int ok = fd >= 0;

	for (k = 0; ok && k < BLOCKS; k++) {
		for (i = 0; i < blk; i++)
			b[i] = byte(*name, k * blk + i);
		ok = write(fd, b, blk) == (ssize_t)blk;
	}
	return ok && close(fd) == 0;
}

static void
acknowledge(const struct client *c)
{
	const uint8_t ack[] = { 0, TFTP_ACK, (uint8_t)(c->at >> 8),
		(uint8_t)c->at };

	say(c->fd, ack, sizeof(ack), &c->tid);
}

/* is what comes now block k, whole and right? */
static int
comes(const struct client *c, unsigned k)
{
	static uint8_t b[MOST + TFTP_HDR + 1];
	struct pollfd p = { c->fd, POLLIN, 0 };
	size_t i;

	if (poll(&p, 1, 5000) != 1 ||
	    recv(c->fd, b, sizeof(b), 0) != (ssize_t)blk + TFTP_HDR ||
	    b[1] != TFTP_DATA || (unsigned)(b[2] << 8 | b[3]) != k)
		return 0;
	for (i = 0; i < blk; i++)
		if (b[TFTP_HDR + i] !=
		    byte(*c->name, (size_t)(k - 1) * blk + i))
			return 0;
	return 1;
}

static int
next(struct client *c)
{
	acknowledge(c);
	return comes(c, ++c->at);
}

/* asks for its file and takes block 1 */
static int
starts(struct client *c, const char *ip)
{
	char req[64] = "\0\1x\0octet\0blksize";
	uint8_t b[2048];
	int n;

	req[2] = *c->name;
	n = snprintf(req + 18, sizeof(req) - 18, "%zu", blk);
	c->fd = fresh(ip);
	c->at = 0;
	return ask(c->fd, req, 19 + (size_t)n, b, &c->tid) > 0 &&
	       b[1] == TFTP_OACK && next(c);
}

static void
leaves(struct client *c)
{
	say(c->fd, "\0\5\0\0end\0", 8, &c->tid);
	close(c->fd);
}

/* a, b: the next block; <, >: b comes, goes; t: a says nothing and gets its
 * block again; d: it says twice what it has */
static const char script[] = "aaat<aabbab>atada<b>ada<ba>taaa<>a<>da";

/* how many turns of the script go wrong */
static unsigned
wrong(void)
{
	struct client a = { .name = "a" }, b = { .name = "b" };
	const char *turn;
	unsigned bad = !starts(&a, "127.0.0.1");

	for (turn = script; *turn; turn++)
		switch (*turn) {
		case '<': bad += !starts(&b, "127.0.0.2"); break;
		case '>': leaves(&b); break;
		case 't': bad += !comes(&a, a.at); break;
		case 'd':
			acknowledge(&a);
			/* FALLTHROUGH */
		default: bad += !next(*turn == 'b' ? &b : &a);
		}
	leaves(&a);
	return bad;
}

int
main(void)
{
	static const size_t size[] = { 16384, 40000, MOST };
	char what[64];
	size_t i;
	int st;
	pid_t srv;

	if (!mkdtemp(dir) || chmod(dir, 0777) < 0 || chdir(dir) < 0)
		return 1;
	srv = served_by("exec tufted -p 6969 --retransmit 300ms .");
	if (srv < 0)
		return unserved(dir);
	for (i = 0; i < sizeof(size) / sizeof(*size); i++) {
		blk = size[i];
		OK(made("a") && made("b"));
		snprintf(
		    what, sizeof(what), "blocks of %zu are their own", blk);
		OK_MSG(wrong() == 0, what);
		unlink("a");
		unlink("b");
	}
	kill(srv, SIGTERM);
	OK(waitpid(srv, &st, 0) == srv && WIFEXITED(st) && !WEXITSTATUS(st));
	clear(dir);
	return tap_done();
}
