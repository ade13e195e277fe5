/* limen: ISC licence, see LICENSE */
#ifndef ERE_H
#define ERE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Extended regular expressions (POSIX.1-2017, XBD 9.4) on bytes, for finding
 * out whether a line matches: no positions, no collating elements, nothing
 * beyond the C locale. The expression becomes a small program, which runs
 * over a text once, in time proportional to the length of both (K. Thompson,
 * 1968). No heap; a tenth of the C library's code.
 */
#define ERE_PROG 1024 /* instructions */
#define ERE_SETS 32   /* bracket expressions, copies not counted */

struct ere_inst {
	uint8_t op, c;
	int16_t x, y; /* where to go, relative */
};

struct ere {
	struct ere_inst prog[ERE_PROG];
	uint8_t set[ERE_SETS][32];
	int n, nset;
	int depth;	 /* of parentheses while compiling */
	const char *s;	 /* the rest of the expression */
	const char *err; /* why it was refused */
};

/* 0, or -1 and e->err */
int ere_compile(struct ere *e, const char *re);

/* does the expression match anywhere in the n bytes? */
int ere_match(const struct ere *e, const char *s, size_t n);

#endif
