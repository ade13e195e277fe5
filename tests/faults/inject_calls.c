/* limen: ISC licence, see LICENSE */
/* the calls that fail, and how */
#include <sys/syscall.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

const struct call calls[] = {
	{ "open", SYS_open, { EMFILE, EACCES, ENOSPC, EINTR } },
	{ "openat", SYS_openat, { EMFILE, EACCES, ENOSPC, EINTR } },
	{ "openat2", SYS_openat2, { EMFILE, EACCES } },
	{ "read", SYS_read, { EIO, EINTR, SHORT } },
	{ "readv", SYS_readv, { EIO, EINTR, SHORT } },
	{ "pread", SYS_pread64, { EIO, SHORT } },
	{ "write", SYS_write, { ENOSPC, EPIPE, EINTR, SHORT } },
	{ "writev", SYS_writev, { ENOSPC, EPIPE, EINTR, SHORT } },
	{ "pwrite", SYS_pwrite64, { ENOSPC, SHORT } },
	{ "close", SYS_close, { EIO, EINTR } },
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
	{ "ftruncate", SYS_ftruncate, { ENOSPC, EINTR } },
	{ "fsync", SYS_fsync, { EIO, ENOSPC } },
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
	{ "socket", SYS_socket, { EMFILE, EACCES, ENOMEM } },
	{ "socketpair", SYS_socketpair, { EMFILE } },
	{ "bind", SYS_bind, { EACCES } },
	{ "listen", SYS_listen, { EACCES } },
	{ "connect", SYS_connect, { EACCES, EINTR } },
	{ "accept", SYS_accept, { EMFILE, EINTR, ENOMEM } },
	{ "accept4", SYS_accept4, { EMFILE, EINTR, ENOMEM } },
	{ "setsockopt", SYS_setsockopt, { ENOMEM } },
	{ "getsockopt", SYS_getsockopt, { ENOMEM } },
	{ "getsockname", SYS_getsockname, { ENOMEM } },
	{ "sendto", SYS_sendto, { ENOMEM, EINTR, EPIPE } },
	{ "sendmsg", SYS_sendmsg, { ENOMEM, EINTR, EPIPE } },
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
	{ "statx", SYS_statx, { EACCES } },
	{ "waitid", SYS_waitid, { EINTR } },
	{ "nanosleep", SYS_nanosleep, { EINTR } },
	{ "clock_nanosleep", SYS_clock_nanosleep, { EINTR } },
	{ NULL, 0, { 0 } },
};

_Static_assert(sizeof(calls) / sizeof(calls[0]) <= NCALL, "counts for all");

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
	{ EAGAIN, "EAGAIN" }, /* this and what follows: with -1 only, */
	/* of a kernel that has not got the call */
	{ ENOSYS, "ENOSYS" },
	{ EOPNOTSUPP, "EOPNOTSUPP" },
	{ EINVAL, "EINVAL" },
};
enum { NERR = sizeof(names) / sizeof(names[0]) };

const char *
errname(int err)
{
	for (int i = 0; i < NERR; i++)
		if (names[i].err == err)
			return names[i].name;
	return "?";
}

int
fault_parse(struct fault *f, char *s)
{
	char *nr = strchr(s, ':'), *err = nr ? strchr(nr + 1, ':') : NULL;
	char *arg;

	if (!err)
		return -1;
	*nr++ = *err++ = '\0';
	if ((arg = strchr(s, '='))) {
		*arg++ = '\0';
		f->given = 1;
		f->arg = strtol(arg, NULL, 10);
	}
	f->nr = (int)strtol(nr, NULL, 10);
	for (f->call = 0; calls[f->call].name; f->call++)
		if (!strcmp(calls[f->call].name, s))
			break;
	for (int i = 0; i < NERR; i++)
		if (!strcmp(names[i].name, err))
			f->err = names[i].err;
	return calls[f->call].name && f->err ? 0 : -1;
}
