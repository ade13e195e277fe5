/* limen: ISC licence, see LICENSE */
/*
 * escape PID IN OUT: makes system calls in a process that runs, as somebody
 * would who had taken it over, and prints in TAP whether each was refused.
 * The process is stopped within its own wait, its registers are set to the
 * call, and what the kernel answers there is read: the filters that hold are
 * those of the real program. IN is a file that it may read; OUT is one that
 * it may not create. x86_64 only.
 */
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT = 256 };

static struct user_regs_struct saved;
static pid_t pid;
static uint64_t text[2]; /* where the names of IN and OUT stand there */

/* an argument is a number, or one of these */
#define A_IN   (-101L)
#define A_OUT  (-102L)
#define A_PPID (-103L)

static const struct attempt {
	const char *what;
	long nr, arg[4];
	long allowed; /* may succeed: the probe that the rest means something */
} attempts[] = {
	{ "write to a file that is read", SYS_openat,
	    { AT_FDCWD, A_IN, O_WRONLY }, 0 },
	{ "truncate it", SYS_truncate, { A_IN, 0 }, 0 },
	{ "make a file", SYS_openat,
	    { AT_FDCWD, A_OUT, O_CREAT | O_WRONLY, 0600 }, 0 },
	{ "make a directory", SYS_mkdir, { A_OUT, 0700 }, 0 },
	{ "make a device", SYS_mknod, { A_OUT, 0020600, 0x103 }, 0 },
	{ "make a symbolic link", SYS_symlink, { A_IN, A_OUT }, 0 },
	{ "make a link", SYS_link, { A_IN, A_OUT }, 0 },
	{ "rename a file", SYS_rename, { A_IN, A_OUT }, 0 },
	{ "remove a file", SYS_unlink, { A_IN }, 0 },
	{ "change its mode", SYS_chmod, { A_IN, 04777 }, 0 },
	{ "change its owner", SYS_chown, { A_IN, 0, 0 }, 0 },
	{ "run a program", SYS_execve, { A_IN, 0, 0 }, 0 },
	{ "run a program, by descriptor", SYS_execveat,
	    { AT_FDCWD, A_IN, 0, 0 }, 0 },
	{ "fork", SYS_fork, { 0 }, 0 },
	{ "clone", SYS_clone, { SIGCHLD, 0, 0, 0 }, 0 },
	{ "clone3", SYS_clone3, { 0, 0 }, 0 },
	{ "trace its parent", SYS_ptrace, { PTRACE_ATTACH, A_PPID, 0, 0 }, 0 },
	{ "read its parent's memory", SYS_process_vm_readv, { A_PPID }, 0 },
	{ "signal its parent", SYS_kill, { A_PPID, 0 }, 0 },
	{ "signal its parent's thread", SYS_tgkill, { A_PPID, A_PPID, 0 }, 0 },
	{ "signal a thread anywhere", SYS_tkill, { A_PPID, 0 }, 0 },
	{ "have a descriptor of its parent", SYS_pidfd_open, { A_PPID, 0 }, 0 },
	{ "open a packet socket", SYS_socket, { AF_PACKET, SOCK_RAW, 0 }, 0 },
	{ "open a netlink socket", SYS_socket, { AF_NETLINK, SOCK_RAW, 0 }, 0 },
	{ "open a raw socket", SYS_socket, { AF_INET, SOCK_RAW, 1 }, 0 },
	{ "open a local socket", SYS_socket, { AF_UNIX, SOCK_STREAM, 0 }, 0 },
	{ "open a vsock socket", SYS_socket, { AF_VSOCK, SOCK_STREAM, 0 }, 0 },
	{ "mount", SYS_mount, { A_IN, A_OUT, 0, 0 }, 0 },
	{ "leave its namespaces", SYS_unshare, { CLONE_NEWUSER }, 0 },
	{ "enter a namespace", SYS_setns, { 0, 0 }, 0 },
	{ "chroot", SYS_chroot, { A_IN }, 0 },
	{ "change its directory", SYS_chdir, { A_IN }, 0 },
	{ "become root", SYS_setresuid, { 0, 0, 0 }, 0 },
	{ "use bpf", SYS_bpf, { 0, 0, 0 }, 0 },
	{ "use io_uring", SYS_io_uring_setup, { 1, 0 }, 0 },
	{ "use userfaultfd", SYS_userfaultfd, { 0 }, 0 },
	{ "use the keyring", SYS_keyctl, { 0, 0 }, 0 },
	{ "use perf", SYS_perf_event_open, { 0, 0, -1, -1 }, 0 },
	{ "load a module", SYS_finit_module, { 0, 0, 0 }, 0 },
	{ "open by handle", SYS_open_by_handle_at, { 0, 0, 0 }, 0 },
	{ "turn off randomness", SYS_personality, { 0x0040000 }, 0 },
	{ "write into the terminal", SYS_ioctl, { 2, 0x5412, 0 }, 0 },
	{ "own a descriptor's signals", SYS_ioctl, { 0, 0x8901, 0 }, 0 },
	{ "own them by the other call", SYS_fcntl, { 0, F_SETOWN, A_PPID }, 0 },
	{ "make a memory file", SYS_memfd_create, { A_IN, 0 }, 0 },
	{ "set the clock", SYS_clock_settime, { 0, 0 }, 0 },
	{ "end the system", SYS_reboot, { 0, 0, 0 }, 0 },
	{ "what it may: its number", SYS_getpid, { 0 }, 1 },
};

static void
fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	exit(1);
}

static void
wait_stop(void)
{
	int st;

	if (waitpid(pid, &st, __WALL) != pid || !WIFSTOPPED(st)) {
		errno = ESRCH;
		fail("the process has ended");
	}
}

/* what the call gives in the process; -errno as the kernel has it */
static long
call(long nr, const long *arg)
{
	struct user_regs_struct u = saved;

	u.rax = (unsigned long)nr;
	u.orig_rax = -1UL;
	u.rip = saved.rip - 2; /* the instruction that it waits in */
	u.rdi = (unsigned long)arg[0];
	u.rsi = (unsigned long)arg[1];
	u.rdx = (unsigned long)arg[2];
	u.r10 = (unsigned long)arg[3];
	u.r8 = u.r9 = 0;
	if (ptrace(PTRACE_SETREGS, pid, NULL, &u) < 0)
		fail("set the registers");
	for (int i = 0; i < 2; i++) { /* its entry, its end */
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) < 0)
			fail("go on");
		wait_stop();
	}
	if (ptrace(PTRACE_GETREGS, pid, NULL, &u) < 0)
		fail("get the registers");
	return (long)u.rax;
}

/* puts a name where the process has its stack, below what is in use */
static void
put(int i, const char *name)
{
	char b[TEXT] = "";
	struct iovec from = { b, sizeof(b) }, to;

	snprintf(b, sizeof(b), "%s", name);
	text[i] = (saved.rsp - 4096 - (uint64_t)i * TEXT) & ~15UL;
	to.iov_base = (void *)(uintptr_t)text[i];
	to.iov_len = sizeof(b);
	if (process_vm_writev(pid, &from, 1, &to, 1, 0) != TEXT)
		fail("write its memory");
}

static void
try(int n, const struct attempt *a)
{
	long arg[4], got;
	int good;

	for (int i = 0; i < 4; i++)
		arg[i] = a->arg[i] == A_IN     ? (long)text[0]
			 : a->arg[i] == A_OUT  ? (long)text[1]
			 : a->arg[i] == A_PPID ? (long)getpid()
					       : a->arg[i];
	got = call(a->nr, arg);
	/* EPERM is seccomp's word, the others are Landlock's */
	good = a->allowed ? got > 0
			  : got == -EPERM || got == -EACCES || got == -EXDEV;
	printf("%sok %d %s%s: %s\n", good ? "" : "not ", n,
	    a->allowed ? "" : "cannot ", a->what,
	    got < 0 ? strerror((int)-got) : "done");
}

static void
attach(void)
{
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0 ||
	    ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) < 0)
		fail("attach");
	wait_stop();
	if (ptrace(PTRACE_GETREGS, pid, NULL, &saved) < 0)
		fail("get the registers");
}

int
main(int argc, char **argv)
{
	const int n = sizeof(attempts) / sizeof(attempts[0]);
	long arg[4] = { AT_FDCWD, 0, O_RDONLY, 0 }, got;

	if (argc != 4) {
		errno = EINVAL;
		fail("escape PID IN OUT");
	}
	pid = (pid_t)strtol(argv[1], NULL, 10);
	attach();
	put(0, argv[2]);
	put(1, argv[3]);
	for (int i = 0; i < n; i++)
		try(i + 1, &attempts[i]);
	arg[1] = (long)text[0];
	got = call(SYS_openat, arg);
	printf("# reading IN: %s\n", got < 0 ? strerror((int)-got) : "done");
	printf("1..%d\n", n);
	ptrace(PTRACE_SETREGS, pid, NULL, &saved);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}
