/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"

const char *argv0 = "limen";

void (*die_say)(int fatal, const char *text);

/* what n, of snprintf, has left in cap bytes */
static size_t
kept(int n, size_t cap)
{
	return n < 0 || (size_t)n >= cap ? cap - 1 : (size_t)n;
}

/* What others wrote, names and texts, must not command a terminal: control
 * characters, those of 8 bits in UTF-8 too, become '?' */
static void
tame(char *b)
{
	unsigned char c;

	for (; (c = (unsigned char)*b); b++) {
		if (c == 0xc2 && ((unsigned char)b[1] & 0xe0) == 0x80)
			*b++ = c = '?';
		else if (c >= ' ' && c != 127)
			continue;
		*b = '?';
	}
}

static void
say(int fatal, const char *fmt, va_list ap)
{
	char b[1024];
	const size_t cap = sizeof(b) - 1; /* of the newline */
	const int err = errno;
	size_t n = 0, m;

	if (!die_say)
		n = kept(snprintf(b, cap, "%s: ", argv0), cap);
	m = kept(vsnprintf(b + n, cap - n, fmt, ap), cap - n);
	n += m;
	if (m && b[n - 1] == ':')
		n += kept(
		    snprintf(b + n, cap - n, " %s", strerror(err)), cap - n);
	if (die_say) {
		die_say(fatal, b);
		return;
	}
	tame(b);
	b[n++] = '\n';
	if (write(2, b, n) < 0)
		return;
}

void
warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(0, fmt, ap);
	va_end(ap);
}

void
die(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(1, fmt, ap);
	va_end(ap);
	exit(status);
}
