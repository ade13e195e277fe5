/* limen: ISC licence, see LICENSE */
/*
 * The first line of a file, as a tunnel's secret is read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "tap.h"

static char name[] = "/tmp/fd-XXXXXX";

/* fd_first_line() of a file that holds those n bytes, for a b of 8 */
static ssize_t
line(const void *text, size_t n, char b[8])
{
	int fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);

	OK(fd >= 0 && fd_write_all(fd, text, n) == 0 && close(fd) == 0);
	memset(b, 'x', 8);
	return fd_first_line(name, b, 8);
}

int
main(void)
{
	char b[8];
	int fd = mkstemp(name);

	OK(fd >= 0 && close(fd) == 0);
	OK(line("hush", 4, b) == 4 && !strcmp(b, "hush"));
	OK(line("hush\n", 5, b) == 4 && !strcmp(b, "hush"));
	OK(line("hush\r\nof bng's\n", 16, b) == 4 && !strcmp(b, "hush"));
	OK(line("7 bytes\n", 8, b) == 7 && !strcmp(b, "7 bytes"));
	OK(line("7 bytes", 7, b) == 7 && !strcmp(b, "7 bytes"));
	OK_MSG(line("6 byte\r\n", 8, b) == 6 && !strcmp(b, "6 byte"),
	    "the end of a line takes no room");
	OK_MSG(!line("8 bytes.", 8, b) && !line("8 bytes.\n", 9, b),
	    "it does not fit");
	OK(!line("", 0, b) && !line("\nhush\n", 6, b));
	OK_MSG(!line("hu\0sh", 5, b), "a NUL ends no line");
	OK(line("hush\n\0", 6, b) == 4 && !strcmp(b, "hush"));
	unlink(name);
	OK(fd_first_line(name, b, sizeof(b)) == -1 && errno == ENOENT);
	OK(fd_first_line("/", b, sizeof(b)) == -1 && errno == EISDIR);
	return tap_done();
}
