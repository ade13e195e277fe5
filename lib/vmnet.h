/* limen: ISC licence, see LICENSE */
#ifndef VMNET_H
#define VMNET_H

#include <stdint.h>

#include "netname.h"
#include "qemu.h"
#include "vmsup.h"

/*
 * A network card of a machine and the network that it is on. What QEMU cannot
 * open itself, and a multicast wire where we cannot keep it from hearing
 * itself, goes through an ethport of ours.
 */
struct vmnet {
	const char *id;	  /* of QEMU's -netdev */
	const char *text; /* as the user named the network */
	struct netname name;
	uint8_t mac[6];
	int relayed; /* through us */
};

/* a card for vmnet_args(), as a modern virtio device */
#define VMNET_VIRTIO "virtio-net-pci,disable-legacy=on,disable-modern=off"

/* parses text; 0, or -1 when it names no network */
int vmnet_parse(struct vmnet *n);

/* the card drops short frames (pcnet), which newer QEMUs do not fill up on a
 * multicast wire: that goes through us, too; before vmnet_args() */
void vmnet_fill(struct vmnet *n);

/* -netdev and -device, a nic ("pcnet") with its options; QEMU's end of a
 * relayed one is the give-th of vmsup_give(). Nothing for no network. */
void vmnet_args(
    struct qemu *q, const struct vmnet *n, int give, const char *nic);

/* takes the relayed one into s, and has vmsup_go() mend the others; 0, or -1
 * and errno */
int vmnet_open(struct vmsup *s, const struct vmnet *n, int give);

#endif
