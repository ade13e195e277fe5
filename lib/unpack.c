/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "proc.h"
#include "unpack.h"

static const struct {
	const char *magic;
	size_t len;
	const char *program;
} known[] = {
	{ "\xfd\x37zXZ", 5, "xz" },
	{ "\x1f\x8b\x08", 3, "gzip" },
	{ "\x28\xb5\x2f\xfd", 4, "zstd" },
	{ "\x02\x21\x4c\x18", 4, "lz4" },
	{ "\x04\x22\x4d\x18", 4, "lz4" },
	{ "BZh", 3, "bzip2" },
	{ "\x5d\x00\x00", 3, "lzma" },
};

const char *
unpack_program(const void *p, size_t len)
{
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (len >= known[i].len &&
		    !memcmp(p, known[i].magic, known[i].len))
			return known[i].program;
	return NULL;
}

/* runs program -dc from the memfd in; its output, when it finds no fault */
static char *
run(const char *program, int in, size_t max, size_t *outlen)
{
	const char *argv[] = { program, "-dc", NULL };
	struct proc p = { argv, { in, -1, -1 }, NULL, 0, 0, 0 };
	int fds[2], null, st = -1, err;
	char *out = NULL;
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return NULL;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	p.std[1] = fds[1];
	p.std[2] = null;
	pid = proc_spawn(&p);
	err = errno;
	close(fds[1]);
	if (null >= 0)
		close(null);
	if (pid > 0) {
		out = fd_slurp(fds[0], max, outlen);
		err = errno;
	}
	close(fds[0]);
	if (pid > 0 && (proc_wait(pid, -1, &st) < 0 || st) && out) {
		free(out);
		out = NULL;
		err = EILSEQ;
	}
	errno = err;
	return out;
}

char *
unpack(const char *in, size_t len, size_t max, size_t *outlen)
{
	const char *program = unpack_program(in, len);
	int fd;
	char *out;

	if (!program) {
		if (!(out = malloc(len + 1)))
			return NULL;
		memcpy(out, in, len);
		out[len] = 0;
		*outlen = len;
		return out;
	}
	if ((fd = memfd_create("unpack", MFD_CLOEXEC)) < 0)
		return NULL;
	out = fd_write_all(fd, in, len) < 0 || lseek(fd, 0, SEEK_SET) < 0
		  ? NULL
		  : run(program, fd, max, outlen);
	fd_discard(fd);
	return out;
}
