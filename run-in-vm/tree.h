/* limen: ISC licence, see LICENSE */
#ifndef TREE_H
#define TREE_H

#include "initrd.h"

/* from, which is a directory with the directories, files and symbolic links
 * below it on its file system, or one of these, into i as path; it takes from
 * *left the bytes of the files and a page each, and more is i's error EFBIG */
void tree_put(
    struct initrd *i, const char *path, const char *from, uint64_t *left);

#endif
