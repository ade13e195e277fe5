/* limen: ISC licence, see LICENSE */
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fd.h"
#include "target.h"
#include "vmdir.h"

void
target_die_busy(const struct target *t)
{
	die(1, "%s: busy: another client holds it, and it serves one at a time",
	    t->name);
}

/* by name from within the directory: its path may exceed sun_path */
static int
connect_at(int dir, const char *name)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	int fd, n;

	n = snprintf(sun.sun_path, sizeof(sun.sun_path), "/proc/self/fd/%d/%s",
	    dir, name);
	if (n >= (int)sizeof(sun.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && connect(fd, (void *)&sun, sizeof(sun)) < 0)
		return fd_discard(fd);
	return fd;
}

static void
connect_or_die(struct target *t, int dir, const char *name)
{
	t->fd = connect_at(dir, name);
	if (t->fd >= 0)
		return;
	if (errno == EAGAIN) /* its queue of waiting clients is full */
		target_die_busy(t);
	if (errno == ECONNREFUSED)
		die(1, "%s: nobody listens there: its program has ended",
		    t->name);
	if (errno == EPROTOTYPE)
		die(1, "%s: not a stream socket", t->name);
	die(1, "connect %s:", t->name);
}

static int
is_there(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, 0) == 0;
}

/* which of the sockets in a state directory */
static const char *
choose(struct target *t, int dir, const struct conf *c)
{
	if (c->monitor) {
		t->kind = TARGET_MONITOR;
		return "monitor";
	}
	if (!is_there(dir, "console") && is_there(dir, "control")) {
		t->kind = TARGET_CONTROL;
		return "control";
	}
	t->kind = TARGET_CONSOLE;
	if (!c->all)
		return "console";
	if (is_there(dir, "console.all"))
		return "console.all";
	t->replay = openat(dir, "console.log", O_RDONLY | O_CLOEXEC);
	if (t->replay < 0)
		warn("%s: keeps no console.all or console.log: only what comes "
		     "now is shown",
		    c->target);
	return "console";
}

static __attribute__((noreturn)) void
no_socket(const char *dir, const char *name)
{
	char tool[VMDIR_TOOL];

	if (vmdir_owner(dir) <= 0)
		die(1, "%s: no %s there: nothing runs in it", dir, name);
	vmdir_tool(dir, tool);
	die(1, "%s: no %s there: %s has none, or is just starting", dir, name,
	    tool);
}

static void
open_dir(struct target *t, const struct conf *c)
{
	int dir = open(c->target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *name;

	if (dir < 0)
		die(1, "open %s:", c->target);
	name = choose(t, dir, c);
	snprintf(t->name, sizeof(t->name), "%s/%s", c->target, name);
	if (!is_there(dir, name))
		no_socket(c->target, name);
	connect_or_die(t, dir, name);
	close(dir);
}

static void
open_socket(struct target *t, const struct conf *c)
{
	const char *slash = strrchr(c->target, '/'), *name;
	char dir[4096];
	int fd, n = slash ? (int)(slash - c->target) + 1 : 1;

	if (n >= (int)sizeof(dir))
		die(1, "%s: too long a path", c->target);
	snprintf(dir, sizeof(dir), "%.*s", n, slash ? c->target : ".");
	if ((fd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
		die(1, "open %s:", dir);
	name = slash ? slash + 1 : c->target;
	t->kind = c->monitor			 ? TARGET_MONITOR
		  : strcmp(name, "control") == 0 ? TARGET_CONTROL
						 : TARGET_SOCKET;
	connect_or_die(t, fd, name);
	close(fd);
}

/* one program at a time, as far as the others ask: the lock is for those
 * that run as root, whom TIOCEXCL does not stop */
static void
open_tty(struct target *t, const struct conf *c)
{
	t->kind = TARGET_TTY;
	t->fd = open(c->target, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (t->fd < 0 && errno == EBUSY)
		die(1, "%s: busy: another program has it", c->target);
	if (t->fd < 0)
		die(1, "open %s:", c->target);
	if (!isatty(t->fd))
		die(1, "%s: neither a directory, a socket nor a terminal",
		    c->target);
	if (flock(t->fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		die(1, "%s: busy: another program has it", c->target);
	ioctl(t->fd, TIOCEXCL);
	if (tty_serial(&t->tty, t->fd, c->baud) < 0)
		die(1, "%s: set %ld baud:", c->target, c->baud);
}

void
target_close(struct target *t)
{
	if (t->kind == TARGET_TTY && t->tty.on) {
		tty_restore(&t->tty);
		ioctl(t->fd, TIOCNXCL);
	}
}

void
target_open(struct target *t, const struct conf *c)
{
	struct stat st;

	memset(t, 0, sizeof(*t));
	t->replay = -1;
	snprintf(t->name, sizeof(t->name), "%s", c->target);
	if (stat(c->target, &st) < 0)
		die(1, "%s:", c->target);
	if (S_ISDIR(st.st_mode))
		open_dir(t, c);
	else if (S_ISSOCK(st.st_mode))
		open_socket(t, c);
	else if (S_ISCHR(st.st_mode))
		open_tty(t, c);
	else
		die(1, "%s: neither a directory, a socket nor a terminal",
		    c->target);
}

/* the nth blank-separated field of a line, from 0; "" when there is none */
static const char *
field(const char *s, int n)
{
	for (s += strspn(s, " "); n > 0; n--) {
		s += strcspn(s, " ");
		s += strspn(s, " ");
	}
	return s;
}

/*
 * A connection that no accept(2) took yet shows in /proc/net/unix under the
 * listener's name in state 2, SS_CONNECTING. The name is the one that the
 * listener was bound by, which the peer's address tells.
 */
int
target_busy(const struct target *t)
{
	struct sockaddr_un sun;
	socklen_t len = sizeof(sun);
	char line[512];
	int busy = 0;
	FILE *fp;

	memset(&sun, 0, sizeof(sun));
	if (t->kind == TARGET_TTY ||
	    getpeername(t->fd, (void *)&sun, &len) < 0 || !sun.sun_path[0] ||
	    !(fp = fopen("/proc/net/unix", "re")))
		return 0;
	/* Num RefCount Protocol Flags Type St Inode Path */
	while (!busy && fgets(line, sizeof(line), fp)) {
		line[strcspn(line, "\n")] = 0;
		busy = !strncmp(field(line, 5), "02 ", 3) &&
		       !strncmp(
			   field(line, 7), sun.sun_path, sizeof(sun.sun_path));
	}
	fclose(fp);
	return busy;
}
