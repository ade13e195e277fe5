/* limen: ISC licence, see LICENSE */
#ifndef ND_H
#define ND_H

#include <stddef.h>
#include <stdint.h>

#include "ip.h"
#include "wr.h"

/* IPv6 Neighbor Discovery (RFC 4861) with RDNSS (RFC 8106) */
enum { ND_RS = 133, ND_RA = 134, ND_NS = 135, ND_NA = 136 };
enum {
	ND_RA_MANAGED = 0x80,
	ND_RA_OTHER = 0x40,
	ND_NA_ROUTER = 0x80,
	ND_NA_SOLICITED = 0x40,
	ND_NA_OVERRIDE = 0x20,
	ND_ONLINK = 0x80,
	ND_AUTO = 0x40
};
#define ND_PREFIXES 4
#define ND_DNS	    3
#define ND_FOREVER  0xffffffffU

struct nd_prefix {
	uint8_t addr[16];
	uint8_t len, flags;	   /* ND_ONLINK, ND_AUTO */
	uint32_t valid, preferred; /* seconds */
};

struct nd {
	uint8_t type;
	uint8_t flags;	    /* ND_RA_..., ND_NA_... */
	uint8_t target[16]; /* NS, NA */
	/* RA */
	uint8_t hop;
	uint16_t lifetime; /* seconds; 0: no default router */
	uint32_t mtu;	   /* 0: none */
	uint8_t nprefix, ndns;
	uint32_t dns_lifetime;
	struct nd_prefix prefix[ND_PREFIXES];
	uint8_t dns[ND_DNS][16];
	/* link-layer address: source (RS, RA, NS), target (NA) */
	uint8_t has_mac;
	uint8_t mac[6];
};

/* a packet by RFC 4861 sections 6.1 and 7.1: 0, or -1 when it is none, is
 * malformed, has a wrong checksum or has come through a router. Prefixes and
 * servers beyond our arrays are left out. */
int nd_get(struct nd *n, const struct ip *ip);

/* a whole packet with the addresses of ip, hop limit 255 */
void nd_put(struct wr *w, const struct ip *ip, const struct nd *n);

/* the solicited-node group of an address (RFC 4291 section 2.7.1) */
void nd_group(uint8_t group[16], const uint8_t addr[16]);

#endif
