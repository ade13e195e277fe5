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

/* the kernel that the host runs, else the last in byte order in /boot */
static int
newest(char *b, size_t cap)
{
	struct utsname u;
	struct dirent *e;
	char best[256] = "";
	DIR *d;

	uname(&u);
	snprintf(b, cap, "/boot/vmlinuz-%s", u.release);
	if (access(b, R_OK) == 0)
		return 0;
	if (!(d = opendir("/boot")))
		return -1;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "vmlinuz-", 8) &&
		    strcmp(e->d_name, best) > 0)
			snprintf(best, sizeof(best), "%s", e->d_name);
	closedir(d);
	snprintf(b, cap, "/boot/%s", best);
	errno = ENOENT;
	return *best ? 0 : -1;
}

/* the one file in DIR/boot of a kernel package that was unpacked at DIR */
static int
in_tree(const char *dir, char *b, size_t cap)
{
	char boot[PATH_MAX];
	struct dirent *e;
	int found = -1;
	DIR *d;

	snprintf(boot, sizeof(boot), "%s/boot", dir);
	if ((d = opendir(boot))) {
		while (found < 0 && (e = readdir(d)))
			if (!strncmp(e->d_name, "vmlinu", 6)) {
				snprintf(b, cap, "%s/boot/%s", dir, e->d_name);
				found = 0;
			}
		closedir(d);
	}
	errno = EISDIR;
	return found;
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
	close(fd);
	if (path[0])
		snprintf(b, cap, "%s", path);
}
