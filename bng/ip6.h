/* limen: ISC licence, see LICENSE */
#ifndef IP6_H
#define IP6_H

#include <stddef.h>
#include <stdint.h>

#include "fwd.h"

struct bng;
struct sub;

/*
 * IPv6 for subscribers. Each has, as long as it has its IPv4 address, a /56
 * to delegate (DHCPv6) and a /64 for its link (router advertisements), both
 * cut from one /32:
 *
 *	base:00NN:NN00::/56	NNNN its number
 *	base:80NN:NN00::/64
 *	base:ffff:ff00::53	where we serve DNS
 */

/* makes our address of the prefix, b->us6 */
void ip6_init(struct bng *b);

/* IPV6CP is up: the first router advertisement */
void ip6_up(struct bng *b, struct sub *s);

/* when the next one is due, -1: never; and it is */
int64_t ip6_deadline(const struct sub *s);
void ip6_tick(struct bng *b, struct sub *s);

/* a packet from s: see fwd_up() */
void ip6_from(struct bng *b, struct sub *s, struct fwd_packet k);

/* whose address that is; NULL: nobody's, or IPv6 does not run there */
struct sub *ip6_owner(const struct bng *b, const uint8_t a[16]);

/* a packet to whichever subscriber has its destination */
void ip6_down(struct bng *b, const uint8_t *p, size_t len);

/* the prefix that s may delegate, for logs */
const char *ip6_prefix_str(
    const struct bng *b, const struct sub *s, char *t, size_t cap);

#endif
