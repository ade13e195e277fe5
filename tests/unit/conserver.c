/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "conserver.h"
#include "tap.h"

static struct conserver c;
static int guest; /* the guest's end of its console */

static int
listening(struct sockaddr_un *un, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	memset(un, 0, sizeof(*un));
	un->sun_family = AF_UNIX;
	*len = offsetof(struct sockaddr_un, sun_path);
	/* an abstract name that the kernel chooses */
	if (bind(fd, (struct sockaddr *)un, *len) < 0 || listen(fd, 4) < 0)
		abort();
	*len = sizeof(*un);
	getsockname(fd, (struct sockaddr *)un, len);
	return fd;
}

static void
turn(int ms)
{
	struct pollfd p[CONSERVER_FDS];
	int n = conserver_poll(&c, p);

	poll(p, (nfds_t)n, ms);
	conserver_turn(&c, p, n, clock_ms());
}

static void
turns(int n)
{
	while (n-- > 0)
		turn(20);
}

static void
begin(void)
{
	int s[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s) < 0)
		abort();
	conserver_init(&c, s[0]);
	guest = s[1];
	c.log = memfd_create("log", 0);
	c.start = clock_ms();
}

static void
say(const char *s)
{
	if (write(guest, s, strlen(s)) != (ssize_t)strlen(s))
		abort();
	turns(2);
}

static int
viewer(const struct sockaddr_un *un, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	if (connect(fd, (const struct sockaddr *)un, len) < 0)
		abort();
	turns(3);
	return fd;
}

static const char *
got(int fd)
{
	static char b[70000];
	ssize_t n = read(fd, b, sizeof(b) - 1);

	b[n > 0 ? n : 0] = 0;
	return b;
}

static void
viewers(void)
{
	struct sockaddr_un live, all;
	socklen_t ll, la;
	char line[32], b[64];
	int i, l, a, late;
	ssize_t n;

	begin();
	c.listen[0] = listening(&live, &ll);
	c.listen[1] = listening(&all, &la);
	say("first\n");
	l = viewer(&live, ll);
	STREQ(got(l), "first\n");
	for (i = 0; i < 30; i++) {
		snprintf(line, sizeof(line), "line %02d\n", i);
		say(line);
	}
	OK(strstr(got(l), "line 29\n") != NULL);
	a = viewer(&all, la);
	OK(!strncmp(got(a), "first\nline 00\n", 14));
	late = viewer(&live, ll);
	OK_MSG(!strncmp(got(late), "line 07\n", 8), "a screenful of 24 lines");
	if (write(a, "typed", 5) != 5 || write(late, "too", 3) != 3)
		abort();
	turns(4);
	n = read(guest, b, sizeof(b));
	OK_MSG(
	    n == 8 && (!memcmp(b, "typedtoo", 8) || !memcmp(b, "tootyped", 8)),
	    "every viewer types");
	close(a);
	shutdown(late, SHUT_WR);
	turns(4);
	OK_MSG(c.nv == 2, "one that left is gone, one that is silent stays");
	say("more\n");
	STREQ(got(late), "more\n");
	if (write(guest, "bye\n", 4) != 4)
		abort();
	close(guest);
	conserver_end(&c, clock_ms() + 5000);
	OK(strstr(got(l), "bye\n") && c.nv == 0 && c.guest == -1);
	close(l);
	close(late);
	close(c.log);
}

/* a viewer that reads nothing holds nobody up and gets it all in the end */
static void
slow(void)
{
	struct sockaddr_un all;
	socklen_t la;
	static char b[65536];
	size_t sum = 0;
	ssize_t n;
	int a, i;

	begin();
	c.listen[1] = listening(&all, &la);
	a = viewer(&all, la);
	memset(b, 'x', sizeof(b));
	for (i = 0; i < 64; i++) {
		if (write(guest, b, sizeof(b)) != sizeof(b))
			abort();
		turns(3);
	}
	OK(c.total == 64 * (off_t)sizeof(b));
	for (i = 0; i < 1000 && sum < 64 * sizeof(b); i++) {
		while ((n = read(a, b, sizeof(b))) > 0)
			sum += (size_t)n;
		turns(1);
	}
	OK(sum == 64 * sizeof(b));
	close(guest);
	conserver_end(&c, clock_ms() + 5000);
	close(a);
	close(c.log);
}

static void
words(void)
{
	static struct ere re;
	char b[64];

	begin();
	if (ere_compile(&re, "^router# $|^x{3}") < 0)
		abort();
	c.wait = &re;
	say("the router# is\r\nrou");
	OK(!c.matched);
	say("ter# ");
	OK_MSG(c.matched, "a prompt without a newline, in pieces");
	say("Kernel pan");
	say("ic - not syncXing\n");
	OK_MSG(!c.panic, "these pieces do not make it up");
	say("[1.2] Kernel pani");
	say("c");
	say(" - not syncin");
	say("g: Attempted");
	OK_MSG(c.panic, "these do");
	say("\nlast\n");
	memset(b, 'x', sizeof(b));
	OK(conserver_tail(&c, b, 20) == 5);
	OK(!memcmp(b, "last\n", 5));
	say("Call Trace:\n a\n b\n c\n d\n e\n f\n g\n h\n i\n j\n k\n");
	OK(conserver_last(&c, b, 60) > 40);
	OK_MSG(!memcmp(b, "[1.2] Kernel panic - not sync", 29),
	    "the panic, not the end");
	memset(b, 'x', sizeof(b));
	OK(conserver_tail(&c, b, 20) <= 20);
	OK_MSG(b[20] == 'x', "nothing is written past the end");
	close(guest);
	conserver_end(&c, clock_ms() + 1000);
	close(c.log);
}

/* One pours into a guest that reads slowly: what the others type, at the
 * terminal and elsewhere, comes in between. */
static void
fair(void)
{
	static char b[4096], in[4096];
	struct sockaddr_un all;
	socklen_t la;
	int t[2], a, pours, z, i, k, seen[3] = { 0 };
	ssize_t n;

	begin();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, t) < 0)
		abort();
	c.term[0] = t[0];
	c.listen[1] = listening(&all, &la);
	a = viewer(&all, la);
	pours = viewer(&all, la);
	z = viewer(&all, la);
	memset(b, 'x', sizeof(b));
	for (i = 0; i < 600; i++) {
		(void)!write(pours, b, sizeof(b));
		if (i == 80)
			OK(write(a, "a", 1) == 1 && write(z, "z", 1) == 1 &&
			    write(t[1], "t", 1) == 1);
		turn(1);
		if (i < 80)
			continue;
		n = read(guest, in, sizeof(in));
		for (k = 0; k < 3 && n > 0; k++)
			seen[k] |= !!memchr(in, "azt"[k], (size_t)n);
	}
	OK_MSG(
	    seen[0] && seen[1] && seen[2], "nobody keeps others from typing");
	close(guest);
	conserver_end(&c, clock_ms() + 5000);
	close(a);
	close(pours);
	close(z);
	close(t[0]);
	close(t[1]);
	close(c.log);
}

/* a log that somebody empties, for it has become long */
static void
emptied(void)
{
	static char b[65536];
	struct pollfd p[CONSERVER_FDS];
	struct sockaddr_un all;
	socklen_t la;
	int a, late, n, i;

	begin();
	fcntl(c.log, F_SETFL, O_APPEND);
	c.listen[1] = listening(&all, &la);
	a = viewer(&all, la);
	say("an old line, a long one\n");
	OK(!strcmp(got(a), "an old line, a long one\n"));
	OK(ftruncate(c.log, 0) == 0);
	say("a new one\n");
	OK_MSG(!strcmp(got(a), "a new one\n"), "what comes then is seen");
	late = viewer(&all, la);
	for (i = 0; i < 16; i++) {
		if (write(guest, b, sizeof(b)) != sizeof(b))
			abort();
		turns(3);
	}
	OK(ftruncate(c.log, 0) == 0);
	for (i = 0; i < 40; i++) {
		got(a);
		got(late);
		turn(1);
	}
	n = conserver_poll(&c, p);
	OK_MSG(poll(p, (nfds_t)n, 0) == 0, "nor waits one for what is gone");
	say("the last\n");
	OK(!strcmp(got(late), "the last\n"));
	close(guest);
	conserver_end(&c, clock_ms() + 5000);
	close(a);
	close(late);
	close(c.log);
}

/* The guest has ended and the terminal, which takes nothing, has not got all
 * of it: there is nothing to do, so nothing may keep poll() from waiting. */
static void
blocked(void)
{
	struct pollfd p[CONSERVER_FDS];
	static char b[65536];
	struct pollfd room = { -1, POLLOUT, 0 };
	int t[2], n, i;

	begin();
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, t) < 0)
		abort();
	c.term[1] = room.fd = t[0];
	for (i = 0; i < 1000 && (pump_room(&c.out) || poll(&room, 1, 0)); i++) {
		if (send(guest, b, sizeof(b), MSG_DONTWAIT) < 0 &&
		    errno != EAGAIN)
			abort();
		turns(1);
	}
	OK(!pump_room(&c.out));
	close(guest);
	n = conserver_poll(&c, p);
	OK_MSG(poll(p, (nfds_t)n, 0) == 0, "an end that nobody can be told");
	close(t[1]);
	conserver_end(&c, clock_ms() + 5000);
	OK(c.guest == -1);
	close(t[0]);
	close(c.log);
}

int
main(void)
{
	signal(SIGPIPE, SIG_IGN);
	viewers();
	slow();
	fair();
	emptied();
	blocked();
	words();
	return tap_done();
}
