/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cntrl.h"
#include "die.h"

const char *argv0 = "limen";

void (*die_say)(int fatal, const char *text);

enum { LINE = 1024 }; /* a message, its newline or NUL with it */

size_t
die_fit(char *b, size_t room, const char *text)
{
	static const char gap[] = "...";
	const size_t n = strlen(text), g = sizeof(gap) - 1;
	const size_t head = room / 2, tail = room - head - g;

	if (n <= room) {
		memcpy(b, text, n); /* NOLINT: its length is told */
		return n;
	}
	memcpy(b, text, head);
	memcpy(b + head, gap, g);
	memcpy(b + head + g, text + n - tail, tail);
	return room;
}

/* What others wrote, names and texts, must not command a terminal: control
 * characters, those of 8 bits in UTF-8 too, become '?' */
static void
tame(char *b)
{
	size_t n;

	for (; *b; b += n ? n : 1) {
		n = cntrl_len(b, 2);
		memset(b, '?', n);
	}
}

static void
say(int fatal, const char *fmt, va_list ap)
{
	const char *why = strerror(errno), *what;
	char b[LINE], *text;
	const int got = vasprintf(&text, fmt, ap);
	size_t n = 0;

	what = got < 0 ? fmt : text; /* without memory: better than nothing */
	if (!*fmt || fmt[strlen(fmt) - 1] != ':') /* a name may end in one */
		why = "";
	if (!die_say)
		n = (size_t)snprintf(b, LINE / 2, "%s: ", argv0);
	n += die_fit(b + n, LINE - 1 - n - (*why ? strlen(why) + 1 : 0), what);
	n += (size_t)snprintf(b + n, LINE - n, "%s%s", *why ? " " : "", why);
	if (got >= 0)
		free(text);
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
