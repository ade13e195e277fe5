/* limen: ISC licence, see LICENSE */
#ifndef BASE_H
#define BASE_H

#include <stddef.h>

#define BASE_HASH 32			/* characters of a hash part */
#define BASE_MAX  (BASE_HASH + 1 + 211) /* of a whole base name */

/* A base name is what follows "/nix/store/": "HASH-NAME". */

/* is s[0..n) a well-formed base name? */
int base_ok(const char *s, size_t n);

/* how many bytes at s could be the NAME of one */
size_t base_namelen(const char *s, size_t n);

/* the place and length of the version in a NAME, as Nix splits it: what
 * follows the first '-' that a letter does not follow. NULL: none */
const char *base_version(const char *name, size_t n, size_t *len);

/*
 * The next place at or after *i where 32 characters of Nix' base 32 stand,
 * as Nix scans for references; NULL at the end. *i moves behind its start.
 */
const char *base_scan(const char *s, size_t n, size_t *i);

#endif
