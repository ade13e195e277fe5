/* limen: ISC licence, see LICENSE */
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arg.h"
#include "die.h"
#include "num.h"

#define DAY 86400000LL /* ms */

static const struct arg_opt common[] = {
	{ 'h', "help", NULL, "print this and exit" },
	{ 128, "version", NULL, "print the version and exit" },
	{ 129, "options", NULL, NULL },
	{ 0, NULL, NULL, NULL },
};

/* A closed stdin, stdout or stderr must not become a socket of ours: it reads
 * as an empty file, and takes nothing, as when it is closed. */
static void
standard_fds(void)
{
	int fd;

	while ((fd = open("/dev/null", O_RDONLY)) >= 0 && fd < 3)
		;
	if (fd >= 0)
		close(fd);
}

void
arg_init(struct arg *a, const struct arg_tool *tool, char **argv)
{
	standard_fds();
	/* ignored by who started us it would leave no child to wait for */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGXFSZ, SIG_IGN); /* EFBIG is the one file's */
	memset(a, 0, sizeof(*a));
	argv0 = tool->name;
	a->tool = tool;
	a->v = argv[0] ? argv + 1 : argv;
}

void
arg_usage(const struct arg *a, const char *fmt, ...)
{
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	die(a->tool->usage ? a->tool->usage : 2,
	    "%s (%s --help lists the options)", n < 0 ? fmt : text,
	    a->tool->name);
}

static void
help_line(const struct arg_opt *o, int letter)
{
	char b[64];
	int n = 0;

	if (!o->help)
		return;
	if (letter && o->id < 128)
		n +=
		    snprintf(b, sizeof(b), "-%c%s", o->id, o->name ? ", " : "");
	else
		n += snprintf(b, sizeof(b), "    ");
	if (o->name)
		n += snprintf(b + n, sizeof(b) - n, "--%s", o->name);
	if (o->meta)
		snprintf(b + n, sizeof(b) - n, " %s", o->meta);
	printf("  %-27s %s\n", b, o->help);
}

static const struct arg_opt *
find_short(const struct arg_opt *o, int c)
{
	for (; o->id; o++)
		if (o->id == c && c < 128)
			return o;
	return NULL;
}

/* the usage text, a line an option */
static void
help(const struct arg_tool *tool)
{
	const struct arg_opt *o;

	printf("usage: %s %s\n", tool->name, tool->synopsis);
	for (o = tool->opts; o->id; o++)
		help_line(o, 1);
	for (o = common; o->id; o++) /* a tool may have a -h of its own */
		help_line(o, !find_short(tool->opts, o->id));
}

/* short, long, value's name, text: what completions are made from */
static void
dump(const struct arg_opt *o)
{
	for (; o->id; o++)
		if (o->help)
			printf("%.*s\t%s\t%s\t%s\n", o->id < 128,
			    (char[]){ (char)o->id, 0 }, o->name ? o->name : "",
			    o->meta ? o->meta : "", o->help);
}

static void
own(const struct arg_tool *tool, int id)
{
	if (id == 'h')
		help(tool);
	else if (id == 128)
		printf("%s (limen) %s\n", tool->name, VERSION);
	else {
		dump(tool->opts);
		dump(common);
	}
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	exit(0);
}

static const struct arg_opt *
find_long(const struct arg_opt *o, const char *s, size_t n)
{
	for (; o->id; o++)
		if (o->name && strlen(o->name) == n && !memcmp(o->name, s, n))
			return o;
	return NULL;
}

static int
found(struct arg *a, const struct arg_opt *o, const char *rest)
{
	a->meta = o->meta;
	if (o->meta) {
		a->value = rest ? rest : *a->v ? *a->v++ : NULL;
		if (!a->value)
			arg_usage(a, "%s needs a value: %s", a->shown, o->meta);
	} else
		a->value = NULL;
	return o->id;
}

static int
next_long(struct arg *a, const char *w)
{
	const char *s = w + 2, *eq = strchr(s, '=');
	size_t n = eq ? (size_t)(eq - s) : strlen(s);
	const struct arg_opt *o = find_long(a->tool->opts, s, n);

	a->shown = w;
	if (!o && (o = find_long(common, s, n)) && !eq)
		own(a->tool, o->id);
	if (!o)
		arg_usage(a, "no such option: %.*s", (int)n + 2, w);
	if (eq && !o->meta)
		arg_usage(a, "%.*s takes no value", (int)n + 2, w);
	return found(a, o, eq ? eq + 1 : NULL);
}

static int
next_short(struct arg *a)
{
	const struct arg_opt *o;
	int c = (unsigned char)*a->flags++;
	const char *rest = *a->flags ? a->flags : NULL;

	a->flags = rest;
	a->shortopt[0] = '-';
	a->shortopt[1] = (char)c;
	a->shown = a->shortopt;
	if (!(o = find_short(a->tool->opts, c))) {
		if (find_short(common, c))
			own(a->tool, c);
		arg_usage(a, "no such option: -%c", c);
	}
	if (o->meta)
		a->flags = NULL;
	return found(a, o, rest);
}

int
arg_next(struct arg *a)
{
	char *w;

	if (a->flags)
		return next_short(a);
	if (!(w = *a->v))
		return ARG_END;
	a->v++;
	if (!a->nomore && w[0] == '-' && w[1]) {
		if (w[1] != '-') {
			a->flags = w + 1;
			return next_short(a);
		}
		if (w[2])
			return next_long(a, w);
		a->nomore = 1;
		return arg_next(a);
	}
	if (a->tool->flags & ARG_STRICT)
		a->nomore = 1;
	a->value = a->shown = w;
	return ARG_OPERAND;
}

long long
arg_num(const struct arg *a, long long min, long long max)
{
	int64_t v;

	if (num_parse(a->value, min, max, &v) < 0)
		arg_usage(a, "%s: not a number from %lld to %lld: %s", a->shown,
		    min, max, a->value);
	return v;
}

int64_t
arg_msec(const struct arg *a, int64_t min)
{
	int64_t v;

	if (num_msec(a->value, min, 366 * DAY, &v) < 0)
		arg_usage(a, "%s: not a time: %s", a->shown, a->value);
	return v;
}

int64_t
arg_mib(const struct arg *a)
{
	int64_t v;

	if (num_parse(a->value, 1, 1 << 20, &v) == 0)
		return v;
	if (num_size(a->value, 1 << 20, 1LL << 40, &v) < 0)
		arg_usage(a, "%s: not a size: %s", a->shown, a->value);
	return v >> 20;
}

int
arg_choice(const struct arg *a)
{
	size_t len = strlen(a->value), n;
	const char *s = a->meta;
	int i;

	for (i = 0;; i++, s += n + 1) {
		n = strcspn(s, "|");
		if (n == len && !memcmp(s, a->value, n))
			return i;
		if (!s[n])
			arg_usage(a, "%s: one of %s, not %s", a->shown, a->meta,
			    a->value);
	}
}

void
arg_push(const struct arg *a, const char **list, int *n, int max)
{
	if (*n == max && a->shown == a->value)
		arg_usage(a, "at most %d arguments", max);
	if (*n == max)
		arg_usage(a, "%s: at most %d times", a->shown, max);
	list[(*n)++] = a->value;
}
