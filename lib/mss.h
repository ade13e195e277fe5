/* limen: ISC licence, see LICENSE */
#ifndef MSS_H
#define MSS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Lowers the Maximum Segment Size of a TCP SYN inside a PPP frame (with or
 * without address and control bytes, the protocol in one byte or two) so that
 * an IP packet of mtu bytes holds the segment: at most mtu - 40 over IPv4,
 * mtu - 60 over IPv6. The TCP checksum is brought up to date (RFC 1624).
 * Anything else, anything malformed or fragmented is left as it is. Returns 1
 * when it changed the frame.
 */
int mss_clamp(uint8_t *ppp, size_t len, unsigned mtu);

/* the same of an IP packet, whose protocol of PPP goes into the two bytes
 * before it */
int mss_clamp_ip(uint8_t *ip, size_t len, unsigned proto, unsigned mtu);

#endif
