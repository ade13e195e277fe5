/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tree.h"

/* What a file costs the guest beside its bytes. Its kernel has as many inodes
 * as half of its pages, and drops in silence what comes after these. */
#define PAGE 4096

/* where a walk is: the file and its place in the archive. Each level adds a
 * part to both and cuts it off again, and reads the names of its directory
 * whole, so that a deep tree needs little stack and one descriptor */
struct walk {
	struct initrd *i;
	dev_t dev;
	uint64_t *left; /* bytes that it may still take */
	char from[PATH_MAX], path[PATH_MAX];
	char *names; /* of all levels, each NUL-ended */
	size_t n, cap;
};

static void
fail(struct initrd *i, int err, const char *what)
{
	if (i->err)
		return;
	i->err = err;
	snprintf(i->what, sizeof(i->what), "%s", what);
}

static void below(struct walk *w);

static void
one(struct walk *w)
{
	struct stat st;
	uint64_t n = PAGE;

	if (lstat(w->from, &st) < 0) {
		fail(w->i, errno, w->from);
		return;
	}
	if (S_ISREG(st.st_mode))
		n += (uint64_t)st.st_size;
	else if (!S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode))
		return; /* sockets, pipes and devices stay behind */
	if (n > *w->left) {
		fail(w->i, EFBIG, w->from);
		return;
	}
	*w->left -= n;
	initrd_take(w->i, w->path, w->from, &st);
	if (S_ISDIR(st.st_mode) && st.st_dev == w->dev)
		below(w);
}

/* adds a part to a path of n bytes; 0, or -1: too long */
static int
add(char b[PATH_MAX], size_t n, const char *name)
{
	const size_t room = PATH_MAX - n;

	return (size_t)snprintf(b + n, room, "/%s", name) < room ? 0 : -1;
}

/* 0 or -1 and errno */
static int
put_name(struct walk *w, const char *name)
{
	const size_t len = strlen(name) + 1;
	char *b;

	if (w->cap - w->n < len) {
		if (!(b = realloc(w->names, 2 * w->cap + len)))
			return -1;
		w->names = b;
		w->cap = 2 * w->cap + len;
	}
	memcpy(w->names + w->n, name, len);
	w->n += len;
	return 0;
}

static void
read_names(struct walk *w)
{
	struct dirent *e;
	DIR *d;

	if (!(d = opendir(w->from))) {
		fail(w->i, errno, w->from);
		return;
	}
	while ((errno = 0, e = readdir(d)))
		if (strcmp(e->d_name, ".") && strcmp(e->d_name, "..") &&
		    put_name(w, e->d_name) < 0)
			break;
	if (errno)
		fail(w->i, errno, w->from);
	closedir(d);
}

static void
below(struct walk *w)
{
	const size_t nfrom = strlen(w->from), npath = strlen(w->path);
	const size_t first = w->n;
	size_t at, end;

	read_names(w);
	end = w->n;
	for (at = first; at < end && !w->i->err;
	     at += strlen(w->names + at) + 1) {
		if (add(w->from, nfrom, w->names + at) < 0 ||
		    add(w->path, npath, w->names + at) < 0)
			fail(w->i, ENAMETOOLONG, w->from);
		else
			one(w);
		w->from[nfrom] = w->path[npath] = 0;
	}
	w->n = first;
}

void
tree_put(struct initrd *i, const char *path, const char *from, uint64_t *left)
{
	static struct walk w;
	struct stat st;

	w.i = i;
	w.left = left;
	if (snprintf(w.from, sizeof(w.from), "%s", from) >= PATH_MAX ||
	    snprintf(w.path, sizeof(w.path), "%s", path) >= PATH_MAX) {
		fail(i, ENAMETOOLONG, from);
		return;
	}
	if (lstat(from, &st) < 0) {
		fail(i, errno, from);
		return;
	}
	w.dev = st.st_dev;
	one(&w);
	free(w.names);
	w.names = NULL;
	w.cap = 0;
}
