/* limen: ISC licence, see LICENSE */
#include <stddef.h>
#include <string.h>

#include "modalias.h"

/* one character of a pattern, "?", "[0-9A]" or itself; *p moves past it */
static int
one(const char **p, char c)
{
	const char *s = *p, *e;
	int hit = 0;

	*p = s + 1;
	if (*s != '[' || !(e = strchr(s, ']')))
		return *s == '?' || *s == c;
	for (s++; s < e; s++) {
		if (s + 2 < e && s[1] == '-') {
			hit |= c >= s[0] && c <= s[2];
			s += 2;
		} else
			hit |= c == *s;
	}
	*p = e + 1;
	return hit;
}

int
modalias_match(const char *p, const char *s)
{
	/* a "*" is tried as short as it can be, and only the last one is ever
	 * tried again */
	const char *star = NULL, *from = NULL;

	while (*s) {
		if (*p == '*') {
			star = ++p;
			from = s;
		} else if (*p && one(&p, *s))
			s++;
		else if (star) {
			p = star;
			s = ++from;
		} else
			return 0;
	}
	while (*p == '*')
		p++;
	return !*p;
}
