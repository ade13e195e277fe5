/* limen: ISC licence, see LICENSE */
#include <stdint.h>
#include <stdlib.h>

#include "json.h"
#include "json_str.h"
#include "tap.h"
#include "wr.h"

static struct json j;

/* reads all of s from memory of exactly its size; the tokens as letters */
static const char *
tokens(const char *s, size_t n)
{
	static const char letter[] = ".{}[]ksntf0";
	static char b[65536];
	char *copy = malloc(n ? n : 1);
	size_t k = 0;
	int t;

	if (n)
		memcpy(copy, s, n);
	json_init(&j, copy, n);
	while ((t = json_next(&j)) > JSON_END && k < sizeof(b) - 2)
		b[k++] = letter[t];
	if (t == JSON_ERROR)
		b[k++] = '!';
	b[k] = 0;
	free(copy);
	return b;
}
#define T(s) tokens(s, sizeof(s) - 1)

static int
bad(const char *s, size_t n, size_t at)
{
	const char *t = tokens(s, n);

	return t[strlen(t) - 1] == '!' && j.off == at && j.err && *j.err &&
	       json_next(&j) == JSON_ERROR;
}
#define BAD(s, at) OK(bad(s, sizeof(s) - 1, at))

static void
good(void)
{
	STREQ(T("{}"), "{}");
	STREQ(T(" [ ] \r\n\t"), "[]");
	STREQ(T("{\"a\":[1,-2.5e+3,0,true,false,null,\"x\"],\"b\":{}}"),
	    "{k[nnntf0s]k{}}");
	STREQ(T("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00\""), "s");
	STREQ(T("-0"), "n");
	STREQ(T("0.0E-0"), "n");
	STREQ(T("\"\x7f\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\xf4\x8f\xbf\xbf\""),
	    "s");
	STREQ(T("[[[[{\"\":[{}]}]]]]"), "[[[[{k[{}]}]]]]");
}

static void
syntax(void)
{
	BAD("", 0);
	BAD(" ", 1);
	BAD("{", 1);
	BAD("[1", 2);
	BAD("[1,]", 3);
	BAD("[,1]", 1);
	BAD("{\"a\":1,}", 7);
	BAD("{\"a\" 1}", 5);
	BAD("{a:1}", 1);
	BAD("{'a':1}", 1);
	BAD("{1:1}", 1);
	BAD("[1}", 2);
	BAD("{\"a\":1]", 6);
	BAD("]", 0);
	BAD("{} {}", 3);
	BAD("{}x", 2);
	BAD("1 2", 2);
	BAD("tru", 3);
	BAD("truE", 0);
	BAD("nul,", 0);
	BAD("NaN", 0);
	BAD("Infinity", 0);
	BAD("[1//c\n]", 2);
	BAD("/**/1", 0);
	BAD("\xef\xbb\xbf{}", 0);
	BAD("[1\v]", 2);
	BAD("[1\0]", 2);
	BAD("{\"a\":}", 5);
	BAD("{\"a\"", 4);
	BAD("{,}", 1);
	BAD("[1 2]", 3);
}

static void
numbers(void)
{
	BAD("01", 0);
	BAD("-01", 0);
	BAD("+1", 0);
	BAD(".5", 0);
	BAD("1.", 2);
	BAD("1.e1", 2);
	BAD("1e", 2);
	BAD("1e+", 3);
	BAD("-", 1);
	BAD("--1", 1);
	BAD("0x10", 1);
	BAD("1_0", 1);
	BAD("[-a]", 2);
}

static void
strings(void)
{
	BAD("\"", 1);
	BAD("\"a", 2);
	BAD("\"\n\"", 1);
	BAD("\"\x1f\"", 1);
	BAD("\"\0\"", 1);
	BAD("\"\\", 1);
	BAD("\"\\x41\"", 1);
	BAD("\"\\\0\"", 1);
	BAD("\"\\u12\"", 1);
	BAD("\"\\u12g4\"", 1);
	BAD("\"\\uD800\"", 1);
	BAD("\"\\uDC00\"", 1);
	BAD("\"\\uD800\\uD800\"", 1);
	BAD("\"\\uD800\\n\"", 1);
	BAD("\"\\uD83D\\uDE0", 1);
	BAD("\"\\U0041\"", 1);
	BAD("\"\x80\"", 1);
	BAD("\"\xc0\xaf\"", 1);
	BAD("\"\xc3\"", 1);
	BAD("\"\xc3", 1);
	BAD("\"\xe0\x80\x80\"", 1);
	BAD("\"\xed\xa0\x80\"", 1);
	BAD("\"\xe2\x82\"", 1);
	BAD("\"\xe2\x82", 1);
	BAD("\"\xf0\x80\x80\x80\"", 1);
	BAD("\"\xf4\x90\x80\x80\"", 1);
	BAD("\"\xf5\x80\x80\x80\"", 1);
	BAD("\"\xfe\"", 1);
	BAD("\"\xff\"", 1);
	BAD("{\"\xff\":1}", 2);
}

static void
text(void)
{
	static const char s[] =
	    "[\"a\\u0000\\u20ac\\ud83d\\ude00/\\/z\",\"pl\","
	    "\"\\u0070l\",\"\\u0000\",\"\"]";
	static const char want[] = "a\0\xe2\x82\xac\xf0\x9f\x98\x80//z";
	char b[64];
	int i;

	json_init(&j, s, sizeof(s) - 1);
	json_next(&j);
	json_next(&j);
	OK(json_text(&j, b, sizeof(b)) == sizeof(want) - 1);
	MEMEQ(b, want, sizeof(want) - 1);
	memset(b, 'x', sizeof(b));
	OK(json_text(&j, b, 4) == sizeof(want) - 1);
	MEMEQ(b, "a\0\xe2\x82xx", 6);
	OK(json_text(&j, NULL, 0) == sizeof(want) - 1);
	OK(!json_is(&j, "a"));
	for (i = 0; i < 2; i++) {
		json_next(&j);
		OK(json_is(&j, "pl"));
		OK(!json_is(&j, "plx"));
		OK(!json_is(&j, "p"));
		OK(!json_is(&j, ""));
		OK(json_text(&j, b, 1) == 2);
	}
	json_next(&j);
	OK(!json_is(&j, ""));
	json_next(&j);
	OK(json_is(&j, ""));
}

static int64_t
integer(const char *s)
{
	int64_t v = 4711;

	json_init(&j, s, strlen(s));
	OK(json_next(&j) == JSON_NUMBER);
	return json_int(&j, &v) < 0 ? 4711 : v;
}

static void
integers(void)
{
	OK(integer("0") == 0);
	OK(integer("-1") == -1);
	OK(integer("9223372036854775807") == INT64_MAX);
	OK(integer("-9223372036854775808") == INT64_MIN);
	OK(integer("9223372036854775808") == 4711);
	OK(integer("-9223372036854775809") == 4711);
	OK(integer("99999999999999999999999") == 4711);
	OK(integer("1.0") == 4711);
	OK(integer("1e2") == 4711);
}

static void
depth(void)
{
	static char b[2 * JSON_DEPTH + 2];
	unsigned long line, col;
	int i, t, most = 0;

	memset(b, '[', JSON_DEPTH);
	memset(b + JSON_DEPTH, ']', JSON_DEPTH);
	json_init(&j, b, 2 * JSON_DEPTH);
	while ((t = json_next(&j)) > JSON_END)
		most = (int)j.depth > most ? (int)j.depth : most;
	OK(t == JSON_END && most == JSON_DEPTH);
	memset(b, '[', JSON_DEPTH + 1);
	json_init(&j, b, JSON_DEPTH + 1);
	for (i = 0; i < JSON_DEPTH; i++)
		json_next(&j);
	OK(!j.err && json_next(&j) == JSON_ERROR && j.off == JSON_DEPTH);
	json_init(&j, "{\"a\":[1,{\"b\":[[]]},2],\"c\":3}", 28);
	json_next(&j);
	json_next(&j);
	OK(json_skip(&j, json_next(&j)) == JSON_ARRAY_END);
	OK(json_next(&j) == JSON_KEY && json_is(&j, "c"));
	OK(json_skip(&j, json_next(&j)) == JSON_NUMBER);
	OK(json_next(&j) == JSON_OBJECT_END && json_next(&j) == JSON_END);
	json_init(&j, "[[1,}", 5);
	OK(json_skip(&j, json_next(&j)) == JSON_ERROR);
	json_init(&j, "\n \xc3\xa9\xe2\x82\xacz\n", 9);
	json_where(&j, 7, &line, &col);
	OK(line == 2 && col == 4);
	json_where(&j, 99, &line, &col);
	OK(line == 3 && col == 1);
}

static void
put(void)
{
	static const char s[] = "a\"\\\n\t\x01\xc3\xa9\xff\xe2\x82z\x7f"
				"\xc2\x9b\xc2\xa0\xc2";
	static const char want[] =
	    "\"a\\\"\\\\\\n\\t\\u0001\xc3\xa9\xef\xbf\xbd"
	    "\xef\xbf\xbd\xef\xbf\xbdz\\u007f"
	    "\\u009b\xc2\xa0\xef\xbf\xbd\"";
	char b[80];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	json_str_put(&w, s, sizeof(s) - 1);
	OK(!w.err && wr_len(&w) == sizeof(want) - 1);
	MEMEQ(b, want, sizeof(want) - 1);
	wr_init(&w, b, 3);
	json_str_put(&w, s, sizeof(s) - 1);
	OK(w.err);
}

int
main(void)
{
	good();
	syntax();
	numbers();
	strings();
	text();
	integers();
	depth();
	put();
	return tap_done();
}
