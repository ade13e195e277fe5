/* limen: ISC licence, see LICENSE */
#ifndef POOL_H
#define POOL_H

#include <stdint.h>

/*
 * The addresses of subscribers: a range, and single ones outside of it that
 * users have for their own. Knows whose each is. The one given back last is
 * given out first, so that a router that dials again gets its old one.
 */
#define POOL_NONE  UINT32_MAX
#define POOL_EXTRA 65536 /* addresses outside of the range, in use at once */

struct pool_extra {
	uint32_t addr, owner;
};

struct pool {
	uint32_t first, n;
	uint32_t *owner; /* by address: who, or POOL_NONE */
	uint32_t *stack; /* free ones, the next at the end */
	uint32_t *pos;	 /* by address: its place in the stack, or POOL_NONE:
			  * it is kept for who asks for it */
	uint32_t nstack;
	struct pool_extra *extra; /* hashed by address, addr 0: free */
	uint32_t reach; /* as many places on from its own one may lie */
};

/* 0, or -1: no memory */
int pool_init(struct pool *p, uint32_t first, uint32_t last);

/* from now on addr, if it lies in the range, is given to those only who want
 * that one; or to anyone again */
void pool_keep(struct pool *p, uint32_t addr);
void pool_unkeep(struct pool *p, uint32_t addr);

/* the lowest is given out first again */
void pool_sort(struct pool *p);

/* any address, or that one (want not 0), for owner; 0: none is left, or it is
 * another's */
uint32_t pool_take(struct pool *p, uint32_t want, uint32_t owner);
void pool_give(struct pool *p, uint32_t addr);

/* whose it is, or POOL_NONE */
uint32_t pool_owner(const struct pool *p, uint32_t addr);

/* does it lie in the range? */
int pool_has(const struct pool *p, uint32_t addr);

void pool_free(struct pool *p);

#endif
