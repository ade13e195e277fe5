/* limen: ISC licence, see LICENSE */
#ifndef PACK_H
#define PACK_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

/*
 * A tree as a stream, from the guest to the host: for each file a type, its
 * permissions, time, the length of its body, its path below the top, the
 * body. PACK_END ends it.
 */
#define PACK_PATH 4096
#define PACK_FIX  23 /* bytes before the path */
#define PACK_HEAD (PACK_FIX + PACK_PATH)

enum pack_type {
	PACK_FILE = 'f',
	PACK_DIR = 'd',
	PACK_LINK = 'l', /* the body is where it leads */
	PACK_END = 'e',
};

struct pack {
	enum pack_type type;
	uint32_t mode;
	uint64_t mtime; /* seconds */
	uint64_t size;
	char path[PACK_PATH];
};

void pack_put(struct wr *w, const struct pack *p);

/* one head from r; 1, 0: not all of it is there, -1: no such head: a type or
 * a path that may not be (absolute, "..", empty parts, NUL) */
int pack_get(struct rd *r, struct pack *p);

#endif
