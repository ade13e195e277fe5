/* limen: ISC licence, see LICENSE */
#ifndef WORLD_H
#define WORLD_H

#include <stddef.h>
#include <stdint.h>

#include "pollset.h"

struct bng;
struct world;

#define WORLD_NET  0x0a000200U /* 10.0.2.0/24 */
#define WORLD_MASK 0xffffff00U
#define WORLD_MTU  1500 /* of a packet to it */

/*
 * The world network: an Ethernet segment behind the gateway, 10.0.2.0/24 as
 * QEMU's user network has it. A libslirp of its own is its router (10.0.2.2),
 * name server (10.0.2.3) and DHCP server; packets between it and the
 * subscribers pass by here.
 */

/* opens the port; ends the program when it cannot */
struct world *world_open(struct bng *b);

/* an address of a machine on the segment, or that might be */
int world_has(uint32_t addr);

/* sends an IP packet of at most WORLD_MTU bytes to a machine there, asking for
 * its address first */
void world_send(struct bng *b, uint32_t addr, const uint8_t *ip, size_t len);

void world_input(struct bng *b);
int world_fd(const struct world *w);
int64_t world_fill(struct world *w, struct pollset *p, int64_t now);
void world_poll(struct world *w, struct pollset *p);
void world_flush(struct world *w);

void world_close(struct world *w);

#endif
