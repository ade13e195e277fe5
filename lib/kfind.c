/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/utsname.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "fd.h"
#include "kfind.h"

#define KERNELS (512ULL << 20) /* bytes of unpacked kernels kept */

/* of the files in dir whose names begin so the latest: its path; 0 or -1 */
static int
latest(const char *dir, const char *begin, char *b, size_t cap)
{
	char best[256] = "";
	struct dirent *e;
	DIR *d = opendir(dir);

	while (d && (e = readdir(d)))
		if (!strncmp(e->d_name, begin, strlen(begin)) &&
		    strverscmp(e->d_name, best) > 0)
			snprintf(best, sizeof(best), "%s", e->d_name);
	if (d)
		closedir(d);
	return *best && snprintf(b, cap, "%s/%s", dir, best) < (int)cap ? 0
									: -1;
}

/* the kernel that the host runs, else the latest in /boot */
static int
newest(char *b, size_t cap)
{
	struct utsname u;

	uname(&u);
	snprintf(b, cap, "/boot/vmlinuz-%s", u.release);
	if (access(b, R_OK) == 0 || latest("/boot", "vmlinuz-", b, cap) == 0)
		return 0;
	errno = ENOENT;
	return -1;
}

/* the one of a kernel package that was unpacked at DIR, in DIR/boot */
static int
in_tree(const char *dir, char *b, size_t cap)
{
	char boot[PATH_MAX];

	snprintf(boot, sizeof(boot), "%s/boot", dir);
	if (latest(boot, "vmlinu", b, cap) == 0)
		return 0;
	errno = EISDIR;
	return -1;
}

int
kfind(const char *spec, char *b, size_t cap)
{
	struct stat st;

	if (!spec || !*spec)
		return newest(b, cap);
	snprintf(b, cap, "%s", spec);
	if (stat(spec, &st) < 0) {
		if (strchr(spec, '/'))
			return -1;
		snprintf(b, cap, "/boot/vmlinuz-%.200s", spec);
	} else if (S_ISDIR(st.st_mode) && in_tree(spec, b, cap) < 0)
		return -1;
	return access(b, R_OK);
}

void
kfind_modules(const struct kernel *k, const char *file, char *b, size_t cap)
{
	if (kernel_modules(k, file, b, cap) == 0)
		return;
	snprintf(b, cap, "/lib/modules/%s", k->release);
	if (!k->release[0] || access(b, R_OK) < 0)
		b[0] = 0;
}

void
kfind_quick(const struct kernel *k, const char *file, char *b, size_t cap)
{
	char dir[PATH_MAX - 64], path[PATH_MAX], *v;
	size_t len;
	int fd;

	snprintf(b, cap, "%s", file);
	if (k->kind != KERNEL_BZIMAGE ||
	    cache_dir("kernel", dir, sizeof(dir)) < 0)
		return;
	snprintf(path, sizeof(path), "%s/%016llx", dir,
	    (unsigned long long)cache_identity(file));
	if ((fd = cache_open(path, O_RDONLY)) < 0) {
		if ((fd = cache_new(dir)) < 0)
			return;
		v = kernel_unpack(k, file, &len);
		if (!v || fd_write_all(fd, v, len) < 0 ||
		    cache_name(fd, path) < 0)
			path[0] = 0;
		free(v);
		cache_trim(dir, KERNELS);
	}
	/* its time stays: with another it were another file to saved guests */
	close(fd);
	if (path[0])
		snprintf(b, cap, "%s", path);
}
