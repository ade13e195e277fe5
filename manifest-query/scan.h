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

/* the first file of a store path, by its path on disk, that holds the hash;
 * the caller frees it. NULL: none, or it cannot be read */
char *scan_holder(const char *path, const char *hash);

#endif
