/* limen: ISC licence, see LICENSE */
/* runs a script with all its processes traced, one of whose calls fails */
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static struct proc *
find(struct run *r, pid_t pid)
{
	for (int i = 0; i < NPROC; i++)
		if (r->p[i].pid == pid)
			return &r->p[i];
	return NULL;
}

static struct proc *
add(struct run *r, pid_t pid)
{
	struct proc *p = find(r, 0);

	if (!p) {
		errno = ENOSPC;
		fail("processes");
	}
	memset(p, 0, sizeof(*p));
	p->pid = pid;
	p->fresh = 1;
	return p;
}

/* only processes of the tool stop at each call */
static void
resume(const struct proc *p, int sig)
{
	ptrace(p->hot ? PTRACE_SYSCALL : PTRACE_CONT, p->pid, NULL,
	    (void *)(long)sig);
}

/* a message that cannot be written is nobody's fault */
static int
exempt(const struct user_regs_struct *u)
{
	return (u->orig_rax == SYS_write || u->orig_rax == SYS_writev) &&
	       u->rdi == 2;
}

static void
entry(struct run *r, struct proc *p, struct user_regs_struct *u)
{
	int i;

	for (i = 0; calls[i].name; i++)
		if (calls[i].nr == (int)u->orig_rax)
			break;
	if (!calls[i].name || exempt(u))
		return;
	r->count[i]++;
	if (i != r->f.call || (r->f.nr && r->count[i] != r->f.nr) ||
	    (r->f.given && (long)u->rdi != r->f.arg))
		return;
	p->hit = 1;
	p->rdx = u->rdx;
	/* what is closed is closed, whatever close says */
	if (r->f.err != SHORT && u->orig_rax != SYS_close)
		u->orig_rax = -1;
	else if (r->f.err == SHORT && u->rdx > 1)
		u->rdx = 1;
	ptrace(PTRACE_SETREGS, p->pid, NULL, u);
}

static void
syscall_stop(struct run *r, struct proc *p)
{
	struct user_regs_struct u;

	p->in = !p->in;
	if (ptrace(PTRACE_GETREGS, p->pid, NULL, &u) < 0)
		return;
	if (p->in) {
		entry(r, p, &u);
	} else if (p->hit) {
		p->hit = 0;
		u.rdx = p->rdx;
		if (r->f.err != SHORT)
			u.rax = -r->f.err;
		ptrace(PTRACE_SETREGS, p->pid, NULL, &u);
	}
}

static void
forked(struct run *r, const struct proc *parent)
{
	struct proc *p;
	unsigned long pid;

	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	p = find(r, pid);
	if (!p)
		p = add(r, pid);
	p->hot = parent->hot;
	if (p->early) {
		p->early = p->fresh = 0;
		resume(p, 0);
	}
}

static void
execed(const struct conf *c, struct proc *p)
{
	char link[64], exe[PATH_MAX];
	const char *base;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/%d/exe", p->pid);
	n = readlink(link, exe, sizeof(exe) - 1);
	exe[n < 0 ? 0 : n] = '\0';
	base = strrchr(exe, '/');
	p->hot = base && !strcmp(base + 1, c->tool);
	p->main |= p->hot;
	p->in = 1;
}

static void
ended(struct run *r, struct proc *p, int st)
{
	int sig = WIFSIGNALED(st) ? WTERMSIG(st) : 0;

	if (p->hot && (sig == SIGSEGV || sig == SIGABRT || sig == SIGBUS ||
			  sig == SIGILL || sig == SIGFPE || sig == SIGSYS))
		r->sig = sig;
	if (p->main && !sig && r->nstatus < NSTAT)
		r->status[r->nstatus++] = WEXITSTATUS(st);
	p->pid = 0;
}

static void
stopped(const struct conf *c, struct run *r, struct proc *p, int st)
{
	int sig = WSTOPSIG(st), event = st >> 16;

	if (sig == (SIGTRAP | 0x80)) {
		syscall_stop(r, p);
		sig = 0;
	} else if (event == PTRACE_EVENT_EXEC) {
		execed(c, p);
		sig = 0;
	} else if (event) {
		forked(r, p);
		sig = 0;
	} else if (p->fresh && sig == SIGSTOP) {
		p->fresh = 0;
		sig = 0;
	}
	resume(p, sig);
}

/* follows all processes until none is left or the time is over */
static void
follow(const struct conf *c, struct run *r)
{
	int64_t end = now() + c->ms;
	struct proc *p;
	int st;
	pid_t pid;

	for (;;) {
		pid = waitpid(-1, &st, __WALL);
		if (pid < 0 && errno != EINTR)
			return;
		if (now() >= end)
			break;
		if (pid < 0)
			continue;
		if (pid == r->script && !WIFSTOPPED(st)) {
			r->script = 0;
			end = now() + GRACE;
		}
		p = find(r, pid);
		if (!WIFSTOPPED(st)) {
			if (p)
				ended(r, p, st);
		} else if (p) {
			stopped(c, r, p, st);
		} else {
			add(r, pid)->early = 1;
		}
	}
	r->late = r->script != 0;
	for (p = r->p; p < r->p + NPROC; p++)
		if (p->pid) {
			r->left += !r->late;
			kill(p->pid, SIGKILL);
		}
	while (waitpid(-1, &st, __WALL) > 0 || errno == EINTR)
		;
}

static void
child(const struct conf *c)
{
	int in, out, err;

	setsid();
	in = open("/dev/null", O_RDONLY);
	out = open("../out", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	err = open("../err", O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (in < 0 || out < 0 || err < 0)
		_exit(126);
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	for (int fd = 3; fd < 64; fd++)
		close(fd);
	ptrace(PTRACE_TRACEME, 0, NULL, NULL);
	raise(SIGSTOP);
	execl("/bin/sh", "sh", "-c", c->script, (char *)NULL);
	_exit(127);
}

static void
slurp(const char *name, char *b)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? 0 : read(fd, b, TEXT - 1);

	b[n < 0 ? 0 : n] = '\0';
	if (fd >= 0)
		close(fd);
}

/* appends the names below dir, a line each */
static void
list(const char *dir, char *b)
{
	struct dirent **e;
	char path[PATH_MAX];
	size_t n;
	int i, ne = scandir(dir, &e, NULL, alphasort);

	for (i = 0; i < ne; i++) {
		n = strlen(b);
		if (strcmp(e[i]->d_name, ".") && strcmp(e[i]->d_name, "..") &&
		    strncmp(e[i]->d_name, "in", 2)) {
			snprintf(
			    path, sizeof(path), "%s/%s", dir, e[i]->d_name);
			snprintf(b + n, TEXT - n, "%s\n", path + 2);
			if (e[i]->d_type == DT_DIR)
				list(path, b);
		}
		free(e[i]);
	}
	if (ne >= 0)
		free(e);
}

static int
rmone(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	return ftw->level ? remove(path) : 0;
}

void
empty(const char *dir)
{
	nftw(dir, rmone, 16, FTW_DEPTH | FTW_PHYS);
}

void
run(const struct conf *c, const struct fault *f, struct run *r)
{
	int st;
	pid_t pid;

	memset(r, 0, sizeof(*r));
	r->f = *f;
	empty(".");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid)
		child(c);
	while (waitpid(pid, &st, __WALL) < 0 && errno == EINTR)
		;
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		(void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK |
			 PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)) < 0)
		fail("ptrace");
	r->script = pid;
	add(r, pid)->fresh = 0;
	resume(find(r, pid), 0);
	follow(c, r);
	slurp("../out", r->out);
	slurp("../err", r->err);
	list(".", r->files);
}
