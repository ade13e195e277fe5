/* limen: ISC licence, see LICENSE */
#ifndef INITMOD_H
#define INITMOD_H

#include <stddef.h>

#include "initrd.h"
#include "kernel.h"

/*
 * Modules in an initramfs, for a guest that loads them by a list.
 */

/* Does the kernel k, from file, take modules without a signature? As its
 * configuration says, which packages put beside it: 1, or 0 when it does not
 * or is not there. */
int initmod_unsigned(const struct kernel *k, const char *file);

/* adds the module path, uncompressed, as /mod/NAME.ko, and that as a line to
 * list, of which cap bytes are there; bare: without its signature, whose check
 * is slow under emulation. 0, or -1 and errno (E2BIG: the list is full) */
int initmod_put(
    struct initrd *i, const char *path, int bare, char *list, size_t cap);

#endif
