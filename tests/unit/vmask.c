/* limen: ISC licence, see LICENSE */
/*
 * Commands to a control socket whose owner answers, or goes away meanwhile.
 */
#include <sys/socket.h>
#include <sys/wait.h>

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "tap.h"
#include "vmask.h"
#include "vmdir.h"

/* what vmask() uses of vmdir.h: a connection to the socket of this test */
static int conn[2];
static pid_t owner, keeper;
static int left; /* looks at the owner until it is another, 0: it stays */

int
vmdir_connect(const char *dir, const char *name)
{
	(void)dir;
	return strcmp(name, "control") ? -1 : conn[0];
}

pid_t
vmdir_owner(const char *dir)
{
	(void)dir;
	if (left && !--left)
		owner = keeper = 9;
	return owner;
}

pid_t
vmdir_keeper(const char *dir)
{
	(void)dir;
	return keeper;
}

void
vmdir_tool(const char *dir, char b[VMDIR_TOOL])
{
	(void)dir;
	b[0] = 0;
}

int
vmdir_open(struct vmdir *d, const char *path)
{
	d->path = path;
	return 0;
}

void
vmdir_close(struct vmdir *d)
{
	d->path = NULL;
}

/* vmask() with an owner that says all of text at once and hangs up; the
 * command comes to what it reads */
static int
ask(const char *text, char *b, size_t cap)
{
	char cmd[64];
	ssize_t n;
	int r;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, conn) == 0);
	OK(write(conn[1], text, strlen(text)) == (ssize_t)strlen(text));
	r = vmask("dir", "status\n", b, cap);
	n = read(conn[1], cmd, sizeof(cmd));
	OK_MSG(n == 7 && !memcmp(cmd, "status\n", 7), "the command came");
	close(conn[1]);
	return r;
}

static void
answers(void)
{
	char b[64];

	OK(ask("ok\n", b, sizeof(b)) == 0 && !strcmp(b, ""));
	OK(ask("running\nok\n", b, sizeof(b)) == 0 && !strcmp(b, "running"));
	OK(ask("error: no\n", b, sizeof(b)) == 0 && !strcmp(b, "error: no"));
}

/* it took the connection and ended: that is no answer, and not our end */
static void
gone(void)
{
	char b[64] = "?";
	pid_t pid;
	int st;

	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, conn) == 0);
	close(conn[1]);
	/* a child: SIGPIPE does not end a namespace's first process */
	if ((pid = fork()) == 0)
		_exit(vmask("dir", "status\n", b, sizeof(b)) == -1 && !*b);
	OK(waitpid(pid, &st, 0) == pid && WIFEXITED(st) &&
	    WEXITSTATUS(st) == 1);
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, conn) == 0);
	OK(write(conn[1], "run", 3) == 3);
	shutdown(conn[1], SHUT_WR);
	OK_MSG(vmask("dir", "status\n", b, sizeof(b)) == -1,
	    "half an answer is none");
	close(conn[1]);
}

/* who is about to start its machine does not answer yet, and is not asked */
static void
starting(void)
{
	char b[64], cmd[8];

	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, conn) == 0);
	owner = keeper = 7;
	OK(vmask_status("dir", b, sizeof(b)) == 1);
	STREQ(b, "starting pid 7");
	OK(read(conn[1], cmd, sizeof(cmd)) < 0);
	OK(write(conn[1], "up\nok\n", 6) == 6);
	owner = 8;
	OK(vmask_status("dir", b, sizeof(b)) == 1);
	STREQ(b, "up");
	owner = 0;
	close(conn[1]);
}

/* who has waited for its end has the directory at once: that one is neither
 * waited for nor is anybody killed for it */
static void
succeeded(void)
{
	char cmd[16];
	pid_t pid;
	int st;

	if ((pid = fork()) == 0) {
		alarm(10);
		pause();
		_exit(0);
	}
	OK(socketpair(AF_UNIX, SOCK_STREAM, 0, conn) == 0);
	OK(write(conn[1], "ok\n", 3) == 3);
	owner = keeper = pid;
	keeper++;
	left = 3;
	alarm(5);
	OK(vmask_stop("dir", 0) == 0);
	alarm(0);
	OK(read(conn[1], cmd, sizeof(cmd)) == 9 &&
	    !memcmp(cmd, "stop 0ms\n", 9));
	OK(waitpid(pid, &st, WNOHANG) == 0);
	kill(pid, SIGKILL);
	OK(waitpid(pid, &st, 0) == pid);
	owner = 0;
	close(conn[1]);
}

int
main(void)
{
	signal(SIGPIPE, SIG_DFL); /* whatever we were started with */
	answers();
	gone();
	starting();
	succeeded();
	return tap_done();
}
