/* limen: ISC licence, see LICENSE */
#ifndef IP4_H
#define IP4_H

#include <stddef.h>
#include <stdint.h>

/* an IPv4 packet's header as far as forwarding needs it */
struct ip4 {
	uint32_t src, dst; /* host order */
	size_t hlen, len;  /* of the header, of the packet */
	uint8_t ttl, proto;
	uint16_t id;
	unsigned off; /* IP_FRAG_... and the fragment offset */
};

enum {
	IP4_UNREACH_HOST = 0x0301, /* ICMP type and code */
	IP4_UNREACH_FRAG = 0x0304,
	IP4_TIME_EXCEEDED = 0x0b00,
};

/* 0, or -1 when it is not a whole IPv4 packet, or its header has a wrong
 * checksum (RFC 1812 section 5.2.2) */
int ip4_get(struct ip4 *h, const uint8_t *p, size_t len);

/* can a single host have that address, and be sent to (RFC 1122 section
 * 3.2.1.3)? Not 0.0.0.0/8, 127.0.0.0/8, multicast and above. */
int ip4_is_host(uint32_t addr);

/* sets, in a header of hlen bytes, the packet's length, the flags with the
 * offset, and the checksum */
void ip4_finish(uint8_t *p, size_t hlen, size_t len, unsigned off);

/*
 * Writes the fragment of packet p that begins at *off (bytes of its data, 0 at
 * first) into b, at most mtu bytes long, and moves *off on; its length, or 0
 * when all is written. b holds mtu bytes.
 */
size_t ip4_fragment(const uint8_t *p, size_t *off, uint8_t *b, size_t mtu);

/* an ICMP error from us about packet p into b (at least IP4_ERROR bytes); mtu
 * for IP4_UNREACH_FRAG. Its length, or 0: none must be sent for that packet. */
struct ip4_error {
	unsigned what;
	uint32_t from;
	uint16_t mtu;
};
size_t ip4_icmp_error(
    uint8_t *b, const struct ip4_error *e, const uint8_t *p, size_t len);

#endif
