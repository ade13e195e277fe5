/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "image.h"

#define MIB	(1 << 20)
#define ERASE	65536	 /* the erase block of our flash */
#define SWAPPED 0x3e0000 /* what QEMU's little-endian Malta swaps of it */

static const struct image_size root = { 16 * MIB, ERASE };
static const struct image_size further = { MIB, 512 };

/* its first instruction is a branch, 0x1000 and an offset */
int
disk_little(const uint8_t *b, size_t n)
{
	return n > 4 && b[3] == 0x10 && b[2] == 0;
}

/* the boot loader in its flash; what QEMU will swap is swapped before */
static int
flash(struct conf *c)
{
	int fd =
	    image_copy(c->uboot, c->arch->flash, machine_malta(c) ? 0xff : 0);
	size_t i;
	uint8_t *b, t;

	if (fd < 0 && errno == EFBIG)
		die(1, "%s: larger than the boot flash, %u MiB", c->uboot,
		    c->arch->flash / MIB);
	if (fd < 0 || !machine_malta(c) || !strstr(c->arch->name, "el"))
		return fd;
	b = mmap(NULL, SWAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (b == MAP_FAILED)
		return -1;
	if (disk_little(b, SWAPPED))
		for (i = 0; i < SWAPPED; i += 4) {
			t = b[i], b[i] = b[i + 3], b[i + 3] = t;
			t = b[i + 1], b[i + 1] = b[i + 2], b[i + 2] = t;
		}
	munmap(b, SWAPPED);
	return fd;
}

static void
give(struct vmsup *s, int i, int fd, const char *what)
{
	if (fd < 0 || vmsup_give(s, i, fd) < 0)
		die(1, "%s:", what);
}

static void
store(struct conf *c, const char *image, const struct image_size *z)
{
	if (image_persist(c->persist, image, z) == 0)
		return;
	if (errno == ESTALE)
		die(1,
		    "%s: made over another image than %s, or that has "
		    "changed since",
		    c->persist, image);
	if (errno == EINVAL)
		die(1, "%s: not an image that --persist made", c->persist);
	die(1, "%s:", c->persist);
}

void
disk_open(struct conf *c, struct vmsup *s)
{
	if (c->root && !c->phram) {
		if (c->persist && !c->disk)
			store(c, c->root, &root);
		else
			give(s, GIVE_ROOT, image_overlay(c->root, &root),
			    c->root);
	}
	if (c->uboot && c->arch->flash)
		give(s, GIVE_FLASH, flash(c), c->uboot);
	if (!c->disk)
		return;
	if (c->persist)
		store(c, c->disk, &further);
	else
		give(s, GIVE_DISK, image_overlay(c->disk, &further), c->disk);
}

static void
padded(const char *path, const struct image_size *z)
{
	uint64_t want;

	if (image_size(path, z, &want) == 0 &&
	    image_length(path) != (int64_t)want)
		warn("%s: to run this, fill a copy up to %llu bytes", path,
		    (unsigned long long)want);
}

void
disk_plain(const struct conf *c)
{
	struct stat st;

	if (c->root && !c->phram && (c->disk || !c->persist))
		padded(c->root, &root);
	if (c->disk && !c->persist)
		padded(c->disk, &further);
	if (c->uboot && c->arch->flash && stat(c->uboot, &st) == 0 &&
	    st.st_size != c->arch->flash)
		warn("%s: to run this, fill a copy up to %u bytes%s", c->uboot,
		    c->arch->flash,
		    machine_malta(c) && strstr(c->arch->name, "el")
			? ", each word's swapped"
			: "");
}
