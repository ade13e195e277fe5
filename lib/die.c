/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

const char *argv0 = "limen";

/* what n, of snprintf, has left in cap bytes */
static size_t
kept(int n, size_t cap)
{
	return n < 0 || (size_t)n >= cap ? cap - 1 : (size_t)n;
}

size_t
die_text(char *b, size_t cap, const char *fmt, va_list ap)
{
	const int err = errno;
	size_t n = kept(vsnprintf(b, cap, fmt, ap), cap);

	if (n && b[n - 1] == ':')
		n += kept(
		    snprintf(b + n, cap - n, " %s", strerror(err)), cap - n);
	return n;
}

static void
vwarn(const char *fmt, va_list ap)
{
	char b[1024];
	const int err = errno;
	size_t n =
	    kept(snprintf(b, sizeof(b) - 1, "%s: ", argv0), sizeof(b) - 1);

	errno = err;
	n += die_text(b + n, sizeof(b) - 1 - n, fmt, ap);
	b[n++] = '\n';
	if (write(2, b, n) < 0)
		return;
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
	exit(status);
}
