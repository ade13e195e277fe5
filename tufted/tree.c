/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "fd.h"
#include "num.h"
#include "sandbox_sys.h"
#include "tree.h"

#define READING (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
#define PREFIX	".tufted-"

/* a regular file, or not at all: looked at before it is opened, for opening
 * a device or a FIFO may do something already */
static int
confined(const char *dir, const char *path)
{
	int d = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;
	struct stat st;

	if (d < 0)
		return -1;
	fd = beneath_open(d, path, O_PATH, 0);
	if (fd >= 0 && fstat(fd, &st) == 0 && !S_ISREG(st.st_mode)) {
		close(fd);
		fd = -1;
		errno = EMEDIUMTYPE;
	} else if (fd >= 0) {
		close(fd);
		fd = beneath_open(d, path, READING, 0);
	}
	fd_discard(d);
	return fd;
}

static int
followed(const char *dir, const char *path)
{
	char whole[2 * TREE_PATH];
	struct stat st;

	if (snprintf(whole, sizeof(whole), "%s/%s", dir, path) >=
	    (int)sizeof(whole)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	if (stat(whole, &st) < 0)
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = EMEDIUMTYPE;
		return -1;
	}
	return open(whole, READING);
}

static int
regular(int fd, uint64_t *size)
{
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		errno = EMEDIUMTYPE;
		return -1;
	}
	*size = (uint64_t)st.st_size;
	return fd;
}

int
tree_open(const struct conf *c, const union sock_addr *peer, const char *rel,
    uint64_t *size)
{
	int (*const get)(const char *, const char *) =
	    c->nofollow ? confined : followed;
	char own[TREE_PATH + ADDR_LEN], addr[ADDR_LEN];
	int fd = -1;

	if (c->perclient) {
		snprintf(
		    own, sizeof(own), "%s/%s", addr_str(addr, &peer->sa), rel);
		fd = get(c->dir, own);
		if (fd < 0 && errno != ENOENT && errno != ENOTDIR)
			return -1;
	}
	if (fd < 0)
		fd = get(c->dir, rel);
	return regular(fd, size);
}

/* ".tufted-PID-N" of a process that is no more, as at the start one of our own
 * number is: in a container each server may have the same */
static int
stale(const char *name)
{
	const char *p = name + strlen(PREFIX), *dash;
	char b[16];
	int64_t pid;

	if (strncmp(name, PREFIX, strlen(PREFIX)) || !(dash = strchr(p, '-')) ||
	    dash - p >= (int)sizeof(b))
		return 0;
	memcpy(b, p, (size_t)(dash - p));
	b[dash - p] = 0;
	return num_parse(b, 1, INT32_MAX, &pid) == 0 &&
	       (pid == getpid() || (kill((pid_t)pid, 0) < 0 && errno == ESRCH));
}

int
tree_uploads(const char *path)
{
	const int d = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dirent *e;
	DIR *dir;

	if (d < 0 || faccessat(d, ".", W_OK | X_OK, 0) < 0)
		return -1;
	if ((dir = opendir(path))) {
		while ((e = readdir(dir)))
			if (stale(e->d_name))
				unlinkat(d, e->d_name, 0);
		closedir(dir);
	}
	return d;
}

/* why no file can have that name once it has come, or 0. Those of files on
 * their way are nobody else's: one that came under such a name would get into
 * the place of another's, or be taken for a dead server's. */
static int
taken(const struct tree_upload *u, const struct conf *c)
{
	struct stat st;

	if (!strncmp(u->name, PREFIX, strlen(PREFIX)))
		return EACCES;
	if (fstatat(u->dir, u->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : errno;
	if (!c->overwrite)
		return EEXIST;
	return S_ISDIR(st.st_mode) ? EMEDIUMTYPE : 0;
}

int
tree_create(
    struct tree_upload *u, const struct conf *c, int uploads, const char *rel)
{
	const char *slash = strrchr(rel, '/');
	char parent[TREE_PATH] = ".";
	int fd = -1, err;

	if (slash)
		snprintf(
		    parent, sizeof(parent), "%.*s", (int)(slash - rel), rel);
	u->tmp[0] = 0;
	u->dir = -1;
	if (!(u->name = strdup(slash ? slash + 1 : rel)))
		return -1;
	u->dir = slash ? beneath_open(uploads, parent, O_PATH | O_DIRECTORY, 0)
		       : fcntl(uploads, F_DUPFD_CLOEXEC, 0);
	if (u->dir >= 0 && !(errno = taken(u, c))) {
		snprintf(u->tmp, sizeof(u->tmp), PREFIX "%ld-%u",
		    (long)getpid(), u->serial);
		unlinkat(u->dir, u->tmp, 0); /* a dead one's: see stale() */
		fd = openat(u->dir, u->tmp,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	}
	if (fd < 0) {
		err = errno;
		u->tmp[0] = 0;
		tree_drop(u);
		errno = err;
	}
	return fd;
}

int
tree_keep(struct tree_upload *u, const struct conf *c)
{
	/* RENAME_NOREPLACE; where a file system has it not, a second name
	 * does the same */
	if (c->overwrite) {
		if (renameat(u->dir, u->tmp, u->dir, u->name) < 0)
			return -1;
	} else if (syscall(SYS_renameat2, u->dir, u->tmp, u->dir, u->name, 1) <
		   0) {
		if (errno != EINVAL && errno != ENOSYS)
			return -1;
		if (linkat(u->dir, u->tmp, u->dir, u->name, 0) < 0)
			return -1;
		unlinkat(u->dir, u->tmp, 0);
	}
	u->tmp[0] = 0;
	return 0;
}

void
tree_drop(struct tree_upload *u)
{
	if (u->dir >= 0 && u->tmp[0])
		unlinkat(u->dir, u->tmp, 0);
	if (u->dir >= 0)
		close(u->dir);
	free(u->name);
	u->name = NULL;
	u->dir = -1;
	u->tmp[0] = 0;
}
