/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

const char *argv0 = "limen";

static void
vwarn(const char *fmt, va_list ap)
{
	char b[1024];
	int err = errno, n, m;

	n = snprintf(b, sizeof(b) - 1, "%s: ", argv0);
	m = vsnprintf(b + n, sizeof(b) - 1 - n, fmt, ap);
	n = m < 0 || n + m > (int)sizeof(b) - 2 ? (int)sizeof(b) - 2 : n + m;
	if (b[n - 1] == ':') {
		m = snprintf(b + n, sizeof(b) - 1 - n, " %s", strerror(err));
		n += m > (int)sizeof(b) - 2 - n ? (int)sizeof(b) - 2 - n : m;
	}
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
