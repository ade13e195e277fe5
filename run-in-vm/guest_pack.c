/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "guest.h"
#include "pack.h"

#define DEPTH 64
#define CHUNK (256 << 10)

struct out {
	struct guest *g;
	int fd;
	uint64_t sent;
	char *buf;
	struct pack p;
};

/* the reason has to stay in the message, so only the path's first part may */
static void fail(struct out *o, const char *rel) __attribute__((noreturn));

static void
fail(struct out *o, const char *rel)
{
	guest_fail(o->g, 125, "results: %.300s:", rel);
}

static void
put(struct out *o, const void *b, size_t n)
{
	if (fd_write_all(o->fd, b, n) < 0)
		guest_fail(o->g, 125, "send the results:");
	o->sent += n;
}

static void
head(struct out *o, const char *rel, int type, const struct stat *st)
{
	uint8_t b[PACK_HEAD];
	struct wr w;

	o->p.type = (enum pack_type)type;
	o->p.mode = st->st_mode & 07777;
	o->p.mtime = (uint64_t)st->st_mtim.tv_sec;
	o->p.size = type == PACK_DIR ? 0 : (uint64_t)st->st_size;
	snprintf(o->p.path, sizeof(o->p.path), "%s", rel);
	wr_init(&w, b, sizeof(b));
	pack_put(&w, &o->p);
	put(o, b, wr_len(&w));
}

/* as many bytes as the head said: a file that shrinks meanwhile gets zeros */
static void
file(struct out *o, int dir, const char *name, const char *rel)
{
	uint64_t left;
	struct stat st;
	ssize_t n;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0)
		fail(o, rel);
	head(o, rel, PACK_FILE, &st);
	for (left = (uint64_t)st.st_size; left > 0; left -= (uint64_t)n) {
		n = read(fd, o->buf, left < CHUNK ? (size_t)left : CHUNK);
		if (n < 0)
			fail(o, rel);
		if (n == 0) {
			n = left < CHUNK ? (ssize_t)left : CHUNK;
			memset(o->buf, 0, (size_t)n);
		}
		put(o, o->buf, (size_t)n);
	}
	close(fd);
}

static void walk(struct out *o, int dir, const char *rel, int depth);

static void
entry(struct out *o, int dir, const char *name, const char *rel, int depth)
{
	char to[PACK_PATH];
	struct stat st;
	ssize_t n;
	int fd;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		fail(o, rel);
	if (S_ISDIR(st.st_mode)) {
		fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0)
			fail(o, rel);
		if (depth == DEPTH)
			guest_fail(o->g, 125,
			    "results: %.300s: deeper than %d directories", rel,
			    DEPTH);
		head(o, rel, PACK_DIR, &st);
		walk(o, fd, rel, depth + 1);
		head(o, rel, PACK_DIR, &st); /* now its mode and time */
	} else if (S_ISREG(st.st_mode)) {
		file(o, dir, name, rel);
	} else if (S_ISLNK(st.st_mode)) {
		n = readlinkat(dir, name, to, sizeof(to));
		if (n <= 0 || n >= PACK_PATH)
			fail(o, rel);
		st.st_size = n;
		head(o, rel, PACK_LINK, &st);
		put(o, to, (size_t)n);
	} /* sockets, pipes and devices stay behind */
}

/* takes dir over */
static void
walk(struct out *o, int dir, const char *rel, int depth)
{
	char path[PACK_PATH];
	struct dirent *e;
	DIR *d = fdopendir(dir);

	if (!d)
		fail(o, rel);
	while ((e = readdir(d))) {
		if (!strcmp(e->d_name, ".") || !strcmp(e->d_name, ".."))
			continue;
		if (snprintf(path, sizeof(path), "%s%s%s", rel, *rel ? "/" : "",
			e->d_name) >= PACK_PATH) {
			errno = ENAMETOOLONG;
			fail(o, rel);
		}
		entry(o, dirfd(d), e->d_name, path, depth);
	}
	closedir(d);
}

uint64_t
guest_pack(struct guest *g, const char *top, int fd)
{
	static struct out o;
	struct stat st;
	int dir = open(top, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	fd_nonblock(fd, 0);
	o.g = g;
	o.fd = fd;
	if (!(o.buf = malloc(CHUNK)))
		guest_fail(g, 125, "memory:");
	/* $out may have been made a file in the directory's place */
	if (dir >= 0)
		walk(&o, dir, "", 0);
	memset(&st, 0, sizeof(st));
	head(&o, "", PACK_END, &st);
	free(o.buf);
	return o.sent;
}
