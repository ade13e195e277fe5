/* limen: ISC licence, see LICENSE */
#ifndef FLOWS_H
#define FLOWS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Whose flows libslirp keeps: each is a descriptor, for minutes, and one
 * subscriber with a packet from each of its ports could have all that there
 * are. So each has a share (RFC 6888, REQ-4): FLOWS_MAX, and never more than
 * are left for others.
 *
 *	if (!flows_may_pass(f, who, ip, len))
 *		it would begin another one
 *	flows_input(f, who, ip, len);
 *	slirp_input(...);	calls flows_open() and flows_close()
 *	flows_input(f, FLOWS_NOBODY, NULL, 0);
 */
enum {
	FLOWS_MAX = 1024,
	/* who: an instance of nat.h, the world segment, or outside */
	FLOWS_WORLD = 65536 + 64,
	FLOWS_NOBODY = -1,
	FLOWS_REST = 64, /* descriptors that bng has for other things */
};

struct flow;

struct flows {
	struct flow *f; /* by descriptor */
	int cap;
	unsigned total, limit;
	uint64_t refused;
	/* by who: a list each, of descriptors + 1, 0 the end; its length */
	int32_t first[FLOWS_WORLD + 1];
	uint16_t count[FLOWS_WORLD + 1];
	int who; /* of the packet that libslirp has now */
	const uint8_t *ip;
	size_t len;
};

/* takes all descriptors that bng may have */
void flows_init(struct flows *f);
void flows_free(struct flows *f);

/* 0: the packet would begin a flow, and who has its share */
int flows_may_pass(struct flows *f, int who, const uint8_t *ip, size_t len);

/* libslirp is about to have it; then has had it (FLOWS_NOBODY) */
void flows_input(struct flows *f, int who, const uint8_t *ip, size_t len);

/* it has opened, is about to close a descriptor */
void flows_open(struct flows *f, int fd);
void flows_close(struct flows *f, int fd);

#endif
