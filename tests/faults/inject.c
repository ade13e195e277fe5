/* limen: ISC licence, see LICENSE */
/*
 * inject: makes one system call after another of a tool fail. No preloading:
 * the tools are static. x86_64 only.
 *
 *	inject [-v] [-m MAX] [-s STATUS,...] [-t SECONDS] [-1 CALL:N:ERROR]
 *	    TOOL SCRIPT
 *
 * SCRIPT is run by sh in a fresh directory once as it is, then once for each
 * fault: the Nth occurrence of a call in the processes that run TOOL (what
 * else the script starts is left alone) gets an error, or is cut short to one
 * byte. After each run of the script
 *
 *	- it has ended within SECONDS, and so has all that it started
 *	- no process of TOOL was killed by a fault of its own
 *	- TOOL's status is 0, and the script printed what it did without a
 *	  fault, or one of STATUS, and TOOL said a line for each process
 *	  that failed, each beginning with "TOOL: " (EPIPE may end it in
 *silence)
 *	- no file is there that is not there without a fault; names that begin
 *	  with "in" are the script's own
 *
 * Prints what was otherwise; status 0 when nothing was.
 */
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	SHORT = -1, /* not an errno: one byte only */
	NPROC = 256,
	NSTAT = 16,
	TEXT = 65536,
	GRACE = 1000, /* ms that children have to end after the script */
};

static const struct call {
	const char *name;
	int nr;
	int errs[5];
} calls[] = {
	{ "open", SYS_open, { EMFILE, EACCES } },
	{ "openat", SYS_openat, { EMFILE, EACCES } },
	{ "openat2", SYS_openat2, { EMFILE, EACCES } },
	{ "read", SYS_read, { EIO, EINTR, SHORT } },
	{ "readv", SYS_readv, { EIO, EINTR, SHORT } },
	{ "pread", SYS_pread64, { EIO, SHORT } },
	{ "write", SYS_write, { ENOSPC, EPIPE, EINTR, SHORT } },
	{ "writev", SYS_writev, { ENOSPC, EPIPE, EINTR, SHORT } },
	{ "pwrite", SYS_pwrite64, { ENOSPC, SHORT } },
	{ "close", SYS_close, { EIO } },
	{ "mmap", SYS_mmap, { ENOMEM } },
	{ "brk", SYS_brk, { ENOMEM } },
	{ "mremap", SYS_mremap, { ENOMEM } },
	{ "mprotect", SYS_mprotect, { ENOMEM } },
	{ "stat", SYS_stat, { EACCES } },
	{ "lstat", SYS_lstat, { EACCES } },
	{ "fstat", SYS_fstat, { EIO } },
	{ "newfstatat", SYS_newfstatat, { EIO } },
	{ "access", SYS_access, { EACCES } },
	{ "readlink", SYS_readlink, { EACCES } },
	{ "getdents", SYS_getdents64, { EIO } },
	{ "getcwd", SYS_getcwd, { ENOMEM } },
	{ "chdir", SYS_chdir, { EACCES } },
	{ "fchdir", SYS_fchdir, { EIO } },
	{ "lseek", SYS_lseek, { EIO } },
	{ "ftruncate", SYS_ftruncate, { ENOSPC } },
	{ "fsync", SYS_fsync, { EIO } },
	{ "rename", SYS_rename, { ENOSPC, EACCES } },
	{ "renameat", SYS_renameat, { ENOSPC, EACCES } },
	{ "unlink", SYS_unlink, { EACCES } },
	{ "unlinkat", SYS_unlinkat, { EACCES } },
	{ "mkdir", SYS_mkdir, { ENOSPC, EACCES } },
	{ "mkdirat", SYS_mkdirat, { ENOSPC, EACCES } },
	{ "link", SYS_link, { ENOSPC } },
	{ "linkat", SYS_linkat, { ENOSPC } },
	{ "symlink", SYS_symlink, { ENOSPC } },
	{ "chmod", SYS_chmod, { EACCES } },
	{ "fchmod", SYS_fchmod, { EACCES } },
	{ "flock", SYS_flock, { EINTR, ENOMEM } },
	{ "fcntl", SYS_fcntl, { EMFILE } },
	{ "ioctl", SYS_ioctl, { EIO } },
	{ "dup", SYS_dup, { EMFILE } },
	{ "dup2", SYS_dup2, { EMFILE } },
	{ "dup3", SYS_dup3, { EMFILE } },
	{ "pipe", SYS_pipe, { EMFILE } },
	{ "pipe2", SYS_pipe2, { EMFILE } },
	{ "memfd_create", SYS_memfd_create, { EMFILE } },
	{ "socket", SYS_socket, { EMFILE, EACCES } },
	{ "socketpair", SYS_socketpair, { EMFILE } },
	{ "bind", SYS_bind, { EACCES } },
	{ "listen", SYS_listen, { EACCES } },
	{ "connect", SYS_connect, { EACCES, EINTR } },
	{ "accept", SYS_accept, { EMFILE, EINTR } },
	{ "accept4", SYS_accept4, { EMFILE, EINTR } },
	{ "setsockopt", SYS_setsockopt, { ENOMEM } },
	{ "getsockopt", SYS_getsockopt, { ENOMEM } },
	{ "getsockname", SYS_getsockname, { ENOMEM } },
	{ "sendto", SYS_sendto, { ENOMEM, EINTR } },
	{ "sendmsg", SYS_sendmsg, { ENOMEM, EINTR } },
	{ "sendmmsg", SYS_sendmmsg, { ENOMEM, EINTR } },
	{ "recvfrom", SYS_recvfrom, { ENOMEM, EINTR } },
	{ "recvmsg", SYS_recvmsg, { ENOMEM, EINTR } },
	{ "recvmmsg", SYS_recvmmsg, { ENOMEM, EINTR } },
	{ "poll", SYS_poll, { EINTR, ENOMEM } },
	{ "ppoll", SYS_ppoll, { EINTR, ENOMEM } },
	{ "epoll_create1", SYS_epoll_create1, { EMFILE } },
	{ "epoll_ctl", SYS_epoll_ctl, { ENOMEM } },
	{ "epoll_wait", SYS_epoll_wait, { EINTR } },
	{ "epoll_pwait", SYS_epoll_pwait, { EINTR } },
	{ "signalfd4", SYS_signalfd4, { EMFILE } },
	{ "timerfd_create", SYS_timerfd_create, { EMFILE } },
	{ "eventfd2", SYS_eventfd2, { EMFILE } },
	{ "fork", SYS_fork, { ENOMEM } },
	{ "vfork", SYS_vfork, { ENOMEM } },
	{ "clone", SYS_clone, { ENOMEM } },
	{ "execve", SYS_execve, { EACCES, ENOMEM } },
	{ "wait4", SYS_wait4, { EINTR } },
	{ "setsid", SYS_setsid, { EACCES } },
	{ "prctl", SYS_prctl, { EACCES } },
	{ "seccomp", SYS_seccomp, { ENOMEM } },
	{ "landlock_create_ruleset", SYS_landlock_create_ruleset, { EMFILE } },
	{ "landlock_add_rule", SYS_landlock_add_rule, { ENOMEM } },
	{ "landlock_restrict_self", SYS_landlock_restrict_self, { ENOMEM } },
	{ "setgroups", SYS_setgroups, { EACCES } },
	{ "setresuid", SYS_setresuid, { EACCES } },
	{ "setresgid", SYS_setresgid, { EACCES } },
	{ "getrandom", SYS_getrandom, { EINTR } },
	{ "sendfile", SYS_sendfile, { EIO } },
	{ "splice", SYS_splice, { EIO } },
};
enum { NCALL = sizeof(calls) / sizeof(calls[0]) };

static const struct {
	int err;
	const char *name;
} names[] = {
	{ SHORT, "short" },
	{ ENOMEM, "ENOMEM" },
	{ EINTR, "EINTR" },
	{ ENOSPC, "ENOSPC" },
	{ EMFILE, "EMFILE" },
	{ EPIPE, "EPIPE" },
	{ EIO, "EIO" },
	{ EACCES, "EACCES" },
};
enum { NERR = sizeof(names) / sizeof(names[0]) };

struct fault {
	int call; /* index in calls, -1: none */
	int nr;	  /* its occurrence, from 1 */
	int err;
};

struct proc {
	pid_t pid; /* 0: free */
	int fresh; /* its first stop is still to come */
	int early; /* that came before its parent told of it */
	int hot;   /* runs TOOL */
	int main;  /* started as TOOL, not forked by it */
	int in;	   /* within a call */
	int hit;   /* the fault is due at the end of this call */
	unsigned long long rdx;
};

/* one run of the script */
struct run {
	struct fault f;
	pid_t script;
	struct proc p[NPROC];
	int count[NCALL];
	int status[NSTAT], nstatus;
	int sig;  /* of a process of TOOL that crashed */
	int late; /* the deadline has passed */
	int left; /* processes that outlived the script */
	char out[TEXT], err[TEXT], files[TEXT];
};

struct conf {
	const char *tool, *script, *ok;
	int ms, max, verbose;
	struct fault one; /* with -1 */
	char dir[PATH_MAX];
};

static void
fail(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000LL + t.tv_nsec / 1000000;
}

static void
ontimer(int sig)
{
	(void)sig;
}

static const char *
errname(int err)
{
	for (int i = 0; i < NERR; i++)
		if (names[i].err == err)
			return names[i].name;
	return "?";
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

	for (i = 0; i < NCALL; i++)
		if (calls[i].nr == (int)u->orig_rax)
			break;
	if (i == NCALL || exempt(u))
		return;
	if (++r->count[i] != r->f.nr || i != r->f.call)
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

static void
run(const struct conf *c, const struct fault *f, struct run *r)
{
	int st;
	pid_t pid;

	memset(r, 0, sizeof(*r));
	r->f = *f;
	nftw(".", rmone, 16, FTW_DEPTH | FTW_PHYS);
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

/* whether line (len bytes) is a line of text */
static int
hasline(const char *text, const char *line, size_t len)
{
	for (; *text; text = strchr(text, '\n') + 1) {
		if (!strncmp(text, line, len) && text[len] == '\n')
			return 1;
		if (!strchr(text, '\n'))
			break;
	}
	return 0;
}

/* a file that is there without need, or NULL */
static const char *
leftover(const struct run *base, const struct run *r)
{
	static char name[PATH_MAX];
	const char *s, *e;

	for (s = r->files; (e = strchr(s, '\n')); s = e + 1)
		if (!hasline(base->files, s, e - s)) {
			snprintf(name, sizeof(name), "%.*s", (int)(e - s), s);
			return name;
		}
	return NULL;
}

static int
allowed(const char *ok, int status)
{
	char *e;

	for (; *ok; ok = *e ? e + 1 : e)
		if (strtol(ok, &e, 10) == status)
			return 1;
	return 0;
}

/* whether each line of stderr is the tool's, and there are enough */
static int
said(const struct conf *c, const struct run *r, int failed)
{
	const char *s = r->err, *e;
	size_t n = strlen(c->tool);

	if (!*s) /* a reader that left wants no more lines */
		return r->f.err == EPIPE;
	for (; *s; s = e + 1, failed--) {
		e = strchr(s, '\n');
		if (!e || strncmp(s, c->tool, n) || strncmp(s + n, ": ", 2) ||
		    (size_t)(e - s) < n + 4)
			return 0;
	}
	return failed <= 0;
}

/* whether the fault keeps the tool from taking away what it made */
static int
stuck(const struct run *r)
{
	int nr = calls[r->f.call].nr;

	return nr == SYS_unlink || nr == SYS_unlinkat || nr == SYS_newfstatat ||
	       nr == SYS_fchdir;
}

/* what is wrong with a run, or NULL */
static const char *
verdict(const struct conf *c, const struct run *base, const struct run *r)
{
	static char b[PATH_MAX + 64];
	int failed = 0;
	const char *left;

	if (r->sig) {
		snprintf(b, sizeof(b), "killed by signal %d (%s)", r->sig,
		    strsignal(r->sig));
		return b;
	}
	if (r->late)
		return "does not end";
	if (r->left)
		return "leaves a process";
	left = leftover(base, r);
	if (left && !stuck(r)) {
		snprintf(b, sizeof(b), "leaves %s", left);
		return b;
	}
	for (int i = 0; i < r->nstatus; i++)
		if (r->status[i]) {
			failed++;
			if (!allowed(c->ok, r->status[i])) {
				snprintf(
				    b, sizeof(b), "status %d", r->status[i]);
				return b;
			}
		}
	if (failed)
		return said(c, r, failed) ? NULL : "no clear line";
	/* where nobody reads, less is said */
	return r->f.err != EPIPE && strcmp(base->out, r->out)
		   ? "status 0, other output"
		   : NULL;
}

static int
try(const struct conf *c, const struct run *base, const struct fault *f)
{
	static struct run r;
	const char *bad;

	run(c, f, &r);
	bad = verdict(c, base, &r);
	if (bad || c->verbose) {
		printf("%s %s:%d:%s: %s\n", c->tool, calls[f->call].name, f->nr,
		    errname(f->err), bad ? bad : "fine");
		for (char *s = strtok(r.err, "\n"); s; s = strtok(NULL, "\n"))
			printf("    %s\n", s);
		fflush(stdout);
	}
	return bad != NULL;
}

static int
all(const struct conf *c, const struct run *base, int *n)
{
	struct fault f;
	int bad = 0, i;

	for (f.call = 0; f.call < NCALL; f.call++)
		for (f.nr = 1; f.nr <= base->count[f.call]; f.nr++) {
			if (f.nr > c->max)
				break;
			for (i = 0; calls[f.call].errs[i]; i++) {
				f.err = calls[f.call].errs[i];
				bad += try(c, base, &f);
				++*n;
			}
		}
	return bad;
}

static void
parse_one(struct fault *f, char *s)
{
	char *nr = strchr(s, ':'), *err = nr ? strchr(nr + 1, ':') : NULL;

	errno = EINVAL;
	if (!err)
		fail("-1");
	*nr++ = *err++ = '\0';
	f->nr = strtol(nr, NULL, 10);
	for (f->call = 0; f->call < NCALL; f->call++)
		if (!strcmp(calls[f->call].name, s))
			break;
	for (int i = 0; i < NERR; i++)
		if (!strcmp(names[i].name, err))
			f->err = names[i].err;
	if (f->call == NCALL || !f->err)
		fail("-1");
}

static void
options(struct conf *c, int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "vm:s:t:1:")) != -1)
		switch (o) {
		case 'v': c->verbose = 1; break;
		case 'm': c->max = strtol(optarg, NULL, 10); break;
		case 's': c->ok = optarg; break;
		case 't': c->ms = 1000 * strtol(optarg, NULL, 10); break;
		case '1': parse_one(&c->one, optarg); break;
		default: exit(2);
		}
	errno = EINVAL;
	if (argc - optind != 2)
		fail("inject [options] TOOL SCRIPT");
	c->tool = argv[optind];
	c->script = argv[optind + 1];
}

/* an empty directory to run in, also for what the tool thinks is elsewhere */
static void
place(struct conf *c)
{
	char run[PATH_MAX + 8];
	const char *tmp = getenv("TMPDIR");

	snprintf(
	    c->dir, sizeof(c->dir), "%s/inject.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(c->dir) || chmod(c->dir, 0755) < 0)
		fail(c->dir);
	snprintf(run, sizeof(run), "%s/run", c->dir);
	if (mkdir(run, 0755) < 0 || chdir(run) < 0)
		fail(run);
	setenv("TMPDIR", run, 1);
	setenv("HOME", run, 1);
	setenv("XDG_RUNTIME_DIR", run, 1);
	setenv("XDG_CACHE_HOME", run, 1);
}

int
main(int argc, char **argv)
{
	static struct run base;
	static struct conf c = {
		.ok = "1", .ms = 10000, .max = 100, .one = { .call = -1 }
	};
	struct sigaction sa = { .sa_handler = ontimer };
	struct itimerval tick = { { 0, 100000 }, { 0, 100000 } };
	struct fault none = { .call = -1 };
	int bad, n = 1;

	options(&c, argc, argv);
	place(&c);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	run(&c, &none, &base);
	for (bad = 0; bad < base.nstatus && !base.status[bad]; bad++)
		;
	if (!base.nstatus || bad < base.nstatus || base.late || base.left) {
		printf(
		    "%s without a fault: %d processes, late %d, left %d\n%s%s",
		    c.tool, base.nstatus, base.late, base.left, base.out,
		    base.err);
		bad = 1;
	} else {
		bad = c.one.call >= 0 ? try(&c, &base, &c.one)
				      : all(&c, &base, &n);
		printf("%s: %d faults, %d bad\n", c.tool, n, bad);
	}
	nftw(c.dir, rmone, 16, FTW_DEPTH | FTW_PHYS);
	rmdir(c.dir);
	return bad != 0;
}
