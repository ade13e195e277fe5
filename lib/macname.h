/* limen: ISC licence, see LICENSE */
#ifndef MACNAME_H
#define MACNAME_H

#include <stdint.h>

#include "netname.h"

/*
 * A MAC address is taken on a multicast wire by a socket whose abstract name
 * says both. Such names live and die with a process and belong to a network
 * namespace, just as the wire does; so a second program of ours on a wire
 * finds out that an address is another's. Other wires know no such thing:
 * there every address is free.
 */

/* takes mac on n until the process ends: 0, or -1: another has it */
int macname_take(const struct netname *n, const uint8_t mac[6]);

/* 1 when nobody has it, else 0 */
int macname_free(const struct netname *n, const uint8_t mac[6]);

#endif
