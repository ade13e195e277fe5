/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "proc.h"

volatile sig_atomic_t proc_signal;

static void
caught(int sig)
{
	if (sig != SIGCHLD)
		proc_signal = sig;
}

void
proc_signals(sigset_t *during)
{
	static const int sigs[] = { SIGTERM, SIGINT, SIGHUP, SIGCHLD };
	struct sigaction sa, old;
	sigset_t block;
	size_t i;

	memset(&sa, 0, sizeof(sa));
	sigemptyset(&sa.sa_mask);
	sigemptyset(&block);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sa.sa_handler = caught;
	for (i = 0; i < sizeof(sigs) / sizeof(*sigs); i++) {
		if (sigs[i] != SIGCHLD && sigaction(sigs[i], NULL, &old) == 0 &&
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(sigs[i], &sa, NULL);
		sigaddset(&block, sigs[i]);
	}
	sigprocmask(SIG_BLOCK, &block, during);
	for (i = 0; i < sizeof(sigs) / sizeof(*sigs); i++)
		sigdelset(during, sigs[i]);
}

/* after fork: death of the parent is ours; the parent may be dead already */
static void
follow(pid_t parent, int sig)
{
	prctl(PR_SET_PDEATHSIG, sig);
	if (getppid() != parent)
		raise(sig);
}

/* the parent's half of proc_background(): a signal ends it while it waits, and
 * the child, too, which may just have said that it is ready */
static int
await_child(struct proc_bg *bg, pid_t pid)
{
	struct pollfd p = { bg->fd, POLLIN, 0 };
	sigset_t during;
	ssize_t n;
	char c;
	int w;

	proc_signals(&during);
	while (ppoll(&p, 1, NULL, &during) < 0 && errno == EINTR)
		if (proc_signal) {
			kill(pid, SIGTERM);
			signal(proc_signal, SIG_DFL);
			raise(proc_signal);
			sigprocmask(SIG_SETMASK, &during, NULL);
		}
	n = fd_read_full(bg->fd, &c, 1);
	close(bg->fd);
	bg->fd = -1;
	bg->status = 0;
	if (n == 1)
		return PROC_PARENT;
	if (n < 0) {
		n = errno;
		proc_end(pid, SIGTERM, 1000);
		errno = (int)n;
		return -1;
	}
	bg->status = 1;
	while (waitpid(pid, &w, 0) < 0)
		if (errno != EINTR)
			return PROC_PARENT;
	if (WIFEXITED(w) && WEXITSTATUS(w))
		bg->status = WEXITSTATUS(w);
	return PROC_PARENT;
}

int
proc_background(struct proc_bg *bg)
{
	pid_t self = getpid(), pid;
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	fflush(NULL);
	if ((pid = fork()) < 0) {
		close(fd[0]);
		close(fd[1]);
		return -1;
	}
	bg->fd = fd[pid == 0];
	close(fd[pid != 0]);
	bg->status = 0;
	if (pid > 0)
		return await_child(bg, pid);
	follow(self, SIGTERM);
	setsid();
	return PROC_CHILD;
}

int
proc_ready(struct proc_bg *bg, int log)
{
	int null, i;
	ssize_t n;

	if (bg->fd < 0)
		return 0;
	fflush(NULL);
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return -1;
	/* first, so that a failure can still be told on stderr */
	while ((n = write(bg->fd, "R", 1)) < 0 && errno == EINTR)
		;
	if (n != 1)
		return -1;
	if ((null = open("/dev/null", O_RDWR | O_CLOEXEC)) >= 0) {
		for (i = 0; i < 3; i++)
			dup2(null, i);
		if (null > 2)
			close(null);
	}
	if (log >= 0) {
		dup2(log, 2);
		close(log);
	}
	close(bg->fd);
	bg->fd = -1;
	return 0;
}

/* std[i] to i, where a later one may stand in the way of an earlier one */
static int
place(const int std[3])
{
	int t[3], i;

	for (i = 0; i < 3; i++) {
		t[i] = std[i] < 0 ? i : std[i];
		if (t[i] != i && t[i] < 3 &&
		    (t[i] = fcntl(t[i], F_DUPFD_CLOEXEC, 3)) < 0)
			return -1;
	}
	for (i = 0; i < 3; i++)
		if (t[i] != i && dup2(t[i], i) < 0)
			return -1;
	return 0;
}

static void
child(const struct proc *p, pid_t parent, int err)
{
	struct sigaction sa;
	sigset_t none;
	size_t i;
	int e, s;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = SIG_DFL;
	for (s = 1; s < 32; s++)
		if (s != SIGKILL && s != SIGSTOP)
			sigaction(s, &sa, NULL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (p->session)
		setsid();
	if (p->deathsig)
		follow(parent, p->deathsig);
	if (place(p->std) == 0) {
		for (i = 0; i < p->nkeep; i++)
			if (fcntl(p->keep[i], F_SETFD, 0) < 0)
				break;
		if (i == p->nkeep)
			execvp(p->argv[0], (char *const *)p->argv);
	}
	e = errno;
	if (write(err, &e, sizeof(e)) < 0)
		_exit(126);
	_exit(127);
}

pid_t
proc_spawn(const struct proc *p)
{
	pid_t self = getpid(), pid;
	int fd[2], e = 0;
	ssize_t n;

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	fflush(NULL);
	if ((pid = fork()) == 0) {
		/* out of the way of what is to become 0, 1 and 2 */
		n = fd[1] < 3 ? fcntl(fd[1], F_DUPFD_CLOEXEC, 3) : fd[1];
		child(p, self, (int)n);
	}
	close(fd[1]);
	if (pid < 0)
		return fd_discard(fd[0]);
	do
		n = read(fd[0], &e, sizeof(e));
	while (n < 0 && errno == EINTR);
	close(fd[0]);
	if (n != sizeof(e))
		return pid;
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	errno = e;
	return -1;
}

int
proc_wait(pid_t pid, int64_t deadline, int *wstatus)
{
	const struct timespec tick = { 0, 2000000 };
	int pfd = -1, left, n;
	struct pollfd p;

	for (;;) {
		n = waitpid(pid, wstatus, deadline < 0 ? 0 : WNOHANG);
		if (n == pid || (n < 0 && errno != EINTR))
			break;
		if (n < 0)
			continue;
		if (!(left = clock_left(clock_ms(), deadline)))
			break;
		if (pfd < 0)
			pfd = (int)syscall(SYS_pidfd_open, pid, 0);
		p.fd = pfd;
		p.events = POLLIN;
		if (pfd < 0)
			nanosleep(&tick, NULL);
		else
			poll(&p, 1, left);
	}
	if (pfd >= 0)
		close(pfd);
	return n == pid ? 0 : n < 0 ? -1 : 1;
}

int
proc_end(pid_t pid, int sig, int ms)
{
	int w = 0;

	if (sig)
		kill(pid, sig);
	if (proc_wait(pid, clock_ms() + ms, &w) == 1) {
		kill(pid, SIGKILL);
		proc_wait(pid, -1, &w);
	}
	return w;
}

int
proc_status(int w)
{
	return WIFSIGNALED(w) ? 128 + WTERMSIG(w) : WEXITSTATUS(w);
}

/* a directory may be entered, not run */
static int
is_program(const char *path)
{
	struct stat st;

	return access(path, X_OK) == 0 && stat(path, &st) == 0 &&
	       !S_ISDIR(st.st_mode);
}

int
proc_find(const char *name, char *b, size_t cap)
{
	const char *p = getenv("PATH"), *e;
	int n;

	if (strchr(name, '/'))
		p = "";
	else if (!p)
		p = "/usr/local/bin:/bin:/usr/bin";
	errno = ENOENT;
	for (;; p = e + 1) {
		e = strchrnul(p, ':');
		if (strchr(name, '/'))
			n = snprintf(b, cap, "%s", name);
		else
			n = snprintf(b, cap, "%.*s%s%s", (int)(e - p), p,
			    e > p ? "/" : "", name);
		if (n > 0 && (size_t)n < cap && is_program(b))
			return 0;
		if (!*e)
			return -1;
	}
}

char *
proc_output(const char *const *argv, size_t max, int ms)
{
	const int64_t end = ms < 0 ? -1 : clock_ms() + ms;
	int out = memfd_create("output", MFD_CLOEXEC), st;
	struct proc p = { argv, { -1, out, -1 }, NULL, 0, SIGKILL, 0 };
	char *text = NULL;
	size_t len;
	pid_t pid;

	p.std[0] = p.std[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (out >= 0 && (pid = proc_spawn(&p)) >= 0) {
		if (proc_wait(pid, end, &st) != 0)
			proc_end(pid, SIGKILL, 0);
		else if (st == 0 && lseek(out, 0, SEEK_SET) == 0)
			text = fd_slurp(out, max, &len);
	}
	close(p.std[0]);
	close(out);
	return text;
}
