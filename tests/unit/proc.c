/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
	int64_t t;
	int fd[2], w;
	pid_t pid;
	char c;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return;
	pid = sh("trap '' TERM; echo; while :; do sleep 1; done", fd[1]);
	OK_MSG(read(fd[0], &c, 1) == 1, "it is deaf now");
	t = clock_ms();
	OK(proc_wait(pid, t + 50, &w) == 1 && clock_ms() >= t + 50);
	OK(proc_status(proc_end(pid, SIGTERM, 50)) == 128 + SIGKILL);
	OK(waitpid(pid, &w, 0) < 0 && errno == ECHILD);
	close(fd[0]);
	close(fd[1]);
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
	sigset_t before, now;
	int r;

	sigprocmask(SIG_BLOCK, NULL, &before);
	if ((r = proc_background(&bg)) == PROC_CHILD)
		_exit(
		    proc_ready(&bg, -1) == 0 && getsid(0) == getpid() ? 9 : 8);
	OK(r == PROC_PARENT && bg.status == 0);
	sigprocmask(SIG_SETMASK, &before, &now);
	OK_MSG(!sigismember(&before, SIGTERM) && sigismember(&now, SIGTERM) &&
		   sigismember(&now, SIGINT) && sigismember(&now, SIGHUP),
	    "no signal ends the parent before it can end what runs");
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
	sigprocmask(SIG_SETMASK, &before, NULL);
}

/* stdout and stderr that change places on the way; a session of its own */
static void
places(void)
{
	const char *argv[] = { "sh", "-c", "echo out; echo err >&2", NULL };
	struct proc p = { argv, { -1, 2, 1 }, NULL, 0, 0, 1 };
	int out[2], err[2], was[2] = { dup(1), dup(2) }, w = -1, n;
	char b[8] = "", c[8] = "";

	if (pipe(out) < 0 || pipe(err) < 0)
		return;
	fflush(stdout);
	dup2(out[1], 1);
	dup2(err[1], 2);
	n = proc_wait(proc_spawn(&p), -1, &w);
	dup2(was[0], 1);
	dup2(was[1], 2);
	close(was[0]);
	close(was[1]);
	OK(n == 0 && proc_status(w) == 0);
	OK(read(out[0], b, 7) == 4 && read(err[0], c, 7) == 4);
	STREQ(b, "err\n");
	STREQ(c, "out\n");
	for (n = 0; n < 2; n++) {
		close(out[n]);
		close(err[n]);
	}
}

/* the starter is gone: that is told; a log takes stderr's place */
static void
readiness(void)
{
	struct proc_bg bg = { -1, 0 };
	char name[] = "/tmp/proc-XXXXXX", b[8] = "";
	int fd[2], r, log = mkstemp(name);
	sigset_t before;

	OK_MSG(proc_ready(&bg, -1) == 0, "in the foreground nobody waits");
	if (pipe(fd) < 0 || log < 0)
		return;
	signal(SIGPIPE, SIG_IGN);
	close(fd[0]);
	bg.fd = fd[1];
	OK(proc_ready(&bg, -1) < 0 && errno == EPIPE);
	close(fd[1]);
	sigprocmask(SIG_BLOCK, NULL, &before);
	if ((r = proc_background(&bg)) == PROC_CHILD) {
		r = proc_ready(&bg, dup(log));
		_exit(r == 0 && write(2, "logged", 6) == 6 ? 0 : 1);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	OK(r == PROC_PARENT && bg.status == 0);
	for (r = 0; r < 5000 && pread(log, b, 7, 0) != 6; r++)
		poll(NULL, 0, 2);
	STREQ(b, "logged");
	close(log);
	unlink(name);
	signal(SIGPIPE, SIG_DFL);
}

/* a signal is let in where the loop waits, and nowhere else; what was ignored
 * (nohup) stays so */
static void
signals(void)
{
	const struct timespec no = { 0, 0 };
	sigset_t during;

	signal(SIGHUP, SIG_IGN);
	proc_signals(&during);
	raise(SIGHUP);
	raise(SIGTERM);
	OK(proc_signal == 0);
	OK(ppoll(NULL, 0, &no, &during) < 0 && errno == EINTR);
	OK(proc_signal == SIGTERM);
	proc_signal = 0;
	raise(SIGCHLD);
	OK(ppoll(NULL, 0, &no, &during) < 0 && errno == EINTR);
	OK_MSG(proc_signal == 0, "the end of a child only wakes");
	OK_MSG(proc_wait(sh("kill -TERM $$", -1), -1, NULL) == 0,
	    "programs that it runs have no signal blocked");
}

static void
finds(void)
{
	char b[256], path[4096];

	OK(proc_find("sh", b, sizeof(b)) == 0 && strstr(b, "/sh"));
	OK(proc_find("no-such-program", b, sizeof(b)) < 0 && errno == ENOENT);
	OK(proc_find("/bin/sh", b, sizeof(b)) == 0);
	OK_MSG(proc_find("sh", b, 3) < 0, "the path does not fit");
	snprintf(path, sizeof(path), "%s", getenv("PATH"));
	unsetenv("PATH");
	OK(proc_find("no-such-program", b, sizeof(b)) < 0);
	if (chdir("/bin") == 0 && setenv("PATH", "/nosuch::", 1) == 0)
		OK(proc_find("sh", b, sizeof(b)) == 0 && !strcmp(b, "sh"));
	if (setenv("PATH", "/:/usr", 1) == 0)
		OK_MSG(proc_find("bin", b, sizeof(b)) < 0, "a directory");
	setenv("PATH", path, 1);
}

static void
outputs(void)
{
	const char *say[] = { "sh", "-c", "echo out; echo err >&2", NULL };
	const char *bad[] = { "sh", "-c", "echo out; exit 1", NULL };
	const char *slow[] = { "sleep", "60", NULL };
	const char *none[] = { "./nosuch", NULL };
	char *t = proc_output(say, 100, 10000);

	OK(t && !strcmp(t, "out\n"));
	free(t);
	OK(!proc_output(say, 3, 10000) && !proc_output(bad, 100, -1));
	OK(!proc_output(slow, 100, 50) && !proc_output(none, 100, -1));
}

int
main(void)
{
	spawns();
	waits();
	orphans();
	background();
	places();
	readiness();
	finds();
	outputs();
	signals();
	return tap_done();
}
