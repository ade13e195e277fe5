/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "cntrl.h"
#include "json.h"
#include "json_str.h"

enum state {
	VALUE,	      /* a value must follow */
	ARRAY_FIRST,  /* '[' was read: a value or ']' */
	OBJECT_FIRST, /* '{' was read: a key or '}' */
	KEY,	      /* ',' in an object was read */
	AFTER,	      /* a value was read: ',' or the closing bracket */
	DONE,
	FAILED,
};

void
json_init(struct json *j, const void *buf, size_t len)
{
	memset(j, 0, offsetof(struct json, stack));
	j->buf = buf;
	j->len = len;
	j->state = VALUE;
}

static int
fail(struct json *j, const char *why, size_t off)
{
	j->err = why;
	j->off = off < j->len ? off : j->len;
	j->n = 0;
	j->state = FAILED;
	return JSON_ERROR;
}

/* what is wrong at the byte under pos, or that there is none */
static int
fail_here(struct json *j, const char *why)
{
	if (j->pos >= j->len)
		why = "the text ends too early";
	return fail(j, why, j->pos);
}

static int
peek(struct json *j)
{
	return j->pos < j->len ? (unsigned char)j->buf[j->pos] : -1;
}

static int
blanks(struct json *j)
{
	int c;

	while ((c = peek(j)) == ' ' || c == '\n' || c == '\t' || c == '\r')
		j->pos++;
	return c;
}

/* a state after a whole value, for the level that we are on */
static void
completed(struct json *j)
{
	j->state = j->depth ? AFTER : DONE;
}

static int
in_object(const struct json *j)
{
	unsigned d = j->depth - 1;

	return j->stack[d / 8] >> d % 8 & 1;
}

static int
open_level(struct json *j, int object)
{
	unsigned d = j->depth;

	if (d >= JSON_DEPTH)
		return fail(j, "nested too deep", j->pos);
	j->stack[d / 8] &= (uint8_t) ~(1 << d % 8);
	j->stack[d / 8] |= (uint8_t)(object << d % 8);
	j->depth++;
	j->off = j->pos++;
	j->n = 1;
	j->state = object ? OBJECT_FIRST : ARRAY_FIRST;
	return object ? JSON_OBJECT : JSON_ARRAY;
}

static int
close_level(struct json *j)
{
	int object = in_object(j);

	j->depth--;
	j->off = j->pos++;
	j->n = 1;
	completed(j);
	return object ? JSON_OBJECT_END : JSON_ARRAY_END;
}

/* past what stands for itself in a string and is ASCII: most of most texts */
static size_t
plain(const struct json *j, size_t i)
{
	const signed char *b = (const signed char *)j->buf;
	size_t len = j->len;

	while (i < len && b[i] >= 0x20 && b[i] != '"' && b[i] != '\\')
		i++;
	return i;
}

/* past a string; its opening quote is under pos */
static int
string(struct json *j)
{
	size_t i = j->pos + 1, n;
	unsigned long code;
	unsigned char c;

	j->escaped = 0;
	for (; (i = plain(j, i)) < j->len; i += n) {
		c = (unsigned char)j->buf[i];
		if (c == '"')
			break;
		if (c < 0x20)
			return fail(j, "a control character in a string", i);
		if (c == '\\') {
			j->escaped = 1;
			if (!(n = json_str_escape(
				  j->buf + i, j->len - i, &code)))
				return fail(j, "a bad escape in a string", i);
		} else if (!(n = json_str_utf8(j->buf + i, j->len - i)))
			return fail(j, "not UTF-8", i);
	}
	if (i >= j->len)
		return fail(j, "a string without end", j->len);
	j->off = j->pos + 1;
	j->n = i - j->off;
	j->pos = i + 1;
	return JSON_STRING;
}

static int
key(struct json *j)
{
	size_t off, n;

	if (peek(j) != '"')
		return fail_here(j, "a key must stand here");
	if (string(j) == JSON_ERROR)
		return JSON_ERROR;
	off = j->off, n = j->n;
	if (blanks(j) != ':')
		return fail_here(j, "':' must follow the key");
	j->pos++;
	j->off = off, j->n = n;
	j->state = VALUE;
	return JSON_KEY;
}

static size_t
digits(struct json *j)
{
	size_t from = j->pos;

	while (peek(j) >= '0' && peek(j) <= '9')
		j->pos++;
	return j->pos - from;
}

/* RFC 8259 section 6 */
static int
number(struct json *j)
{
	size_t from = j->pos, n;
	int zero;

	j->pos += peek(j) == '-';
	zero = peek(j) == '0';
	if (!(n = digits(j)))
		return fail_here(j, "a digit must stand here");
	if (zero && n > 1)
		return fail(j, "a number begins with 0", from);
	if (peek(j) == '.') {
		j->pos++;
		if (!digits(j))
			return fail_here(j, "a digit must stand here");
	}
	if (peek(j) == 'e' || peek(j) == 'E') {
		j->pos++;
		j->pos += peek(j) == '+' || peek(j) == '-';
		if (!digits(j))
			return fail_here(j, "a digit must stand here");
	}
	j->off = from;
	j->n = j->pos - from;
	return JSON_NUMBER;
}

static int
word(struct json *j, const char *s, int t)
{
	size_t n = strlen(s), left = j->len - j->pos;

	if (left < n || memcmp(j->buf + j->pos, s, n)) {
		if (left < n && !memcmp(j->buf + j->pos, s, left))
			return fail(j, "the text ends too early", j->len);
		return fail(j, "a value must stand here", j->pos);
	}
	j->off = j->pos;
	j->n = n;
	j->pos += n;
	return t;
}

static int
value(struct json *j, int c)
{
	int t;

	switch (c) {
	case '{': return open_level(j, 1);
	case '[': return open_level(j, 0);
	case '"': t = string(j); break;
	case 't': t = word(j, "true", JSON_TRUE); break;
	case 'f': t = word(j, "false", JSON_FALSE); break;
	case 'n': t = word(j, "null", JSON_NULL); break;
	default:
		if (c != '-' && (c < '0' || c > '9'))
			return fail_here(j, "a value must stand here");
		t = number(j);
	}
	if (t != JSON_ERROR)
		completed(j);
	return t;
}

/* ',' or a closing bracket */
static int
after(struct json *j, int c)
{
	int object = in_object(j);

	if (c == (object ? '}' : ']'))
		return close_level(j);
	if (c != ',')
		return fail_here(j, object ? "',' or '}' must stand here"
					   : "',' or ']' must stand here");
	j->pos++;
	c = blanks(j);
	return object ? key(j) : value(j, c);
}

int
json_next(struct json *j)
{
	int c;

	if (j->state == FAILED)
		return JSON_ERROR;
	c = blanks(j);
	switch (j->state) {
	case VALUE: return value(j, c);
	case ARRAY_FIRST: return c == ']' ? close_level(j) : value(j, c);
	case OBJECT_FIRST: return c == '}' ? close_level(j) : key(j);
	case AFTER: return after(j, c);
	case DONE:
		j->off = j->pos;
		j->n = 0;
		return c < 0 ? JSON_END
			     : fail(j, "more text after the value", j->pos);
	}
	return JSON_ERROR;
}

int
json_skip(struct json *j, int t)
{
	unsigned depth = j->depth;

	if (t == JSON_OBJECT || t == JSON_ARRAY)
		while (t != JSON_ERROR && j->depth >= depth)
			t = json_next(j);
	return t;
}

size_t
json_text(const struct json *j, char *b, size_t cap)
{
	size_t i, k, m, n = 0;
	char c[4];

	if (!j->escaped) {
		if (cap)
			memcpy(b, j->buf + j->off, j->n < cap ? j->n : cap);
		return j->n;
	}
	for (i = 0; i < j->n; n += m) {
		i += json_str_next(j->buf + j->off + i, j->n - i, c, &m);
		for (k = 0; k < m && n + k < cap; k++)
			b[n + k] = c[k];
	}
	return n;
}

void
json_words(const struct json *j, char *b, size_t cap)
{
	size_t n = json_text(j, b, cap - 1), i;

	if (n > cap - 1)
		n = cap - 1;
	for (i = 0; i < n; i++)
		memset(b + i, ' ', cntrl_len(b + i, n - i));
	b[n] = 0;
}

int
json_is(const struct json *j, const char *s)
{
	size_t i = 0, m, len = strlen(s);
	char c[4];

	if (!j->escaped)
		return j->n == len && !memcmp(j->buf + j->off, s, len);
	while (i < j->n) {
		i += json_str_next(j->buf + j->off + i, j->n - i, c, &m);
		if (strncmp(s, c, m) || !c[0])
			return 0;
		s += m;
	}
	return !*s;
}

int
json_int(const struct json *j, int64_t *v)
{
	const char *p = j->buf + j->off, *end = p + j->n;
	int neg = *p == '-';
	int64_t n = 0;
	int d;

	for (p += neg; p < end; p++) {
		if (*p < '0' || *p > '9')
			return -1;
		d = neg ? '0' - *p : *p - '0';
		if (neg ? n < (INT64_MIN - d) / 10 : n > (INT64_MAX - d) / 10)
			return -1;
		n = n * 10 + d;
	}
	*v = n;
	return 0;
}

void
json_where(
    const struct json *j, size_t off, unsigned long *line, unsigned long *col)
{
	size_t i;

	*line = *col = 1;
	for (i = 0; i < off && i < j->len; i++) {
		if (j->buf[i] == '\n') {
			++*line;
			*col = 1;
		} else if ((j->buf[i] & 0xc0) != 0x80)
			++*col;
	}
}
