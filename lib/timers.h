/* limen: ISC licence, see LICENSE */
#ifndef TIMERS_H
#define TIMERS_H

#include <stddef.h>
#include <stdint.h>

/*
 * Deadlines of things with small numbers (slots 0 to max - 1), each with one:
 * a binary heap with positions. It is sorted anew when a deadline comes nearer
 * or is dropped, which costs the logarithm of how many are set; one that moves
 * away, as with every acknowledgement, costs nothing until its old time has
 * come.
 */
struct timers {
	uint32_t max, n;
	int64_t *key, *at; /* by slot: sorted by, meant; key is not later */
	uint32_t *heap;	   /* slots */
	uint32_t *pos;	   /* by slot: place in heap + 1, 0: not set */
};

/* how much memory max slots take */
size_t timers_size(uint32_t max);

/* mem: that much, zeroed, aligned as malloc's, the owner's */
void timers_init(struct timers *t, uint32_t max, void *mem);

/* sets slot's deadline anew; -1: none */
void timers_set(struct timers *t, uint32_t slot, int64_t at);

/* when to look again: at the earliest deadline, or before; -1: none is set */
int64_t timers_next(const struct timers *t);

/* takes one slot whose deadline is now or earlier out, the earliest first:
 * 1 and *slot, or 0 */
int timers_due(struct timers *t, int64_t now, uint32_t *slot);

#endif
