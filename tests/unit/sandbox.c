/* limen: ISC licence, see LICENSE */
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

/* as musl has them where long is of 32 bits */
#undef SYS_clock_gettime
#undef SYS_clock_nanosleep
#undef SYS_gettimeofday
#undef SYS_clock_gettime32
#undef SYS_clock_nanosleep_time32
#undef SYS_gettimeofday_time32
#define SYS_clock_gettime32	   9001
#define SYS_clock_nanosleep_time32 9002
#define SYS_gettimeofday_time32	   9003

#include "beneath.h"
#include "sandbox.h"
#include "sandbox_sys.h"
#include "tap.h"

static char dir[] = "/tmp/limen-sandbox.XXXXXX";

static int
try(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0 ? 0 : errno;
}

/* what confines holds for one thread: so the other can still end the process
 * as the sanitizers and gcov want it */
struct confined {
	int (*f)(void);
	int result, done[2];
};

static void *
thread(void *arg)
{
	struct confined *c = arg;

	c->result = c->f();
	if (write(c->done[1], "", 1) == 1)
		for (;;)
			poll(NULL, 0, -1);
	return NULL;
}

static void
confined(int (*f)(void))
{
	struct confined c = { .f = f, .result = 99 };
	pthread_t t;
	char b;

	if (pipe(c.done) == 0 && pthread_create(&t, NULL, thread, &c) == 0 &&
	    read(c.done[0], &b, 1) == 1)
		exit(c.result);
	exit(98);
}

/* runs f in a child; its exit status */
static int
child(int (*f)(void))
{
	int st;
	pid_t pid;

	fflush(stdout);
	pid = fork();
	if (pid == 0)
		confined(f);
	if (pid < 0 || waitpid(pid, &st, 0) != pid || !WIFEXITED(st))
		return -1;
	return WEXITSTATUS(st);
}

static int
files(void)
{
	static const char *const r[] = { "r", NULL }, *const w[] = { "w",
		NULL };

	if (sandbox_files(r, w) < 0)
		return 1;
	if (try("r/a", O_RDONLY) != 0 || try("r/a", O_WRONLY) != EACCES)
		return 2;
	if (try("w/new", O_WRONLY | O_CREAT) != 0 ||
	    try("w/new", O_RDONLY) != EACCES ||
	    rename("w/new", "w/newer") < 0 || unlink("w/newer") < 0)
		return 3;
	if (try("r/new", O_WRONLY | O_CREAT) != EACCES ||
	    try("/etc/passwd", O_RDONLY) != EACCES)
		return 4;
	return 0;
}

static int
calls(void)
{
	int fd;

	if (sandbox_calls(SANDBOX_READ | SANDBOX_UDP) < 0)
		return 1;
	if (try("r/a", O_RDONLY) != 0)
		return 2;
	if ((fd = socket(AF_INET, SOCK_DGRAM, 0)) < 0 || close(fd) < 0)
		return 3;
	/* the call itself: that of i386's glibc tells no filter the family */
	if (syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) >= 0 || errno != EPERM)
		return 4;
	if (unlink("r/a") == 0 || errno != EPERM)
		return 5;
	if (fork() >= 0 || errno != EPERM)
		return 6;
	if (execl("/bin/true", "true", (char *)NULL) == 0 || errno != EPERM)
		return 7;
	if (kill(getppid(), 0) == 0 || errno != EPERM ||
	    syscall(SYS_tgkill, getppid(), getppid(), 0) == 0 ||
	    errno != EPERM || syscall(SYS_tkill, getppid(), 0) == 0 ||
	    errno != EPERM)
		return 8;
	return syscall(SYS_tgkill, getpid(), getpid(), 0) ? 9 : 0;
}

/* what needs no set: all that is done with sockets that are there */
static int
sockets(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof(a);
	char b[2] = "a";
	struct iovec v = { b, 1 };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1;

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    sandbox_calls(0) < 0)
		return 1;
	if (setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return 2;
	if (sendto(fd, b, 1, 0, (struct sockaddr *)&a, len) != 1 ||
	    recvfrom(fd, b, 1, 0, NULL, NULL) != 1)
		return 3;
	m.msg_name = &a;
	m.msg_namelen = len;
	if (sendmsg(fd, &m, 0) != 1 || recvmsg(fd, &m, 0) != 1)
		return 4;
	len = sizeof(one);
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &one, &len) < 0 ||
	    (shutdown(fd, SHUT_RD) < 0 && errno == EPERM))
		return 5;
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) == 0 || errno != EPERM)
		return 6;
	return socket(AF_INET, SOCK_DGRAM, 0) >= 0 || errno != EPERM ? 7 : 0;
}

/* a control socket's */
static int
accepts(void)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = "w/sock" };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	int to = socket(AF_UNIX, SOCK_STREAM, 0);

	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    listen(fd, 1) < 0 ||
	    connect(to, (struct sockaddr *)&a, sizeof(a)) < 0 ||
	    unlink("w/sock") < 0 || sandbox_calls(SANDBOX_ACCEPT) < 0)
		return 1;
	return accept4(fd, NULL, NULL, SOCK_CLOEXEC) < 0 ? 2 : 0;
}

static int
user(void)
{
	char self[32];

	snprintf(self, sizeof(self), "%u:%u", (unsigned)geteuid(),
	    (unsigned)getegid());
	if (sandbox_user("no such user") == 0 || errno != ENOENT)
		return 1;
	if (sandbox_user(self) < 0 || sandbox_user(NULL) < 0)
		return 2;
	/* without capabilities even root chroots no more */
	return chroot("/tmp") == 0 || errno != EPERM;
}

static void
beneath(void)
{
	int d = open(dir, O_RDONLY | O_DIRECTORY), fd;

	OK((fd = beneath_open(d, "r/a", O_RDONLY, 0)) >= 0);
	close(fd);
	OK((fd = beneath_open(d, "in", O_RDONLY, 0)) >= 0);
	close(fd);
	OK(beneath_open(d, "out", O_RDONLY, 0) < 0 && errno == EXDEV);
	OK(beneath_open(d, "r/../../x", O_RDONLY, 0) < 0 && errno == EXDEV);
	OK(beneath_open(d, "/etc/passwd", O_RDONLY, 0) < 0 && errno == EXDEV);
	close(d);
}

int
main(void)
{
	int fd;

	if (!mkdtemp(dir) || chdir(dir) < 0 || mkdir("r", 0700) < 0 ||
	    mkdir("w", 0700) < 0)
		return 1;
	fd = open("r/a", O_WRONLY | O_CREAT, 0600);
	OK(write(fd, "ab", 2) == 2);
	close(fd);
	OK(symlink("r/a", "in") == 0 && symlink("/etc/passwd", "out") == 0);
	beneath();
	if (sandbox_landlock())
		OK(child(files) == 0);
	else
		printf("ok %d no Landlock # SKIP kernel has none\n", ++tap_n);
	OK(child(calls) == 0);
	OK(child(sockets) == 0);
	OK(child(accepts) == 0);
	OK(SYS_clock_gettime == 9001 && SYS_clock_nanosleep == 9002 &&
	    SYS_gettimeofday == 9003);
	OK(child(user) == 0);
	unlink("r/a");
	unlink("in");
	unlink("out");
	rmdir("r");
	rmdir("w");
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
