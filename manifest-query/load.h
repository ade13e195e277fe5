/* limen: ISC licence, see LICENSE */
#ifndef LOAD_H
#define LOAD_H

#include "fault.h"
#include "graph.h"
#include "manifest.h"

/* what the command line says about the input */
struct load {
	char **source; /* -r, in order, nsource of them; none: the database */
	size_t nsource;
	char **arg; /* the roots, narg of them */
	size_t narg;
	int nograph; /* the query does without: -l, -m, -c with no -r */
	int image;   /* the first root's manifest is wanted */
	int entries; /* -i: its entries become nodes */
};

/* the closure of the roots */
struct loaded {
	struct graph g;
	uint32_t *root; /* of each argument; GRAPH_NONE ends them */
	struct manifest image;
	uint32_t unsized; /* paths whose size the source does not tell */
};

/* 0, or -1 and f */
int load(const struct load *what, struct loaded *l, struct fault *f);
void load_free(struct loaded *l);

#endif
