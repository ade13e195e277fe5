/* limen: ISC licence, see LICENSE */
#ifndef FD_H
#define FD_H

#include <stddef.h>
#include <sys/types.h>

/* makes fd close-on-exec and non-blocking; 0, or -1 and errno */
int fd_prepare(int fd);

/* O_NONBLOCK alone, on or off */
int fd_nonblock(int fd, int on);

/* closes fd and leaves errno as it is, for a reason to come through; -1 */
int fd_discard(int fd);

/* writes all of buf to a blocking descriptor, over EINTR and short writes;
 * 0, or -1 and errno */
int fd_write_all(int fd, const void *buf, size_t len);

/* reads until len bytes or the end; the count, or -1 and errno */
ssize_t fd_read_full(int fd, void *buf, size_t len);

/* reads a whole file of at most max bytes into memory that the caller frees;
 * NULL and errno (EFBIG when it is larger). A NUL follows the *len bytes. */
char *fd_slurp(int fd, size_t max, size_t *len);
char *fd_slurp_path(const char *path, size_t max, size_t *len);

/* the first line of a file, without its end, as a string in b; its length: 0
 * when it is empty, does not fit, or has a NUL in it; -1 and errno */
ssize_t fd_first_line(const char *path, char *b, size_t cap);

#endif
