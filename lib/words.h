/* limen: ISC licence, see LICENSE */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>

/*
 * The next word of *s as sh(1) splits and unquotes them (blanks, tabs and
 * newlines; \ ' "; nothing is expanded), into b with a NUL; *s moves on.
 * 1, or 0 when there is none, or -1: a quote that does not end, or no room.
 */
int words_next(const char **s, char *b, size_t cap);

/* w as one word for sh(1), quoted where it must be; the length, or -1 when
 * it does not fit with its NUL (nothing of use in b then) */
int words_quote(const char *w, char *b, size_t cap);

#endif
