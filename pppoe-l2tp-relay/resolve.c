/* limen: ISC licence, see LICENSE */
#include <netdb.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "relay.h"
#include "sandbox.h"

enum { MINE = 3 }; /* the resolver's end */

struct question {
	unsigned i;
	char host[256];
};

struct answer {
	unsigned i;
	int n;
	union sock_addr a[RELAY_ADDRS];
};

int
resolve_now(const char *host, union sock_addr a[RELAY_ADDRS])
{
	struct addrinfo hints = { 0 }, *ai, *p;
	int n = 0;

	hints.ai_socktype = SOCK_DGRAM;
	if (getaddrinfo(host, NULL, &hints, &ai))
		return 0;
	memset(a, 0, RELAY_ADDRS * sizeof(*a));
	for (p = ai; p && n < RELAY_ADDRS; p = p->ai_next)
		if (p->ai_addrlen <= sizeof(*a))
			memcpy(&a[n++], p->ai_addr, p->ai_addrlen);
	freeaddrinfo(ai);
	return n;
}

/*
 * Who asks has none of the relay's descriptors, keeps only /dev/null besides
 * its own (the starter's standard error may be a pipe that somebody reads to
 * its end), and can open files for reading only. What the kernel lacks of that
 * is missed here as it is in the relay, which says so.
 */
static int
confine(int fd)
{
	static const char *const all[] = { "/", NULL };
	int null = open("/dev/null", O_RDWR), i;

	for (i = 0; i < 3; i++)
		if (null < 0 || dup2(null, i) < 0)
			close(i);
	if (fd != MINE && dup2(fd, MINE) < 0)
		return -1;
	if (syscall(SYS_close_range, MINE + 1, ~0U, 0) < 0)
		for (i = MINE + 1; i < 1024; i++)
			close(i);
	if (sandbox_caps() < 0)
		return -1;
	(void)sandbox_files(all, NULL);
	return 0;
}

static int
tell(const struct answer *a)
{
	return write(MINE, a, sizeof(*a)) == sizeof(*a) ? 0 : -1;
}

/*
 * Answers come from strangers: each name has a process of its own to read
 * them, which can read files and send by UDP and TCP, no more. When it dies of
 * them the name has not been found, and the next one that is asked for has
 * another.
 */
static void
serve(void)
{
	struct question q;
	struct answer a;
	pid_t pid;
	int w;

	while (read(MINE, &q, sizeof(q)) == sizeof(q)) {
		memset(&a, 0, sizeof(a));
		a.i = q.i;
		if ((pid = fork()) == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)sandbox_calls(SANDBOX_READ | SANDBOX_UDP);
			a.n = resolve_now(q.host, a.a);
			_exit(tell(&a) < 0);
		}
		if ((pid < 0 || waitpid(pid, &w, 0) < 0 || w) && tell(&a) < 0)
			break;
	}
}

static void
children(void (*act)(int))
{
	struct sigaction sa = { .sa_handler = act };

	sigaction(SIGCHLD, &sa, NULL);
}

int
resolve_start(void)
{
	int fd[2];
	pid_t pid;

	children(SIG_IGN); /* one that died is not waited for */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return -1;
	if ((pid = fork()) == 0) {
		/* lives as long as the other end; signals are the parent's */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		children(SIG_DFL);
		if (confine(fd[1]) == 0)
			serve();
		_exit(0);
	}
	close(fd[1]);
	if (pid > 0)
		return fd[0];
	close(fd[0]);
	return -1;
}

int
resolve_ask(int fd, unsigned i, const char *host)
{
	struct question q;

	memset(&q, 0, sizeof(q));
	q.i = i;
	memcpy(q.host, host, strnlen(host, sizeof(q.host) - 1));
	return send(fd, &q, sizeof(q), MSG_DONTWAIT | MSG_NOSIGNAL) == sizeof(q)
		   ? 0
		   : -1;
}

void
resolve_input(struct relay *r)
{
	struct answer a;
	ssize_t n = recv(r->resolver, &a, sizeof(a), MSG_DONTWAIT);
	int i;

	if (n == sizeof(a) && a.i < (unsigned)r->nlns && a.n >= 0 &&
	    a.n <= RELAY_ADDRS)
		lns_answer(r, a.i, a.a, a.n);
	if (n)
		return;
	warn("names are not looked up any more: who did so has ended");
	close(r->resolver);
	r->resolver = -1;
	for (i = 0; i < r->nlns; i++)
		if (r->lns[i].asking)
			lns_answer(r, (unsigned)i, NULL, 0);
}
