/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "initmod.h"
#include "kmod.h"
#include "rd.h"

int
initmod_unsigned(const struct kernel *k, const char *file)
{
	static const char force[] = "\nCONFIG_MODULE_SIG_FORCE=y";
	const char *slash = strrchr(file, '/');
	char path[PATH_MAX + 160], *t;
	size_t len;
	int yes;

	snprintf(path, sizeof(path), "%.*s/config-%s",
	    slash ? (int)(slash - file) : 1, slash ? file : ".", k->release);
	if (!(t = fd_slurp_path(path, 1 << 20, &len)))
		return 0;
	yes = !memmem(t, len, force, sizeof(force) - 1);
	free(t);
	return yes;
}

/* len without the signature that stands behind a module (linux,
 * include/linux/module_signature.h and scripts/sign-file.c) */
static size_t
without_signature(const char *ko, size_t len)
{
	static const char magic[] = "~Module signature appended~\n";
	const size_t m = sizeof(magic) - 1, head = 12;
	struct rd r;
	size_t n;

	if (len < m + head || memcmp(ko + len - m, magic, m))
		return len;
	rd_init(&r, ko + len - m - head, head);
	rd_skip(&r, 3);
	n = (size_t)rd_u8(&r) + rd_u8(&r);
	rd_skip(&r, 3);
	n += (size_t)rd_u32(&r) + m + head;
	return n < len ? len - n : len;
}

int
initmod_put(
    struct initrd *i, const char *path, int bare, char *list, size_t cap)
{
	const char *name = strrchr(path, '/') + 1;
	size_t len, used = strlen(list);
	char at[300], *ko;
	int n;

	if (!(ko = kmod_read(path, &len)))
		return -1;
	n = snprintf(
	    at, sizeof(at), "/mod/%.*s.ko", (int)strcspn(name, "."), name);
	if ((size_t)n + 2 > cap - used) {
		free(ko);
		errno = E2BIG;
		return -1;
	}
	initrd_bytes(i, at, ko, bare ? without_signature(ko, len) : len);
	snprintf(list + used, cap - used, "%s\n", at);
	free(ko);
	return 0;
}
