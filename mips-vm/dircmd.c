/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "conf.h"
#include "die.h"
#include "fd.h"
#include "num.h"
#include "vmdir.h"

#define ANSWER_MS 3000
#define END_MS	  10000 /* beyond the guest's own time */

static pid_t
owner(const char *dir)
{
	pid_t pid = vmdir_owner(dir);

	if (pid < 0)
		die(1, "%s:", dir);
	return pid;
}

/* does the answer in b end with its last line, "ok" or "error: ..."? */
static int
complete(const char *b, size_t n)
{
	const char *l = memrchr(b, '\n', n ? n - 1 : 0);

	l = l ? l + 1 : b;
	return n && b[n - 1] == '\n' &&
	       (!strcmp(l, "ok\n") || !strncmp(l, "error: ", 7));
}

/*
 * A line to DIR/control, its answer to b: what comes before "ok", or
 * "error: " and why. 0, or -1 without an answer.
 */
static int
ask(const char *dir, const char *cmd, char *b, size_t cap)
{
	struct pollfd p = { vmdir_connect(dir, "control"), POLLIN, 0 };
	size_t n = 0;
	ssize_t k;

	if (p.fd < 0)
		return -1;
	b[0] = 0;
	if (fd_write_all(p.fd, cmd, strlen(cmd)) == 0)
		while (!complete(b, n) && n + 1 < cap &&
		       poll(&p, 1, ANSWER_MS) > 0 &&
		       (k = read(p.fd, b + n, cap - 1 - n)) > 0)
			b[n += (size_t)k] = 0;
	close(p.fd);
	if (!complete(b, n))
		return -1;
	if (!strcmp(b, "ok\n"))
		b[0] = 0;
	else
		b[strcspn(b, "\n")] = 0;
	return 0;
}

/* until nobody owns dir any more, at most ms: 0 or -1 */
static int
await_end(const char *dir, int64_t ms)
{
	const struct timespec tick = { 0, 5000000 };
	int64_t deadline = clock_ms() + ms;

	while (vmdir_owner(dir) > 0) {
		if (clock_ms() >= deadline)
			return -1;
		nanosleep(&tick, NULL);
	}
	return 0;
}

int
dircmd_stop(const char *dir, const char *seconds)
{
	char cmd[64], b[300] = "";
	int64_t grace = 5000;
	struct vmdir d;
	pid_t pid = owner(dir);
	int r;

	if (seconds && num_msec(seconds, 0, 86400000, &grace) < 0)
		die(2, "--stop: not a time: %s", seconds);
	if (pid == 0) { /* only leftovers */
		if (vmdir_open(&d, dir) < 0)
			die(1, "%s:", dir);
		vmdir_close(&d);
		return 0;
	}
	snprintf(cmd, sizeof(cmd), "stop%s%s\n", seconds ? " " : "",
	    seconds ? seconds : "");
	if ((r = ask(dir, cmd, b, sizeof(b))) < 0)
		kill(pid, SIGTERM); /* nobody listens: QEMU itself */
	if (await_end(dir, (r < 0 ? 0 : grace) + END_MS) == 0)
		return 0;
	kill(pid, SIGKILL);
	if (await_end(dir, END_MS) < 0)
		die(1, "%s: process %ld does not end", dir, (long)pid);
	return 0;
}

/* how the last machine of dir ended, "" when nobody knows */
static void
ended(const char *dir, char *b, size_t cap)
{
	char path[4200];
	size_t n;
	char *s;

	snprintf(path, sizeof(path), "%.4096s/status", dir);
	s = fd_slurp_path(path, cap, &n);
	snprintf(b, cap, "%s", s && strncmp(s, "running", 7) ? s : "");
	b[strcspn(b, "\n")] = 0;
	if (s)
		memset(s, 0, n);
}

int
dircmd_status(const char *dir)
{
	pid_t pid = vmdir_owner(dir);
	char b[300];

	if (pid < 0) {
		warn("%s:", dir);
		return 1;
	}
	if (pid == 0) {
		ended(dir, b, sizeof(b));
		printf("%s\tnot running%s%s%s\n", dir, *b ? " (" : "", b,
		    *b ? ")" : "");
		return 1;
	}
	if (ask(dir, "status\n", b, sizeof(b)) == 0)
		printf("%s\t%s\n", dir, b);
	else
		printf("%s\trunning pid %ld, no answer\n", dir, (long)pid);
	return 0;
}

int
dircmd_link(const char *dir, const char *net, const char *updown)
{
	char cmd[128], b[300];

	if (!strcmp(net, "wan"))
		net = "access";
	if (owner(dir) == 0)
		die(1, "%s: no machine runs there", dir);
	snprintf(cmd, sizeof(cmd), "link %.60s %.20s\n", net, updown);
	if (ask(dir, cmd, b, sizeof(b)) < 0)
		die(1, "%s: no answer from the machine", dir);
	if (*b)
		die(1, "%s: %s", dir, strncmp(b, "error: ", 7) ? b : b + 7);
	return 0;
}
