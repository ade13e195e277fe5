/* limen: ISC licence, see LICENSE */
/*
 * A directory's tree into an initramfs: deeper than there are descriptors,
 * with names that are odd, and one that is too large.
 * link: run-in-vm/tree.c
 */
#include <sys/resource.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "../../run-in-vm/tree.h"
#include "cpio.h"
#include "fd.h"
#include "tap.h"

#define DEPTH 200

/* directories in one another below the working directory; 0 or -1 */
static int
deep(void)
{
	int i, bad = 0, top = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (i = 0; i < DEPTH; i++)
		bad |= mkdir("d", 0700) < 0 || chdir("d") < 0;
	bad |= fchdir(top) < 0;
	close(top);
	return bad ? -1 : 0;
}

/* the entries of an archive whose names begin with name */
static int
count(int fd, const char *name)
{
	struct cpio_entry e;
	struct rd r, body;
	size_t len;
	uint8_t *b;
	int n = 0;

	lseek(fd, 0, SEEK_SET);
	if (!(b = (uint8_t *)fd_slurp(fd, 1 << 20, &len)))
		return -1;
	rd_init(&r, b, len);
	while (cpio_get(&r, &e, &body) == 1)
		n += !strncmp(e.name, name, strlen(name));
	free(b);
	return n;
}

/* the archive of dir, of at most left bytes; -1 and *err */
static int
archive(const char *dir, uint64_t left, int *err)
{
	struct initrd i;
	int fd;

	initrd_init(&i);
	tree_put(&i, "/at", dir, &left);
	fd = initrd_finish(&i);
	*err = errno;
	return fd;
}

int
main(void)
{
	static const char *const odd[] = { "-n", "new\nline", "\377\376", " " };
	char dir[] = "/tmp/tree.XXXXXX", cmd[64];
	struct rlimit few, old;
	size_t i;
	int fd, err, made = 1;

	OK(mkdtemp(dir) && chdir(dir) == 0 && deep() == 0);
	getrlimit(RLIMIT_NOFILE, &old);
	few = old;
	few.rlim_cur = 32;
	OK(setrlimit(RLIMIT_NOFILE, &few) == 0);
	fd = archive(dir, 1 << 30, &err);
	OK_MSG(fd >= 0, "a tree deeper than there are descriptors");
	OK(count(fd, "at/d") == DEPTH);
	close(fd);
	setrlimit(RLIMIT_NOFILE, &old);
	for (i = 0; i < sizeof(odd) / sizeof(*odd); i++)
		made &= (fd = creat(odd[i], 0600)) >= 0 && close(fd) == 0;
	OK(made && mkfifo("pipe", 0600) == 0);
	fd = archive(dir, 1 << 30, &err);
	OK_MSG(count(fd, "at/") == DEPTH + 4, "odd names, and no pipe");
	OK(count(fd, "at/new\nline") == 1 && count(fd, "at/\377\376") == 1);
	close(fd);
	OK_MSG(archive(dir, 50 * 4096, &err) == -1 && err == EFBIG,
	    "more than there is room for");
	snprintf(cmd, sizeof(cmd), "rm -r %s", dir);
	OK(chdir("/") == 0 && system(cmd) == 0);
	return tap_done();
}
