/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "cache.h"
#include "fd.h"
#include "kfind.h"
#include "rmtree.h"
#include "tap.h"

static void
put(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || fd_write_all(fd, p, n) < 0 || close(fd) < 0)
		abort();
}

static void
found(void)
{
	char b[PATH_MAX];

	OK(kfind("nosuch/k", b, sizeof(b)) < 0 && errno == ENOENT);
	OK(kfind("no such release", b, sizeof(b)) < 0 && errno == ENOENT);
	OK(kfind(".", b, sizeof(b)) < 0 && errno == EISDIR);
	if (mkdir("boot", 0700) < 0)
		abort();
	put("boot/System.map-6.1.0-50", "", 0);
	OK(kfind(".", b, sizeof(b)) < 0 && errno == EISDIR);
	put("boot/vmlinuz-6.1.0-10-x", "", 0);
	put("boot/vmlinuz-6.1.0-9-x", "", 0);
	put("boot/vmlinuz-5.10.0-99-x", "", 0);
	OK(kfind(".", b, sizeof(b)) == 0);
	STREQ(b, "./boot/vmlinuz-6.1.0-10-x");
	OK(kfind("boot/vmlinuz-6.1.0-9-x", b, sizeof(b)) == 0);
	STREQ(b, "boot/vmlinuz-6.1.0-9-x");
	OK_MSG(kfind(".", b, 16) < 0, "no room for the name");
}

static void
modules(void)
{
	struct kernel k = { .release = "6.1.0-9-x" };
	char b[PATH_MAX];

	kfind_modules(&k, "boot/vmlinuz-6.1.0-9-x", b, sizeof(b));
	STREQ(b, "");
	if (mkdir("lib", 0700) < 0 || mkdir("lib/modules", 0700) < 0 ||
	    mkdir("lib/modules/6.1.0-9-x", 0700) < 0)
		abort();
	kfind_modules(&k, "boot/vmlinuz-6.1.0-9-x", b, sizeof(b));
	OK(strstr(b, "/lib/modules/6.1.0-9-x") != NULL);
}

/* a bzImage around a gzip file of an ELF kernel that is nothing but a note */
static void
bzimage(const char *path)
{
	static const uint8_t packed[] = { 0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00,
		0x00, 0x00, 0x02, 0x03, 0xab, 0x77, 0xf5, 0x71, 0x63, 0x62,
		0xc0, 0x0d, 0x1c, 0x70, 0x88, 0x33, 0x42, 0x69, 0x16, 0x28,
		0x5d, 0x81, 0x43, 0x9d, 0x08, 0x1a, 0xcd, 0x82, 0x44, 0x83,
		0xb0, 0x10, 0x10, 0x47, 0xa4, 0xe6, 0x81, 0xc5, 0x00, 0x46,
		0xcc, 0xbf, 0xb2, 0x8c, 0x00, 0x00, 0x00 };
	uint8_t b[1024 + sizeof(packed)] = { 0 };

	b[0x1f1] = 1;
	memcpy(b + 0x202, "HdrS", 4);
	b[0x206] = 0x0f;
	b[0x207] = 2;
	b[0x24c] = sizeof(packed);
	memcpy(b + 1024, packed, sizeof(packed));
	put(path, b, sizeof(b));
}

static void
quick(void)
{
	char dir[PATH_MAX], b[PATH_MAX], c[PATH_MAX];
	struct kernel k;
	struct stat st;
	uint64_t id;

	if (!getcwd(dir, sizeof(dir)) || setenv("XDG_CACHE_HOME", dir, 1) < 0)
		abort();
	bzimage("bz");
	OK(kernel_look(&k, "bz") == 0 && k.kind == KERNEL_BZIMAGE);
	kfind_quick(&k, "bz", b, sizeof(b));
	OK(!strncmp(b, dir, strlen(dir)) && stat(b, &st) == 0);
	OK(st.st_size == 140 && kernel_look(&k, b) == 0 && k.pvh);
	id = cache_identity(b);
	kernel_look(&k, "bz");
	kfind_quick(&k, "bz", c, sizeof(c));
	STREQ(c, b);
	OK_MSG(cache_identity(b) == id, "use makes no other file of it");
	if (truncate("bz", 1024 + 52) < 0)
		abort();
	kfind_quick(&k, "bz", c, sizeof(c));
	STREQ(c, "bz"); /* damaged: as it is */
	OK(kernel_look(&k, b) == 0);
	kfind_quick(&k, b, c, sizeof(c));
	STREQ(c, b);
}

int
main(void)
{
	char dir[] = "/tmp/kfind-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	found();
	modules();
	quick();
	if (chdir("/") < 0 || rmtree(dir) < 0)
		return 1;
	return tap_done();
}
