/* limen: ISC licence, see LICENSE */
#ifndef NAT_H
#define NAT_H

#include <stddef.h>
#include <stdint.h>

#include "pollset.h"

/*
 * The way out: libslirp. Its ARP and neighbour tables hold 16 entries each, it
 * looks through all flows of an instance for each packet, and they end with
 * it: there is one for every subscriber (made when its first packet comes),
 * and one for the world segment. Packets are IP; the Ethernet around them is
 * made here, and fragments are made whole before. What libslirp asks by ARP or
 * neighbour solicitation is answered here for the subscribers, after its
 * callback has returned: it does not take it before.
 */
#define NAT_HEAD 14    /* writable bytes before a packet given to nat_input() */
#define NAT_KEPT 65536 /* instances from here on stay: those of forwards */
#define NAT_ALL	 (NAT_KEPT + 64)

struct nat;

/* a packet for subscribers: IP, in libslirp's memory */
typedef void nat_out(void *arg, const uint8_t *ip, size_t len);
/* a frame for the world segment */
typedef void nat_frame(void *arg, const uint8_t *frame, size_t len);

struct nat_conf {
	uint32_t address;    /* libslirp's own (the host), host order */
	uint32_t dns;	     /* what it serves DNS at */
	uint32_t first_dhcp; /* where its DHCP leases begin; 0: no DHCP */
	uint32_t mask;
	uint16_t mtu;
	struct flows *flows; /* whose its descriptors are */
	nat_out *out;	     /* one of the two */
	nat_frame *frame;
	void *arg;
};

struct flows;
struct nat_shard;
struct reass;

struct nat {
	struct nat_conf conf;
	struct reass *reass; /* NULL until a fragment has come */
	struct nat_shard *shard[NAT_ALL];
	struct nat_shard *list;	 /* those that are there */
	struct nat_shard *awake; /* of these, those to look at each turn */
	int busy;		 /* something came in: flush before sleeping */
};

void nat_init(struct nat *n, const struct nat_conf *conf);

/* an IP packet for instance i; NAT_HEAD bytes before it are overwritten. 0, or
 * -1: that one has its share of flows, and this would be another. */
int nat_input(struct nat *n, uint32_t i, uint8_t *ip, size_t len);

/* ends all flows of instance i, unless it is one that stays */
void nat_drop(struct nat *n, uint32_t i);

/* a frame from the world segment */
void nat_input_frame(struct nat *n, const uint8_t *frame, size_t len);

/* forwards a port of this host (host 0: any address) to addr:port by instance
 * i; 0, or -1 and errno */
struct nat_forward {
	int udp;
	uint32_t host, addr;
	uint16_t host_port, port;
};
int nat_add_forward(struct nat *n, uint32_t i, const struct nat_forward *f);

/* the loop: adds descriptors, and the time until which poll may sleep (ms);
 * then hands over what poll found */
int64_t nat_fill(struct nat *n, struct pollset *p, int64_t now);
void nat_poll(struct nat *n, struct pollset *p);

/* how many instances there are, and have something under way */
struct nat_count {
	unsigned all, awake;
};
struct nat_count nat_count(const struct nat *n);

void nat_free(struct nat *n);

const char *nat_version(void);

#endif
