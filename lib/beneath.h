/* limen: ISC licence, see LICENSE */
#ifndef BENEATH_H
#define BENEATH_H

#include <sys/types.h>

/*
 * Opens path below the directory dir (a descriptor) and nothing else: "..",
 * absolute paths, symbolic links that lead out of dir and /proc's magic links
 * fail with EXDEV or ELOOP (openat2, RESOLVE_BENEATH). Kernels without
 * openat2 (before 5.6) fail with ENOSYS: nothing weaker is tried.
 */
int beneath_open(int dir, const char *path, int flags, mode_t mode);

#endif
