/* limen: ISC licence, see LICENSE */
#ifndef KMOD_H
#define KMOD_H

#include <stddef.h>

/*
 * A kernel's modules, found and put in the order in which they must be
 * loaded. DIR is .../lib/modules/RELEASE, with or without depmod's files: a
 * Debian package unpacked anywhere has none, so the dependencies are read from
 * the modules themselves (.modinfo: depends=, softdep=pre:).
 */
#define KMOD_MAX  256 /* modules in one list */
#define KMOD_NAME 64

struct kmod {
	char *dir;
	char *paths;	      /* as kmod_list() gives them */
	char *builtin;	      /* the text of modules.builtin, or "" */
	char *aliases;	      /* the text of modules.alias, or "" */
	char *list[KMOD_MAX]; /* full paths, in load order */
	size_t n;
};

/* 0, or -1 and errno (ENOENT: no modules there) */
int kmod_open(struct kmod *k, const char *dir);
/* without modules: a kernel that has these built in, as lines of
 * modules.builtin, and nothing else; 0, or -1 and errno */
int kmod_none(struct kmod *k, const char *builtin);
void kmod_close(struct kmod *k);

/* adds name ('-' and '_' are the same) and what it needs to the list; a
 * module in the list or built into the kernel adds nothing. 0; -1 and errno:
 * ENOENT: the kernel has neither, else it could not be read */
int kmod_add(struct kmod *k, const char *name);

/* 1: it is a module or built in, 0: the kernel lacks it */
int kmod_has(const struct kmod *k, const char *name);

/* 1: built into the kernel */
int kmod_is_builtin(const struct kmod *k, const char *name);

/* adds the modules whose alias matches a device's modalias; their number */
int kmod_add_alias(struct kmod *k, const char *modalias);

/*
 * A module's object as the kernel takes it: xz, zstd and gzip are undone by
 * those programs. Memory that the caller frees, or NULL and errno.
 */
char *kmod_read(const char *path, size_t *len);

#endif
