/* limen: ISC licence, see LICENSE */
#ifndef KFIND_H
#define KFIND_H

#include <stddef.h>

#include "kernel.h"

/*
 * A kernel for a guest, as users name it: a file, a kernel package unpacked
 * somewhere (DIR/boot/vmlinuz-*), the release of one installed in /boot, or
 * NULL: the one that the host runs, else the latest in /boot. Its file in b.
 * 0, or -1 and errno: EISDIR: a directory without such a file.
 */
int kfind(const char *spec, char *b, size_t cap);

/* its modules: b is "" when there are none. See kernel_modules(). */
void kfind_modules(
    const struct kernel *k, const char *file, char *b, size_t cap);

/* the quickest form of it to start: of a bzImage the ELF kernel in it, kept in
 * the user's cache directory; else file itself */
void kfind_quick(const struct kernel *k, const char *file, char *b, size_t cap);

#endif
