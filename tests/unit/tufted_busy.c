/* limen: ISC licence, see LICENSE */
/*
 * 200 clients of a running tufted that are busy all at once, so that it polls
 * their sockets, and then one after the other, so that it goes back to epoll:
 * what there is in epoll is counted (/proc/PID/fdinfo), each byte is compared.
 * Without a tufted on PATH there is nobody to ask, and that is said.
 */
#include <sys/stat.h>
#include <sys/wait.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "tap.h"
#include "tftp.h"
#include "tufted_peer.h"

enum { CLIENTS = 200, BLK = 8, FULL = 800 }; /* and an empty block */

static char dir[] = "/tmp/limen-busy.XXXXXX";
static int fd[CLIENTS];
static union sock_addr tid[CLIENTS];

/* descriptors that the epoll descriptors of pid have */
static int
watched(pid_t pid)
{
	char path[64 + 256], line[256];
	struct dirent *e;
	int n = 0;
	FILE *fp;
	DIR *d;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", (int)pid);
	if (!(d = opendir(path)))
		return -1;
	while ((e = readdir(d))) {
		snprintf(path, sizeof(path), "/proc/%d/fdinfo/%s", (int)pid,
		    e->d_name);
		if (!(fp = fopen(path, "r")))
			continue;
		while (fgets(line, sizeof(line), fp))
			n += !strncmp(line, "tfd:", 4);
		fclose(fp);
	}
	closedir(d);
	return n;
}

/* what byte i of the file is */
static uint8_t
byte(size_t i)
{
	return (uint8_t)(i * 7 + i / 256);
}

static int
made(void)
{
	const int f = open("f", O_WRONLY | O_CREAT, 0644);
	uint8_t b[FULL * BLK];
	size_t i;

	for (i = 0; i < sizeof(b); i++)
		b[i] = byte(i);
	return f >= 0 && write(f, b, sizeof(b)) == sizeof(b) && close(f) == 0;
}

static void
acknowledge(int i, unsigned k)
{
	const uint8_t b[4] = { 0, 4, (uint8_t)(k >> 8), (uint8_t)k };

	say(fd[i], b, sizeof(b), &tid[i]);
}

/* is it block k that client i gets next, repetitions of earlier ones apart? */
static int
has(int i, unsigned k)
{
	union sock_addr from;
	uint8_t b[2048];
	ssize_t n, j;

	do
		n = hear(fd[i], b, &from, 5000);
	while (n >= 4 && b[1] == TFTP_DATA && (b[2] << 8 | b[3]) < (int)k);
	if (n != (k > FULL ? 4 : 4 + BLK) || b[1] != TFTP_DATA ||
	    (b[2] << 8 | b[3]) != (int)k || !addr_same(&from.sa, &tid[i].sa))
		return 0;
	for (j = 4; j < n; j++)
		if (b[j] != byte((k - 1) * BLK + (size_t)j - 4))
			return 0;
	return 1;
}

int
main(void)
{
	const char req[] = "\0\1f\0octet\0blksize\0008";
	int i, good = 0, st;
	uint8_t b[2048];
	unsigned k;
	pid_t srv;

	if (!mkdtemp(dir) || chmod(dir, 0755) < 0 || chdir(dir) < 0 || !made())
		return 1;
	if ((srv = served_by("exec tufted -p 6969 .")) < 0) {
		printf("1..0 # SKIP no tufted on PATH\n");
		return 0;
	}
	for (i = 0; i < CLIENTS; i++) {
		fd[i] = fresh("127.0.0.1");
		good += ask(fd[i], req, sizeof(req), b, &tid[i]) == 12;
	}
	OK(good == CLIENTS && watched(srv) >= CLIENTS);
	for (good = 0, k = 1; k <= FULL / 2; k++) {
		kill(srv, SIGSTOP); /* all of them have something for it */
		for (i = 0; i < CLIENTS; i++)
			acknowledge(i, k - 1);
		kill(srv, SIGCONT);
		for (i = 0; i < CLIENTS; i++)
			good += has(i, k);
	}
	printf("# %d blocks\n", good);
	OK_MSG(good == CLIENTS * FULL / 2, "all at once, each block is right");
	/* those for strangers are */
	OK_MSG(watched(srv) < CLIENTS + 10, "their sockets are not in epoll");
	for (good = i = 0; i < CLIENTS; i++) {
		for (k = FULL / 2 + 1; k <= FULL + 1; k++) {
			acknowledge(i, k - 1);
			good += has(i, k);
		}
		if (!i)
			OK_MSG(watched(srv) > CLIENTS + 10, "and are again");
		acknowledge(i, FULL + 1);
		close(fd[i]);
	}
	OK_MSG(good == CLIENTS * (FULL / 2 + 1), "one by one, each is right");
	kill(srv, SIGTERM);
	OK(waitpid(srv, &st, 0) == srv && WIFEXITED(st) && !WEXITSTATUS(st));
	unlink("f");
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
