/* limen: ISC licence, see LICENSE */
#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "sock.h"

#define TRAIN_SEGS 64 /* UDP_MAX_SEGMENTS of all kernels that have it */

/* room for a packet info and a segment length, aligned as CMSG wants it */
union ctl {
	struct cmsghdr align;
	uint8_t b[128];
};

static void
put_ctl(struct msghdr *mh, const int id[2], const void *data, size_t len)
{
	struct cmsghdr *c =
	    (void *)((uint8_t *)mh->msg_control + mh->msg_controllen);

	memset(c, 0, CMSG_SPACE(len));
	c->cmsg_level = id[0];
	c->cmsg_type = id[1];
	c->cmsg_len = CMSG_LEN(len);
	memcpy(CMSG_DATA(c), data, len);
	mh->msg_controllen += CMSG_SPACE(len);
}

static void
put_local(struct msghdr *mh, const struct sock_path *p)
{
	static const int id4[2] = { IPPROTO_IP, IP_PKTINFO };
	static const int id6[2] = { IPPROTO_IPV6, IPV6_PKTINFO };
	struct in6_pktinfo pi6;
	struct in_pktinfo pi;

	if (p->local.sa.sa_family == AF_INET) {
		memset(&pi, 0, sizeof(pi));
		pi.ipi_spec_dst = p->local.in.sin_addr;
		put_ctl(mh, id4, &pi, sizeof(pi));
	} else if (p->local.sa.sa_family == AF_INET6) {
		memset(&pi6, 0, sizeof(pi6));
		pi6.ipi6_addr = p->local.in6.sin6_addr;
		pi6.ipi6_ifindex = p->local.in6.sin6_scope_id;
		put_ctl(mh, id6, &pi6, sizeof(pi6));
	}
}

/* fills one header, zeroed before; ctl and iov live as long as it does */
static void
header(struct msghdr *mh, const struct sock_path *to, union ctl *ctl,
    struct iovec *iov)
{
	mh->msg_iov = iov;
	mh->msg_iovlen = 1;
	mh->msg_control = ctl;
	if (!to)
		return;
	mh->msg_name = (void *)&to->peer;
	mh->msg_namelen = sock_addrlen(&to->peer);
	put_local(mh, to);
}

/* musl's own sendmmsg is a loop over sendmsg; the zeroed padding of its
 * msghdr makes the system call safe */
static int
sendall(int fd, struct mmsghdr *v, size_t n)
{
	if (n == 1)
		return sendmsg(fd, &v->msg_hdr, MSG_DONTWAIT | MSG_NOSIGNAL) < 0
			   ? -1
			   : 1;
	return (int)syscall(
	    SYS_sendmmsg, fd, v, (unsigned)n, MSG_DONTWAIT | MSG_NOSIGNAL);
}

int
sock_send(int fd, const struct sock_msg *m, size_t n)
{
	struct mmsghdr v[SOCK_BATCH];
	struct iovec iov[SOCK_BATCH];
	union ctl ctl[SOCK_BATCH];
	size_t i;

	n = n < SOCK_BATCH ? n : SOCK_BATCH;
	memset(v, 0, n * sizeof(*v));
	for (i = 0; i < n; i++) {
		iov[i].iov_base = m[i].buf;
		iov[i].iov_len = m[i].len;
		header(&v[i].msg_hdr, &m[i].path, &ctl[i], &iov[i]);
	}
	return sendall(fd, v, n);
}

static void
put_seg(struct msghdr *mh, size_t seg)
{
	static const int id[2] = { SOL_UDP, UDP_SEGMENT };
	const uint16_t n = (uint16_t)seg;

	put_ctl(mh, id, &n, sizeof(n));
}

/* sends buf in messages of at most unit bytes, each cut by the kernel into
 * datagrams of seg when it is longer; bytes gone, or -1 */
static ssize_t
units(int fd, const struct sock_train *t, size_t unit)
{
	struct mmsghdr v[SOCK_BATCH];
	struct iovec iov[SOCK_BATCH];
	union ctl ctl[SOCK_BATCH];
	size_t i, off, len;
	int sent;

	for (i = off = 0; i < SOCK_BATCH && off < t->len; i++, off += len) {
		len = t->len - off < unit ? t->len - off : unit;
		iov[i].iov_base = (void *)(t->buf + off);
		iov[i].iov_len = len;
		memset(&v[i], 0, sizeof(v[i]));
		header(&v[i].msg_hdr, t->to, &ctl[i], &iov[i]);
		if (len > t->seg)
			put_seg(&v[i].msg_hdr, t->seg);
	}
	if ((sent = sendall(fd, v, i)) < 0)
		return -1;
	off = (size_t)sent * unit;
	return (ssize_t)(off < t->len ? off : t->len);
}

static ssize_t
train(int fd, struct sock_train *t)
{
	const struct sock_path *to = t->to;
	size_t per = SOCK_TRAIN / t->seg;
	ssize_t n;

	/* the cheapest */
	if (t->len <= t->seg && !to)
		return send(fd, t->buf, t->len, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (t->len <= t->seg && !to->local.sa.sa_family)
		return sendto(fd, t->buf, t->len, MSG_DONTWAIT | MSG_NOSIGNAL,
		    &to->peer.sa, sock_addrlen(&to->peer));
	per = per > TRAIN_SEGS ? TRAIN_SEGS : per;
	if (!t->plain && per > 1 && t->len > t->seg) {
		n = units(fd, t, per * t->seg);
		if (n >= 0 ||
		    (errno != EINVAL && errno != EIO && errno != EMSGSIZE &&
			errno != ENOPROTOOPT && errno != EOPNOTSUPP))
			return n;
		t->plain = 1;
	}
	return units(fd, t, t->seg);
}

ssize_t
sock_train(int fd, struct sock_train *t)
{
	const ssize_t n = train(fd, t);

	/* the ICMP error of an earlier one may have been in the way */
	if (n < 0 && (errno == ECONNREFUSED || errno == EMSGSIZE ||
			 errno == EHOSTUNREACH))
		return train(fd, t);
	return n;
}

int
sock_begin(int fd, const struct sock_train *t)
{
	struct iovec iov = { (void *)t->buf, t->len };
	struct msghdr mh;
	union ctl ctl;

	memset(&mh, 0, sizeof(mh));
	header(&mh, t->to, &ctl, &iov);
	put_seg(&mh, t->seg);
	return sendmsg(fd, &mh, MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -1
									    : 0;
}

int
sock_more(int fd, const void *buf, size_t len)
{
	return send(fd, buf, len, MSG_MORE | MSG_DONTWAIT | MSG_NOSIGNAL) < 0
		   ? -1
		   : 0;
}

int
sock_pages(int fd, int pipe, size_t len, int last)
{
	const unsigned more = last ? 0 : SPLICE_F_MORE;

	return splice(pipe, NULL, fd, NULL, len, more) == (ssize_t)len ? 0 : -1;
}

/* What would become longer than a datagram can be is thrown away by the
 * kernel, all of it. Without an address it cannot be the start of another. */
void
sock_drop(int fd)
{
	uint8_t b[4096];
	struct iovec iov[16];
	struct msghdr mh;
	size_t i;

	memset(b, 0, sizeof(b));
	memset(&mh, 0, sizeof(mh));
	for (i = 0; i < 16; i++) {
		iov[i].iov_base = b;
		iov[i].iov_len = i ? sizeof(b) : sizeof(b) - 1;
	}
	mh.msg_iov = iov;
	mh.msg_iovlen = 16; /* 65535 bytes; more are refused beforehand */
	(void)sendmsg(fd, &mh, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* one train of 36 bytes from tx to rx: does it come as datagrams of 16? */
static int
try_train(int tx, int rx, const struct sock_path *to)
{
	uint8_t out[36], in[64];
	struct sock_msg m = { .buf = in, .cap = sizeof(in) };
	struct sock_train t = { to, out, sizeof(out), 16, 0 };
	struct pollfd p = { rx, POLLIN, 0 };
	size_t got = 0;

	memset(out, 'x', sizeof(out));
	if (sock_train(tx, &t) != sizeof(out) || t.plain)
		return 0;
	while (got < sizeof(out)) {
		if (poll(&p, 1, 200) != 1 || sock_recv(rx, &m, 1) != 1)
			return 0;
		if ((m.seg ? m.seg : m.len) !=
		    (got + 16 > sizeof(out) ? sizeof(out) - got : 16))
			return 0;
		got += m.len;
	}
	return 1;
}

/* puts n pieces of each bytes into the pipe */
static int
pour(int fd, const uint8_t *b, size_t n, size_t each)
{
	while (n--)
		if (write(fd, b, each) != (ssize_t)each)
			return -1;
	return 0;
}

/* two datagrams of a head and three parts of pages: do they come as such? */
static int
pages_come(int tx, int rx, const struct sock_path *to, const int fd[2])
{
	uint8_t b[64], in[256] = { 0 };
	struct sock_train t = { to, b, 4, sizeof(b), 0 };
	struct sock_msg m = { .buf = in, .cap = sizeof(in) };
	struct pollfd p = { rx, POLLIN, 0 };
	int i;

	memset(b, 'y', sizeof(b));
	if (pour(fd[1], b, 6, 20) < 0 || sock_begin(tx, &t) < 0 ||
	    sock_pages(tx, fd[0], 60, 0) < 0 || sock_more(tx, b, 4) < 0 ||
	    sock_pages(tx, fd[0], 60, 1) < 0)
		return 0;
	for (i = 0; i < 2; i++)
		if (poll(&p, 1, 200) != 1 || sock_recv(rx, &m, 1) != 1 ||
		    m.len != sizeof(b) || memcmp(in, b, sizeof(b)))
			return 0;
	return 1;
}

/* 1, 0, or -1: this family is not had here */
static int
try_pages(const union sock_addr *a)
{
	const int tx = sock_bound(a, NULL), rx = sock_bound(a, NULL);
	struct sock_path to;
	int fd[2], ok = -1;

	memset(&to, 0, sizeof(to));
	if (tx >= 0 && rx >= 0 && sock_name(rx, &to.peer) == 0 &&
	    pipe2(fd, O_CLOEXEC | O_NONBLOCK | O_DIRECT) == 0) {
		ok = pages_come(tx, rx, &to, fd);
		close(fd[0]);
		close(fd[1]);
	}
	if (tx >= 0)
		close(tx);
	if (rx >= 0)
		close(rx);
	return ok;
}

/* Before Linux 6.5 UDP over IPv6 sends each page as a datagram. Where that is
 * so, IPv4 is not trusted either. */
static int
probe_pages(void)
{
	union sock_addr a;
	int ok4, ok6;

	memset(&a, 0, sizeof(a));
	a.in.sin_family = AF_INET;
	a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ok4 = try_pages(&a);
	memset(&a, 0, sizeof(a));
	a.in6.sin6_family = AF_INET6;
	a.in6.sin6_addr.s6_addr[15] = 1;
	ok6 = try_pages(&a);
	if (!ok4 || !ok6)
		return 0;
	return (ok4 > 0 ? SOCK_PAGES : 0) | (ok6 > 0 ? SOCK_PAGES6 : 0);
}

int
sock_probe(void)
{
	union sock_addr a;
	struct sock_path to;
	int tx, rx, can = 0;

	memset(&a, 0, sizeof(a));
	memset(&to, 0, sizeof(to));
	a.in.sin_family = AF_INET;
	a.in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	tx = sock_udp(&a, NULL);
	rx = sock_udp(&a, NULL);
	if (tx >= 0 && rx >= 0 && sock_name(rx, &to.peer) == 0 &&
	    try_train(tx, rx, &to)) {
		can = SOCK_CUTS | probe_pages();
		sock_gro(rx);
		if (try_train(tx, rx, &to))
			can |= SOCK_JOINS;
	}
	if (tx >= 0)
		close(tx);
	if (rx >= 0)
		close(rx);
	return can;
}
