/* limen: ISC licence, see LICENSE */
#ifndef WALK_H
#define WALK_H

#include <sys/stat.h>

#include "fault.h"
#include "mem.h"

/*
 * All files below one, itself included: a directory before what it holds,
 * names in byte order, links not followed.
 *
 *	walk_init(&w, "/nix/store/HASH-NAME", &f);
 *	while ((r = walk_next(&w)) > 0) ... w.path.p, w.st ...
 *	walk_free(&w);
 */
struct walk {
	struct mem_buf path;
	struct stat st;
	struct mem_buf link; /* the target, when it is a symlink */
	struct walk_dir *dir;
	size_t depth, cap;
	size_t root; /* length of the first path */
	int state;
	struct fault *f;
};

void walk_init(struct walk *w, const char *root, struct fault *f);

/* 1: the next one; 0: the end; -1 and f */
int walk_next(struct walk *w);
void walk_free(struct walk *w);

/* calls each() with the bytes of the regular file that w stands on, piece by
 * piece, the last keep bytes of a piece once more before the next one. 0;
 * -1 and f, also when each() returned -1; 1 when it returned 1 (enough) */
int walk_data(struct walk *w, size_t keep,
    int (*each)(void *arg, const char *p, size_t n), void *arg);

/* what the file that w stands on adds to the size of a NAR */
uint64_t walk_narsize(const struct walk *w);

#endif
