/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "kernel.h"
#include "rd.h"
#include "unpack.h"

#define IMAGE_MAX (256 << 20)
#define SETUP_MAX 32768 /* bytes of a bzImage's setup that are looked at */
#define PVH_NOTE  18	/* XEN_ELFNOTE_PHYS32_ENTRY */

static void
set_release(struct kernel *k, const char *s, size_t len)
{
	size_t n;

	for (n = 0; n < len && n < sizeof(k->release) - 1 && s[n] > ' '; n++)
		k->release[n] = s[n];
	k->release[n] = 0;
}

static uint32_t
le32_at(const uint8_t *p, size_t len, size_t off)
{
	struct rd r;

	rd_init(&r, p, len);
	rd_skip(&r, off);
	return rd_le32(&r);
}

/* the setup header: linux, Documentation/x86/boot.rst, "The Real-Mode Kernel
 * Header"; protocol 2.08 brought the payload's place */
static void
bzimage(struct kernel *k, const uint8_t *p, size_t len)
{
	uint32_t sects = p[0x1f1] ? p[0x1f1] : 4;
	uint32_t version = le32_at(p, len, 0x206) & 0xffff;
	uint32_t name = (le32_at(p, len, 0x20e) & 0xffff) + 0x200;

	k->kind = KERNEL_BZIMAGE;
	if (name > 0x200 && name < len)
		set_release(k, (const char *)p + name, len - name);
	if (version < 0x208)
		return;
	k->payload = (uint64_t)(sects + 1) * 512 + le32_at(p, len, 0x248);
	k->payload_len = le32_at(p, len, 0x24c);
}

static int
has_note(const uint8_t *p, size_t len, uint32_t type)
{
	struct rd r, name, desc;
	uint32_t nn, dn, t;

	rd_init(&r, p, len);
	while (rd_left(&r) >= 12) {
		nn = rd_le32(&r);
		dn = rd_le32(&r);
		t = rd_le32(&r);
		name = rd_sub(&r, ((size_t)nn + 3) & ~(size_t)3);
		desc = rd_sub(&r, ((size_t)dn + 3) & ~(size_t)3);
		if (desc.err)
			return 0;
		if (t == type && nn == 4 && !memcmp(name.p, "Xen", 4))
			return 1;
	}
	return 0;
}

static void
elf(struct kernel *k, const uint8_t *p, size_t len)
{
	static const char banner[] = "Linux version ";
	const char *s;
	Elf64_Ehdr h;
	Elf64_Phdr ph;
	size_t i, at;

	k->kind = KERNEL_ELF;
	if (len < sizeof(h) || p[EI_CLASS] != ELFCLASS64)
		return;
	memcpy(&h, p, sizeof(h));
	for (i = 0; i < h.e_phnum; i++) {
		at = h.e_phoff + i * sizeof(ph);
		if (h.e_phoff > len || at > len || sizeof(ph) > len - at)
			break;
		memcpy(&ph, p + at, sizeof(ph));
		if (ph.p_type == PT_NOTE && ph.p_offset <= len &&
		    ph.p_filesz <= len - ph.p_offset)
			k->pvh |=
			    has_note(p + ph.p_offset, ph.p_filesz, PVH_NOTE);
	}
	if ((s = memmem(p, len, banner, sizeof(banner) - 1)))
		set_release(k, s + sizeof(banner) - 1,
		    len - (size_t)(s + sizeof(banner) - 1 - (char *)p));
}

void
kernel_parse(struct kernel *k, const uint8_t *p, size_t len)
{
	memset(k, 0, sizeof(*k));
	if (len > 0x250 && !memcmp(p + 0x202, "HdrS", 4))
		bzimage(k, p, len);
	else if (len > SELFMAG && !memcmp(p, ELFMAG, SELFMAG))
		elf(k, p, len);
}

/* a file, but no more of it than IMAGE_MAX, which holds all that a kernel
 * loads: what a vmlinux has for debuggers stands behind that. The caller frees
 * it; NULL and errno */
static char *
begin(const char *path, size_t *len)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *p = NULL;
	ssize_t n = -1;

	if (fd < 0)
		return NULL;
	if (fstat(fd, &st) == 0) {
		*len = st.st_size < IMAGE_MAX ? (size_t)st.st_size : IMAGE_MAX;
		if ((p = malloc(*len + 1)))
			n = fd_read_full(fd, p, *len);
	}
	fd_discard(fd);
	if (n < 0) {
		free(p);
		return NULL;
	}
	*len = (size_t)n;
	return p;
}

int
kernel_look(struct kernel *k, const char *path)
{
	uint8_t head[SETUP_MAX];
	size_t len;
	ssize_t n;
	char *p;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return -1;
	n = fd_read_full(fd, head, sizeof(head));
	close(fd);
	if (n < 0)
		return -1;
	kernel_parse(k, head, (size_t)n);
	if (k->kind != KERNEL_ELF) /* its head tells all */
		return 0;
	if (!(p = begin(path, &len)))
		return -1;
	kernel_parse(k, (const uint8_t *)p, len);
	free(p);
	return 0;
}

/* The kernel within a bzImage. Its size stands behind it: the last word of a
 * gzip file, and put there for the other programs (linux,
 * scripts/Makefile.lib), to which that is none of theirs. */
static char *
payload(const struct kernel *k, const char *path, size_t *len)
{
	char *image, *v = NULL;
	const char *packed = NULL, *program = NULL;
	size_t n, size = (size_t)k->payload_len;

	if (!(image = begin(path, &n)))
		return NULL;
	if (k->kind == KERNEL_BZIMAGE && size > 4 && k->payload < n &&
	    size <= n - k->payload) {
		packed = image + k->payload;
		program = unpack_program(packed, size);
	}
	if (program)
		v = unpack(packed, strcmp(program, "gzip") ? size - 4 : size,
		    IMAGE_MAX, len);
	if (!program ||
	    (v && *len != le32_at((const uint8_t *)packed, size, size - 4))) {
		free(v);
		v = NULL;
		errno = ENOEXEC;
	}
	free(image);
	return v;
}

char *
kernel_unpack(const struct kernel *k, const char *path, size_t *len)
{
	char *v = payload(k, path, len);
	struct kernel inner;

	if (!v)
		return NULL;
	kernel_parse(&inner, (const uint8_t *)v, *len);
	if (inner.kind == KERNEL_ELF && inner.pvh)
		return v;
	free(v);
	errno = ENOEXEC;
	return NULL;
}

/* names of drivers, and of the caches of file systems; "overlay" is the end of
 * another name, "9p" of a lot */
static const char *const marks[][2] = { { "9p", "v9fs_inode_cache" },
	{ "9pnet_virtio", "9pnet_virtio" }, { "erofs", "erofs_inode" },
	{ "ext4", "ext4_inode_cache" }, { "isofs", "isofs_inode_cache" },
	{ "overlay", "ovl_inode" }, { "squashfs", "squashfs_inode_cache" },
	{ "virtio_blk", "virtio_blk" }, { "virtio_console", "virtio_console" },
	{ "virtio_net", "virtio_net" }, { "virtio_pci", "virtio-pci" },
	{ "virtiofs", "virtiofs" } };

int
kernel_builtin(const struct kernel *k, const char *path, char *b, size_t cap)
{
	size_t i, len, used = 0;
	char *p =
	    k->kind == KERNEL_ELF ? begin(path, &len) : payload(k, path, &len);

	if (!p)
		return -1;
	b[0] = 0;
	for (i = 0; i < sizeof(marks) / sizeof(*marks) && used < cap; i++)
		if (memmem(p, len, marks[i][1], strlen(marks[i][1]) + 1))
			used += (size_t)snprintf(
			    b + used, cap - used, "%s.ko\n", marks[i][0]);
	free(p);
	return 0;
}

static int
is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

int
kernel_modules(const struct kernel *k, const char *path, char *b, size_t cap)
{
	char dir[PATH_MAX];
	char *s;

	if (!k->release[0] || !realpath(path, dir))
		return -1;
	while ((s = strrchr(dir, '/'))) {
		*s = 0;
		snprintf(b, cap, "%s/lib/modules/%s", dir, k->release);
		if (is_dir(b))
			return 0;
		snprintf(b, cap, "%s/modules.builtin", dir);
		if (*dir && access(b, R_OK) == 0) {
			snprintf(b, cap, "%s", dir);
			return 0;
		}
	}
	return -1;
}
