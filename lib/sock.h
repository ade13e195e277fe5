/* limen: ISC licence, see LICENSE */
#ifndef SOCK_H
#define SOCK_H

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define SOCK_BATCH 32	 /* datagrams that one call receives or sends */
#define SOCK_TRAIN 65000 /* bytes of a train: an IP packet's, headers apart */

/*
 * UDP sockets that know the own address which a datagram came to, so that the
 * answer leaves from it on a host of many addresses; many datagrams a call
 * (recvmmsg, sendmmsg); and trains: a run of datagrams of one length handed
 * to the kernel as one buffer (UDP_SEGMENT), received as one (UDP_GRO).
 * All return 0, or a count, or -1 and errno.
 */
union sock_addr {
	struct sockaddr sa;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
};

/* a datagram's two ends; local.sa.sa_family 0: not known, or left to the
 * kernel's routes (its port is not used) */
struct sock_path {
	union sock_addr peer;
	union sock_addr local;
	unsigned ifindex; /* that it came in by, 0: not known */
};

struct sock_msg {
	struct sock_path path;
	uint8_t *buf;
	size_t cap;    /* receiving: room in buf */
	size_t len;    /* bytes received, or to send */
	unsigned seg;  /* received train: length of each datagram; 0: one */
	int truncated; /* it was longer than cap */
	int many;      /* it came to a broadcast or multicast address */
};

/* a train: buf holds datagrams of seg bytes, the last may be shorter */
struct sock_train {
	const struct sock_path *to; /* NULL: the socket is connected */
	const uint8_t *buf;
	size_t len, seg;
	int plain; /* the kernel cannot cut for this path: from sock_probe(),
		    * set here when it turns out later */
};

socklen_t sock_addrlen(const union sock_addr *a);
uint16_t sock_port(const union sock_addr *a);
void sock_setport(union sock_addr *a, uint16_t port);

/*
 * A UDP socket bound to a (port 0: any), non-blocking, close-on-exec, that
 * tells local addresses. iface, when not NULL, ties it to one interface.
 * The v6 one takes no v4.
 */
int sock_udp(const union sock_addr *a, const char *iface);

/* the same, but it does not tell them, which each datagram would pay for */
int sock_bound(const union sock_addr *a, const char *iface);

/*
 * Connects fd, of sock_bound(), to peer, so that the kernel looks for the way
 * there once and not with each datagram; the twin that is returned has the same
 * address and gets what others send there. -1: all is as it was.
 */
int sock_twin(int fd, const union sock_addr *peer, const char *iface);

/* makes an inherited, bound UDP socket behave like sock_udp()'s; -1 with
 * ENOTSOCK or EPROTOTYPE when it is none, EADDRNOTAVAIL when it has no port */
int sock_adopt(int fd);

int sock_name(int fd, union sock_addr *a);

/*
 * Does this system cut trains, say how long the datagrams of received ones
 * are, and take them in pieces (v4, v6)? Tried on two sockets of the loopback
 * interface: some emulators take the calls and get the numbers wrong. Bits of
 * enum sock_can.
 */
enum sock_can {
	SOCK_CUTS = 1,
	SOCK_JOINS = 2,
	SOCK_PAGES = 4,
	SOCK_PAGES6 = 8
};
int sock_probe(void);

/* asks for trains to be received as one; without kernel support, nothing */
void sock_gro(int fd);

/* lets datagrams longer than the path takes be cut, by routers on the way too:
 * who sends packets of others' in them cannot send less */
void sock_cut(int fd);

/* a queue of about that many bytes for what is received, as far as the system
 * allows; one each way */
void sock_room(int fd, int bytes);
void sock_queue(int fd, int bytes);

/* how many datagrams of that many bytes, of n, its receive queue has room for
 * at once, 1 at least: in bytes half of what it has in the kernel's memory */
unsigned sock_fit(int fd, unsigned n, size_t bytes);

/* makes ICMP errors come out of sock_error() */
void sock_wanterrors(int fd);

/* takes one ICMP error from the socket: its errno in *err, the address that
 * had been sent to in *to; 1, or 0 when there is none */
int sock_error(int fd, union sock_addr *to, int *err);

/* receives up to n (at most SOCK_BATCH) datagrams; the count, or -1 */
int sock_recv(int fd, struct sock_msg *m, size_t n);

/* one datagram without the own address: the cheapest way; length, or -1 */
ssize_t sock_recv1(int fd, void *buf, size_t cap, union sock_addr *from);

/* the same, but it waits as long as sock_patient() has said; the other calls
 * here never wait */
ssize_t sock_wait1(int fd, void *buf, size_t cap, union sock_addr *from);
void sock_patient(int fd, int ms);

/* sends up to SOCK_BATCH datagrams, each from path.local when it is known;
 * the count, or -1 when not even the first could be sent */
int sock_send(int fd, const struct sock_msg *m, size_t n);

/*
 * Sends a train, as few calls as the kernel allows; where it cannot cut
 * (datagrams over the MTU, no checksum offload, an old kernel) they go one by
 * one. Returns the bytes gone, whole datagrams only; -1 when none went, twice:
 * the first time an ICMP error of before may have been in the way.
 */
ssize_t sock_train(int fd, struct sock_train *t);

/*
 * The same train in pieces, so that a file's pages can be sent without being
 * copied: sock_begin() takes the first (t->buf, t->len), sock_more() another,
 * sock_pages() len bytes of a pipe, and nothing leaves before the last of
 * these. It is for datagrams that the path takes whole (EINVAL or EMSGSIZE at
 * the end when it does not), of SOCK_FRAGS pieces and parts of pages together.
 * 0, or -1 and errno; then sock_drop() lets go of what was begun. A socket
 * keeps what was begun until then, and would add all else to it.
 */
#define SOCK_FRAGS 17 /* MAX_SKB_FRAGS */
int sock_begin(int fd, const struct sock_train *t);
int sock_more(int fd, const void *buf, size_t len);
int sock_pages(int fd, int pipe, size_t len, int last);
void sock_drop(int fd);

#endif
