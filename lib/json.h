/* limen: ISC licence, see LICENSE */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <stdint.h>

/*
 * A pull tokenizer for JSON as RFC 8259 has it, and nothing beyond: UTF-8 is
 * checked, a byte order mark and lone surrogates are refused. It neither
 * copies nor allocates; the text stays the caller's.
 *
 *	json_init(&j, buf, len);
 *	while ((t = json_next(&j)) > JSON_END) { ... }
 *	if (t == JSON_ERROR) ... j.err says why, json_where() where
 *
 * Duplicate keys are the caller's to find: that takes memory.
 */
enum json_token {
	JSON_ERROR = -1,
	JSON_END, /* the one value is complete, nothing but blanks follow */
	JSON_OBJECT,
	JSON_OBJECT_END,
	JSON_ARRAY,
	JSON_ARRAY_END,
	JSON_KEY, /* its ':' is passed over */
	JSON_STRING,
	JSON_NUMBER,
	JSON_TRUE,
	JSON_FALSE,
	JSON_NULL,
};

#define JSON_DEPTH 32768 /* open objects and arrays; more is an error */

struct json {
	const char *buf;
	size_t len, pos;
	/* the last token: its bytes, for strings and keys those between the
	 * quotes, still escaped; in an error off is the place of it */
	size_t off, n;
	int escaped;		       /* the string holds a backslash */
	unsigned depth;		       /* open objects and arrays */
	int state;		       /* json.c's */
	const char *err;	       /* set by JSON_ERROR, which then stays */
	uint8_t stack[JSON_DEPTH / 8]; /* a bit a level: an object? */
};

void json_init(struct json *j, const void *buf, size_t len);

/* the next token, an enum json_token */
int json_next(struct json *j);

/* passes over the rest of the value that the token t began (all of an object
 * or array, nothing more of others); JSON_ERROR, or the value's last token */
int json_skip(struct json *j, int t);

/* is the last string or key, unescaped, s? */
int json_is(const struct json *j, const char *s);

/* the last string or key, unescaped, into at most cap bytes of b (no NUL is
 * added); returns its whole length, at most j->n */
size_t json_text(const struct json *j, char *b, size_t cap);

/* the same for people, cut to fit b of cap bytes, control characters as
 * blanks, with a NUL */
void json_words(const struct json *j, char *b, size_t cap);

/* the last number as an integer; 0, or -1 when it has a fraction or exponent
 * or does not fit */
int json_int(const struct json *j, int64_t *v);

/* line and column (in characters) of an offset, both from 1 */
void json_where(
    const struct json *j, size_t off, unsigned long *line, unsigned long *col);

#endif
