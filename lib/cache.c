/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cache.h"
#include "siphash.h"

#define DAY 86400 /* that a server's clock may be wrong, in seconds */

/* makes b and its missing parents; 0 when it is a directory of ours */
static int
own_dir(char *b)
{
	struct stat st;
	char *s;

	for (s = b + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = 0;
		mkdir(b, 0700);
	}
	mkdir(b, 0700);
	if (stat(b, &st) < 0)
		return -1;
	if (S_ISDIR(st.st_mode) && st.st_uid == geteuid() &&
	    !(st.st_mode & 022))
		return 0;
	errno = EPERM;
	return -1;
}

int
cache_dir(const char *sub, char *b, size_t cap)
{
	const char *x = getenv("XDG_CACHE_HOME"), *h = getenv("HOME");
	struct stat st;
	int n = -1;

	if (x && *x == '/')
		n = snprintf(b, cap, "%s/limen/%s", x, sub);
	/* a home that is not there is not made: Nix' builds have none */
	else if (h && *h == '/' && stat(h, &st) == 0)
		n = snprintf(b, cap, "%s/.cache/limen/%s", h, sub);
	if (n >= 0 && (size_t)n < cap)
		return own_dir(b);
	errno = ENOENT;
	return -1;
}

uint64_t
cache_mix(uint64_t key, uint64_t v)
{
	static const uint8_t k[16] = "limen cache key";
	uint64_t two[2] = { key, v };

	return siphash(k, two, sizeof(two));
}

uint64_t
cache_mix_text(uint64_t key, const char *s, size_t len)
{
	static const uint8_t k[16] = "limen cache str";

	return cache_mix(key, siphash(k, s, len));
}

uint64_t
cache_mix_str(uint64_t key, const char *s)
{
	return cache_mix_text(key, s, strlen(s));
}

uint64_t
cache_identity(const char *path)
{
	struct stat st;
	uint64_t key = 1;

	if (stat(path, &st) < 0)
		return 0;
	key = cache_mix(key, (uint64_t)st.st_dev);
	key = cache_mix(key, (uint64_t)st.st_ino);
	key = cache_mix(key, (uint64_t)st.st_size);
	key = cache_mix(key, (uint64_t)st.st_mtim.tv_sec);
	key = cache_mix(key, (uint64_t)st.st_mtim.tv_nsec);
	key = cache_mix(key, (uint64_t)st.st_ctim.tv_sec);
	return cache_mix(key, (uint64_t)st.st_ctim.tv_nsec) | 1;
}

int
cache_new(const char *dir)
{
	return open(dir, O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
}

int
cache_name(int fd, const char *path)
{
	char from[64];

	snprintf(from, sizeof(from), "/proc/self/fd/%d", fd);
	if (unlink(path) < 0 && errno != ENOENT)
		return -1;
	return linkat(AT_FDCWD, from, AT_FDCWD, path, AT_SYMLINK_FOLLOW);
}

int
cache_open(const char *path, int flags)
{
	struct stat st;
	int fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && !(st.st_mode & 077))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

/* the file of dir that was used longest ago; the bytes that all take. One of
 * the future is of a clock that was wrong then: it would stay for ever. */
static uint64_t
oldest(DIR *d, char *name, size_t cap)
{
	const time_t future = time(NULL) + DAY;
	struct timespec best = { 0, 0 };
	uint64_t sum = 0;
	struct dirent *e;
	struct stat st;

	name[0] = 0;
	rewinddir(d);
	while ((e = readdir(d))) {
		if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) <
			0 ||
		    !S_ISREG(st.st_mode))
			continue;
		sum += (uint64_t)st.st_blocks * 512;
		if (st.st_mtim.tv_sec > future)
			st.st_mtim.tv_sec = 0;
		if (!name[0] || st.st_mtim.tv_sec < best.tv_sec ||
		    (st.st_mtim.tv_sec == best.tv_sec &&
			st.st_mtim.tv_nsec < best.tv_nsec)) {
			best = st.st_mtim;
			snprintf(name, cap, "%s", e->d_name);
		}
	}
	return sum;
}

void
cache_trim(const char *dir, uint64_t max)
{
	char name[256];
	DIR *d = opendir(dir);

	if (!d)
		return;
	while (oldest(d, name, sizeof(name)) > max)
		if (unlinkat(dirfd(d), name, 0) < 0)
			break;
	closedir(d);
}

uint64_t
cache_sum(uint64_t sum, const void *p, size_t len)
{
	const uint8_t *b = p;
	/* with the length: zeros at the end count, too */
	uint64_t s[4] = { sum + len, sum ^ 1, sum ^ 2, sum ^ 3 }, v;
	size_t i, k;

	for (i = 0; i + 32 <= len; i += 32)
		for (k = 0; k < 4; k++) {
			memcpy(&v, b + i + 8 * k, 8);
			s[k] = (s[k] ^ v) * 0x9e3779b97f4a7c15u;
			s[k] ^= s[k] >> 29;
		}
	for (; i < len; i++)
		s[0] = (s[0] ^ b[i]) * 0x100000001b3u;
	for (k = 1; k < 4; k++)
		s[0] = (s[0] ^ s[k]) * 0x9e3779b97f4a7c15u;
	return s[0] ^ s[0] >> 32;
}
