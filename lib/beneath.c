/* limen: ISC licence, see LICENSE */
#include <fcntl.h>
#include <sys/syscall.h>

#include <linux/openat2.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "sandbox_sys.h"

int
beneath_open(int dir, const char *path, int flags, mode_t mode)
{
	struct open_how how;
	int fd, tries = 0;

	memset(&how, 0, sizeof(how));
	how.flags = (unsigned)(flags | O_CLOEXEC);
	/* what open() adds where off_t alone has 64 bits */
	if (!(flags & O_PATH))
		how.flags |= O_LARGEFILE;
	how.mode = flags & O_CREAT ? mode : 0;
	how.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS;
	/* EAGAIN: something was renamed meanwhile (openat2(2)) */
	do
		fd = (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
	while (fd < 0 && errno == EAGAIN && ++tries < 8);
	return fd;
}
