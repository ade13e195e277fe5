/* limen: ISC licence, see LICENSE */
#ifndef KMOD_LIST_H
#define KMOD_LIST_H

/*
 * Which modules a directory .../lib/modules/RELEASE has, as kmod asks: by
 * depmod's modules.dep, else by modules.order where it names files that are
 * there, else by walking the tree. An empty string, then their paths relative
 * to dir, then an empty one, each with its NUL. The caller frees it; NULL and
 * errno (ENOENT: no such directory).
 */
char *kmod_list(const char *dir);

/* the text of DIR/name, "" when it cannot be read; the caller frees it; NULL
 * and errno: no memory */
char *kmod_text(const char *dir, const char *name);

#endif
