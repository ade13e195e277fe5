/* limen: ISC licence, see LICENSE */
#ifndef TAIL_H
#define TAIL_H

#include <stddef.h>

/* The last part of what the guest's console said. */
#define TAIL 8192

struct tail {
	char text[TAIL + 1]; /* no NUL in it but the last */
	size_t len;
	int log; /* everything goes there too, -1: nowhere */
};

void tail_init(struct tail *t, int log);
void tail_put(struct tail *t, const char *b, size_t n);

/* the last lines to stderr, as they were but for control characters */
void tail_show(const struct tail *t, int lines);

#endif
