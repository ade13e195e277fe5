/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "kernel.h"
#include "tap.h"
#include "unpack.h"

static void
le16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)v;
	p[1] = (uint8_t)(v >> 8);
}

static void
le32(uint8_t *p, uint32_t v)
{
	le16(p, v);
	le16(p + 2, v >> 16);
}

static void
put(const char *path, const void *p, size_t n)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || fd_write_all(fd, p, n) < 0 || close(fd) < 0)
		abort();
}

/* RFC 1952 around one stored block of RFC 1951 */
static size_t
gzip(uint8_t *out, const uint8_t *p, size_t n)
{
	static const uint8_t head[] = { 0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1 };
	uint32_t crc = ~0u;
	size_t i;
	int bit;

	for (i = 0; i < n; i++)
		for (crc ^= p[i], bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320u : crc >> 1;
	memcpy(out, head, sizeof(head));
	out += sizeof(head);
	le16(out, (uint32_t)n);
	le16(out + 2, ~(uint32_t)n);
	memcpy(out + 4, p, n);
	le32(out + 4 + n, ~crc);
	le32(out + 8 + n, (uint32_t)n);
	return sizeof(head) + 12 + n;
}

/* an ELF kernel with a note of the type given */
static size_t
elf(uint8_t *b, uint32_t type)
{
	static const char banner[] = "Linux version 6.1.0-x (who) #1";
	Elf64_Ehdr h;
	Elf64_Phdr ph;

	memset(&h, 0, sizeof(h));
	memset(&ph, 0, sizeof(ph));
	memcpy(h.e_ident, ELFMAG, SELFMAG);
	h.e_ident[EI_CLASS] = ELFCLASS64;
	h.e_phoff = sizeof(h);
	h.e_phnum = 1;
	ph.p_type = PT_NOTE;
	ph.p_offset = 200;
	ph.p_filesz = 20;
	memset(b, 0, 400);
	memcpy(b, &h, sizeof(h));
	memcpy(b + sizeof(h), &ph, sizeof(ph));
	le32(b + 200, 4);
	le32(b + 204, 4);
	le32(b + 208, type);
	memcpy(b + 212, "Xen", 4);
	memcpy(b + 300, banner, sizeof(banner));
	return 400;
}

/* a bzImage of 2 sectors, the packed ELF kernel behind them */
static size_t
bzimage(uint8_t *b, uint32_t version, uint32_t type)
{
	uint8_t inner[400];
	size_t n = elf(inner, type);

	memset(b, 0, 1100);
	b[0x1f1] = 1;
	memcpy(b + 0x202, "HdrS", 4);
	le32(b + 0x206, version);
	le16(b + 0x20e, 0x300 - 0x200);
	memcpy(b + 0x300, "6.1.0-50 (x@y)", 15);
	le32(b + 0x248, 16);
	n = gzip(b + 1024 + 16, inner, n);
	le32(b + 0x24c, (uint32_t)n);
	return 1024 + 16 + n;
}

static void
look(void)
{
	uint8_t b[2048];
	struct kernel k;

	OK(kernel_look(&k, "nosuch") < 0 && errno == ENOENT);
	put("other", "no kernel", 9);
	OK(kernel_look(&k, "other") == 0 && k.kind == KERNEL_OTHER);
	put("elf", b, elf(b, 18));
	OK(kernel_look(&k, "elf") == 0 && k.kind == KERNEL_ELF && k.pvh);
	STREQ(k.release, "6.1.0-x");
	put("elf", b, elf(b, 17));
	OK(kernel_look(&k, "elf") == 0 && !k.pvh);
	b[EI_CLASS] = ELFCLASS32;
	kernel_parse(&k, b, 400);
	OK(k.kind == KERNEL_ELF && !*k.release);
	elf(b, 18);
	b[204] = 200; /* a note that ends behind its segment */
	kernel_parse(&k, b, 400);
	OK(!k.pvh);
	elf(b, 18);
	b[0x38] = 2; /* a header behind the end */
	kernel_parse(&k, b, 130);
	OK(k.kind == KERNEL_ELF && !k.pvh);
}

/* a vmlinux with what its debugger wants, of which no more is read than need
 * be */
static void
large(void)
{
	struct kernel k;
	char t[200];

	OK(truncate("elf", 300 << 20) == 0 && kernel_look(&k, "elf") == 0);
	OK(k.kind == KERNEL_ELF && k.pvh);
	STREQ(k.release, "6.1.0-x");
	OK(kernel_builtin(&k, "elf", t, sizeof(t)) == 0);
}

static void
unpacked(void)
{
	uint8_t b[2048];
	struct kernel k;
	size_t len = 0, n;
	char *p;

	put("bz", b, bzimage(b, 0x20f, 18));
	OK(kernel_look(&k, "bz") == 0 && k.kind == KERNEL_BZIMAGE);
	STREQ(k.release, "6.1.0-50");
	OK(k.payload == 1040);
	p = kernel_unpack(&k, "bz", &len);
	OK(p && len == 400 && !memcmp(p, ELFMAG, SELFMAG));
	free(p);
	n = bzimage(b, 0x20f, 18);
	b[n - 8] ^= 1;
	put("bz", b, n);
	OK_MSG(!kernel_unpack(&k, "bz", &len) && errno == EILSEQ, "damaged");
	b[n - 8] ^= 1;
	put("bz", b, n - 100);
	OK_MSG(!kernel_unpack(&k, "bz", &len) && errno == ENOEXEC, "cut");
	le32(b + 0x24c, (uint32_t)(n - 1040 - 4));
	put("bz", b, n - 4);
	OK(kernel_look(&k, "bz") == 0);
	OK_MSG(!kernel_unpack(&k, "bz", &len), "cut, and it does not say so");
	put("bz", b, bzimage(b, 0x20f, 17));
	OK(kernel_look(&k, "bz") == 0);
	OK(!kernel_unpack(&k, "bz", &len) && errno == ENOEXEC);
	put("bz", b, bzimage(b, 0x207, 18));
	OK(kernel_look(&k, "bz") == 0 && k.payload_len == 0);
	OK(!kernel_unpack(&k, "bz", &len) && errno == ENOEXEC);
	OK(!kernel_unpack(&k, "nosuch", &len) && errno == ENOENT);
}

/* what stands in a kernel without a list of it */
static void
builtin(void)
{
	static const char in[] = "arp_overlay\0v9fs_inode_cache\0virtio-pci";
	uint8_t b[2048];
	struct kernel k;
	char t[200];

	elf(b, 18);
	memcpy(b + 340, in, sizeof(in));
	put("elf", b, 400);
	OK(kernel_look(&k, "elf") == 0);
	OK(kernel_builtin(&k, "elf", t, sizeof(t)) == 0);
	STREQ(t, "9p.ko\nvirtio_pci.ko\n");
	OK(kernel_builtin(&k, "nosuch", t, sizeof(t)) < 0 && errno == ENOENT);
	put("bz", b, bzimage(b, 0x20f, 17));
	OK(kernel_look(&k, "bz") == 0);
	OK(kernel_builtin(&k, "bz", t, sizeof(t)) == 0 && !*t);
	put("bz", b, bzimage(b, 0x207, 18));
	OK(kernel_look(&k, "bz") == 0);
	OK(kernel_builtin(&k, "bz", t, sizeof(t)) < 0 && errno == ENOEXEC);
}

static void
modules(void)
{
	struct kernel k = { .release = "6.1.0-x" };
	char at[PATH_MAX];

	OK(mkdir("boot", 0700) == 0 && mkdir("lib", 0700) == 0 &&
	    mkdir("lib/modules", 0700) == 0);
	put("boot/k", "", 0);
	OK(kernel_modules(&k, "boot/k", at, sizeof(at)) < 0);
	OK(mkdir("lib/modules/6.1.0-x", 0700) == 0);
	OK(kernel_modules(&k, "boot/k", at, sizeof(at)) == 0);
	OK(strstr(at, "/lib/modules/6.1.0-x") != NULL);
	put("boot/modules.builtin", "", 0);
	OK(kernel_modules(&k, "boot/k", at, sizeof(at)) == 0);
	STREQ(strrchr(at, '/'), "/boot");
	k.release[0] = 0;
	OK(kernel_modules(&k, "boot/k", at, sizeof(at)) < 0);
}

static void
programs(void)
{
	uint8_t b[64];
	size_t len, n = gzip(b, (const uint8_t *)"hello", 5);
	char *p;

	STREQ(unpack_program("\xfd\x37zXZ", 6), "xz");
	OK(!unpack_program("\xfd\x37z", 3) && !unpack_program("", 0));
	p = unpack("plain", 5, 100, &len);
	OK(p && len == 5 && !strcmp(p, "plain"));
	free(p);
	p = unpack((char *)b, n, 100, &len);
	OK(p && len == 5 && !strcmp(p, "hello"));
	free(p);
	OK(!unpack((char *)b, n, 4, &len) && errno == EFBIG);
	OK(!unpack((char *)b, 3, 100, &len) && errno == EILSEQ);
	setenv("PATH", "/nonexistent", 1);
	OK(!unpack((char *)b, n, 100, &len) && errno == ENOENT);
}

int
main(void)
{
	char dir[] = "/tmp/kernel-XXXXXX";

	if (!mkdtemp(dir) || chdir(dir) < 0)
		return 1;
	look();
	unpacked();
	builtin();
	large();
	modules();
	programs();
	unlink("other");
	unlink("elf");
	unlink("bz");
	unlink("boot/k");
	unlink("boot/modules.builtin");
	rmdir("boot");
	rmdir("lib/modules/6.1.0-x");
	rmdir("lib/modules");
	rmdir("lib");
	if (chdir("/") == 0)
		rmdir(dir);
	return tap_done();
}
