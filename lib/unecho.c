/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <netinet/in.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/filter.h>

#include "num.h"
#include "sock.h"
#include "unecho.h"

/* the source address that a guest with this MAC gets, host order */
static uint32_t
unecho_source(const uint8_t mac[6])
{
	/* the high bit keeps it off 127.0.0.1, the rest is the guest's own */
	uint32_t low =
	    (uint32_t)(mac[3] | 0x80) << 16 | (uint32_t)mac[4] << 8 | mac[5];

	return 127U << 24 | (low == 0xffffff ? 0x800000 : low);
}

static int
getfd(int pidfd, int fd)
{
	return (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
}

int
unecho_able(const struct netname *n)
{
	int p, fd;

	if (n->kind != NETNAME_MCAST || n->local >> 24 != 127) {
		errno = EOPNOTSUPP;
		return -1;
	}
	if ((p = (int)syscall(SYS_pidfd_open, getpid(), 0)) < 0)
		return -1;
	fd = getfd(p, p);
	close(p);
	if (fd < 0)
		return -1;
	close(fd);
	return 0;
}

/* sends from source, and does not hear what source sends */
static int
mend(int fd, uint32_t source)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + 12),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, source, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, 0xffffffff),
	};
	struct sock_fprog prog = { sizeof(code) / sizeof(*code), code };
	struct ip_mreqn m;

	/* QEMU, no longer slowed down by its own frames, sends faster than
	 * another reads: as much room as we are given */
	sock_room(fd, 4 << 20);
	memset(&m, 0, sizeof(m));
	m.imr_address.s_addr = htonl(source);
	if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &m, sizeof(m)) < 0)
		return -1;
	return setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* the first of u that fd, a socket of QEMU's, belongs to and that is not
 * done; or NULL */
static struct unecho *
match(int fd, struct unecho *u, int n)
{
	struct sockaddr_in in;
	socklen_t len = sizeof(in);
	int i;

	memset(&in, 0, sizeof(in));
	if (getsockname(fd, (struct sockaddr *)&in, &len) < 0 ||
	    in.sin_family != AF_INET)
		return NULL;
	for (i = 0; i < n; i++)
		if (!u[i].done && u[i].net.group == ntohl(in.sin_addr.s_addr) &&
		    u[i].net.port == ntohs(in.sin_port))
			return &u[i];
	return NULL;
}

static int
is_socket(int dir, const char *name)
{
	char b[16];
	ssize_t n = readlinkat(dir, name, b, sizeof(b));

	return n > 7 && !memcmp(b, "socket:", 7);
}

static int
walk(DIR *d, int pidfd, struct unecho *u, int n)
{
	struct unecho *hit;
	struct dirent *e;
	int64_t nr;
	int fd, found = 0;

	while ((e = readdir(d))) {
		if (num_parse(e->d_name, 0, 1 << 30, &nr) < 0 ||
		    !is_socket(dirfd(d), e->d_name))
			continue;
		if ((fd = getfd(pidfd, (int)nr)) < 0)
			return -1;
		if ((hit = match(fd, u, n)) &&
		    mend(fd, unecho_source(hit->mac)) == 0)
			hit->done = 1, found++;
		close(fd);
	}
	return found;
}

int
unecho(pid_t pid, struct unecho *u, int n)
{
	char path[64];
	int pidfd, r = -1, err;
	DIR *d;

	if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0)
		return -1;
	snprintf(path, sizeof(path), "/proc/%ld/fd", (long)pid);
	if ((d = opendir(path)))
		r = walk(d, pidfd, u, n);
	err = errno;
	if (d)
		closedir(d);
	close(pidfd);
	errno = err;
	return r;
}
