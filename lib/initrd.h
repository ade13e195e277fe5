/* limen: ISC licence, see LICENSE */
#ifndef INITRD_H
#define INITRD_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stddef.h>
#include <stdint.h>

#define INITRD_LISTS 1024 /* a search goes through one of them */

/*
 * An initramfs written in memory: a memfd to be handed to QEMU as
 * /proc/self/fd/N (or /dev/fdset), so that nothing stands on disk. Errors
 * stick: initrd_finish() tells.
 */
struct initrd {
	int fd;
	int err;    /* errno of the first failure */
	char *made; /* paths so far, before each where the list goes on */
	size_t nmade;
	size_t list[INITRD_LISTS]; /* where in made they begin, 0: empty */
	uint32_t ino;
	char what[256]; /* the file that failed */
};

void initrd_init(struct initrd *i);

/* parents are made as needed; a leading slash in path is dropped;
 * initrd_bytes() makes files of mode 0644 */
void initrd_dir(struct initrd *i, const char *path, mode_t mode);
void initrd_text(
    struct initrd *i, const char *path, mode_t mode, const char *text);
void initrd_bytes(struct initrd *i, const char *path, const void *p, size_t n);
void initrd_symlink(struct initrd *i, const char *path, const char *target);
void initrd_node(struct initrd *i, const char *path, mode_t mode, dev_t dev);

/* copies a file of the host, keeping its permissions */
void initrd_copy(struct initrd *i, const char *path, const char *from);

/* a directory (the entry alone), file or symbolic link of the host, which
 * lstat(2) says is st, with its owner and permissions */
void initrd_take(struct initrd *i, const char *path, const char *from,
    const struct stat *st);

/* the program from and, when it is not static, its interpreter and the
 * libraries that readelf would name, under the paths that they have here */
void initrd_program(struct initrd *i, const char *path, const char *from);

/* ends the archive; the descriptor (the caller's now), or -1 and errno, with
 * i->what naming the file that could not be read */
int initrd_finish(struct initrd *i);

#endif
