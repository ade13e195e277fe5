/* limen: ISC licence, see LICENSE */
#ifndef DIE_H
#define DIE_H

#include <stddef.h>

/* the tool's name as messages and usage show it; set by arg_init() */
extern const char *argv0;

/*
 * Prints "argv0: message" and a newline to stderr as one write. A format
 * that ends in ':' is followed by a blank and errno's text. A message of more
 * than 1024 bytes loses its middle, not its reason. Control characters in it
 * are shown as '?'.
 */
void warn(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* warn(), then exit(status) */
void die(int status, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* text into room bytes at b, without a NUL: what is too long loses its middle,
 * for the end of a message is its reason. Returns the bytes there */
size_t die_fit(char *b, size_t room, const char *text);

/* where it is set it tells them: the text alone, fatal when die() has it */
extern void (*die_say)(int fatal, const char *text);

#endif
