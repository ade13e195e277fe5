/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "proc.h"
#include "tap.h"

static pid_t
sh(const char *cmd, int out)
{
	const char *argv[] = { "sh", "-c", cmd, NULL };
	struct proc p = { argv, { -1, out, -1 }, NULL, 0, SIGKILL, 0 };

	return proc_spawn(&p);
}

static void
spawns(void)
{
	const char *none[] = { "/nonexistent/program", NULL };
	struct proc p = { none, { -1, -1, -1 }, NULL, 0, 0, 0 };
	int fd[2], w, keep;
	char b[32] = "";

	OK(proc_spawn(&p) < 0 && errno == ENOENT);
	if (pipe2(fd, O_CLOEXEC) < 0)
		return;
	OK(proc_wait(sh("echo out; exit 7", fd[1]), -1, &w) == 0 &&
	    proc_status(w) == 7);
	OK(read(fd[0], b, sizeof(b)) == 4 && !memcmp(b, "out\n", 4));
	OK(proc_wait(sh("kill -TERM $$", -1), -1, &w) == 0 &&
	    proc_status(w) == 128 + SIGTERM);
	keep = fd[1];
	p.argv =
	    (const char *[]){ "sh", "-c", "eval \"echo kept >&$0\"", b, NULL };
	snprintf(b, sizeof(b), "%d", keep);
	p.keep = &keep;
	p.nkeep = 1;
	OK(proc_wait(proc_spawn(&p), -1, &w) == 0 && proc_status(w) == 0);
	OK(read(fd[0], b, sizeof(b)) == 5);
	close(fd[0]);
	close(fd[1]);
}

static void
waits(void)
{
	int64_t t = clock_ms();
	int w;
	pid_t pid = sh("trap '' TERM; while :; do sleep 1; done", -1);

	OK(proc_wait(pid, t + 50, &w) == 1 && clock_ms() >= t + 50);
	OK(proc_status(proc_end(pid, SIGTERM, 50)) == 128 + SIGKILL);
	OK(waitpid(pid, &w, 0) < 0 && errno == ECHILD);
	OK(proc_wait(sh("exit 3", -1), clock_ms() + 60000, &w) == 0 &&
	    proc_status(w) == 3);
}

/* a process that spawns a sleeper and is killed: the sleeper goes too */
static void
orphans(void)
{
	int fd[2], w;
	pid_t pid;
	char c;

	if (pipe(fd) < 0)
		return;
	fflush(stdout);
	if ((pid = fork()) == 0) {
		close(fd[0]);
		sh("exec sleep 600", -1);
		if (write(fd[1], "x", 1) == 1)
			pause();
		_exit(1);
	}
	close(fd[1]);
	OK(read(fd[0], &c, 1) == 1);
	kill(pid, SIGKILL);
	waitpid(pid, &w, 0);
	OK_MSG(read(fd[0], &c, 1) == 0, "the child dies with its parent");
	close(fd[0]);
}

static void
background(void)
{
	struct proc_bg bg;
	int r;

	if ((r = proc_background(&bg)) == PROC_CHILD)
		_exit(
		    proc_ready(&bg, -1) == 0 && getsid(0) == getpid() ? 9 : 8);
	OK(r == PROC_PARENT && bg.status == 0);
	if ((r = proc_background(&bg)) == PROC_CHILD)
		_exit(5);
	OK(r == PROC_PARENT && bg.status == 5);
	if ((r = proc_background(&bg)) == PROC_CHILD)
		_exit(0);
	OK_MSG(bg.status == 1, "an end before readiness is a failure");
	if ((r = proc_background(&bg)) == PROC_CHILD) {
		raise(SIGKILL);
		_exit(0);
	}
	OK(bg.status == 1);
}

int
main(void)
{
	char b[256];

	spawns();
	waits();
	orphans();
	background();
	OK(proc_find("sh", b, sizeof(b)) == 0 && strstr(b, "/sh"));
	OK(proc_find("no-such-program", b, sizeof(b)) < 0);
	OK(proc_find("/bin/sh", b, sizeof(b)) == 0);
	return tap_done();
}
