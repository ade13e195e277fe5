/* limen: ISC licence, see LICENSE */
#ifndef SOURCE_H
#define SOURCE_H

#include <stddef.h>

#include "fault.h"
#include "graph.h"

/*
 * Where a graph comes from, told by what it holds. Each reader adds nodes
 * and edges to g as its present source and returns 0, or -1 with f filled in.
 */

#define SOURCE_MAX (1UL << 30) /* bytes of a text file */

/* a file, or a directory that holds "registration" or "db.sqlite" */
int source_read(struct graph *g, const char *spec, struct fault *f);

/* registration text: nix-store --dump-db, closureInfo's registration */
int reg_read(struct graph *g, const struct mem_text *t, struct fault *f);

/* nix path-info --json, all four shapes */
int pathinfo_read(struct graph *g, const struct mem_text *t, struct fault *f);

/* the Nix database at path, open as fd */
int db_read(struct graph *g, const char *path, int fd, struct fault *f);

#endif
