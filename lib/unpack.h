/* limen: ISC licence, see LICENSE */
#ifndef UNPACK_H
#define UNPACK_H

#include <stddef.h>

/*
 * Undoes xz, gzip, zstd, lz4, bzip2 or lzma, told by the first bytes, with
 * the program of that name. What is none of these is returned as it is.
 */

/* the program that undoes what begins with these bytes, or NULL */
const char *unpack_program(const void *p, size_t len);

/* in[0..len) unpacked: memory that the caller frees, a NUL behind *outlen
 * bytes; at most max bytes. NULL and errno: ENOENT: the program is not
 * there, EFBIG, EILSEQ: it found a fault, or more behind the packed data. */
char *unpack(const char *in, size_t len, size_t max, size_t *outlen);

#endif
