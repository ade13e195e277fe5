/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "source.h"

static int
read_text(struct graph *g, const char *name, int fd, struct fault *f)
{
	struct mem_text t = { name, NULL, 0 };
	size_t i;
	int r;

	if (!(t.s = fd_slurp(fd, SOURCE_MAX, &t.n)))
		return fault(f, "%s: %s", name, strerror(errno));
	for (i = 0; i < t.n && strchr(" \t\r\n", t.s[i]) && t.s[i]; i++)
		;
	if (i < t.n && (t.s[i] == '{' || t.s[i] == '['))
		r = pathinfo_read(g, &t, f);
	else if (i == t.n || t.s[i] == '/')
		r = reg_read(g, &t, f);
	else
		r = fault(f,
		    "%s: neither a database of Nix, registration text nor "
		    "path-info's JSON",
		    name);
	free(t.s);
	return r;
}

static int
read_fd(struct graph *g, const char *name, int fd, struct fault *f)
{
	char magic[16] = "", real[PATH_MAX];
	ssize_t n = pread(fd, magic, sizeof(magic), 0);

	if (n < 0 && errno != ESPIPE)
		return fault(f, "%s: %s", name, strerror(errno));
	if (n != sizeof(magic) || memcmp(magic, "SQLite format 3", 16))
		return read_text(g, name, fd, f);
	if (!realpath(name, real)) /* the log lies beside the real file */
		return fault(f, "%s: %s", name, strerror(errno));
	return db_read(g, real, fd, f);
}

int
source_read(struct graph *g, const char *spec, struct fault *f)
{
	struct mem_buf name = { NULL, 0, 0 };
	struct stat st;
	int fd = open(spec, O_RDONLY | O_CLOEXEC | O_NOCTTY), in, r;
	int reg, err = 0;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fault(f, "%s: %s", spec, strerror(errno));
	mem_str(&name, spec);
	if (S_ISDIR(st.st_mode)) {
		in = openat(fd, "registration", O_RDONLY | O_CLOEXEC);
		reg = in >= 0 || errno != ENOENT;
		if (!reg)
			in = openat(fd, "db.sqlite", O_RDONLY | O_CLOEXEC);
		err = errno;
		mem_str(&name, reg ? "/registration" : "/db.sqlite");
		close(fd);
		fd = in;
	}
	if (fd >= 0)
		r = read_fd(g, name.p, fd, f);
	else if (err == ENOENT)
		r = fault(
		    f, "%s: holds neither registration nor db.sqlite", spec);
	else
		r = fault(f, "%s: %s", name.p, strerror(err));
	if (fd >= 0)
		close(fd);
	free(name.p);
	return r;
}
