/* limen: ISC licence, see LICENSE */
#ifndef OUT_H
#define OUT_H

#include <stddef.h>
#include <stdint.h>

#include "graph.h"

/*
 * Lines to standard output: fields with a TAB between, or (-j) an object a
 * line. Every write error ends the program with status 2.
 */
struct out {
	int json, nul, human, strip;
	int list;	/* within out_list() */
	unsigned field; /* of the line, from 0 */
	size_t n;
	char b[65536];
};

void out_bytes(struct out *o, const char *s, size_t n);
void out_str(struct out *o, const char *s);
void out_flush(struct out *o);

/* fields; key is their name in JSON */
void out_text(struct out *o, const char *key, const char *s, size_t n);
void out_word(struct out *o, const char *key, const char *s);
void out_num(struct out *o, const char *key, uint64_t v);
void out_bool(struct out *o, const char *key, int v);	   /* true, false */
void out_size(struct out *o, const char *key, uint64_t v); /* -h */
void out_delta(struct out *o, const char *key, uint64_t old, uint64_t new);
/* a node's path, whole or (-n) its name */
void out_path(
    struct out *o, const char *key, const struct graph *g, uint32_t node);
void out_end(struct out *o);

/* a list in JSON, a field each otherwise */
void out_list(struct out *o, const char *key);
void out_unlist(struct out *o);

/* where the shown part of a node's text begins */
const char *out_name(const struct out *o, const struct graph *g, uint32_t node);

#endif
