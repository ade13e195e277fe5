/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "cntrl.h"
#include "hex.h"
#include "json_str.h"
#include "wr.h"

size_t
json_str_utf8(const char *s, size_t left)
{
	const unsigned char *p = (const void *)s;
	unsigned lo = 0x80, hi = 0xbf;
	size_t i, n;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	n = p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	if (p[0] == 0xe0)
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (left < n || p[1] < lo || p[1] > hi)
		return 0;
	for (i = 2; i < n; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return n;
}

/* four hex digits, or -1 */
static int
hex4(const char *p, size_t left)
{
	int i, c, v = 0;

	if (left < 4)
		return -1;
	for (i = 0; i < 4; i++) {
		if ((c = hex_digit(p[i])) < 0)
			return -1;
		v = v << 4 | c;
	}
	return v;
}

size_t
json_str_escape(const char *p, size_t left, unsigned long *code)
{
	static const char in[] = "\"\\/bfnrt", out[] = "\"\\/\b\f\n\r\t";
	const char *at;
	int hi, lo;

	if (left < 2)
		return 0;
	if (p[1] != 'u') {
		if (!p[1] || !(at = strchr(in, p[1])))
			return 0;
		*code = (unsigned char)out[at - in];
		return 2;
	}
	if ((hi = hex4(p + 2, left - 2)) < 0 || (hi >= 0xdc00 && hi < 0xe000))
		return 0;
	*code = (unsigned long)hi;
	if (hi < 0xd800 || hi >= 0xe000)
		return 6;
	if (left < 12 || p[6] != '\\' || p[7] != 'u' ||
	    (lo = hex4(p + 8, left - 8)) < 0xdc00 || lo >= 0xe000)
		return 0;
	*code = 0x10000 + ((unsigned long)(hi - 0xd800) << 10 | (lo - 0xdc00));
	return 12;
}

/* code as UTF-8 */
static size_t
encode(unsigned long code, char b[4])
{
	if (code < 0x80) {
		b[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		b[0] = (char)(0xc0 | code >> 6);
		b[1] = (char)(0x80 | (code & 63));
		return 2;
	}
	if (code < 0x10000) {
		b[0] = (char)(0xe0 | code >> 12);
		b[1] = (char)(0x80 | (code >> 6 & 63));
		b[2] = (char)(0x80 | (code & 63));
		return 3;
	}
	b[0] = (char)(0xf0 | code >> 18);
	b[1] = (char)(0x80 | (code >> 12 & 63));
	b[2] = (char)(0x80 | (code >> 6 & 63));
	b[3] = (char)(0x80 | (code & 63));
	return 4;
}

size_t
json_str_next(const char *p, size_t left, char b[4], size_t *n)
{
	unsigned long code = 0;
	size_t len;

	if (*p != '\\') {
		b[0] = *p;
		*n = 1;
		return 1;
	}
	len = json_str_escape(p, left, &code);
	*n = encode(code, b);
	return len;
}

static void
put_escape(struct wr *w, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";

	wr_u8(w, '\\');
	switch (c) {
	case '\n': wr_u8(w, 'n'); break;
	case '\t': wr_u8(w, 't'); break;
	case '"':
	case '\\': wr_u8(w, c); break;
	default:
		wr_str(w, "u00");
		wr_u8(w, hex[c >> 4]);
		wr_u8(w, hex[c & 15]);
	}
}

void
json_str_put(struct wr *w, const char *s, size_t n)
{
	size_t i, m;

	wr_u8(w, '"');
	for (i = 0; i < n; i += m) {
		m = json_str_utf8(s + i, n - i);
		if (!m) {
			wr_str(w, "\xef\xbf\xbd");
			m = 1;
		} else if (cntrl_len(s + i, n - i) || s[i] == '"' ||
			   s[i] == '\\') /* its code is its last byte */
			put_escape(w, (unsigned char)s[i + m - 1]);
		else
			wr_bytes(w, s + i, m);
	}
	wr_u8(w, '"');
}
