/* limen: ISC licence, see LICENSE */
#ifndef GUESTNET_H
#define GUESTNET_H

#include <stdint.h>

/* lo up, as programs expect it, if the kernel has a network */
void guestnet_lo(void);

/* eth0's MAC address, when there is an eth0. 0, or -1 and errno. */
int guestnet_mac(const uint8_t mac[6]);

/* eth0, when there is one, as QEMU's user network expects its guest:
 * 10.0.2.15/24, gateway 10.0.2.2. 0, or -1 and errno. */
int guestnet_up(void);

#endif
