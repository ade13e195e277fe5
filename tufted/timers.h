/* limen: ISC licence, see LICENSE */
#ifndef TIMERS_H
#define TIMERS_H

#include <stdint.h>

/*
 * Deadlines of up to cap things numbered from 0: a binary heap that is only
 * sorted anew when a deadline comes nearer. One that moves away (with every
 * acknowledgement) costs nothing until its old time has come.
 */
struct timers {
	int64_t *key, *due; /* by number: sorted by, meant */
	int32_t *pos;	    /* by number: place in heap + 1, 0: none */
	int32_t *heap;
	int n;
};

/* 0, or -1 and errno */
int timers_init(struct timers *t, unsigned cap);
void timers_free(struct timers *t);

/* deadline of thing i; -1: none */
void timers_set(struct timers *t, int i, int64_t due);

/* when to look again at the latest, -1: never */
int64_t timers_next(const struct timers *t);

/* a thing whose deadline has passed (it keeps it), or -1 */
int timers_due(struct timers *t, int64_t now);

#endif
