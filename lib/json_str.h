/* limen: ISC licence, see LICENSE */
#ifndef JSON_STR_H
#define JSON_STR_H

#include <stddef.h>

struct wr;

/*
 * What stands between the quotes of a JSON string (RFC 8259 section 7), both
 * ways.
 */

/* the length of the well-formed UTF-8 sequence at p (RFC 3629 section 4), of
 * which left bytes, at least one, are there, or 0 */
size_t json_str_utf8(const char *p, size_t left);

/* the escape at p, which is a backslash: its length, or 0; *code is the code
 * point that it stands for */
size_t json_str_escape(const char *p, size_t left, unsigned long *code);

/* the next byte, or escape, of a string that was found good: returns its
 * length, and puts the *n bytes that it stands for into b */
size_t json_str_next(const char *p, size_t left, char b[4], size_t *n);

/* writes the n bytes of s as a JSON string with its quotes; bytes that are not
 * UTF-8 become U+FFFD, and control characters are escaped */
void json_str_put(struct wr *w, const char *s, size_t n);

#endif
