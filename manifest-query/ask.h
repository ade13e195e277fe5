/* limen: ISC licence, see LICENSE */
#ifndef ASK_H
#define ASK_H

#include "graph.h"
#include "manifest.h"
#include "order.h"
#include "out.h"

/*
 * What the queries work on: the closure of the roots, and the numbers that
 * were asked for. Each query returns the exit status.
 */
struct ask {
	struct out *o;
	struct graph *g;
	uint32_t *root;
	size_t nroots;
	const uint32_t *post;	 /* order_post() of g, or NULL */
	int own, closure, added; /* -s -S -a */
	uint64_t *sums;		 /* for -S */
	struct order_dom dom;	 /* for -a and pictures */
	const char *pattern;	 /* -w */
	int all;		 /* -ww */
	int files;		 /* -f */
	int picture;		 /* -o: which of dot, svg, folded */
	struct manifest *image;	 /* of the first root, or NULL */
};

/* the numbers that were asked for, of a node: fields of a line */
void ask_numbers(struct ask *a, uint32_t v);

/* the path on disk of a store path; the caller frees it */
char *ask_disk(const struct graph *g, uint32_t v);

int ask_paths(struct ask *a);	   /* -s -S -a */
int ask_requisites(struct ask *a); /* -R */
int ask_tree(struct ask *a);	   /* -t */
int ask_edges(struct ask *a);	   /* -e */
int ask_why(struct ask *a);	   /* -w */
int ask_diff(struct ask *a);	   /* -d: two roots */
int ask_names(struct ask *a);	   /* -u */
int ask_draw(struct ask *a);	   /* -o */
int ask_files(struct ask *a);	   /* -F */
int ask_list(struct ask *a);	   /* -l */
int ask_map(struct ask *a);	   /* -m */
int ask_check(struct ask *a);	   /* -c */

#endif
