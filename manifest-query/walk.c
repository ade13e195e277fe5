/* limen: ISC licence, see LICENSE */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "walk.h"

#define PIECE 65536

struct walk_dir {
	char **name;
	size_t n, next;
	size_t path; /* length of its own */
};

enum { FIRST, MORE, OVER };

void
walk_init(struct walk *w, const char *root, struct fault *f)
{
	memset(w, 0, sizeof(*w));
	mem_str(&w->path, root);
	w->root = w->path.n;
	w->f = f;
}

static void
leave(struct walk *w)
{
	struct walk_dir *d = &w->dir[--w->depth];

	while (d->n)
		free(d->name[--d->n]);
	free(d->name);
}

void
walk_free(struct walk *w)
{
	while (w->depth)
		leave(w);
	free(w->dir);
	free(w->path.p);
	free(w->link.p);
}

static int
wrong(struct walk *w)
{
	w->state = OVER;
	return fault(w->f, "%s: %s", w->path.p, strerror(errno));
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* reads the directory that w stands on */
static int
enter(struct walk *w)
{
	struct walk_dir *d;
	struct dirent *e;
	size_t cap = 0;
	DIR *dir = opendir(w->path.p);

	if (!dir)
		return wrong(w);
	w->dir = mem_grow(w->dir, &w->cap, w->depth + 1, sizeof(*w->dir));
	d = &w->dir[w->depth++];
	memset(d, 0, sizeof(*d));
	d->path = w->path.n;
	while ((errno = 0, e = readdir(dir))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		d->name = mem_grow(d->name, &cap, d->n + 1, sizeof(*d->name));
		d->name[d->n++] = mem_dup(e->d_name, strlen(e->d_name));
	}
	if (errno) {
		closedir(dir);
		return wrong(w);
	}
	closedir(dir);
	if (d->n)
		qsort(d->name, d->n, sizeof(*d->name), by_name);
	return 0;
}

static int
look(struct walk *w)
{
	char b[PATH_MAX];
	ssize_t n;

	if (lstat(mem_cstr(&w->path), &w->st) < 0)
		return wrong(w);
	if (!S_ISLNK(w->st.st_mode))
		return 1;
	if ((n = readlink(w->path.p, b, sizeof(b))) < 0)
		return wrong(w);
	w->link.n = 0;
	mem_add(&w->link, b, (size_t)n);
	return 1;
}

int
walk_next(struct walk *w)
{
	struct walk_dir *d;

	if (w->state == FIRST) {
		w->state = MORE;
		return look(w);
	}
	if (w->state == OVER)
		return -1;
	if (S_ISDIR(w->st.st_mode) && enter(w) < 0)
		return -1;
	while (w->depth && w->dir[w->depth - 1].next == w->dir[w->depth - 1].n)
		leave(w);
	if (!w->depth) {
		w->st.st_mode = 0;
		return 0;
	}
	d = &w->dir[w->depth - 1];
	w->path.n = d->path;
	mem_str(&w->path, "/");
	mem_str(&w->path, d->name[d->next++]);
	return look(w);
}

int
walk_data(struct walk *w, size_t keep,
    int (*each)(void *arg, const char *p, size_t n), void *arg)
{
	char *b = mem_new(keep + PIECE, 1);
	size_t have = 0, left;
	ssize_t n;
	int r = 0, fd = open(w->path.p, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0) {
		free(b);
		return wrong(w);
	}
	while (r == 0 && (n = read(fd, b + have, PIECE)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			r = wrong(w);
			break;
		}
		have += (size_t)n;
		r = each(arg, b, have);
		left = have < keep ? have : keep;
		memmove(b, b + have - left, left);
		have = left;
	}
	close(fd);
	free(b);
	return r;
}

/* a string of n bytes: its length, the bytes, zeroes up to 8 */
static uint64_t
str(uint64_t n)
{
	return 8 + (n + 7) / 8 * 8;
}

uint64_t
walk_narsize(const struct walk *w)
{
	uint64_t n = str(1) + str(4) + str(1); /* "(" "type" ")" */

	if (!w->depth)
		n += str(13); /* "nix-archive-1" */
	else		      /* "entry" "(" "name" NAME "node" ")" */
		n += str(5) + str(1) + str(4) + str(4) + str(1) +
		     str(w->path.n - w->dir[w->depth - 1].path - 1);
	if (S_ISDIR(w->st.st_mode))
		return n + str(9);
	if (S_ISLNK(w->st.st_mode))
		return n + str(7) + str(6) + str(w->link.n);
	if (w->st.st_mode & S_IXUSR)
		n += str(10) + str(0);
	return n + str(7) + str(8) + str((uint64_t)w->st.st_size);
}
