/* limen: ISC licence, see LICENSE */
#ifndef ROOT_H
#define ROOT_H

#include "fault.h"

/* what an argument of the command line names */
struct root {
	const char *arg;
	char *base; /* the store path's base name, or NULL */
	char *file; /* else the absolute path of a file outside the store */
};

/* follows links until the path lies in one of the stores (ended by NULL),
 * as Nix does; what lies in a store need not exist. 0, or -1 and f */
int root_resolve(struct root *r, const char *arg, const char *const *stores,
    struct fault *f);
void root_free(struct root *r);

#endif
