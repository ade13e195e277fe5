/* limen: ISC licence, see LICENSE */
#ifndef DIE_H
#define DIE_H

#include <stdarg.h>
#include <stddef.h>

/* the tool's name as messages and usage show it; set by arg_init() */
extern const char *argv0;

/*
 * Prints "argv0: message" and a newline to stderr as one write. A message
 * that ends in ':' is followed by a blank and errno's text.
 */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* warn(), then exit(status) */
void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* what warn() says, without argv0 and the newline, into b of cap bytes (one at
 * least); its length */
size_t die_text(char *b, size_t cap, const char *fmt, va_list ap)
    __attribute__((format(printf, 3, 0)));

#endif
