/* limen: ISC licence, see LICENSE */
#ifndef RMTREE_H
#define RMTREE_H

#include <sys/stat.h>

#include <ftw.h>
#include <stdio.h>

static int
rmtree_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* a directory and all in it; 0, or -1 */
static inline int
rmtree(const char *dir)
{
	return nftw(dir, rmtree_one, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
