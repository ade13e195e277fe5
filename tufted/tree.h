/* limen: ISC licence, see LICENSE */
#ifndef TREE_H
#define TREE_H

#include <stdint.h>

#include "conf.h"

#define TREE_PATH 1024

/*
 * The directories: from a name that has passed tftp_path() to an open file.
 * Return -1 and errno: EMEDIUMTYPE when it is no regular file.
 */

/* for reading: DIR/CLIENT-ADDRESS/rel first with --per-client; *size is what
 * it has now */
int tree_open(const struct conf *c, const union sock_addr *peer,
    const char *rel, uint64_t *size);

/* an upload on its way, under another name until it is complete */
struct tree_upload {
	unsigned serial; /* the caller's: makes its name one of its own */
	int dir;	 /* of its place */
	char tmp[48];
	char *name; /* its last component, ours */
};

/* the uploads directory as a descriptor, what dead servers left in it
 * removed */
int tree_uploads(const char *path);

/* a temporary file; -1 and EEXIST when rel is there and must not be
 * replaced */
int tree_create(
    struct tree_upload *u, const struct conf *c, int uploads, const char *rel);

/* gives it its name; 0, or -1 and errno (EEXIST) */
int tree_keep(struct tree_upload *u, const struct conf *c);

/* removes what was not kept, and forgets */
void tree_drop(struct tree_upload *u);

#endif
