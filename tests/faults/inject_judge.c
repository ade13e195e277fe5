/* limen: ISC licence, see LICENSE */
/* whether a tool took a fault as it should */
#include <sys/syscall.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inject.h"

/* whether line (len bytes) is a line of text */
static int
hasline(const char *text, const char *line, size_t len)
{
	for (; *text; text = strchr(text, '\n') + 1) {
		if (!strncmp(text, line, len) && text[len] == '\n')
			return 1;
		if (!strchr(text, '\n'))
			break;
	}
	return 0;
}

/* a file that is there without need, or NULL */
static const char *
leftover(const struct run *base, const struct run *r)
{
	static char name[PATH_MAX];
	const char *s, *e;

	for (s = r->files; (e = strchr(s, '\n')); s = e + 1)
		if (!hasline(base->files, s, e - s)) {
			snprintf(name, sizeof(name), "%.*s", (int)(e - s), s);
			return name;
		}
	return NULL;
}

static int
allowed(const char *ok, int status)
{
	char *e;

	for (; *ok; ok = *e ? e + 1 : e)
		if (strtol(ok, &e, 10) == status)
			return 1;
	return 0;
}

/* whether each line of stderr is the tool's, and there are enough */
static int
said(const struct conf *c, const struct run *r, int failed)
{
	const char *s = r->err, *e;
	size_t n = strlen(c->tool);

	if (!*s) /* a reader that left wants no more lines */
		return r->f.err == EPIPE;
	for (; *s; s = e + 1, failed--) {
		e = strchr(s, '\n');
		if (!e || strncmp(s, c->tool, n) || strncmp(s + n, ": ", 2) ||
		    (size_t)(e - s) < n + 4)
			return 0;
	}
	return failed <= 0;
}

/* whether the fault keeps the tool from taking away what it made */
static int
stuck(const struct run *r)
{
	int nr = calls[r->f.call].nr;

	return nr == SYS_unlink || nr == SYS_unlinkat || nr == SYS_newfstatat ||
	       nr == SYS_fchdir;
}

/* what is wrong with a run, or NULL */
const char *
verdict(const struct conf *c, const struct run *base, const struct run *r)
{
	static char b[PATH_MAX + 64];
	int failed = 0;
	const char *left;

	if (r->sig) {
		snprintf(b, sizeof(b), "killed by signal %d (%s)", r->sig,
		    strsignal(r->sig));
		return b;
	}
	if (r->late)
		return "does not end";
	if (r->left)
		return "leaves a process";
	left = leftover(base, r);
	if (left && !stuck(r)) {
		snprintf(b, sizeof(b), "leaves %s", left);
		return b;
	}
	for (int i = 0; i < r->nstatus; i++)
		if (r->status[i]) {
			failed++;
			if (!allowed(c->ok, r->status[i])) {
				snprintf(
				    b, sizeof(b), "status %d", r->status[i]);
				return b;
			}
		}
	if (failed)
		return said(c, r, failed) ? NULL : "no clear line";
	/* where nobody reads, less is said */
	return r->f.err != EPIPE && strcmp(base->out, r->out)
		   ? "status 0, other output"
		   : NULL;
}
