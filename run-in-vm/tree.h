/* limen: ISC licence, see LICENSE */
#ifndef TREE_H
#define TREE_H

#include "initrd.h"

/* dir and the directories, files and symbolic links below it, on its file
 * system, into i as path; at most max bytes of files, else i's error is
 * EFBIG */
void tree_put(
    struct initrd *i, const char *path, const char *dir, uint64_t max);

#endif
