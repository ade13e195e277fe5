/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "words.h"
#include "wr.h"

static int
blank(int c)
{
	return c == ' ' || c == '\t' || c == '\n';
}

/* after an opening quote q; returns what follows the closing one, or NULL */
static const char *
quoted(const char *s, int q, struct wr *w)
{
	for (; *s && *s != q; s++) {
		if (q == '"' && *s == '\\' && s[1] && strchr("$`\"\\\n", s[1]))
			s++;
		else {
			wr_u8(w, (unsigned char)*s);
			continue;
		}
		if (*s != '\n')
			wr_u8(w, (unsigned char)*s);
	}
	return *s ? s + 1 : NULL;
}

int
words_next(const char **sp, char *b, size_t cap)
{
	const char *s = *sp;
	struct wr w;

	while (blank(*s) || (s[0] == '\\' && s[1] == '\n'))
		s += 1 + (*s == '\\');
	*sp = s;
	if (!*s)
		return 0;
	wr_init(&w, b, cap);
	for (; *s && !blank(*s); s++) {
		if (*s == '\'' || *s == '"') {
			if (!(s = quoted(s + 1, *s, &w)))
				return -1;
			s--;
		} else if (*s != '\\')
			wr_u8(&w, (unsigned char)*s);
		else if (!*++s)
			return -1;
		else if (*s != '\n') /* that pair is a line continued */
			wr_u8(&w, (unsigned char)*s);
	}
	wr_u8(&w, 0);
	*sp = s;
	return w.err ? -1 : 1;
}

int
words_quote(const char *s, char *b, size_t cap)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789@%_-+=:,./";
	size_t n = strlen(s), i;
	struct wr w;

	wr_init(&w, b, cap);
	for (i = 0; i < n && strchr(plain, s[i]); i++)
		;
	if (n && i == n)
		wr_bytes(&w, s, n);
	else {
		wr_u8(&w, '\'');
		for (i = 0; i < n; i++)
			if (s[i] == '\'')
				wr_bytes(&w, "'\\''", 4);
			else
				wr_u8(&w, (unsigned char)s[i]);
		wr_u8(&w, '\'');
	}
	wr_u8(&w, 0);
	return w.err ? -1 : (int)wr_len(&w) - 1;
}
