/* limen: ISC licence, see LICENSE */
#ifndef TUFTED_PEER_H
#define TUFTED_PEER_H

/* a hand-made client of a tufted on loopback: sockets of addresses of its own,
 * packets as bytes */
#include <sys/wait.h>

#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "at.h"
#include "sock.h"

#define PORT 6969

static inline void
say(int fd, const void *b, size_t n, const union sock_addr *to)
{
	(void)sendto(fd, b, n, 0, &to->sa, sizeof(to->in));
}

/* the next packet within ms, its sender in *from; length, or -1 */
static inline ssize_t
hear(int fd, uint8_t *b, union sock_addr *from, int ms)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, ms) != 1)
		return -1;
	return sock_recv1(fd, b, 2048, from);
}

/* a request of n bytes (name, mode and what follows) and its first answer */
static inline ssize_t
ask(int fd, const char *req, size_t n, uint8_t *b, union sock_addr *from)
{
	const union sock_addr to = at("127.0.0.1", PORT);
	int i;
	ssize_t got = -1;

	for (i = 0; i < 10 && got < 0; i++) {
		say(fd, req, n, &to);
		got = hear(fd, b, from, 1000);
	}
	return got;
}
#define ASK(fd, s, b, from) ask(fd, s, sizeof(s) - 1, b, from)

static inline int
fresh(const char *ip)
{
	const union sock_addr a = at(ip, 0);

	return sock_udp(&a, NULL);
}

/* descriptors of a process, and two */
static inline int
nfds(pid_t pid)
{
	char path[64];
	int n = 0;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	if (!(d = opendir(path)))
		return -1;
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

/* starts a tufted that listens on PORT; its process, once it answers, or -1 */
static inline pid_t
served_by(const char *command)
{
	const union sock_addr to = at("127.0.0.1", PORT);
	const int fd = fresh("127.0.0.1");
	const pid_t pid = fork();
	union sock_addr from;
	uint8_t b[2048];
	ssize_t n = -1;
	int i;

	if (!pid) {
		if (!freopen("/dev/null", "w", stderr))
			_exit(1);
		execlp("sh", "sh", "-c", command, (char *)NULL);
		_exit(127);
	}
	for (i = 0; i < 100 && n < 0; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			break;
		say(fd, "\0\1none\0octet\0", 13, &to);
		n = hear(fd, b, &from, 100);
	}
	close(fd);
	return n > 0 ? pid : -1;
}

/* takes the directory away that a test works in, and its file */
static inline void
clear(const char *dir)
{
	unlink("f");
	if (chdir("/") == 0)
		rmdir(dir);
}

/* what becomes of a test whose tufted does not serve: its exit status */
static inline int
unserved(const char *dir)
{
	clear(dir);
	printf("1..0 # SKIP no tufted on PATH\n");
	return 0;
}

#endif
