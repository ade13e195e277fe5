/* limen: ISC licence, see LICENSE */
#ifndef TAP_H
#define TAP_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* a unit test is a plain main: checks, then "return tap_done();" */
static int tap_n, tap_bad;

static void
tap_ok(int good, const char *what, const char *file, int line)
{
	printf("%sok %d %s\n", good ? "" : "not ", ++tap_n, what);
	if (good)
		return;
	tap_bad++;
	printf("# %s:%d\n", file, line);
}

/* n times, or as few as LIVES asks for: under a slow instrument */
static inline unsigned
tap_lives(unsigned n)
{
	const char *s = getenv("LIVES");
	unsigned few = s ? (unsigned)strtoul(s, NULL, 10) : n;

	return few && few < n ? few : n;
}

static int
tap_done(void)
{
	printf("1..%d\n", tap_n);
	return tap_bad > 0;
}

#define OK(x)	     tap_ok(!!(x), #x, __FILE__, __LINE__)
#define OK_MSG(x, s) tap_ok(!!(x), s, __FILE__, __LINE__)
#define STREQ(a, b)  tap_ok(!strcmp(a, b), #a " is " #b, __FILE__, __LINE__)
#define MEMEQ(a, b, n) \
	tap_ok(!memcmp(a, b, n), #a " equals " #b, __FILE__, __LINE__)

#endif
