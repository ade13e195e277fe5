/* limen: ISC licence, see LICENSE */
#ifndef WIRE_IN_H
#define WIRE_IN_H

#include <netinet/in.h>
#include <sys/socket.h>

#include "pcap.h"
#include "relay.h"

/*
 * What goes to an LNS is gathered and sent with one call a turn: a run of
 * datagrams of one length (the last may be shorter) as one message that the
 * kernel cuts (UDP_SEGMENT), all from where they lie. What comes is received
 * many at a time, runs in one piece (UDP_GRO).
 */
enum {
	OUT = 128, /* messages */
	IOV = 512, /* datagrams */
	RUN = 64,  /* UDP_MAX_SEGMENTS */
	RUN_BYTES = 65000,
	CONTROL = 64, /* control messages kept in a copy */
	IN = 32,
	IN_TRAINS = 4, /* of these, which are long: what fits a near cache */
	INBUF = 65536,
	ROOM = 32,
	QUEUE = 4 << 20,
};

struct out {
	struct tunnel *t;
	union sock_addr *to;
	uint32_t first, bytes;
	uint16_t n, seg;
	uint8_t closed;
};

union cmsg {
	struct cmsghdr align;
	uint8_t b[CMSG_SPACE(sizeof(int))];
};

struct wire {
	int fd[2]; /* v4, v6; -1: none */
	int nout, niov, ncontrol;
	int want; /* messages to receive at a time */
	struct out out[OUT];
	struct iovec iov[IOV];
	struct mmsghdr msg[OUT];
	union cmsg ctl[OUT];
	uint8_t control[CONTROL][L2TP_CC_MSGMAX];
	uint8_t *in;
	struct mmsghdr inmsg[IN];
	struct iovec iniov[IN];
	union cmsg inctl[IN];
	union sock_addr from[IN];
	struct pcapfile pcap;
};

#endif
