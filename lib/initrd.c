/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpio.h"
#include "fd.h"
#include "initrd.h"
#include "proc.h"

#define INTERP_MAX 512

static void
fail(struct initrd *i, const char *what)
{
	if (i->err)
		return;
	i->err = errno ? errno : EIO;
	snprintf(i->what, sizeof(i->what), "%s", what);
}

void
initrd_init(struct initrd *i)
{
	memset(i, 0, sizeof(*i));
	if ((i->fd = memfd_create("initrd", MFD_CLOEXEC)) < 0)
		fail(i, "memory for the initramfs");
}

static void
out(struct initrd *i, const void *p, size_t n)
{
	if (!i->err && fd_write_all(i->fd, p, n) < 0)
		fail(i, "memory for the initramfs");
}

static void
head(struct initrd *i, struct cpio_entry *e)
{
	uint8_t b[CPIO_HEADER + CPIO_NAME + 8];
	struct wr w;

	e->ino = ++i->ino;
	e->nlink = S_ISDIR(e->mode) ? 2 : 1;
	wr_init(&w, b, sizeof(b));
	cpio_put(&w, e);
	if (w.err) {
		errno = ENAMETOOLONG;
		fail(i, e->name);
	}
	out(i, b, wr_len(&w));
}

static void
pad(struct initrd *i, size_t n)
{
	out(i, "\0\0\0", -n & 3);
}

/* the first that is made in the list that path is in, or would be */
static size_t *
list_of(struct initrd *i, const char *path, size_t n)
{
	uint32_t h = 0;

	while (n > 0)
		h = (h ^ (uint8_t)path[--n]) * 16777619;
	return &i->list[(h ^ h >> 16) % INITRD_LISTS];
}

static int
is_made(struct initrd *i, const char *path, size_t n)
{
	size_t at = *list_of(i, path, n);

	for (; at; memcpy(&at, i->made + at - sizeof(at), sizeof(at)))
		if (!strncmp(i->made + at, path, n) && !i->made[at + n])
			return 1;
	return 0;
}

/* what is there from now on; its name, kept until the end */
static const char *
remember(struct initrd *i, const char *path, size_t n)
{
	size_t *first = list_of(i, path, n), at = i->nmade + sizeof(at);
	char *p = realloc(i->made, at + n + 1);

	if (!p) {
		fail(i, path);
		return NULL;
	}
	i->made = p;
	memcpy(p + i->nmade, first, sizeof(*first));
	p += *first = at;
	memcpy(p, path, n);
	p[n] = 0;
	i->nmade = at + n + 1;
	return p;
}

static void
make(struct initrd *i, const char *path, size_t n, mode_t mode)
{
	struct cpio_entry e;

	memset(&e, 0, sizeof(e));
	if (!(e.name = remember(i, path, n)))
		return;
	e.mode = S_IFDIR | mode;
	head(i, &e);
}

/* path without its leading slashes, its parents being there */
static const char *
place(struct initrd *i, const char *path)
{
	const char *s;

	while (*path == '/')
		path++;
	for (s = path; (s = strchr(s, '/')); s++)
		if (!i->err && !is_made(i, path, (size_t)(s - path)))
			make(i, path, (size_t)(s - path), 0755);
	return path;
}

void
initrd_dir(struct initrd *i, const char *path, mode_t mode)
{
	path = place(i, path);
	if (!i->err && *path && !is_made(i, path, strlen(path)))
		make(i, path, strlen(path), mode);
}

static void
whole(struct initrd *i, struct cpio_entry *e, const char *body)
{
	head(i, e);
	out(i, body, e->size);
	pad(i, e->size);
}

static void
put(struct initrd *i, const char *path, mode_t mode, const void *body, size_t n)
{
	struct cpio_entry e;

	memset(&e, 0, sizeof(e));
	e.name = place(i, path);
	e.mode = mode;
	e.size = (uint32_t)n;
	whole(i, &e, body);
}

void
initrd_text(struct initrd *i, const char *path, mode_t mode, const char *text)
{
	put(i, path, S_IFREG | mode, text, strlen(text));
}

void
initrd_bytes(struct initrd *i, const char *path, const void *p, size_t n)
{
	put(i, path, S_IFREG | 0644, p, n);
}

void
initrd_symlink(struct initrd *i, const char *path, const char *target)
{
	put(i, path, S_IFLNK | 0777, target, strlen(target));
}

void
initrd_node(struct initrd *i, const char *path, mode_t mode, dev_t dev)
{
	struct cpio_entry e;

	memset(&e, 0, sizeof(e));
	e.name = place(i, path);
	e.mode = mode;
	e.rmajor = major(dev);
	e.rminor = minor(dev);
	head(i, &e);
}

/* n bytes of fd, which must have them */
static void
body(struct initrd *i, int fd, uint64_t n, const char *what)
{
	static const size_t chunk = 1 << 16;
	char *b = malloc(chunk);
	ssize_t r = 1;

	while (b && !i->err && n > 0) {
		r = fd_read_full(fd, b, n < chunk ? (size_t)n : chunk);
		if (r <= 0)
			break;
		out(i, b, (size_t)r);
		n -= (uint64_t)r;
	}
	if (!b || r <= 0) {
		errno = r < 0 || !b ? errno : EIO;
		fail(i, what);
	}
	free(b);
}

void
initrd_copy(struct initrd *i, const char *path, const char *from)
{
	struct cpio_entry e;
	struct stat st;
	int fd;

	path = place(i, path);
	if (i->err)
		return;
	/* the writer of a FIFO, which is refused, is not waited for */
	fd = open(from, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &st) < 0) {
		fail(i, from);
	} else if (!S_ISREG(st.st_mode) || st.st_size > UINT32_MAX) {
		errno = S_ISREG(st.st_mode) ? EFBIG : EINVAL;
		fail(i, from);
	} else {
		memset(&e, 0, sizeof(e));
		e.name = path;
		e.mode = S_IFREG | (st.st_mode & 0777);
		e.size = (uint32_t)st.st_size;
		head(i, &e);
		body(i, fd, e.size, from);
		pad(i, e.size);
	}
	if (fd >= 0)
		close(fd);
}

void
initrd_take(
    struct initrd *i, const char *path, const char *from, const struct stat *st)
{
	struct cpio_entry e;
	char to[4096];
	ssize_t n;
	int fd;

	memset(&e, 0, sizeof(e));
	e.name = place(i, path);
	e.mode = st->st_mode;
	e.uid = st->st_uid;
	e.gid = st->st_gid;
	e.mtime = (uint32_t)st->st_mtime;
	if (S_ISLNK(st->st_mode)) {
		n = readlink(from, to, sizeof(to));
		if (n < 0)
			fail(i, from);
		e.size = n < 0 ? 0 : (uint32_t)n;
		whole(i, &e, to);
	} else if (S_ISDIR(st->st_mode)) {
		if (remember(i, e.name, strlen(e.name)))
			head(i, &e);
	} else if (st->st_size > UINT32_MAX) {
		errno = EOVERFLOW;
		fail(i, from);
	} else if ((fd = open(from, O_RDONLY | O_CLOEXEC)) < 0) {
		fail(i, from);
	} else {
		e.size = (uint32_t)st->st_size;
		head(i, &e);
		body(i, fd, e.size, from);
		pad(i, e.size);
		close(fd);
	}
}

/* the interpreter of an ELF program, "" for a static one; 0, or -1 */
static int
interp(const char *from, char b[INTERP_MAX])
{
	size_t len, k, n, each;
	char *f = fd_slurp_path(from, 64 << 20, &len);
	union {
		Elf32_Ehdr s;
		Elf64_Ehdr l;
	} h;
	union {
		Elf32_Phdr s;
		Elf64_Phdr l;
	} p;
	uint64_t at;
	int wide;

	b[0] = 0;
	if (!f)
		return -1;
	if (len < sizeof(h) || memcmp(f, ELFMAG, SELFMAG))
		goto done;
	memcpy(&h, f, sizeof(h));
	wide = f[EI_CLASS] == ELFCLASS64;
	each = wide ? sizeof(p.l) : sizeof(p.s);
	for (k = 0; k < (wide ? h.l.e_phnum : h.s.e_phnum); k++) {
		at = wide ? h.l.e_phoff : h.s.e_phoff;
		if (at > len || (k + 1) * each > len - at)
			break;
		memcpy(&p, f + at + k * each, each);
		at = wide ? p.l.p_offset : p.s.p_offset;
		n = wide ? p.l.p_filesz : p.s.p_filesz;
		/* the type comes first in both */
		if (p.s.p_type != PT_INTERP || at > len || n > len - at ||
		    n == 0 || n > INTERP_MAX)
			continue;
		memcpy(b, f + at, n - 1);
		b[n - 1] = 0;
	}
done:
	free(f);
	return 0;
}

/* a file of the host, at its own absolute path: programs share libraries */
static void
once(struct initrd *i, const char *path)
{
	const size_t n = strlen(path + 1);

	if (is_made(i, path + 1, n) || !remember(i, path + 1, n))
		return;
	initrd_copy(i, path, path);
}

/* copies every absolute path in the loader's list of libraries */
static void
libraries(struct initrd *i, char *list)
{
	char *line, *s, *e, *save = NULL;

	for (line = strtok_r(list, "\n", &save); line;
	     line = strtok_r(NULL, "\n", &save)) {
		if (!(s = strchr(line, '/')))
			continue;
		if ((e = memmem(s, strlen(s), " (", 2)))
			*e = 0;
		if ((e = memmem(s, strlen(s), " => ", 4)))
			s = e + 4;
		once(i, s);
	}
}

void
initrd_program(struct initrd *i, const char *path, const char *from)
{
	char ld[INTERP_MAX], *list;
	const char *argv[] = { ld, "--list", from, NULL };
	struct proc p = { argv, { -1, -1, -1 }, NULL, 0, 0, 0 };
	int fds[2], st;
	size_t len;
	pid_t pid;

	initrd_copy(i, path, from);
	if (i->err || interp(from, ld) < 0) {
		fail(i, from);
		return;
	}
	if (!*ld)
		return;
	once(i, ld);
	if (pipe2(fds, O_CLOEXEC) < 0) {
		fail(i, from);
		return;
	}
	p.std[1] = fds[1];
	pid = proc_spawn(&p);
	close(fds[1]);
	list = pid < 0 ? NULL : fd_slurp(fds[0], 1 << 20, &len);
	close(fds[0]);
	if (!list || proc_wait(pid, -1, &st) < 0 || st)
		fail(i, from);
	else
		libraries(i, list);
	free(list);
}

int
initrd_finish(struct initrd *i)
{
	uint8_t b[CPIO_HEADER + 16];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	cpio_end(&w);
	out(i, b, wr_len(&w));
	free(i->made);
	i->made = NULL;
	if (i->err) {
		if (i->fd >= 0)
			close(i->fd);
		errno = i->err;
		return -1;
	}
	return i->fd;
}
