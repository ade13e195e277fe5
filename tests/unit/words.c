/* limen: ISC licence, see LICENSE */
#include "tap.h"
#include "words.h"

/* the words of s joined by '|' */
static const char *
split(const char *s)
{
	static char b[256];
	char w[64];
	size_t n = 0;
	int r;

	while ((r = words_next(&s, w, sizeof(w))) > 0)
		n += (size_t)snprintf(b + n, sizeof(b) - n, "%s|", w);
	snprintf(b + n, sizeof(b) - n, "%s", r < 0 ? "!" : "");
	return b;
}

static const char *
quote(const char *s)
{
	static char b[64];

	return words_quote(s, b, sizeof(b)) < 0 ? "!" : b;
}

int
main(void)
{
	char b[4];
	const char *s;

	STREQ(split(""), "");
	STREQ(split(" \t\n"), "");
	STREQ(split("a b"), "a|b|");
	STREQ(split("  -name 'my vm'\t-d\n"), "-name|my vm|-d|");
	STREQ(split("a\\ b 'c\\d' \"e\\f\\\"g\\$h\""), "a b|c\\d|e\\f\"g$h|");
	STREQ(split("'' \"\" x''y"), "||xy|");
	STREQ(split("a\\\nb c\\\n d"), "ab|c|d|");
	STREQ(split("\"a\\\nb\" 'c\\\nd'"), "ab|c\\\nd|");
	STREQ(split("ok 'a"), "ok|!");
	STREQ(split("ok \"a\\"), "ok|!");
	STREQ(split("ok \\"), "ok|!");
	s = "abc abcd";
	OK(words_next(&s, b, sizeof(b)) == 1 && !strcmp(b, "abc"));
	OK_MSG(words_next(&s, b, sizeof(b)) < 0, "no room");
	STREQ(quote("plain-1.2,x=y:/z"), "plain-1.2,x=y:/z");
	STREQ(quote(""), "''");
	STREQ(quote("a b"), "'a b'");
	STREQ(quote("it's"), "'it'\\''s'");
	STREQ(quote("$x`y`"), "'$x`y`'");
	OK(words_quote("abcd", b, 4) < 0 && words_quote("abc", b, 4) == 3);
	return tap_done();
}
