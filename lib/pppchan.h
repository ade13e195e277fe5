/* limen: ISC licence, see LICENSE */
#ifndef PPPCHAN_H
#define PPPCHAN_H

#include <stdint.h>

/*
 * PPP channels of the kernel: a PPPoE session on an interface, a session in
 * an L2TP tunnel, and the bridge between two of them (Linux 5.11). A channel
 * is a socket and ends when that is closed, a bridge with either of its
 * channels. All return -1 and errno when the kernel cannot or will not.
 */

/* the session sid with the client mac on interface dev */
int pppchan_pppoe(const char *dev, unsigned sid, const uint8_t mac[6]);

/* an L2TP tunnel over the connected UDP socket udp, or a session in it (sid
 * and psid not 0); ids are ours and the peer's. udp = -1: only whether this
 * kernel has L2TP; the socket is no channel then. */
struct pppchan_l2tp {
	int udp;
	uint16_t tid, ptid, sid, psid;
};
int pppchan_l2tp(const struct pppchan_l2tp *l);

/* passes the frames of each on to the other; with b = -1 only tells whether
 * this kernel knows bridges (0) or not (-1). Needs CAP_NET_ADMIN. */
int pppchan_bridge(int a, int b);

/* a descriptor that poll finds hung up (POLLHUP) when the channel has ended:
 * PPPoE's do when their interface goes down. Needs CAP_NET_ADMIN. */
int pppchan_watch(int a);

/* what went through the L2TP session, or the tunnel; tx is to the peer */
struct pppchan_count {
	uint64_t tx, tx_bytes, rx, rx_bytes;
};
int pppchan_count(int l2tp, struct pppchan_count *n);

#endif
