/* limen: ISC licence, see LICENSE */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>

struct conf;
struct users;

/*
 * The addresses around the links: libslirp's network is the smallest one, /24
 * at most, that holds our address, the pool and the name server's.
 */
struct plan {
	uint32_t mask;
	uint32_t dns; /* the first of our /24, or behind it, that is nobody's */
};

struct plan plan_make(const struct conf *c, const struct users *us);

/* why addresses first to last, at most 65536, can be neither ours nor
 * subscribers', or NULL */
const char *plan_unfit(const struct conf *c, uint32_t first, uint32_t last);

#endif
