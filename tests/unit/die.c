/* limen: ISC licence, see LICENSE */
/* messages: what is too long keeps its reason */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "tap.h"

static char got[4096];

/* what fmt with arg writes to the standard error with this errno, its length */
static size_t
warned(int err, const char *fmt, const char *arg)
{
	int p[2], old = dup(2);
	ssize_t n;

	if (old < 0 || pipe(p) < 0)
		exit(1);
	dup2(p[1], 2);
	errno = err;
	warn(fmt, arg);
	dup2(old, 2);
	close(old);
	close(p[1]);
	n = read(p[0], got, sizeof(got) - 1);
	close(p[0]);
	got[n > 0 ? n : 0] = '\0';
	return strlen(got);
}

static void
told(int fatal, const char *text)
{
	snprintf(got, sizeof(got), "%d %s", fatal, text);
}

static int
ends(const char *end)
{
	const size_t n = strlen(got), e = strlen(end);

	return n > e && !strcmp(got + n - e, end);
}

static void
lengths(void)
{
	char name[3000], want[4096];
	size_t n;

	OK(warned(ENOENT, "open %s:", "a") > 0);
	STREQ(got, "limen: open a: No such file or directory\n");
	OK(warned(ENOENT, "%s is no file", "b\033[1m\302\205") > 0);
	STREQ(got, "limen: b?[1m?? is no file\n");
	OK(warned(ENOENT, "no user of that name: %s", "c:") > 0);
	STREQ(got, "limen: no user of that name: c:\n");

	/* "limen: open ", ": ", ENOENT's 25 and the newline: 1024 in all */
	memset(name, 'x', sizeof(name));
	name[1024 - 12 - 2 - 25 - 1] = '\0';
	OK(warned(ENOENT, "open %s:", name) == 1024);
	snprintf(want, sizeof(want),
	    "limen: open %s: No such file or directory\n", name);
	STREQ(got, want);
	for (n = 1024 - 40 + 1; n < sizeof(name); n *= 2) {
		memset(name, 'x', n);
		name[n] = '\0';
		OK(warned(ENOENT, "open %s:", name) == 1024);
		OK(!strncmp(got, "limen: open xxx", 15));
		OK(strstr(got, "x...x") &&
		    ends("x: No such file or directory\n"));
	}
	for (n = 1024; n < sizeof(name); n *= 2) {
		memset(name, 'x', n);
		name[n] = '\0';
		OK(warned(0, "%s: not a thing", name) == 1024);
		OK(strstr(got, "x...x") && ends("x: not a thing\n"));
	}
}

int
main(void)
{
	char name[3000];

	lengths();
	memset(name, 'y', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	die_say = told;
	errno = EACCES;
	warn("%s:", name);
	OK(!strncmp(got, "0 yyy", 5) && ends("y: Permission denied"));
	OK(strlen(got) < 1024 + 2);
	return tap_done();
}
