/* limen: ISC licence, see LICENSE */
#ifndef IP_H
#define IP_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

/*
 * IPv4 (RFC 791) and IPv6 (RFC 8200) packets with UDP (RFC 768), TCP (RFC
 * 9293) and ICMP (RFC 792, 4443) in them, both versions by the same calls:
 * v4 addresses stand in the first 4 of 16 bytes.
 */
enum { IP_ICMP = 1, IP_TCP = 6, IP_UDP = 17, IP_ICMP6 = 58 };
enum { IP_FRAG_MORE = 0x2000, IP_FRAG_DONT = 0x4000, IP_FRAG_OFF = 0x1fff };
enum { TCP_FIN = 1, TCP_SYN = 2, TCP_RST = 4, TCP_PSH = 8, TCP_ACK = 16 };
enum {
	ICMP_ECHO_REPLY = 0,
	ICMP_UNREACH = 3,
	ICMP_ECHO = 8,
	ICMP_TIMEX = 11,
	ICMP_TIMESTAMP = 13,
	ICMP6_UNREACH = 1,
	ICMP6_TOO_BIG = 2,
	ICMP6_TIMEX = 3,
	ICMP6_ECHO = 128,
	ICMP6_ECHO_REPLY = 129
};
#define IP4_HEAD    20
#define IP6_HEAD    40
#define IP6_MTU_MIN 1280
#define IP4_ERROR   576 /* the longest ICMP error */

struct ip {
	uint8_t version; /* 4, 6 */
	uint8_t proto;	 /* of body; after IPv6's extension headers */
	uint8_t ttl;	 /* hop limit */
	uint8_t tos;	 /* v4 */
	uint16_t id;	 /* v4 */
	uint16_t frag;	 /* IP_FRAG_...; of a v6 fragment, the same bits */
	uint8_t src[16], dst[16];
	const uint8_t *body; /* in the packet, as long as its header says */
	size_t len;
};

struct udp {
	uint16_t sport, dport;
	const uint8_t *body;
	size_t len;
};

struct tcp {
	uint16_t sport, dport, window;
	uint8_t flags;
	uint32_t seq, ack;
	const uint8_t *opts, *body;
	size_t optlen, len;
};

struct icmp {
	uint8_t type, code;
	uint32_t rest; /* identifier and sequence number, MTU, ... */
	const uint8_t *body;
	size_t len;
};

/* a packet of either version; 0, or -1 when it is malformed, cut short, or
 * v4 with a wrong checksum. What follows its end is left out. */
int ip_get(struct ip *ip, const void *buf, size_t len);

/* what stands in an unfragmented packet; 0, or -1 when malformed or with a
 * wrong checksum */
int udp_get(struct udp *u, const struct ip *ip);
int tcp_get(struct tcp *t, const struct ip *ip);
int icmp_get(struct icmp *i, const struct ip *ip);

/* the header alone, for a body of len bytes that the caller writes */
void ip_put(struct wr *w, const struct ip *ip, size_t len);

/* whole packets; ip's proto, body and len do not count */
void udp_put(struct wr *w, const struct ip *ip, const struct udp *u);
void tcp_put(struct wr *w, const struct ip *ip, const struct tcp *t);
void icmp_put(struct wr *w, const struct ip *ip, const struct icmp *i);

/*
 * The answer of a router whose address is src to a packet that it cannot
 * deliver: an ICMP error of the packet's version with as much of it as is
 * allowed (RFC 1812 section 4.3.2, RFC 4443 section 2.4). Writes nothing and
 * returns -1 when there must be no answer: to ICMP errors, later fragments,
 * multicast, and sources that are no host's.
 */
int icmp_error_put(struct wr *w, const uint8_t src[16], const struct icmp *i,
    const struct ip *to);

/* takes one from the TTL or hop limit in place; -1, and nothing is changed,
 * when it is used up or the packet is no IP packet */
int ip_hop(uint8_t *buf, size_t len);

/* the pseudo header of a body of len bytes (RFC 9293 3.1, RFC 8200 8.1) */
uint32_t ip_sum_pseudo(const struct ip *ip, unsigned proto, size_t len);

/* v4 addresses as numbers in host order */
uint32_t ip_get4(const uint8_t a[16]);
void ip_put4(uint8_t a[16], uint32_t v);

/* of fe80::/10 (RFC 4291 section 2.5.6)? */
int ip_is_link_local(const uint8_t a[16]);

/* :: or 0.0.0.0: nobody's yet? */
int ip_is_unspecified(const uint8_t a[16]);

#endif
