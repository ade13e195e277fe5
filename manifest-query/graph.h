/* limen: ISC licence, see LICENSE */
#ifndef GRAPH_H
#define GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "mem.h"

#define GRAPH_NONE UINT32_MAX

/*
 * Store paths and their references. While a source is read nodes stand in
 * the order of their coming; graph_finish() sorts them, so that from then on
 * a node's number is its rank in byte order and edges are sorted too.
 */
enum graph_kind {
	GRAPH_STORE, /* its text is a base name */
	GRAPH_FILE,  /* a root outside the store: an absolute path */
	GRAPH_IMAGE, /* an entry of the image: its path there */
};

struct graph_node {
	size_t text; /* where its name starts in names */
	int64_t size;
	uint32_t len;	 /* of its name */
	uint16_t source; /* which one defined it, from 1; 0: none yet */
	uint8_t kind;
	uint8_t sized;
};

struct graph {
	char *store; /* "/nix/store", no slash at the end; NULL: not known */
	char *disk;  /* where its files are when not in store, or NULL */
	struct mem_buf names; /* each NUL-ended */
	struct graph_node *node;
	uint32_t n;
	size_t cap;
	uint32_t *from, *to; /* edges; from is NULL once finished */
	size_t m, fromcap, tocap;
	size_t *off;	 /* finished: node's edges are to[off[i]..off[i+1]) */
	uint32_t *table; /* open addressing by hash part; nodes + 1 */
	size_t tablecap;
	uint8_t key[16];
	uint16_t source; /* the one being read */
};

void graph_init(struct graph *g);
void graph_free(struct graph *g);

/* the next source begins; -1 after 65000 */
int graph_source(struct graph *g);

/* the store directory: sets it, or compares; 0, or -1 and f */
int graph_store(struct graph *g, const char *dir, size_t n, struct fault *f);

/* the node of a whole path or of a base name, made when new; GRAPH_NONE and
 * f when it is not well-formed or lies in another store */
uint32_t graph_path(struct graph *g, const char *s, size_t n, struct fault *f);
uint32_t graph_base(struct graph *g, const char *s, size_t n, struct fault *f);

/* the node with this hash part, or GRAPH_NONE; not after graph_finish() */
uint32_t graph_hash(const struct graph *g, const char *hash);

/* a node that is not of the store */
uint32_t graph_extra(
    struct graph *g, enum graph_kind kind, const char *s, int64_t size);

/* says that the present source has the path; size -1: not known. 1: new,
 * its edges are wanted; 0: an earlier source had it; -1 and f: twice */
int graph_define(struct graph *g, uint32_t node, int64_t size, struct fault *f);

void graph_edge(struct graph *g, uint32_t from, uint32_t to);

/* forgets what came after the given counts (a reading that is repeated) */
struct graph_mark {
	uint32_t n;
	size_t m, text;
	int had_store;
};
struct graph_mark graph_mark(const struct graph *g);
void graph_rewind(struct graph *g, struct graph_mark mark);

/* sorts; map, when not NULL, gets the new number of each old one (the caller
 * frees *map). 0, or -1 and f for a reference to a path nobody defined */
int graph_finish(struct graph *g, uint32_t **map, struct fault *f);

/* after graph_finish(): the node of a base name, or GRAPH_NONE */
uint32_t graph_find(const struct graph *g, const char *base, size_t n);

/* sets bit in seen[v] for all v that root reaches, itself included; g is
 * finished */
void graph_reach(
    const struct graph *g, uint32_t root, uint8_t *seen, uint8_t bit);

/* the part of g reachable from roots, as a finished graph of its own; the
 * roots are renumbered in place */
void graph_closure(
    const struct graph *g, uint32_t *roots, size_t nroots, struct graph *sub);

const char *graph_text(const struct graph *g, uint32_t node);

#endif
