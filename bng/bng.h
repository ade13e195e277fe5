/* limen: ISC licence, see LICENSE */
#ifndef BNG_H
#define BNG_H

#include <stdint.h>

#include "bucket.h"
#include "conf.h"
#include "ctl.h"
#include "dhcp6.h"
#include "dns6.h"
#include "ethport.h"
#include "flows.h"
#include "line.h"
#include "nat.h"
#include "pcapfile.h"
#include "pollset.h"
#include "pool.h"
#include "ppp_link.h"
#include "pppoe_ac.h"
#include "timers.h"
#include "users.h"
#include "vmdir.h"

struct lns;
struct lns_call;
struct world;

/* a network under a subscriber: what carries its PPP frames */
enum bearer {
	BEARER_NONE,
	BEARER_PPPOE,
	BEARER_L2TP,
};

struct sub_count {
	uint64_t packets, bytes;
};

/* one subscriber: a PPP session and what carries it */
struct sub {
	struct ppp_link link;
	enum bearer bearer;
	struct pppoe_session *pppoe; /* BEARER_PPPOE, NULL: it is gone */
	struct lns_call *call;	     /* BEARER_L2TP, the same */
	uint16_t id;		     /* of the PPPoE session or L2TP call */
	char where[40];		     /* the client, for messages */
	uint32_t addr;		     /* taken from the pool, 0: none */
	uint32_t next_free;
	uint16_t mtu6;	 /* of IPv6 packets */
	int64_t ra_at;	 /* next router advertisement to all nodes */
	int64_t ra_last; /* the last one */
	uint16_t mtu;	 /* of IP packets to it */
	struct dhcp6_lease lease6;
	uint8_t up4, up6;     /* network protocols that run */
	uint8_t ending;	      /* close was called */
	uint8_t kicked;	      /* see subs.c */
	uint8_t moved;	      /* its address went to a new session */
	int64_t since, heard; /* began; last packet with data */
	int64_t far;	      /* ms of a round trip to it, if that is known */
	int64_t up_since;     /* IPv4 or IPv6 up, -1 */
	const char *reason;   /* why it is closed, or NULL */
	struct sub_count in, out;
	uint32_t serial; /* no other session has it */
	int64_t line_busy[2], line_last[2];
	uint32_t in_line; /* frames that line.c has of it */
	uint64_t dropped;
	uint32_t nat;	      /* its instance of libslirp: nat.h */
	struct bucket errors; /* ICMP errors to it */
};

struct subs {
	struct sub *s;
	uint32_t max, count, up, free_first;
	uint32_t *by_pppoe; /* slot of the PPPoE session -> subscriber */
	struct timers timers;
	void *timer_mem;
	uint64_t began, ended, refused, auth_failed;
};

/* PPPoE sessions that were cut: they are there, but nobody answers */
enum {
	BNG_CUTS = 256,
	BNG_CUT_FOR = 300000, /* ms of silence, calls of L2TP too */
};

struct bng_cut {
	struct pppoe_session *p;
	uint16_t sid;
	int64_t until;
};

/* the whole program */
struct bng {
	const struct conf *conf;
	int64_t now;
	int64_t started;
	struct ppp_link_cfg ppp;
	struct ppp_turn turn;
	struct ethport access;
	struct pppoe_ac ac;
	void *ac_mem;
	struct bng_cut cut[BNG_CUTS]; /* a ring, the oldest first */
	unsigned first_cut, ncuts;
	struct subs subs;
	struct users users;
	struct pool pool;
	uint32_t dns[2]; /* told to subscribers */
	uint8_t us6[16]; /* the same by IPv6; ours for errors, too */
	struct flows flows;
	struct nat nat;
	struct bucket world_errors; /* ICMP errors to the world segment */
	struct line line;
	struct dns6 dns6;
	struct world *world; /* NULL: none */
	struct lns *lns;     /* NULL: none */
	struct vmdir dir;
	struct ctl ctl;
	struct pcapfile capture;
	struct pollset polls;
	uint64_t spoofed, unreachable;
	int stopping; /* no new sessions, the loop ends */
	int failed;   /* what to exit with */
};

/* logs with -v: one line to stderr, s may be NULL */
void bng_log(const struct bng *b, const struct sub *s, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* something is gone that bng cannot run without: it says so and ends */
void bng_fail(struct bng *b, const char *what);

#endif
