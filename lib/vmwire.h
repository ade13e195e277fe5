/* limen: ISC licence, see LICENSE */
#ifndef VMWIRE_H
#define VMWIRE_H

#include <poll.h>

#include "ethport.h"

/*
 * A network that QEMU cannot open itself, handed to it as a socket: frames go
 * between that and an Ethernet port of ours. QEMU's side is given as
 * "-netdev dgram,local.type=fd,local.str=N". When QEMU is slower than the
 * network, frames wait in the port, and are lost there, as on a wire.
 */
struct vmwire {
	struct ethport port;
	int fd;				       /* to QEMU */
	struct ethport_frame f[ETHPORT_BATCH]; /* on their way to QEMU */
	int n, sent;
};

#define VMWIRE_FDS 2

/* QEMU's end is in *qemu, the caller's; 0, or -1 and errno */
int vmwire_open(struct vmwire *w, const struct netname *n, int *qemu);

/* fills in VMWIRE_FDS entries */
void vmwire_poll(const struct vmwire *w, struct pollfd *p);
void vmwire_turn(struct vmwire *w, const struct pollfd *p);
void vmwire_close(struct vmwire *w);

#endif
