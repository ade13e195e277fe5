/* limen: ISC licence, see LICENSE */
#ifndef DNS6_H
#define DNS6_H

#include <stddef.h>
#include <stdint.h>

#include "ip.h"

struct bng;
struct sub;

/*
 * Name service by IPv6. libslirp passes questions that come by IPv6 on to an
 * IPv6 name server of this host only, and most hosts have none. So they are
 * asked by IPv4 here: as UDP from an address of 240.0.0.0/4, which no
 * subscriber can have (RFC 1112 section 4), that stands for the question, and
 * which the answer comes back to.
 */
enum {
	DNS6_GROUPS = 64, /* of subscribers, by their place */
	DNS6_ASKED = 64,  /* questions of a group; for one more goes the oldest
			   * of the subscriber that has most */
};

struct dns6_question {
	uint32_t slot, serial; /* the subscriber */
	uint8_t from[16], to[16];
	uint16_t port; /* 0: it is answered */
	uint64_t nr;
};

struct dns6 {
	struct dns6_question q[DNS6_GROUPS * DNS6_ASKED];
	uint64_t nr; /* of the next question */
};

/* a question from s to the name server at ip->dst */
void dns6_ask(
    struct bng *b, struct sub *s, const struct ip *ip, const struct udp *u);

/* an IPv4 packet from libslirp: 1 when it was an answer, and is dealt with */
int dns6_answer(struct bng *b, const uint8_t *p, size_t len);

#endif
