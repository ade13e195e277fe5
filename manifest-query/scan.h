/* limen: ISC licence, see LICENSE */
#ifndef SCAN_H
#define SCAN_H

#include "fault.h"
#include "graph.h"

/* References found as Nix finds them: by the hash parts in the bytes. */

/* calls each() for every hash in s that g knows, in order, repeats too */
typedef void scan_each(void *arg, uint32_t node);
void scan_text(
    const struct graph *g, const char *s, size_t n, scan_each *each, void *arg);

/* makes the paths of a store directory known to g; 0, or -1 and f */
int scan_names(struct graph *g, const char *dir, struct fault *f);

/* reads the files of start (GRAPH_NONE ends it) and of all that they refer to:
 * defines these, with sizes and edges. 0, or -1 and f */
int scan_reach(
    struct graph *g, const char *dir, const uint32_t *start, struct fault *f);

/* reads the files of a store path, by its path on disk, once: each() gets, for
 * every hash that is found, its number and the first file that holds it, by
 * its path; what cannot be read ends the search. The hashes are in order. */
struct scan_hashes {
	const char *const *hash;
	size_t n;
	void (*each)(void *arg, size_t i, const char *file);
	void *arg;
};
void scan_holders(const char *path, const struct scan_hashes *want);

#endif
