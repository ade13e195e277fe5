/* limen: ISC licence, see LICENSE */
#ifndef OWNDEV_H
#define OWNDEV_H

#include <sys/mount.h>

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

/*
 * A /dev of the test's own, with nothing in it; ioctl() is the test's, too:
 * what stands for the kernel's devices in both. 0, or -1: no namespace here.
 */
static inline int
owndev(void)
{
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
		return -1;
	return mount("tmpfs", "/dev", "tmpfs", 0, "mode=755");
}

/* an empty file there */
static inline void
owndev_put(const char *path)
{
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
}

#endif
