/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"
#include "fd.h"
#include "image.h"
#include "proc.h"

/* the last bytes of a sector that a PC's firmware starts; whoever gives QEMU
 * further arguments may boot from elsewhere */
static void
bootable(const struct conf *c, const uint8_t b[512])
{
	if (!(c->opts && *c->opts) && (b[510] != 0x55 || b[511] != 0xaa))
		die(1,
		    "%s: no boot sector in it: it cannot boot (is it another "
		    "machine's, or cut off?)",
		    c->image);
}

void
disk_look(struct conf *c)
{
	uint8_t b[512] = { 0 };
	struct stat st;
	ssize_t n;
	int fd;

	if (!c->image)
		die(1, "no image: get the Cloud Hosted Router's raw disk image "
		       "at https://mikrotik.com/download (proprietary: read "
		       "its licence) and name it with --image or "
		       "ROUTEROS_IMAGE");
	if ((fd = open(c->image, O_RDONLY | O_CLOEXEC)) < 0) {
		if (errno == ENOENT)
			die(1,
			    "%s: not there; the Cloud Hosted Router's raw "
			    "disk image is at https://mikrotik.com/download "
			    "(proprietary: read its licence)",
			    c->image);
		die(1, "%s:", c->image);
	}
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		die(1, "%s:", c->image);
	}
	if ((n = fd_read_full(fd, b, sizeof(b))) < 0)
		die(1, "%s:", c->image);
	if (!memcmp(b, "PK\3\4", 4))
		c->format = "zip";
	else if (image_fd_qcow2(fd) == 1)
		c->format = "qcow2";
	else if (n == sizeof(b))
		c->format = "raw";
	else
		die(1, "%s: no disk image: only %zd bytes", c->image, n);
	close(fd);
	if (!strcmp(c->format, "raw"))
		bootable(c, b);
}

/* the one file of a .zip in memory, as MikroTik packs its images */
static int
unzip(const struct conf *c)
{
	const char *path = c->image;
	const char *argv[] = { "unzip", "-p", path, NULL };
	struct proc p = { argv, { -1, -1, -1 }, NULL, 0, SIGKILL, 0 };
	int fd = memfd_create("image", MFD_CLOEXEC), st;
	uint8_t b[512];
	struct stat sb;
	pid_t pid;

	if (fd < 0)
		die(1, "memory for the image:");
	p.std[1] = fd;
	if ((pid = proc_spawn(&p)) < 0) {
		if (errno == ENOENT)
			die(1, "%s: unzip is not there to unpack it", path);
		die(1, "unzip:");
	}
	if (proc_wait(pid, -1, &st) < 0 || proc_status(st))
		die(1, "%s: unzip cannot unpack it", path);
	if (fstat(fd, &sb) < 0 || sb.st_size < 512 ||
	    pread(fd, b, sizeof(b), 0) != sizeof(b))
		die(1, "%s: no disk image in it", path);
	if (image_fd_qcow2(fd) == 1)
		die(1, "%s: a qcow2 image in it: unpack it first", path);
	bootable(c, b);
	return fd;
}

int
disk_open(const struct conf *c)
{
	static const struct image_size any = { 512, 512 };
	int fd;

	if (!strcmp(c->format, "zip"))
		return unzip(c);
	if (!strcmp(c->format, "qcow2"))
		return -1;
	if ((fd = image_overlay(c->image, &any)) < 0)
		die(1, "%s:", c->image);
	return fd;
}
