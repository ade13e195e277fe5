/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/if_tun.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "eth.h"
#include "ethport.h"
#include "fd.h"
#include "sock.h"

enum {
	SLOT = ETHPORT_ROOM + 65536,
	RCVBUF = 4 << 20,
	RING_MTU = 1908, /* a slot of the ring holds no more */
};

/*
 * The filter: drops frames whose 16-bit word at own_at is own (own_at < 0:
 * none), and, when only PPPoE is wanted, those with another type at type_at.
 */
struct want {
	int own_at;
	unsigned own;
	unsigned type_at;
};

static int
attach(int fd, enum ethport_what what, const struct want *w)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS,
		    (unsigned)(w->own_at < 0 ? 0 : w->own_at)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K,
		    w->own_at < 0 ? 0x10000 : w->own, 7, 0),
		BPF_STMT(BPF_LD | BPF_H | BPF_ABS, w->type_at),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_PPPOED, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_PPPOES, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_QTAG, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_STAG, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, what == ETHPORT_PPPOE ? 0 : 0x40000),
		BPF_STMT(BPF_RET | BPF_K, 0x40000),
		BPF_STMT(BPF_RET | BPF_K, 0),
	};
	struct sock_fprog prog = { sizeof(f) / sizeof(*f), f };

	return setsockopt(
	    fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog));
}

/* the sender: its port tells our frames from others' (all on one host) */
static int
mcast_tx(struct ethport *e, const struct netname *n, struct sockaddr_in *own)
{
	struct sockaddr_in to = { 0 };
	struct in_addr ifa = { htonl(n->local) };
	socklen_t len = sizeof(*own);

	e->tx = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->tx < 0)
		return -1;
	to.sin_family = AF_INET;
	to.sin_addr.s_addr = htonl(n->group);
	to.sin_port = htons(n->port);
	if (setsockopt(e->tx, IPPROTO_IP, IP_MULTICAST_IF, &ifa, sizeof(ifa)) <
		0 ||
	    connect(e->tx, (struct sockaddr *)&to, sizeof(to)) < 0)
		return -1;
	return getsockname(e->tx, (struct sockaddr *)own, &len);
}

static int
open_mcast(struct ethport *e, const struct netname *n)
{
	struct sockaddr_in at = { 0 }, own = { 0 };
	struct want w = { 0, 0, 8 + 12 }; /* the filter sees the UDP header */
	struct ip_mreq m;
	int one = 1;

	if (mcast_tx(e, n, &own) < 0)
		return -1;
	e->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0)
		return -1;
	at.sin_family = AF_INET;
	at.sin_addr.s_addr = htonl(n->group);
	at.sin_port = htons(n->port);
	m.imr_multiaddr = at.sin_addr;
	m.imr_interface.s_addr = htonl(n->local);
	w.own = ntohs(own.sin_port);
	if (attach(e->fd, e->what, &w) < 0 ||
	    setsockopt(e->fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) <
		0 ||
	    bind(e->fd, (struct sockaddr *)&at, sizeof(at)) < 0 ||
	    setsockopt(e->fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &m, sizeof(m)) < 0)
		return -1;
	sock_room(e->fd, RCVBUF);
	return 0;
}

static int
open_packet(struct ethport *e, const char *name)
{
	struct want w = { -1, 0, 12 };
	struct sockaddr_ll ll = { 0 };
	struct ifreq ifr = { 0 };
	int one = 1;

	if (strlen(name) >= sizeof(ifr.ifr_name)) {
		errno = ENODEV;
		return -1;
	}
	memcpy(ifr.ifr_name, name, strlen(name));
	e->fd = e->tx =
	    socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0 || ioctl(e->fd, SIOCGIFHWADDR, &ifr) < 0)
		return -1;
	memcpy(e->mac, ifr.ifr_hwaddr.sa_data, 6);
	if (ioctl(e->fd, SIOCGIFMTU, &ifr) < 0)
		return -1;
	e->mtu = ifr.ifr_mtu < RING_MTU ? (unsigned)ifr.ifr_mtu : RING_MTU;
	ll.sll_family = AF_PACKET;
	ll.sll_protocol = htons(0x0003); /* ETH_P_ALL */
	ll.sll_ifindex = (int)if_nametoindex(name);
	if (setsockopt(e->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one,
		sizeof(one)) < 0 ||
	    setsockopt(e->fd, SOL_PACKET, PACKET_AUXDATA, &one, sizeof(one)) <
		0 ||
	    attach(e->fd, e->what, &w) < 0)
		return -1;
	if (e->what == ETHPORT_PPPOE && pktring_open(&e->ring, e->fd) < 0)
		return -1;
	sock_room(e->fd, RCVBUF);
	return bind(e->fd, (struct sockaddr *)&ll, sizeof(ll));
}

int
ethport_promisc(struct ethport *e)
{
	struct packet_mreq m = { 0 };
	struct sockaddr_ll ll = { 0 };
	socklen_t len = sizeof(ll);

	if (e->kind != NETNAME_PACKET)
		return 0;
	if (getsockname(e->fd, (struct sockaddr *)&ll, &len) < 0)
		return -1;
	m.mr_ifindex = ll.sll_ifindex;
	m.mr_type = PACKET_MR_PROMISC;
	return setsockopt(
	    e->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &m, sizeof(m));
}

/* A membership whose address is too long is refused for want of an interface,
 * else for its length, and waits for the end of a deletion that goes on. */
int
ethport_gone(const struct ethport *e)
{
	struct {
		struct packet_mreq m;
		uint8_t more[24];
	} want = { { .mr_alen = 32 }, { 0 } };
	struct sockaddr_ll ll = { 0 };
	socklen_t len = sizeof(ll);

	if (getsockname(e->fd, (struct sockaddr *)&ll, &len) < 0)
		return 0;
	want.m.mr_ifindex = ll.sll_ifindex;
	return setsockopt(e->fd, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &want,
		   sizeof(want)) < 0 &&
	       errno == ENODEV;
}

static int
open_tap(struct ethport *e, const char *name)
{
	struct ifreq ifr = { 0 };

	if (strlen(name) >= sizeof(ifr.ifr_name)) {
		errno = ENODEV;
		return -1;
	}
	memcpy(ifr.ifr_name, name, strlen(name));
	ifr.ifr_flags = IFF_TAP | IFF_NO_PI;
	e->fd = e->tx = open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
	return e->fd < 0 ? -1 : ioctl(e->fd, TUNSETIFF, &ifr);
}

static int
un_addr(struct sockaddr_un *a, const char *path, size_t len)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	if (!len || len >= sizeof(a->sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a->sun_path, path, len);
	return 0;
}

/* a socket that nobody listens on is what a killed program left; what is no
 * socket refuses connections, too */
static int
un_bind(int fd, const struct sockaddr_un *a)
{
	const struct sockaddr *sa = (const struct sockaddr *)a;
	struct stat st;
	int s, stale;

	if (bind(fd, sa, sizeof(*a)) == 0)
		return 0;
	if (errno != EADDRINUSE)
		return -1;
	if (lstat(a->sun_path, &st) == 0 && !S_ISSOCK(st.st_mode)) {
		errno = EADDRINUSE;
		return -1;
	}
	s = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (s < 0)
		return -1;
	stale = connect(s, sa, sizeof(*a)) < 0 && errno == ECONNREFUSED;
	close(s);
	if (!stale) {
		errno = EADDRINUSE;
		return -1;
	}
	unlink(a->sun_path);
	return bind(fd, sa, sizeof(*a));
}

/* PATH[,PEER]; without PEER whoever sent last is answered, see ethport_io.c */
static int
open_unix(struct ethport *e, const char *arg)
{
	const char *comma = strchr(arg, ',');
	size_t len = comma ? (size_t)(comma - arg) : strlen(arg);
	struct sockaddr_un own;

	if (un_addr(&own, arg, len) < 0)
		return -1;
	if (comma) {
		if (un_addr(&e->peer, comma + 1, strlen(comma + 1)) < 0)
			return -1;
		e->peerlen = sizeof(e->peer);
		e->fixed = 1;
	}
	e->fd = e->tx =
	    socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (e->fd < 0 || un_bind(e->fd, &own) < 0)
		return -1;
	e->own = own;
	sock_room(e->fd, RCVBUF);
	return 0;
}

static int
open_kind(struct ethport *e, const struct netname *n)
{
	switch (n->kind) {
	case NETNAME_MCAST: return open_mcast(e, n);
	case NETNAME_PACKET: return open_packet(e, n->arg);
	case NETNAME_TAP: return open_tap(e, n->arg);
	case NETNAME_UNIX: return open_unix(e, n->arg);
	default: errno = EOPNOTSUPP; return -1;
	}
}

int
ethport_open(struct ethport *e, const struct netname *n, enum ethport_what what)
{
	int err;

	memset(e, 0, sizeof(*e));
	e->fd = e->tx = -1;
	e->kind = n->kind;
	e->what = what;
	if (open_kind(e, n) < 0)
		goto fail;
	e->out = malloc((size_t)ETHPORT_BATCH * ETHPORT_ADD);
	if (!e->out)
		goto fail;
	if (!e->ring.map && !(e->in = malloc((size_t)ETHPORT_BATCH * SLOT)))
		goto fail;
	return 0;
fail:
	err = errno;
	ethport_close(e);
	errno = err;
	return -1;
}

const char *
ethport_why(int err)
{
	switch (err) {
	case EOPNOTSUPP: return "not a network that a program can join";
	case EADDRNOTAVAIL:
		return "its interface is down (a new namespace's loopback: "
		       "ip link set dev lo up)";
	case EPERM:
		return "not permitted: root may, and who has a network "
		       "namespace (unshare -rn)";
	default: return strerror(err);
	}
}

void
ethport_close(struct ethport *e)
{
	pktring_close(&e->ring);
	if (e->tx >= 0 && e->tx != e->fd)
		close(e->tx);
	if (e->fd >= 0)
		close(e->fd);
	if (e->own.sun_path[0])
		unlink(e->own.sun_path);
	e->own.sun_path[0] = '\0';
	free(e->in);
	free(e->out);
	e->in = e->out = NULL;
	e->fd = e->tx = -1;
}
