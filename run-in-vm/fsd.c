/* limen: ISC licence, see LICENSE */
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <linux/mount.h>

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "fsd.h"
#include "proc.h"

#define WAIT 3000 /* ms that it has to answer */

enum { SILENT = -2, ENDED };

static const char *const places[] = { "virtiofsd", "/usr/libexec/virtiofsd",
	"/usr/lib/virtiofsd", "/usr/lib/qemu/virtiofsd" };

/* a listening socket in the abstract space, which leaves no file, and one
 * connected to it */
static int
sockets(int *listening)
{
	struct sockaddr_un sa;
	socklen_t len = sizeof(sa.sun_family);
	int l, c = -1;

	memset(&sa, 0, sizeof(sa));
	sa.sun_family = AF_UNIX;
	l = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (l < 0)
		return -1;
	if (bind(l, (struct sockaddr *)&sa, len) == 0 && listen(l, 1) == 0) {
		len = sizeof(sa);
		c = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
		if (getsockname(l, (struct sockaddr *)&sa, &len) < 0 ||
		    connect(c, (struct sockaddr *)&sa, len) < 0) {
			close(c);
			c = -1;
		}
	}
	if (c < 0)
		close(l);
	*listening = l;
	return c;
}

static int
put_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), bad;

	if (fd < 0)
		return -1;
	bad = fd_write_all(fd, text, strlen(text));
	close(fd);
	return bad;
}

/* a mount namespace, by way of a user namespace for those who are not root,
 * in which nothing can be written */
static int
confine(int ro)
{
	struct mount_attr a = { .attr_set = MOUNT_ATTR_RDONLY };
	const unsigned uid = geteuid(), gid = getegid();
	char b[64];

	if (uid) {
		if (unshare(CLONE_NEWUSER) < 0)
			return -1;
		snprintf(b, sizeof(b), "0 %u 1\n", uid);
		if (put_text("/proc/self/setgroups", "deny") < 0 ||
		    put_text("/proc/self/uid_map", b) < 0)
			return -1;
		snprintf(b, sizeof(b), "0 %u 1\n", gid);
		if (put_text("/proc/self/gid_map", b) < 0)
			return -1;
	}
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return ro ? (int)syscall(SYS_mount_setattr, AT_FDCWD, "/", AT_RECURSIVE,
			&a, sizeof(a))
		  : 0;
}

/* becomes the daemon, told in the words of QEMU's in C, which early ones in
 * Rust know as well, or of today's in Rust: that one would tell where other
 * file systems are mounted, and the guest's overlay does not go on there */
static void
daemon_words(const char *prog, const char *host, int fd, int old)
{
	char by[32], source[PATH_MAX + 16];

	snprintf(by, sizeof(by), "--fd=%d", fd);
	snprintf(source, sizeof(source), "%s%s",
	    old ? "source=" : "--shared-dir=", host);
	if (old)
		execl(prog, prog, by, "-o", source, "-o", "cache=auto", "-o",
		    "sandbox=chroot", (char *)NULL);
	else
		execl(prog, prog, by, source, "--cache=auto",
		    "--sandbox=chroot", "--no-announce-submounts",
		    (char *)NULL);
}

static void
child(
    const char *prog, const struct job_share *s, int fd, int old, pid_t parent)
{
	int null = open("/dev/null", O_RDWR);

	setsid();
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent || null < 0 || confine(s->ro) < 0)
		_exit(125);
	dup2(null, 0);
	dup2(null, 1);
	dup2(null, 2);
	fcntl(fd, F_SETFD, 0);
	daemon_words(prog, s->host, fd, old);
	_exit(126);
}

/* Asks it for its features, as QEMU will again: an answer proves that it
 * works here (QEMU, docs/interop/vhost-user.rst: request, flags, size, all in
 * the host's byte order). 0, ENDED, or SILENT */
static int
answers(int fd)
{
	const uint32_t ask[3] = { 1, 1, 0 };
	struct pollfd p = { fd, POLLIN, 0 };
	uint8_t b[20];

	/* one that has ended already is no reason for SIGPIPE */
	if (send(fd, ask, sizeof(ask), MSG_NOSIGNAL) != sizeof(ask))
		return ENDED;
	if (poll(&p, 1, WAIT) != 1)
		return SILENT;
	return recv(fd, b, sizeof(b), MSG_WAITALL) == sizeof(b) ? 0 : ENDED;
}

/* a socket to a daemon that works, or ENDED or SILENT and why */
static int
start(struct job_share *s, const char *prog, int old, const char **why)
{
	const pid_t self = getpid();
	int fd, l, r = ENDED;

	*why = "no sockets";
	if ((fd = sockets(&l)) < 0)
		return ENDED;
	if ((s->fsd = fork()) == 0)
		child(prog, s, l, old, self);
	close(l);
	*why = "it does not work here";
	if (s->fsd > 0 && !(r = answers(fd)))
		return fd;
	close(fd);
	fsd_end(s);
	return r;
}

int
fsd_start(struct job_share *s, const char **why)
{
	char prog[PATH_MAX];
	size_t i, n = sizeof(places) / sizeof(*places);
	int fd, old;

	*why = "there is none";
	for (i = 0; i < n; i++)
		if (proc_find(places[i], prog, sizeof(prog)) == 0)
			break;
	if (i == n)
		return -1;
	/* one that does not know the words ends at once */
	old = !!strstr(prog, "/qemu/");
	if ((fd = start(s, prog, old, why)) == ENDED)
		fd = start(s, prog, !old, why);
	return fd;
}

void
fsd_end(struct job_share *s)
{
	if (s->fsd > 0)
		proc_end(s->fsd, SIGKILL, 0);
	s->fsd = 0;
}

int
fsd_died(const struct job_share *s)
{
	siginfo_t si;

	memset(&si, 0, sizeof(si));
	return s->fsd > 0 &&
	       waitid(P_PID, (id_t)s->fsd, &si, WEXITED | WNOHANG | WNOWAIT) ==
		   0 &&
	       si.si_pid == s->fsd;
}
