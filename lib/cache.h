/* limen: ISC licence, see LICENSE */
#ifndef CACHE_H
#define CACHE_H

#include <stddef.h>
#include <stdint.h>

/* What is kept between runs, below $XDG_CACHE_HOME/limen. */

/* the directory SUB of it, made when it is not there; 0, or -1 and errno when
 * there is no place for it or others may write there */
int cache_dir(const char *sub, char *b, size_t cap);

/* a file's identity: one that was changed or replaced has another; 0: it is
 * not there */
uint64_t cache_identity(const char *path);

/* mixes v, a text of len bytes, or a string, into a key */
uint64_t cache_mix(uint64_t key, uint64_t v);
uint64_t cache_mix_text(uint64_t key, const char *s, size_t len);
uint64_t cache_mix_str(uint64_t key, const char *s);

/* a new file without a name in dir; its descriptor, or -1 and errno */
int cache_new(const char *dir);

/* gives it its name, over an older one; 0, or -1 and errno */
int cache_name(int fd, const char *path);

/* opens path when it is a regular file of ours that nobody else may write;
 * -1 and errno */
int cache_open(const char *path, int flags);

/* removes what was used longest ago until dir holds at most max bytes */
void cache_trim(const char *dir, uint64_t max);

/* a hash of p[0..len) that tells a broken file from a good one, at the speed
 * of memory; not for anything that an enemy chooses */
uint64_t cache_sum(uint64_t sum, const void *p, size_t len);

#endif
