/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "num.h"
#include "vmdir.h"

#define DIRFLAGS (O_PATH | O_DIRECTORY | O_CLOEXEC)

/* what goes at the end; nothing else in the directory is touched */
static const char *const sockets[] = { "console", "console.all", "monitor",
	"qmp", "gdb", "qga", "control" };

static void
sweep(int dir)
{
	struct stat st;
	size_t i;

	for (i = 0; i < sizeof(sockets) / sizeof(*sockets); i++)
		if (fstatat(dir, sockets[i], &st, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISSOCK(st.st_mode))
			unlinkat(dir, sockets[i], 0);
	unlinkat(dir, "pid", 0);
}

/*
 * Takes DIR/lock. Its last owner may unlink it between our open and our lock:
 * then the lock we have is of a file that nobody else will find, so again.
 */
static int
take(int dir)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct stat a, b;
	int fd, err;

	for (;;) {
		fd = openat(dir, "lock",
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd < 0)
			return -1;
		if (fcntl(fd, F_OFD_SETLK, &whole) < 0) {
			err = errno;
			close(fd);
			if (err == EAGAIN || err == EACCES)
				err = EBUSY;
			else
				unlinkat(dir, "lock", 0);
			errno = err;
			return -1;
		}
		if (fstat(fd, &a) == 0 && fstatat(dir, "lock", &b, 0) == 0 &&
		    a.st_ino == b.st_ino && a.st_dev == b.st_dev)
			return fd;
		close(fd);
	}
}

int
vmdir_open(struct vmdir *d, const char *path)
{
	char b[VMDIR_TOOL + 24];
	int err;

	d->path = path;
	d->made = mkdir(path, 0700) == 0;
	if (!d->made && errno != EEXIST)
		return -1;
	d->lock = -1;
	if ((d->fd = open(path, DIRFLAGS)) < 0 || (d->lock = take(d->fd)) < 0) {
		err = errno;
		if (d->fd >= 0)
			close(d->fd);
		d->fd = -1;
		if (d->made)
			rmdir(path);
		errno = err;
		return -1;
	}
	sweep(d->fd);
	/* for whoever looks; without it nobody is refused */
	snprintf(b, sizeof(b), "%.31s\n%ld\n", argv0, (long)getpid());
	if (ftruncate(d->lock, 0) == 0)
		(void)fd_write_all(d->lock, b, strlen(b));
	return 0;
}

void
vmdir_close(struct vmdir *d)
{
	if (d->fd < 0)
		return;
	sweep(d->fd);
	unlinkat(d->fd, "lock", 0);
	if (d->made)
		rmdir(d->path);
	close(d->lock);
	close(d->fd);
	d->lock = d->fd = -1;
}

/* bind or connect by a short name from within dir, then back to where we
 * were; 0, or -1 and errno */
static int
within(int dir, int fd, const char *name,
    int (*act)(int, const struct sockaddr *, socklen_t))
{
	struct sockaddr_un un;
	int cwd, r = -1, err;

	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	if (strlen(name) >= sizeof(un.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(un.sun_path, name, strlen(name));
	if ((cwd = open(".", DIRFLAGS)) < 0)
		return -1;
	if (fchdir(dir) == 0) {
		r = act(fd, (struct sockaddr *)&un, sizeof(un));
		err = errno;
		if (fchdir(cwd) < 0)
			r = -1;
		else
			errno = err;
	}
	fd_discard(cwd);
	return r;
}

int
vmdir_listen(struct vmdir *d, const char *name)
{
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -1;
	/* under Linux the socket file gets the mode of the descriptor */
	if (fchmod(fd, 0600) < 0 || within(d->fd, fd, name, bind) < 0 ||
	    listen(fd, 16) < 0)
		return fd_discard(fd);
	return fd;
}

int
vmdir_create(struct vmdir *d, const char *name)
{
	return openat(d->fd, name,
	    O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
	    0600);
}

int
vmdir_put(struct vmdir *d, const char *name, const char *text)
{
	int fd = vmdir_create(d, ".new"), r;

	if (fd < 0)
		return -1;
	r = fd_write_all(fd, text, strlen(text));
	if (close(fd) < 0)
		r = -1;
	if (r == 0)
		r = renameat(d->fd, ".new", d->fd, name);
	if (r < 0)
		unlinkat(d->fd, ".new", 0);
	return r;
}

int
vmdir_pid(struct vmdir *d, pid_t pid)
{
	char b[24];

	snprintf(b, sizeof(b), "%ld\n", (long)pid);
	return vmdir_put(d, "pid", b);
}

static int
connect_at(int dir, const char *name)
{
	const struct timeval most = { VMDIR_CONNECT, 0 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	/* where nobody is let in, who has gone again keeps a place in the queue
	 */
	if (fd >= 0)
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof(most));
	if (fd >= 0 && within(dir, fd, name, connect) < 0)
		fd = fd_discard(fd);
	fd_discard(dir);
	return fd;
}

int
vmdir_connect(const char *dir, const char *name)
{
	int d = open(dir, DIRFLAGS);

	return d < 0 ? -1 : connect_at(d, name);
}

int
vmdir_connect_path(const char *path)
{
	const char *slash = strrchr(path, '/');
	char dir[4096];

	if (!slash)
		return vmdir_connect(".", path);
	if (slash == path)
		return vmdir_connect("/", path + 1);
	if ((size_t)(slash - path) >= sizeof(dir)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(dir, path, (size_t)(slash - path));
	dir[slash - path] = 0;
	return vmdir_connect(dir, slash + 1);
}

/* line nr (0: the first) of DIR/name, "" when there is none */
static void
read_line(int dir, const char *name, int nr, char b[VMDIR_TOOL])
{
	int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	char all[2 * VMDIR_TOOL], *p = all;
	ssize_t n = 0;

	if (fd >= 0) {
		n = fd_read_full(fd, all, sizeof(all) - 1);
		close(fd);
	}
	all[n > 0 ? n : 0] = 0;
	for (; nr > 0; nr--) {
		p += strcspn(p, "\n");
		p += *p != 0;
	}
	snprintf(b, VMDIR_TOOL, "%.*s", (int)strcspn(p, "\n"), p);
}

void
vmdir_tool(const char *dir, char b[VMDIR_TOOL])
{
	int d = open(dir, DIRFLAGS);

	read_line(d, "lock", 0, b);
	if (d >= 0)
		close(d);
}

/* the number in DIR/pid; that in DIR/lock, of the keeper, who is starting when
 * there is no other yet; or 0 */
static pid_t
read_pid(int dir, int keeper)
{
	char b[VMDIR_TOOL] = "";
	int64_t v = 0;

	if (!keeper)
		read_line(dir, "pid", 0, b);
	if (!*b)
		read_line(dir, "lock", 1, b);
	return num_parse(b, 1, INT32_MAX, &v) < 0 ? 0 : (pid_t)v;
}

static pid_t
lives(const char *dir, int keeper)
{
	struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	int d = open(dir, DIRFLAGS), fd, live;
	pid_t pid;

	if (d < 0)
		return -1;
	/* a FIFO, which none of ours is, has no writer to wait for */
	fd = openat(d, "lock", O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0) {
		live = errno == ENOENT ? 0 : -1;
		close(d);
		return live;
	}
	live = fcntl(fd, F_OFD_GETLK, &whole) == 0 && whole.l_type != F_UNLCK;
	close(fd);
	pid = live ? read_pid(d, keeper) : 0;
	close(d);
	return pid;
}

pid_t
vmdir_owner(const char *dir)
{
	return lives(dir, 0);
}

pid_t
vmdir_keeper(const char *dir)
{
	return lives(dir, 1);
}

const char *
vmdir_busy(const char *dir, char b[VMDIR_BUSY])
{
	const pid_t pid = vmdir_owner(dir);
	char tool[VMDIR_TOOL];

	vmdir_tool(dir, tool);
	snprintf(b, VMDIR_BUSY,
	    pid > 0 ? "%s runs there already (pid %ld)"
		    : "%s runs there already",
	    *tool ? tool : "a program", (long)pid);
	return b;
}

int
vmdir_stop(const char *dir, int ms)
{
	int64_t until = clock_ms() + ms;
	pid_t pid = vmdir_owner(dir);

	if (pid == 0)
		errno = ESRCH;
	if (pid <= 0 || kill(pid, SIGTERM) < 0)
		return -1;
	while (vmdir_owner(dir) == pid) {
		if (clock_ms() > until) {
			errno = ETIMEDOUT;
			return -1;
		}
		usleep(10000);
	}
	return 0;
}
