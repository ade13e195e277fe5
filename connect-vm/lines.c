/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fd.h"
#include "lines.h"
#include "script.h"

/* the mark that some editors begin a text with is no part of it */
static void
skip_mark(struct lines *l)
{
	if (!l->nr && !l->off && l->len >= 3 &&
	    !memcmp(l->buf, "\xef\xbb\xbf", 3))
		l->off = 3;
}

/* length of the line at off without its end; *whole: with it */
static size_t
span(const struct lines *l, size_t off, size_t *whole)
{
	const char *p = l->buf + off, *nl = memchr(p, '\n', l->len - off);
	size_t n = nl ? (size_t)(nl - p) : l->len - off;

	*whole = n + (nl != NULL);
	while (
	    n > 0 && (p[n - 1] == '\r' || p[n - 1] == ' ' || p[n - 1] == '\t'))
		n--;
	return n;
}

/* is it to be typed? */
static int
counts(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t')) {
		p++;
		n--;
	}
	return n > 0 && *p != '#';
}

/* ready to type; refuses what a prompt would take as a key */
static void
check(const struct lines *l, char *p, size_t n)
{
	size_t i;

	if (n > SCRIPT_LINE_MAX)
		die(1, "%s: line %u: longer than %d characters", l->name, l->nr,
		    SCRIPT_LINE_MAX);
	for (i = 0; i < n; i++) {
		if (p[i] == '\t')
			p[i] = ' ';
		if ((unsigned char)p[i] < 0x20 || p[i] == 0x7f)
			die(1,
			    "%s: line %u: a control character (%#04x), which "
			    "the "
			    "console would take for a key",
			    l->name, l->nr, (unsigned char)p[i]);
	}
}

static void
scan(struct lines *l)
{
	size_t off, whole, n;

	for (off = l->off; off < l->len; off += whole) {
		n = span(l, off, &whole);
		l->nr++;
		if (!counts(l->buf + off, n))
			continue;
		check(l, l->buf + off, n);
		if (n > LINES_U_BOOT)
			warn("%s: line %u: %zu characters, U-Boot often takes "
			     "no more than %d",
			    l->name, l->nr, n, LINES_U_BOOT);
	}
	l->nr = 0;
}

void
lines_file(struct lines *l, const char *path)
{
	int std = !strcmp(path, "-");

	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->name = std ? "stdin" : path;
	l->buf = std ? fd_slurp(0, LINES_MAX, &l->len)
		     : fd_slurp_path(path, LINES_MAX, &l->len);
	if (!l->buf)
		die(1, "read %s:", l->name);
	skip_mark(l);
	scan(l);
	if (lines_last(l))
		die(1, "%s: no line to send in it", l->name);
}

void
lines_text(struct lines *l, const char *name, const char *text)
{
	memset(l, 0, sizeof(*l));
	l->fd = -1;
	l->name = name;
	l->len = strlen(text);
	if (!(l->buf = strdup(text)))
		die(1, "memory:");
	scan(l);
}

void
lines_fd(struct lines *l, const char *name, int fd)
{
	memset(l, 0, sizeof(*l));
	l->fd = fd;
	l->name = name;
	l->cap = 65536;
	if (!(l->buf = malloc(l->cap)))
		die(1, "memory:");
}

void
lines_read(struct lines *l)
{
	ssize_t n;

	memmove(l->buf, l->buf + l->off, l->len - l->off);
	l->len -= l->off;
	l->off = 0;
	if (l->len == l->cap)
		die(1, "%s: line %u: longer than %d characters", l->name,
		    l->nr + 1, SCRIPT_LINE_MAX);
	n = read(l->fd, l->buf + l->len, l->cap - l->len);
	if (n > 0) {
		l->len += (size_t)n;
		skip_mark(l);
	} else if (n == 0 || (errno != EINTR && errno != EAGAIN))
		l->fd = -1;
}

int
lines_next(struct lines *l, const char **text)
{
	size_t n, whole;
	char *p;

	while (l->off < l->len) {
		p = l->buf + l->off;
		if (l->fd >= 0 && !memchr(p, '\n', l->len - l->off))
			return -1;
		n = span(l, l->off, &whole);
		l->off += whole;
		l->nr++;
		if (!counts(p, n))
			continue;
		check(l, p, n);
		*text = p;
		return (int)n;
	}
	return -1;
}

int
lines_over(const struct lines *l)
{
	return l->fd < 0 && l->off == l->len;
}

int
lines_last(const struct lines *l)
{
	size_t off, n, whole;

	for (off = l->off; off < l->len; off += whole) {
		n = span(l, off, &whole);
		if (counts(l->buf + off, n))
			return 0;
	}
	return l->fd < 0;
}
