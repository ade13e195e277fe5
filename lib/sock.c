/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <time.h>

#include <linux/errqueue.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "sock.h"

/* room for a packet info and a segment length, aligned as CMSG wants it */
union ctl {
	struct cmsghdr align;
	uint8_t b[128];
};

socklen_t
sock_addrlen(const union sock_addr *a)
{
	return a->sa.sa_family == AF_INET6 ? sizeof(a->in6) : sizeof(a->in);
}

uint16_t
sock_port(const union sock_addr *a)
{
	return ntohs(
	    a->sa.sa_family == AF_INET6 ? a->in6.sin6_port : a->in.sin_port);
}

void
sock_setport(union sock_addr *a, uint16_t port)
{
	if (a->sa.sa_family == AF_INET6)
		a->in6.sin6_port = htons(port);
	else
		a->in.sin_port = htons(port);
}

static int
on(int fd, int level, int what)
{
	const int one = 1;

	return setsockopt(fd, level, what, &one, sizeof(one));
}

static int
pktinfo(int fd, int family)
{
	if (family == AF_INET6)
		return on(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO);
	return on(fd, IPPROTO_IP, IP_PKTINFO);
}

/* not bound yet */
static int
opened(int family, const char *iface)
{
	const int fd =
	    socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	if ((family != AF_INET6 || on(fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0) &&
	    (!iface || setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, iface,
			   (socklen_t)strlen(iface)) == 0))
		return fd;
	return fd_discard(fd);
}

int
sock_bound(const union sock_addr *a, const char *iface)
{
	const int fd = opened(a->sa.sa_family, iface);

	if (fd < 0 || bind(fd, &a->sa, sock_addrlen(a)) == 0)
		return fd;
	return fd_discard(fd);
}

static int
share(int fd, int value)
{
	return setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value));
}

int
sock_twin(int fd, const union sock_addr *peer, const char *iface)
{
	union sock_addr me;
	int twin;

	if (sock_name(fd, &me) < 0)
		return -1;
	twin = opened(me.sa.sa_family, iface);
	/* shared for a moment only: nobody else gets the port */
	if (twin >= 0 && (share(fd, 1) < 0 || share(twin, 1) < 0 ||
			     bind(twin, &me.sa, sock_addrlen(&me)) < 0 ||
			     share(twin, 0) < 0 ||
			     connect(fd, &peer->sa, sock_addrlen(peer)) < 0)) {
		close(twin);
		twin = -1;
	}
	(void)share(fd, 0);
	return twin;
}

int
sock_udp(const union sock_addr *a, const char *iface)
{
	const int fd = sock_bound(a, iface);

	if (fd < 0 || pktinfo(fd, a->sa.sa_family) == 0)
		return fd;
	return fd_discard(fd);
}

int
sock_adopt(int fd)
{
	union sock_addr a;
	socklen_t len = sizeof(int);
	int proto;

	if (getsockopt(fd, SOL_SOCKET, SO_PROTOCOL, &proto, &len) < 0 ||
	    sock_name(fd, &a) < 0)
		return -1;
	if (proto != IPPROTO_UDP ||
	    (a.sa.sa_family != AF_INET && a.sa.sa_family != AF_INET6)) {
		errno = EPROTOTYPE;
		return -1;
	}
	if (!sock_port(&a)) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	/* a v6 socket that takes v4 as well tells either kind's */
	if (a.sa.sa_family == AF_INET6)
		(void)pktinfo(fd, AF_INET);
	return pktinfo(fd, a.sa.sa_family) < 0 ? -1 : fd_prepare(fd);
}

int
sock_name(int fd, union sock_addr *a)
{
	socklen_t len = sizeof(*a);

	memset(a, 0, sizeof(*a));
	return getsockname(fd, &a->sa, &len);
}

void
sock_gro(int fd)
{
	(void)on(fd, SOL_UDP, UDP_GRO);
}

/* a socket of the one family does not have the other's */
void
sock_cut(int fd)
{
	static const int v4 = IP_PMTUDISC_DONT, v6 = IPV6_PMTUDISC_DONT;

	(void)setsockopt(fd, IPPROTO_IP, IP_MTU_DISCOVER, &v4, sizeof(v4));
	(void)setsockopt(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, &v6, sizeof(v6));
}

static void
room(int fd, int force, int ask, int bytes)
{
	if (setsockopt(fd, SOL_SOCKET, force, &bytes, sizeof(bytes)) < 0)
		(void)setsockopt(fd, SOL_SOCKET, ask, &bytes, sizeof(bytes));
}

void
sock_room(int fd, int bytes)
{
	room(fd, SO_RCVBUFFORCE, SO_RCVBUF, bytes);
}

void
sock_queue(int fd, int bytes)
{
	sock_room(fd, bytes);
	room(fd, SO_SNDBUFFORCE, SO_SNDBUF, bytes);
}

unsigned
sock_fit(int fd, unsigned n, size_t bytes)
{
	socklen_t len = sizeof(int);
	int room;
	size_t fit;

	if (getsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, &len) < 0)
		return n;
	fit = (size_t)room / 2 / bytes;
	return fit < 1 ? 1 : fit < n ? (unsigned)fit : n;
}

void
sock_wanterrors(int fd)
{
	union sock_addr a;

	if (sock_name(fd, &a) == 0 && a.sa.sa_family == AF_INET6)
		(void)on(fd, IPPROTO_IPV6, IPV6_RECVERR);
	else
		(void)on(fd, IPPROTO_IP, IP_RECVERR);
}

int
sock_error(int fd, union sock_addr *to, int *err)
{
	struct sock_extended_err ee;
	struct cmsghdr *c;
	union ctl ctl;
	struct iovec iov = { NULL, 0 };
	struct msghdr mh;

	memset(&mh, 0, sizeof(mh));
	memset(to, 0, sizeof(*to));
	mh.msg_name = to;
	mh.msg_namelen = sizeof(*to);
	mh.msg_iov = &iov;
	mh.msg_iovlen = 1;
	mh.msg_control = &ctl;
	mh.msg_controllen = sizeof(ctl);
	*err = 0;
	if (recvmsg(fd, &mh, MSG_ERRQUEUE | MSG_DONTWAIT) < 0)
		return 0;
	for (c = CMSG_FIRSTHDR(&mh); c; c = CMSG_NXTHDR(&mh, c))
		if ((c->cmsg_level == IPPROTO_IP &&
			c->cmsg_type == IP_RECVERR) ||
		    (c->cmsg_level == IPPROTO_IPV6 &&
			c->cmsg_type == IPV6_RECVERR)) {
			memcpy(&ee, CMSG_DATA(c), sizeof(ee));
			*err = (int)ee.ee_errno;
		}
	return 1;
}

/* the own address out of a v4 packet info: the one that was asked, or for what
 * was sent to many the one that routing would answer from (ip(7)) */
static void
local4(struct sock_msg *m, const struct in_pktinfo *pi)
{
	struct sock_path *p = &m->path;

	p->local.in.sin_family = AF_INET;
	p->local.in.sin_addr = pi->ipi_spec_dst;
	p->ifindex = (unsigned)pi->ipi_ifindex;
	m->many |= pi->ipi_addr.s_addr != pi->ipi_spec_dst.s_addr;
}

static void
local6(struct sock_msg *m, const struct in6_pktinfo *pi)
{
	struct sock_path *p = &m->path;

	p->ifindex = (unsigned)pi->ipi6_ifindex;
	if (IN6_IS_ADDR_MULTICAST(&pi->ipi6_addr)) {
		m->many = 1;
		return;
	}
	p->local.in6.sin6_family = AF_INET6;
	p->local.in6.sin6_addr = pi->ipi6_addr;
	if (IN6_IS_ADDR_LINKLOCAL(&pi->ipi6_addr))
		p->local.in6.sin6_scope_id = p->ifindex;
}

/* a v4 peer of a v6 socket that takes both */
static void
unmap(union sock_addr *a)
{
	struct sockaddr_in in;

	if (a->sa.sa_family != AF_INET6 ||
	    !IN6_IS_ADDR_V4MAPPED(&a->in6.sin6_addr))
		return;
	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = a->in6.sin6_port;
	memcpy(&in.sin_addr, a->in6.sin6_addr.s6_addr + 12, 4);
	a->in = in;
}

static void
received(struct sock_msg *m, struct msghdr *mh)
{
	struct in6_pktinfo pi6;
	struct in_pktinfo pi;
	struct cmsghdr *c;
	int seg;

	memset(&m->path.local, 0, sizeof(m->path.local));
	m->path.ifindex = 0;
	m->seg = 0;
	m->many = 0;
	m->truncated = !!(mh->msg_flags & MSG_TRUNC);
	unmap(&m->path.peer);
	for (c = CMSG_FIRSTHDR(mh); c; c = CMSG_NXTHDR(mh, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			memcpy(&pi, CMSG_DATA(c), sizeof(pi));
			local4(m, &pi);
		} else if (c->cmsg_level == IPPROTO_IPV6 &&
			   c->cmsg_type == IPV6_PKTINFO) {
			memcpy(&pi6, CMSG_DATA(c), sizeof(pi6));
			local6(m, &pi6);
		} else if (c->cmsg_level == SOL_UDP &&
			   c->cmsg_type == UDP_GRO) {
			memcpy(&seg, CMSG_DATA(c), sizeof(seg));
			m->seg = (unsigned)seg < m->len ? (unsigned)seg : 0;
		}
	}
}

int
sock_recv(int fd, struct sock_msg *m, size_t n)
{
	struct mmsghdr v[SOCK_BATCH];
	struct iovec iov[SOCK_BATCH];
	union ctl ctl[SOCK_BATCH];
	size_t i;
	long got;

	n = n < SOCK_BATCH ? n : SOCK_BATCH;
	memset(v, 0, n * sizeof(*v));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = m[i].buf;
		iov[i].iov_len = m[i].cap;
		v[i].msg_hdr.msg_name = &m[i].path.peer;
		v[i].msg_hdr.msg_namelen = sizeof(m[i].path.peer);
		v[i].msg_hdr.msg_iov = &iov[i];
		v[i].msg_hdr.msg_iovlen = 1;
		v[i].msg_hdr.msg_control = &ctl[i];
		v[i].msg_hdr.msg_controllen = sizeof(ctl[i]);
	}
	got = recvmmsg(fd, v, (unsigned)n, MSG_DONTWAIT, NULL);
	for (i = 0; got > 0 && i < (size_t)got; i++) {
		m[i].len = v[i].msg_len;
		received(&m[i], &v[i].msg_hdr);
	}
	return (int)got;
}

ssize_t
sock_recv1(int fd, void *buf, size_t cap, union sock_addr *from)
{
	socklen_t len = sizeof(*from);

	return recvfrom(fd, buf, cap, MSG_DONTWAIT, &from->sa, &len);
}

ssize_t
sock_wait1(int fd, void *buf, size_t cap, union sock_addr *from)
{
	socklen_t len = sizeof(*from);

	return recvfrom(fd, buf, cap, 0, &from->sa, &len);
}

void
sock_patient(int fd, int ms)
{
	const struct timeval tv = { ms / 1000, ms % 1000 * 1000 };
	const int flags = fcntl(fd, F_GETFL);

	if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)) == 0)
		(void)fcntl(fd, F_SETFL, flags & ~O_NONBLOCK);
}
