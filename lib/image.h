/* limen: ISC licence, see LICENSE */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

/*
 * Disk images for a guest that cost no copy on disk: what is made here lives
 * in memory and goes with the last process that has it open.
 */

/*
 * A disk that begins with the bytes of path, goes on with zeros to at least
 * min bytes and to a multiple of unit, and whose writes stay in memory: a
 * qcow2 image over path. The descriptor of it (for /proc/self/fd/N), or -1
 * and errno.
 */
struct image_size {
	uint64_t min, unit;
};
int image_overlay(const char *path, const struct image_size *z);

/*
 * The same with the writes kept in the file store. An existing store goes on
 * as long as path is what it was made over: 0, or -1 and errno; ESTALE: path
 * is another file or has changed since; EINVAL: store is no such image.
 */
int image_persist(
    const char *store, const char *path, const struct image_size *z);

/* is path a qcow2 image, else raw? 1 or 0, or -1 and errno */
int image_qcow2(const char *path);
int image_fd_qcow2(int fd);

/* the bytes of a file or a disk, whose stat(2) does not tell; -1 and errno */
int64_t image_length(const char *path);

/* the size that the guest will see; 0 or -1 and errno */
int image_size(const char *path, const struct image_size *z, uint64_t *size);

/* the contents of path in memory, filled up to size bytes with fill; EFBIG:
 * it is larger. The descriptor, or -1 and errno. */
int image_copy(const char *path, size_t size, int fill);

#endif
