/* limen: ISC licence, see LICENSE */
#ifndef KERNEL_H
#define KERNEL_H

#include <stddef.h>
#include <stdint.h>

/*
 * An x86 Linux kernel as a file: what it is, and the quickest form of it to
 * start. A bzImage unpacks itself in the guest, which under emulation costs
 * more than the rest of the boot; the ELF kernel inside starts by PVH
 * (QEMU 4.0 and later) without that.
 */
enum kernel_kind {
	KERNEL_OTHER, /* none that we know: give it to QEMU and see */
	KERNEL_BZIMAGE,
	KERNEL_ELF,
};

struct kernel {
	enum kernel_kind kind;
	int pvh;	   /* ELF: has the PVH entry note */
	char release[128]; /* "6.1.0-50-amd64", "" when it does not say */
	uint64_t payload, payload_len; /* bzImage: the packed ELF kernel */
};

/* looks at the kernel at path; 0, or -1 and errno */
int kernel_look(struct kernel *k, const char *path);

/* looks at an image in memory, size bytes of it being there */
void kernel_parse(struct kernel *k, const uint8_t *p, size_t len);

/*
 * The ELF kernel within the bzImage at path, when it can be started by PVH:
 * memory that the caller frees. NULL and errno: ENOENT: the program that
 * unpacks it is not there; EILSEQ: damaged; ENOEXEC: no PVH entry or not
 * understood.
 */
char *kernel_unpack(const struct kernel *k, const char *path, size_t *len);

/*
 * The drivers and file systems for a virtual machine that are built into the
 * kernel k at path, known by the names that they leave in it, as lines of
 * modules.builtin: for a kernel that comes without such a file. 0; -1 and
 * errno: it cannot be looked into, so nothing is known (see kernel_unpack()).
 */
int kernel_builtin(
    const struct kernel *k, const char *path, char *b, size_t cap);

/*
 * Where the modules of the kernel at path are: among DIR/lib/modules/RELEASE
 * for each DIR above it, DIR itself when it is such a directory, and
 * /lib/modules/RELEASE. 0, or -1: nowhere.
 */
int kernel_modules(
    const struct kernel *k, const char *path, char *b, size_t cap);

#endif
