/* limen: ISC licence, see LICENSE */
#ifndef NAT_ERROR_H
#define NAT_ERROR_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

/*
 * libslirp sends an ICMP error from where it comes to itself: the loopback
 * address, when this host refuses, which every other host drops, and by IPv6
 * its own link-local one, which no router passes on. Writes a copy of such an
 * error: from the host that was asked, or from router (IPv6), and returns 0.
 * Else p stays as it is: 1 when it is an ICMP error nevertheless, -1 when not.
 */
int nat_error(
    struct wr *w, const uint8_t router[16], const uint8_t *p, size_t len);

#endif
