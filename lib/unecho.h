/* limen: ISC licence, see LICENSE */
#ifndef UNECHO_H
#define UNECHO_H

#include <sys/types.h>

#include <stdint.h>

#include "netname.h"

/*
 * Multicast gives a sender its own frames back, and QEMU's mcast netdev hands
 * them to the guest: a bridge then sees its own address coming in, and IPv6
 * finds its address a duplicate. Here the wire is mended without a process in
 * between: on the sockets of a running QEMU (pidfd_getfd(2)) the source
 * address becomes one of 127.0.0.0/8 that is the guest's alone, and a filter
 * in the kernel drops what comes from there.
 */
struct unecho {
	struct netname net; /* multicast with a loopback address */
	uint8_t mac[6];	    /* of the guest on it, alone on this wire */
	int done;	    /* out: its socket was found and mended */
};

/* can n be mended on this system? 0, or -1 and errno */
int unecho_able(const struct netname *n);

/* mends the sockets of pid, a child of ours, as many as are found: their
 * number, or -1 and errno */
int unecho(pid_t pid, struct unecho *u, int n);

#endif
