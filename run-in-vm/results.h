/* limen: ISC licence, see LICENSE */
#ifndef RESULTS_H
#define RESULTS_H

#include <sys/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "pack.h"

/*
 * What the guest's /results holds, unpacked beside the wanted directory and
 * then moved into its place at once. A child of ours removes what is there
 * when we are killed.
 */
struct results {
	char want[PATH_MAX], temp[PATH_MAX];
	mode_t mask;	/* of ours */
	int dir;	/* temp, -1: not made yet */
	int file;	/* being written, -1 */
	uint64_t left;	/* bytes of it to come */
	uint64_t mtime; /* of it */
	uint64_t bytes; /* taken so far */
	uint8_t head[PACK_HEAD + PACK_PATH];
	size_t nhead;
	pid_t janitor;
	int hold; /* the janitor acts when this closes without a word */
	int ended;
	char err[PATH_MAX + 128];
};

/* path must not be there, or be an empty directory; 0, or -1 and r->err */
int results_open(struct results *r, const char *path);

/* takes n bytes from the guest; 0, or -1 and r->err */
int results_put(struct results *r, const uint8_t *b, size_t n);

/* puts everything in place; 0, or -1 and r->err */
int results_done(struct results *r);

/* removes what is not in place */
void results_close(struct results *r);

#endif
