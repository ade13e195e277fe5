/* limen: ISC licence, see LICENSE */
#ifndef NAT_SHARD_H
#define NAT_SHARD_H

#include <libslirp.h>

#include "nat.h"

/* an instance of libslirp: of nat.c, and of nat_poll.c, which turns it */
enum {
	RA_TIMERS = 2,
	QUESTIONS = 64, /* of libslirp's, in one turn */
	TOLD = 8,	/* answers at a time */
};

/* whose hardware address is that? By ARP (4), or neighbour solicitation */
struct nat_question {
	uint8_t version, addr[16];
};

struct nat_timer {
	SlirpTimerId id;
	void *opaque;
	int64_t at;
	int used;
};

struct nat_shard {
	struct nat *nat;
	struct nat_shard *next, *next_awake;
	int awake, fresh; /* fresh: it has had input since nat_fill() */
	int pending;	  /* and since it was looked at */
	Slirp *slirp;
	struct nat_timer timer[RA_TIMERS];
	struct nat_question asked[QUESTIONS];
	int nasked;
	int first, n; /* its descriptors in the pollset */
	int64_t due;  /* when it wants to be looked at without one ready */
};

/* answers what libslirp has asked, and lets go what waited for that; not to be
 * called from its callbacks */
void nat_answer(struct nat_shard *s);

#endif
