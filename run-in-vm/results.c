/* limen: ISC licence, see LICENSE */
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "beneath.h"
#include "fd.h"
#include "results.h"

/* Makes a directory one to remove from, whatever its mode. A guest with a
 * share around the results may put a link there at any moment: it is not
 * followed. */
static void
unlock(int dir, const char *name)
{
	char path[40];
	int fd =
	    openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	chmod(path, 0700);
	close(fd);
}

/* what is in the directory name of top is removed, or moved up to top when it
 * is a directory with something in it */
static void
flatten(int top, const char *name, unsigned *serial)
{
	const int fd =
	    openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *e;
	char up[16];
	int r;

	while (d && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, "..") ||
		    unlinkat(fd, e->d_name, 0) == 0 ||
		    unlinkat(fd, e->d_name, AT_REMOVEDIR) == 0)
			continue;
		unlock(fd, e->d_name);
		do {
			snprintf(up, sizeof(up), "%u", ++*serial);
			r = renameat(fd, e->d_name, top, up);
		} while (r < 0 && (errno == ENOTEMPTY || errno == EEXIST ||
				      errno == ENOTDIR));
	}
	if (d)
		closedir(d);
	else if (fd >= 0)
		close(fd);
}

/* all below the directory fd, which it closes; three descriptors do for a tree
 * of any depth */
static void
remove_below(int fd)
{
	unsigned serial = 0;
	struct dirent *e;
	int gone = 1;
	DIR *d;

	fchmod(fd, 0700);
	if (!(d = fdopendir(fd))) {
		close(fd);
		return;
	}
	for (; gone; rewinddir(d))
		for (gone = 0; (e = readdir(d));) {
			if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
				continue;
			if (unlinkat(fd, e->d_name, 0) < 0) {
				unlock(fd, e->d_name);
				flatten(fd, e->d_name, &serial);
				if (unlinkat(fd, e->d_name, AT_REMOVEDIR) < 0)
					continue;
			}
			gone = 1;
		}
	closedir(d);
}

static void
remove_all(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd >= 0)
		remove_below(fd);
	rmdir(path);
}

/* outlives our death, even by SIGKILL, for as long as it takes to clean up */
static void
janitor(const struct results *r, int fd)
{
	sigset_t all;
	char c;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	setsid();
	if (dup2(fd, 0) < 0)
		_exit(1);
	syscall(SYS_close_range, 1, ~0U, 0);
	prctl(PR_SET_NAME, "run-in-vm:clean");
	while (read(0, &c, 1) < 0)
		if (errno != EINTR)
			break;
	remove_all(r->temp);
	_exit(0);
}

static int
fail(struct results *r, const char *what, const char *path)
{
	snprintf(r->err, sizeof(r->err), "%s %.4000s: %s", what, path,
	    strerror(errno));
	return -1;
}

static int
start_janitor(struct results *r)
{
	int fd[2];

	if (pipe2(fd, O_CLOEXEC) < 0)
		return -1;
	if ((r->janitor = fork()) == 0) {
		close(fd[1]);
		janitor(r, fd[0]);
	}
	close(fd[0]);
	r->hold = fd[1];
	return r->janitor < 0 ? -1 : 0;
}

/* a rename takes the place of an empty directory, and of no other */
static int
is_empty(const char *path)
{
	struct dirent *e;
	DIR *d = opendir(path);
	int n = 0;

	while (d && (e = readdir(d)))
		n += strcmp(e->d_name, ".") && strcmp(e->d_name, "..");
	if (d)
		closedir(d);
	return d && n == 0;
}

/* Will a rename take the place of what want names? Not of a dot, nor of where
 * something is mounted: no directory is ever linked, but that to another mount
 * is what the kernel says first. 0, or -1 and errno */
static int
replaceable(const struct results *r)
{
	const char *name = strrchr(r->want, '/') + 1;
	char probe[PATH_MAX];

	snprintf(probe, sizeof(probe), "%.4080s/x", r->want);
	if (strcmp(name, ".") && strcmp(name, "..") &&
	    (link(r->temp, probe) == 0 || errno != EXDEV))
		return 0;
	errno = EBUSY;
	return -1;
}

int
results_open(struct results *r, const char *path)
{
	char dir[PATH_MAX], base[PATH_MAX], real[PATH_MAX];
	struct stat st;
	unsigned salt = 0;
	int n;

	memset(r, 0, sizeof(*r));
	r->dir = r->file = r->hold = -1;
	umask(r->mask = umask(0));
	snprintf(dir, sizeof(dir), "%s", path);
	snprintf(base, sizeof(base), "%s", path);
	if (!realpath(*path ? dirname(dir) : path, real))
		return fail(r, "results", path);
	snprintf(
	    r->want, sizeof(r->want), "%.3000s/%.1000s", real, basename(base));
	if (lstat(r->want, &st) == 0 &&
	    (!S_ISDIR(st.st_mode) || !is_empty(r->want))) {
		snprintf(r->err, sizeof(r->err),
		    "results %.4000s: is there already: remove it first", path);
		return -1;
	}
	if (getrandom(&salt, sizeof(salt), 0) < 0)
		return fail(r, "results", path);
	n = snprintf(r->temp, sizeof(r->temp), "%.3000s/.results-%d-%08x", real,
	    (int)getpid(), salt);
	if (n < 0 || start_janitor(r) < 0 || mkdir(r->temp, 0700) < 0 ||
	    replaceable(r) < 0)
		return fail(r, "results", path);
	r->dir = open(r->temp, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return r->dir < 0 ? fail(r, "results", path) : 0;
}

static int
set_time(int fd, uint64_t sec)
{
	const struct timespec t[2] = { { 0, UTIME_OMIT }, { (time_t)sec, 0 } };

	return futimens(fd, t);
}

/* the directory that holds path, and path's last part */
static int
parent(struct results *r, char *path, const char **name)
{
	char *slash = strrchr(path, '/');
	int fd;

	*name = slash ? slash + 1 : path;
	if (!slash)
		return dup(r->dir);
	*slash = 0;
	fd = beneath_open(r->dir, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
	*slash = '/';
	return fd;
}

/* the second head of a directory comes behind what is in it */
static int
make_dir(int dir, const char *name, const struct pack *p, mode_t mask)
{
	const mode_t mode = p->mode & 0777 & ~mask; /* as files have it */
	int fd;

	if (mkdirat(dir, name, 0700) == 0)
		return 0;
	if (errno != EEXIST ||
	    (fd = openat(dir, name,
		 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)) < 0)
		return -1;
	if (fchmod(fd, mode) < 0)
		return fd_discard(fd);
	(void)set_time(fd, p->mtime);
	close(fd);
	return 0;
}

static int
entry(struct results *r, struct pack *p)
{
	const char *name;
	int dir, bad = 0;

	if (p->type == PACK_END) {
		r->ended = 1;
		return 0;
	}
	if ((dir = parent(r, p->path, &name)) < 0)
		return fail(r, "results", p->path);
	if (p->type == PACK_DIR)
		bad = make_dir(dir, name, p, r->mask);
	else if (p->type == PACK_LINK)
		bad = symlinkat((char *)r->head, dir, name);
	else {
		r->file = openat(dir, name,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    p->mode & 0777);
		bad = r->file < 0 || ftruncate(r->file, (off_t)p->size) < 0;
		r->left = p->size;
		r->mtime = p->mtime;
	}
	close(dir);
	return bad ? fail(r, "results", p->path) : 0;
}

static int
file_end(struct results *r)
{
	int bad = set_time(r->file, r->mtime) < 0;

	bad |= close(r->file) < 0;
	r->file = -1;
	return bad ? fail(r, "results", r->temp) : 0;
}

/* n bytes of the file; zeros stay the hole that it began as, or an image that
 * is all but empty would fill the disk here. 0 or -1 */
static int
fill(struct results *r, const uint8_t *b, size_t n)
{
	if (n && !b[0] && !memcmp(b, b + 1, n - 1))
		return lseek(r->file, (off_t)n, SEEK_CUR) < 0 ? -1 : 0;
	return fd_write_all(r->file, b, n);
}

/* bytes of a file's body; how many, or -1 */
static ssize_t
body(struct results *r, const uint8_t *b, size_t n)
{
	n = n < r->left ? n : (size_t)r->left;
	if (fill(r, b, n) < 0)
		return fail(r, "results", r->temp);
	r->left -= n;
	return (ssize_t)n;
}

/* bytes towards the next head (a link's target counts to it); how many were
 * taken, or -1 */
static ssize_t
head(struct results *r, const uint8_t *b, size_t n)
{
	const size_t had = r->nhead;
	static struct pack p;
	struct rd rd;
	int got;

	n = n < sizeof(r->head) - had ? n : sizeof(r->head) - had;
	memcpy(r->head + had, b, n);
	r->nhead += n;
	rd_init(&rd, r->head, r->nhead);
	got = pack_get(&rd, &p);
	if (got > 0 && p.type == PACK_LINK && rd_left(&rd) < p.size)
		got = r->nhead == sizeof(r->head) ? -1 : 0;
	if (got == 0)
		return (ssize_t)n;
	if (got < 0) {
		errno = EBADMSG;
		return fail(r, "results", "from the guest");
	}
	n = r->nhead - rd_left(&rd) - had;
	if (p.type == PACK_LINK) {
		n += p.size;
		/* it lies in head itself, and may be longer than what is
		 * before it */
		memmove(r->head, rd_bytes(&rd, p.size), p.size);
		r->head[p.size] = 0;
	}
	r->nhead = 0;
	return entry(r, &p) < 0 ? -1 : (ssize_t)n;
}

int
results_put(struct results *r, const uint8_t *b, size_t n)
{
	ssize_t k;

	for (r->bytes += n; n > 0; b += k, n -= (size_t)k) {
		if (r->ended) {
			errno = EBADMSG;
			return fail(r, "results", "from the guest");
		}
		k = r->file >= 0 ? body(r, b, n) : head(r, b, n);
		if (k < 0)
			return -1;
		if (r->file >= 0 && r->left == 0 && file_end(r) < 0)
			return -1;
	}
	return 0;
}

int
results_done(struct results *r)
{
	if (!r->ended) {
		errno = EPIPE;
		return fail(r, "results", r->want);
	}
	if (fchmod(r->dir, 0755 & ~r->mask) < 0 || rename(r->temp, r->want) < 0)
		return fail(r, "results", r->want);
	return 0;
}

void
results_close(struct results *r)
{
	if (r->dir >= 0)
		close(r->dir);
	if (r->file >= 0)
		close(r->file);
	if (r->hold >= 0) {
		close(r->hold);
		while (waitpid(r->janitor, NULL, 0) < 0 && errno == EINTR)
			;
	}
	r->dir = r->file = r->hold = -1;
}
