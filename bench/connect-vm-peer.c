/* limen: ISC licence, see LICENSE */
/*
 * connect-vm-peer JOB BYTES SOCKET TOOL ARG...: listens on SOCKET, runs the
 * tool with a pipe or a terminal, does the job (down, up, pty, echo) through
 * it, checks every byte, and prints the seconds it took and the tool's CPU
 * seconds.
 */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <err.h>
#include <fcntl.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUF = 1 << 17 };

/* a pattern that shows a lost or doubled byte */
static void
fill(unsigned char *b, size_t n, size_t at)
{
	size_t i;

	for (i = 0; i < n; i++)
		b[i] = (unsigned char)((at + i) * 2654435761u >> 13);
}

static void
produce(int fd, size_t total)
{
	static unsigned char b[BUF];
	size_t at, n, off;
	ssize_t w;

	for (at = 0; at < total; at += n) {
		n = total - at < BUF ? total - at : BUF;
		fill(b, n, at);
		for (off = 0; off < n; off += (size_t)w)
			if ((w = write(fd, b + off, n - off)) < 0)
				err(1, "write");
	}
}

static void
consume(int fd, size_t total)
{
	static unsigned char b[BUF], want[BUF];
	size_t at;
	ssize_t n;

	for (at = 0; at < total; at += (size_t)n) {
		n = read(fd, b, total - at < BUF ? total - at : BUF);
		if (n <= 0)
			errx(1, "%zu of %zu bytes came", at, total);
		fill(want, (size_t)n, at);
		if (memcmp(b, want, (size_t)n))
			errx(1, "wrong bytes near %zu", at);
	}
}

/* the machine's side of the socket */
static void
serve(int l, const char *job, size_t total)
{
	int fd = accept(l, NULL, NULL);
	char c;

	if (fd < 0)
		err(1, "accept");
	if (!strcmp(job, "up"))
		consume(fd, total);
	else if (strcmp(job, "echo"))
		produce(fd, total);
	else
		while (read(fd, &c, 1) == 1)
			if (write(fd, &c, 1) != 1)
				break;
	exit(0);
}

static double
seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* runs the tool; in and out are our ends of its stdin and stdout */
static pid_t
run(char **argv, int tty, int *in, int *out)
{
	int a[2], b[2], m, s;
	struct termios tio;
	pid_t pid;

	if (tty) {
		if (openpty(&m, &s, NULL, NULL, NULL) < 0)
			err(1, "openpty");
		tcgetattr(s, &tio);
		cfmakeraw(&tio);
		tcsetattr(s, TCSANOW, &tio);
		a[0] = b[1] = s;
		a[1] = b[0] = m;
	} else if (pipe(a) < 0 || pipe(b) < 0)
		err(1, "pipe");
	if ((pid = fork()) < 0)
		err(1, "fork");
	if (pid == 0) {
		dup2(a[0], 0);
		dup2(b[1], 1);
		close(a[1]);
		if (!tty)
			close(b[0]);
		execv(argv[0], argv);
		err(1, "%s", argv[0]);
	}
	close(a[0]);
	if (!tty)
		close(b[1]);
	*in = a[1];
	*out = b[0];
	return pid;
}

static void
echoes(int in, int out, size_t n)
{
	char c;

	for (; n > 0; n--) {
		c = (char)('a' + n % 26);
		if (write(in, &c, 1) != 1 || read(out, &c, 1) != 1 ||
		    c != (char)('a' + n % 26))
			errx(1, "a key was lost");
	}
}

int
main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	struct rusage ru;
	int l, in, out;
	pid_t server, pid;
	size_t total;
	double t;

	if (argc < 5)
		errx(2, "usage: JOB BYTES SOCKET TOOL ARG...");
	total = strtoul(argv[2], NULL, 10);
	unlink(argv[3]);
	snprintf(sun.sun_path, sizeof(sun.sun_path), "%s", argv[3]);
	l = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(l, (void *)&sun, sizeof(sun)) < 0 || listen(l, 5) < 0)
		err(1, "%s", argv[3]);
	if ((server = fork()) == 0)
		serve(l, argv[1], total);
	close(l);
	t = seconds();
	pid = run(argv + 4, !strcmp(argv[1], "pty") || !strcmp(argv[1], "echo"),
	    &in, &out);
	if (!strcmp(argv[1], "up")) {
		produce(in, total);
		waitpid(server, NULL, 0);
	} else if (!strcmp(argv[1], "echo"))
		echoes(in, out, total);
	else
		consume(out, total);
	t = seconds() - t;
	kill(pid, SIGTERM);
	if (wait4(pid, NULL, 0, &ru) < 0)
		err(1, "wait");
	kill(server, SIGTERM);
	printf("%.4f %.4f\n", t,
	    (double)(ru.ru_utime.tv_sec + ru.ru_stime.tv_sec) +
		(double)(ru.ru_utime.tv_usec + ru.ru_stime.tv_usec) / 1e6);
	return 0;
}
