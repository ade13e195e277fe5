/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "die.h"
#include "num.h"
#include "sandbox.h"
#include "start.h"

#define FIRST_FD 3  /* sd_listen_fds(3) */
#define PORTS	 16 /* that -p 0 tries */

static void
take(struct serve *s, int fd)
{
	if (serve_listen(s, fd) < 0)
		die(1, "watch the socket:");
}

static void
adopt(struct serve *s, int fd)
{
	if (sock_adopt(fd) < 0)
		die(1, "descriptor %d is no bound UDP socket:", fd);
	take(s, fd);
}

/* descriptors handed over as systemd does it: how many */
static int
inherited(struct serve *s)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int64_t n, i;

	if (!fds || num_parse(fds, 1, NLISTEN, &n) < 0)
		return 0;
	if (pid && (num_parse(pid, 1, INT32_MAX, &i) < 0 || i != getpid()))
		return 0; /* meant for another process */
	for (i = 0; i < n; i++)
		adopt(s, FIRST_FD + (int)i);
	return (int)n;
}

static __attribute__((noreturn)) void
no_port(const char *at, uint16_t port)
{
	if (errno != EACCES)
		die(1, "bind %s port %u:", at, port);
	die(1,
	    "bind %s port %u: Permission denied: give it to the program (setcap"
	    " cap_net_bind_service=+ep), to everybody (sysctl"
	    " net.ipv4.ip_unprivileged_port_start=%u), or pass it in"
	    " (a socket unit, LISTEN_FDS); or choose another with -p",
	    at, port, port);
}

static __attribute__((noreturn)) void
no_socket(const struct conf *c, const union sock_addr *a)
{
	const int err = errno;
	char name[ADDR_LEN];

	if (err == ENODEV)
		die(1, "interface %s:", c->iface);
	addr_str(name, &a->sa);
	errno = err;
	no_port(name, sock_port(a));
}

/* where to listen; port 0: at one that all of these share */
struct places {
	union sock_addr at[NLISTEN];
	int fd[NLISTEN], n; /* -1: this kernel has no such family */
	int first;	    /* fd that the port was given to, -1 */
	union sock_addr taken;
};

static void
find_places(struct places *p, const struct conf *c)
{
	static const sa_family_t any[] = { AF_INET, AF_INET6 };
	struct sockaddr_storage ss;
	socklen_t len;

	memset(p, 0, sizeof(*p));
	for (; p->n < c->nlisten; p->n++) {
		if (addr_sock(c->listen[p->n], c->port, &ss, &len) < 0)
			die(2, "not an address: %s", c->listen[p->n]);
		memcpy(&p->at[p->n], &ss, sizeof(*p->at));
	}
	for (; !c->nlisten && p->n < 2; p->n++) {
		p->at[p->n].sa.sa_family = any[p->n];
		sock_setport(&p->at[p->n], c->port);
	}
}

/* binds each, what has no port to that of the first such one; 0, or -1: it is
 * taken for another, and only the first is open */
static int
bind_places(struct places *p, const struct conf *c)
{
	union sock_addr a, got = { .sa.sa_family = AF_INET };
	int i, any;

	p->first = -1;
	for (i = 0; i < p->n; i++) {
		a = p->at[i];
		any = !sock_port(&a);
		if (any)
			sock_setport(&a, sock_port(&got));
		p->fd[i] = sock_udp(&a, c->iface);
		if (p->fd[i] < 0 && errno == EADDRINUSE && any && p->first >= 0)
			break;
		if (p->fd[i] < 0 && errno != EAFNOSUPPORT)
			no_socket(c, &a);
		if (p->fd[i] < 0 || !any || p->first >= 0)
			continue;
		p->first = p->fd[i];
		if (sock_name(p->first, &got) < 0)
			die(1, "ask for the port:");
	}
	if (i == p->n)
		return 0;
	p->taken = a;
	while (i-- > 0)
		if (p->fd[i] >= 0 && p->fd[i] != p->first)
			close(p->fd[i]);
	return -1;
}

void
start_listen(struct serve *s, const struct conf *c)
{
	int kept[PORTS], n = 0, i, some = 0;
	struct places p;

	if (c->inherit >= 0) {
		adopt(s, c->inherit);
		return;
	}
	if (inherited(s))
		return;
	find_places(&p, c);
	/* what was given stays meanwhile, so that the next one is another */
	while (bind_places(&p, c) < 0) {
		kept[n++] = p.first;
		if (n == PORTS) {
			errno = EADDRINUSE;
			no_socket(c, &p.taken);
		}
	}
	for (i = 0; i < p.n; i++)
		if (p.fd[i] >= 0) {
			take(s, p.fd[i]);
			some = 1;
		} else if (c->nlisten)
			die(1, "bind %s: this kernel has no IPv6",
			    c->listen[i]);
	if (!some)
		die(1, "neither IPv4 nor IPv6 here");
	while (n > 0)
		close(kept[--n]);
}

/* --ready N: N, or -1 when it names a file, or there is none */
static int
ready_fd(const struct conf *c)
{
	int64_t fd;

	return c->ready && num_parse(c->ready, 0, INT32_MAX, &fd) == 0 ? (int)fd
								       : -1;
}

void
start_check(const struct conf *c)
{
	const int fd = ready_fd(c), flags = fd < 0 ? 0 : fcntl(fd, F_GETFL);

	if (fd >= 0 && flags >= 0 && (flags & O_ACCMODE) == O_RDONLY)
		errno = EBADF;
	else if (flags >= 0)
		return;
	die(1, "ready descriptor %d:", fd);
}

static uint16_t
port_of(const struct serve *s)
{
	union sock_addr a;

	return sock_name(s->listen[0], &a) < 0 ? 0 : sock_port(&a);
}

/* NOTIFY_SOCKET (sd_notify(3)): connected now, written to later */
static int
notifier(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un un;
	size_t n;
	int fd;

	if (!path || (path[0] != '/' && path[0] != '@'))
		return -1;
	n = strlen(path);
	memset(&un, 0, sizeof(un));
	un.sun_family = AF_UNIX;
	if (n >= sizeof(un.sun_path))
		return -1;
	memcpy(un.sun_path, path, n);
	if (path[0] == '@')
		un.sun_path[0] = 0;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (const struct sockaddr *)&un,
		(socklen_t)(offsetof(struct sockaddr_un, sun_path) + n)) < 0) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* --ready FILE: there, whole, from the moment that requests are answered */
static void
ready_file(const struct serve *s, const char *path)
{
	char tmp[1024], line[16];
	int fd, n;

	n = snprintf(tmp, sizeof(tmp), "%s.%ld", path, (long)getpid());
	if (n >= (int)sizeof(tmp))
		die(1, "ready %s: name too long", path);
	n = snprintf(line, sizeof(line), "%u\n", port_of(s));
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (fd < 0 || write(fd, line, (size_t)n) != n || close(fd) < 0 ||
	    rename(tmp, path) < 0) {
		n = errno;
		unlink(tmp);
		errno = n;
		die(1, "ready %s:", path);
	}
}

/* an older server's goes; a device, or a link to one, is not ours to replace */
static void
ready_clear(const char *path)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		die(1, "ready %s: not a regular file", path);
	(void)unlink(path);
}

/* becomes another user, whose name it returns, or NULL */
static const char *
user(const struct conf *c)
{
	const char *name = c->user;

	if (!name && geteuid() == 0)
		name = "nobody";
	if (sandbox_user(name) == 0)
		return name;
	/* a user namespace that has nobody but root: it is somebody else's
	 * rights that root has there */
	if (!c->user && (errno == EINVAL || errno == EPERM) &&
	    sandbox_user(NULL) == 0)
		return NULL;
	if (errno == ENOENT)
		die(1, "user %s: no such user", name);
	die(1, "become user %s:", name ? name : "(unchanged)");
}

/* root, to whom all is open, does not see why it is closed */
static __attribute__((noreturn)) void
closed(const char *what, const char *dir, const char *name)
{
	if (errno == EACCES && geteuid() == 0)
		die(1,
		    "%s %s: closed to root, who has no capabilities here: "
		    "%sopen it (chown, chmod)",
		    what, dir, name ? "let --user name another, or " : "");
	if (errno == EACCES && name)
		die(1,
		    "%s %s: closed to %s, which root becomes here: let "
		    "--user name another, or open it (chown, chmod)",
		    what, dir, name);
	die(1, "%s %s:", what, dir);
}

/* can they be used? said at the start and not with the first request */
static void
probe(struct serve *s, const struct conf *c, const char *name)
{
	int fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC), test;

	if (fd < 0 || faccessat(fd, ".", X_OK, 0) < 0)
		closed("open", c->dir, name);
	if (c->nofollow) {
		test = beneath_open(fd, ".", O_PATH, 0);
		if (test < 0)
			die(1, "--no-follow needs openat2 (Linux 5.6):");
		close(test);
	}
	close(fd);
	if (!c->uploads)
		return;
	s->uploads = tree_uploads(c->uploads);
	if (s->uploads < 0)
		closed("uploads", c->uploads, name);
}

/* Landlock: nothing but reading, what a symlink in DIR may lead to being
 * everything; with --no-follow DIR alone, if it is not itself a symlink that
 * a rebuild replaces */
static void
files(const struct conf *c)
{
	const char *read[] = { "/", NULL }, *write[] = { c->uploads, NULL };
	struct stat st;

	if (c->nolandlock)
		return;
	if (c->nofollow && lstat(c->dir, &st) == 0 && S_ISDIR(st.st_mode))
		read[0] = c->dir;
	if (sandbox_files(read, write) == 0)
		return;
	if (errno == ENOSYS || errno == EOPNOTSUPP)
		die(1,
		    "this kernel has no Landlock to confine the server with; "
		    "--no-landlock goes without");
	die(1, "confine by Landlock:");
}

static void
calls(const struct conf *c)
{
	unsigned sets = SANDBOX_READ | SANDBOX_UDP;

	if (c->uploads)
		sets |= SANDBOX_WRITE;
	if (c->noseccomp || sandbox_calls(sets) == 0)
		return;
	if (errno == EINVAL || errno == ENOSYS)
		die(1,
		    "this kernel has no seccomp filters to confine the server "
		    "with; --no-seccomp goes without");
	die(1, "confine by seccomp:");
}

static void
announce(const struct serve *s, const struct conf *c)
{
	if (c->loglevel == LOG_QUIET)
		return;
	if (c->nolandlock || c->noseccomp)
		warn("not confined by %s%s%s", c->nolandlock ? "Landlock" : "",
		    c->nolandlock && c->noseccomp ? " nor by " : "",
		    c->noseccomp ? "seccomp" : "");
	if (c->json)
		dprintf(2, "{\"event\":\"ready\",\"port\":%u}\n", port_of(s));
	else
		warn("serving %s on port %u%s", c->dir, port_of(s),
		    c->nallow ? ""
			      : ", to private and link-local addresses only "
				"(no -a)");
}

void
start_confine(struct serve *s, const struct conf *c)
{
	const int notify = notifier();
	const int fd = ready_fd(c);

	if (c->ready && fd < 0)
		ready_clear(c->ready);
	probe(s, c, user(c));
	if (c->ready && fd < 0)
		ready_file(s, c->ready);
	files(c);
	calls(c);
	announce(s, c);
	if (fd >= 0 && (write(fd, "\n", 1) != 1 || close(fd) < 0))
		die(1, "ready descriptor %d:", fd);
	if (notify >= 0) {
		(void)send(notify, "READY=1", 7, MSG_NOSIGNAL);
		close(notify);
	}
}
