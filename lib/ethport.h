/* limen: ISC licence, see LICENSE */
#ifndef ETHPORT_H
#define ETHPORT_H

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdint.h>

#include "netname.h"
#include "pktring.h"

/*
 * A network as an Ethernet port: frames in, frames out. What this port sends
 * does not come back to it (a multicast group gives a sender its own frames:
 * those are dropped in the kernel by a filter on the sender's port).
 *
 *	while ((n = ethport_recv(&e, f, ETHPORT_BATCH)) > 0)
 *		for (i = 0; i < n; i++)
 *			handle(f[i].p, f[i].len);
 *	ethport_flush(&e);
 *
 * Poll e.fd for reading. Everything is non-blocking: a frame that the kernel
 * has no room for is dropped and counted, as on a wire.
 */

#define ETHPORT_BATCH 32
#define ETHPORT_ROOM  32 /* writable bytes before each received frame */

enum ethport_what {
	ETHPORT_ALL,
	ETHPORT_PPPOE, /* PPPoE only, VLAN-tagged or not */
};

struct ethport_frame {
	uint8_t *p;
	size_t len;
};

struct ethport {
	enum netname_kind kind;
	enum ethport_what what;
	int fd;		/* to receive (and poll) on */
	int tx;		/* to send on: another one for multicast */
	uint8_t mac[6]; /* packet: the interface's, others: zero */
	unsigned mtu;	/* packet: what a frame carries; others: 0, no limit */
	uint64_t rx_frames, tx_frames, rx_lost, tx_lost;
	struct pktring ring;
	struct sockaddr_un peer, own; /* unix */
	socklen_t peerlen;
	int fixed;    /* the peer was named, and stays */
	uint8_t *in;  /* receive buffers, or NULL with a ring */
	uint8_t *out; /* frames gathered by ethport_add() */
	size_t outlen[ETHPORT_BATCH];
	int nout;
};

/* 0, or -1 and errno (EOPNOTSUPP: not a network that has a port) */
int ethport_open(
    struct ethport *e, const struct netname *n, enum ethport_what what);

/* is a packet socket's interface, which went down, gone for good (ENODEV)? */
int ethport_gone(const struct ethport *e);

/* in words, with what helps: why that failed with the errno err */
const char *ethport_why(int err);

/* at most max (<= ETHPORT_BATCH) frames, valid until the next call; their
 * number, 0 when there is none, -1 and errno when the port is gone */
int ethport_recv(struct ethport *e, struct ethport_frame *f, int max);

/* frames that came and were lost before anybody took them, in all */
uint64_t ethport_lost(struct ethport *e);

/* sends n frames; how many of them went out */
int ethport_send(struct ethport *e, const struct ethport_frame *f, int n);

/* the same for frames in two pieces, a header made for them and a body that
 * stays where it is */
struct ethport_part {
	const uint8_t *head, *body;
	size_t headlen, len;
};
int ethport_sendv(struct ethport *e, const struct ethport_part *f, int n);

/* copies one frame to be sent with the next flush, or at once when there are
 * many; longer ones than ETHPORT_ADD are sent at once */
#define ETHPORT_ADD 2048
void ethport_add(struct ethport *e, const void *p, size_t len);
void ethport_flush(struct ethport *e);

/* the same without the copy: room for ETHPORT_ADD bytes to write a frame into,
 * which ethport_commit() then takes as one of len bytes */
uint8_t *ethport_room(struct ethport *e);
void ethport_commit(struct ethport *e, size_t len);

/* packet: takes frames for other addresses too (a MAC of one's own) */
int ethport_promisc(struct ethport *e);

void ethport_close(struct ethport *e);

#endif
