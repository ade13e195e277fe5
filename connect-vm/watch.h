/* limen: ISC licence, see LICENSE */
#ifndef WATCH_H
#define WATCH_H

#include <stddef.h>

#include "ere.h"
#include "vtline.h"

/* an extended regular expression, and the stream in whose lines, as a
 * terminal shows them, it is looked for */
struct watch {
	struct ere re;
	int hit;
	struct vtline vt;
};

/* compiles, or ends the program with a usage error that names opt */
void watch_compile(struct ere *re, const char *opt, const char *text);

void watch_init(struct watch *w, const char *text);

/* forgets what came so far */
void watch_reset(struct watch *w);

/* looks at n bytes more; sets and returns hit */
int watch_feed(struct watch *w, const char *p, size_t n);

#endif
