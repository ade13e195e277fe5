/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "tree.h"

/* where a walk is */
struct walk {
	struct initrd *i;
	dev_t dev;
	uint64_t *left; /* bytes that it may still take */
};

static void
fail(struct initrd *i, int err, const char *what)
{
	if (i->err)
		return;
	i->err = err;
	snprintf(i->what, sizeof(i->what), "%s", what);
}

static void below(struct walk *w, const char *path, const char *from);

static void
one(struct walk *w, const char *path, const char *from)
{
	struct stat st;

	if (lstat(from, &st) < 0) {
		fail(w->i, errno, from);
		return;
	}
	if (S_ISREG(st.st_mode)) {
		if ((uint64_t)st.st_size > *w->left) {
			fail(w->i, EFBIG, from);
			return;
		}
		*w->left -= (uint64_t)st.st_size;
	} else if (!S_ISLNK(st.st_mode) && !S_ISDIR(st.st_mode))
		return; /* sockets, pipes and devices stay behind */
	initrd_take(w->i, path, from, &st);
	if (S_ISDIR(st.st_mode) && st.st_dev == w->dev)
		below(w, path, from);
}

static void
below(struct walk *w, const char *path, const char *from)
{
	char p[PATH_MAX], f[PATH_MAX];
	const int cap = PATH_MAX;
	struct dirent *e;
	DIR *d;

	if (!(d = opendir(from))) {
		fail(w->i, errno, from);
		return;
	}
	while (!w->i->err && (e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(p, sizeof(p), "%s/%s", path, e->d_name) >= cap ||
		    snprintf(f, sizeof(f), "%s/%s", from, e->d_name) >= cap)
			fail(w->i, ENAMETOOLONG, from);
		else
			one(w, p, f);
	}
	closedir(d);
}

void
tree_put(struct initrd *i, const char *path, const char *from, uint64_t *left)
{
	struct walk w = { i, 0, left };
	struct stat st;

	if (lstat(from, &st) < 0) {
		fail(i, errno, from);
		return;
	}
	w.dev = st.st_dev;
	one(&w, path, from);
}
