/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "vmask.h"
#include "vmdir.h"

#define ANSWER_MS 3000
#define GRACE_MS  5000
#define END_MS	  10000 /* beyond the guest's own time */
#define LAST_MS	  3000	/* for the supervisor of one that was killed */

/* does the answer in b end with its last line, "ok" or "error: ..."? */
static int
complete(const char *b, size_t n)
{
	const char *l = memrchr(b, '\n', n ? n - 1 : 0);

	l = l ? l + 1 : b;
	return n && b[n - 1] == '\n' &&
	       (!strcmp(l, "ok\n") || !strncmp(l, "error: ", 7));
}

int
vmask(const char *dir, const char *cmd, char *b, size_t cap)
{
	struct pollfd p = { vmdir_connect(dir, "control"), POLLIN, 0 };
	const size_t len = strlen(cmd);
	size_t n = 0;
	ssize_t k;

	if (p.fd < 0)
		return -1;
	b[0] = 0;
	/* an owner that ends just now is no reason for SIGPIPE */
	if (send(p.fd, cmd, len, MSG_NOSIGNAL) == (ssize_t)len)
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

/* until dir is no longer that keeper's, at most ms: 0 or -1. Whoever has waited
 * for its end may have it already. */
static int
await_end(const char *dir, pid_t keeper, int64_t ms)
{
	const struct timespec tick = { 0, 5000000 };
	int64_t deadline = clock_ms() + ms;

	while (vmdir_owner(dir) > 0 && vmdir_keeper(dir) == keeper) {
		if (clock_ms() >= deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		nanosleep(&tick, NULL);
	}
	return 0;
}

/* how the last machine of dir ended, "" when nobody knows */
static void
ended(const char *dir, char *b, size_t cap)
{
	char path[4200], *s;
	size_t n;

	snprintf(path, sizeof(path), "%.4096s/status", dir);
	s = fd_slurp_path(path, cap, &n);
	snprintf(b, cap, "%s", s && strncmp(s, "running", 7) ? s : "");
	b[strcspn(b, "\n")] = 0;
	free(s);
}

/* What a dead machine of this tool left in dir goes, and nothing that is
 * somebody else's. 0, or -1 and errno: ESRCH where there never was one. */
static int
clean(const char *dir)
{
	char tool[VMDIR_TOOL], t[300];
	struct vmdir d;

	vmdir_tool(dir, tool);
	if (strcmp(tool, argv0) != 0) {
		ended(dir, t, sizeof(t));
		errno = ESRCH;
		return *t ? 0 : -1;
	}
	if (vmdir_open(&d, dir) < 0)
		return -1;
	vmdir_close(&d);
	return 0;
}

int
vmask_stop(const char *dir, int64_t grace)
{
	const pid_t pid = vmdir_owner(dir), keeper = vmdir_keeper(dir);
	char cmd[64] = "stop\n", b[300] = "";
	int r = -1;

	if (pid <= 0)
		return pid < 0 ? -1 : clean(dir);
	if (grace >= 0)
		snprintf(cmd, sizeof(cmd), "stop %lldms\n", (long long)grace);
	else
		grace = GRACE_MS;
	/* nobody listens: QEMU itself, or who is about to start it */
	if (pid == keeper || (r = vmask(dir, cmd, b, sizeof(b))) < 0)
		kill(pid, SIGTERM);
	if (await_end(dir, keeper, (r < 0 ? 0 : grace) + END_MS) == 0)
		return 0;
	kill(pid, SIGKILL);
	if (await_end(dir, keeper, LAST_MS) == 0)
		return 0;
	/* a supervisor that is stopped, or waits for ever */
	if (keeper > 0)
		kill(keeper, SIGKILL);
	return await_end(dir, keeper, END_MS) < 0 ? -1 : clean(dir);
}

int
vmask_status(const char *dir, char *b, size_t cap)
{
	pid_t pid = vmdir_owner(dir);
	char t[300];

	if (pid < 0)
		return -1;
	if (pid == 0) {
		ended(dir, t, sizeof(t));
		snprintf(b, cap, "not running%s%s%s", *t ? " (" : "", t,
		    *t ? ")" : "");
		return 0;
	}
	if (pid == vmdir_keeper(dir))
		snprintf(b, cap, "starting pid %ld", (long)pid);
	else if (vmask(dir, "status\n", t, sizeof(t)) == 0)
		snprintf(b, cap, "%s", t);
	else
		snprintf(b, cap, "running pid %ld, no answer", (long)pid);
	return 1;
}
