/* limen: ISC licence, see LICENSE */
/*
 * Many downloads in lockstep share the sockets of a running tufted: what one
 * client does, what strangers send there, and who goes away is nothing to the
 * others. Without a tufted on PATH there is nobody to ask, and that is said.
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

#define MANY  300
#define BLK   64
#define TIDS  3 /* of 128 clients at most, of two addresses */
#define LEAVE 6
#define COUNT 20
#define SIZE  (COUNT * BLK - 10)

static char dir[] = "/tmp/limen-ports.XXXXXX";
static pid_t srv;
static struct client {
	int fd, gone;
	union sock_addr tid;
} cl[MANY];

static unsigned
byte(size_t at)
{
	return (unsigned)(at * 7 + at / BLK) & 0xff;
}

static int
served_file(void)
{
	uint8_t b[SIZE];
	size_t i;
	int fd, ok;

	for (i = 0; i < SIZE; i++)
		b[i] = (uint8_t)byte(i);
	fd = open("f", O_WRONLY | O_CREAT, 0644);
	ok = write(fd, b, sizeof(b)) == (ssize_t)sizeof(b);
	close(fd);
	return ok;
}

static void
ack(const struct client *c, int block)
{
	const uint8_t b[4] = { 0, 4, 0, (uint8_t)block };

	say(c->fd, b, sizeof(b), &c->tid);
}

/* the next packet, but for blocks before that one: the timer may send them
 * again on a busy machine, until they are acknowledged */
static ssize_t
next(const struct client *c, uint8_t *b, union sock_addr *from, int block)
{
	ssize_t n;

	do
		n = hear(c->fd, b, from, 5000);
	while (n >= 4 && b[1] == TFTP_DATA && b[3] < block);
	return n;
}

/* is the next packet that block, from the TID, byte for byte? */
static int
got(const struct client *c, int block)
{
	const size_t at = (size_t)(block - 1) * BLK;
	const size_t len = SIZE - at < BLK ? SIZE - at : BLK;
	union sock_addr from;
	uint8_t b[2048];
	size_t i;

	if (next(c, b, &from, block) != (ssize_t)len + 4 || b[1] != TFTP_DATA ||
	    b[3] != block || !addr_same(&from.sa, &c->tid.sa))
		return 0;
	for (i = 0; i < len && b[4 + i] == byte(at + i); i++)
		;
	return i == len;
}

/* every third client asks the host's second address */
static int
begin(struct client *c, int i)
{
	const union sock_addr to = at(i % 3 ? "127.0.0.1" : "127.0.0.9", PORT);
	const char req[] = "\0\1f\0octet\0blksize\00064";
	uint8_t b[2048];

	c->fd = fresh("127.0.0.1");
	say(c->fd, req, sizeof(req), &to);
	return hear(c->fd, b, &c->tid, 5000) == 13 && b[1] == TFTP_OACK &&
	       c->tid.in.sin_addr.s_addr == to.in.sin_addr.s_addr;
}

static int
tids(void)
{
	int i, j, n = 0;

	for (i = 0; i < MANY; i++) {
		for (j = 0; j < i; j++)
			if (addr_same(&cl[i].tid.sa, &cl[j].tid.sa))
				break;
		n += j == i;
	}
	return n;
}

/* each TID tells a stranger so, and a client of another TID is one */
static int
strange(void)
{
	const int fd = fresh("127.0.0.2");
	union sock_addr from;
	uint8_t b[2048];
	int i, wrong = 0;

	for (i = 0; i < MANY; i += 10) {
		say(fd, "\0\4\0\1", 4, &cl[i].tid);
		wrong += hear(fd, b, &from, 5000) < 5 || b[3] != TFTP_ETID ||
			 !addr_same(&from.sa, &cl[i].tid.sa);
	}
	say(cl[1].fd, "\0\4\0\0", 4, &cl[0].tid);
	wrong += next(&cl[1], b, &from, 3) < 5 || b[1] != TFTP_ERROR ||
		 b[3] != TFTP_ETID;
	close(fd);
	return !wrong;
}

/* one says that it has had enough, one goes away without a word, one sends what
 * nobody understands */
static int
leave(void)
{
	union sock_addr from;
	uint8_t b[2048];

	say(cl[10].fd, "\0\5\0\3full\0", 9, &cl[10].tid);
	ack(&cl[20], 3);
	close(cl[20].fd);
	say(cl[30].fd, "\0\11x", 3, &cl[30].tid);
	cl[10].gone = cl[20].gone = cl[30].gone = 1;
	return next(&cl[30], b, &from, 4) > 4 && b[1] == TFTP_ERROR &&
	       b[3] == TFTP_EILLEGAL;
}

/* an ACK, and an ERROR right behind it, which come in one batch: the block that
 * is asked for does not go. Another's ACK is answered after them. */
static int
regret(struct client *c, struct client *other)
{
	union sock_addr from;
	uint8_t b[2048];
	int ok, st;

	if (!addr_same(&c->tid.sa, &other->tid.sa))
		return 0;
	while (hear(c->fd, b, &from, 0) >= 0)
		;
	kill(srv, SIGSTOP);
	ok = waitpid(srv, &st, WUNTRACED) == srv && WIFSTOPPED(st);
	ack(c, 3);
	say(c->fd, "\0\5\0\3full\0", 9, &c->tid);
	ack(other, 3);
	kill(srv, SIGCONT);
	ok = ok && got(other, 4) && hear(c->fd, b, &from, 0) < 0;
	say(other->fd, "\0\5\0\3full\0", 9, &other->tid);
	c->gone = other->gone = 1;
	return ok;
}

/* One starts anew, and what it told its last transfer comes late: that is
 * nothing to the next one, which has another TID. */
static int
anew(struct client *c, const struct client *other)
{
	const union sock_addr to = at("127.0.0.1", PORT), old = c->tid;
	const char req[] = "\0\1f\0octet\0blksize\00064\0tsize\0000";
	uint8_t b[2048];

	if (!addr_same(&old.sa, &other->tid.sa))
		return 0;
	say(c->fd, req, sizeof(req), &to);
	while (hear(c->fd, b, &c->tid, 5000) >= 0 && b[1] != TFTP_OACK)
		;
	say(c->fd, "\0\5\0\3full\0", 9, &old);
	ack(c, 0);
	c->gone = 1;
	if (addr_same(&c->tid.sa, &old.sa) || !got(c, 1))
		return 0;
	say(c->fd, "\0\5\0\3full\0", 9, &c->tid);
	return 1;
}

/* the next block for all that are left, each acknowledged twice now and then */
static int
step(int block)
{
	int i, wrong = 0;

	for (i = 0; i < MANY; i++) {
		struct client *c = &cl[(i * 7 + block) % MANY];

		if (c->gone)
			continue;
		ack(c, block - 1);
		if (i % 5 == 0)
			ack(c, block - 1);
	}
	for (i = 0; i < MANY; i++)
		wrong += !cl[i].gone && !got(&cl[i], block);
	return !wrong;
}

static int
settles(int fds)
{
	int i;

	for (i = 0; i < 100 && nfds(srv) > fds; i++)
		usleep(100000);
	return nfds(srv) == fds;
}

int
main(void)
{
	int i, fds, st, wrong = 0;

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || chdir(dir) < 0)
		return 1;
	OK(served_file());
	srv = served_by("exec tufted -p 6969 --client-limit 1000 .");
	if (srv < 0)
		return unserved(dir);
	fds = nfds(srv);
	for (i = 0; i < MANY; i++)
		wrong += !begin(&cl[i], i);
	OK_MSG(!wrong, "each is answered from the address that it asked");
	OK_MSG(tids() == TIDS && nfds(srv) == fds + MANY + TIDS,
	    "they share sockets");
	OK_MSG(step(1) && step(2), "each gets what it asks for, once");
	OK_MSG(strange(), "strangers are told");
	OK_MSG(step(3), "which is nothing to the others");
	OK_MSG(regret(&cl[40], &cl[41]), "an ERROR overtakes a block");
	OK_MSG(anew(&cl[292], &cl[293]), "a late ERROR of an old transfer");
	OK_MSG(leave() && settles(fds + MANY - LEAVE + TIDS),
	    "who leaves takes its file with it");
	for (i = 4; i <= COUNT; i++)
		wrong += !step(i);
	OK_MSG(!wrong, "the others go on, to the end");
	for (i = 0; i < MANY; i++)
		if (!cl[i].gone)
			ack(&cl[i], COUNT);
	OK_MSG(settles(fds), "nothing is left");
	for (i = 0; i < MANY; i++)
		if (i != 20)
			close(cl[i].fd);
	kill(srv, SIGTERM);
	OK(waitpid(srv, &st, 0) == srv && WIFEXITED(st) && !WEXITSTATUS(st));
	clear(dir);
	return tap_done();
}
