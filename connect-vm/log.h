/* limen: ISC licence, see LICENSE */
#ifndef LOG_H
#define LOG_H

#include <stddef.h>

enum { LOG_STAMP = 24 }; /* bytes of "2026-11-21 12:00:01.123 " */

/*
 * Copies n bytes to out, the time before the first byte of each line. *bol,
 * 1 at first, says whether a line begins. out has room for
 * n * (LOG_STAMP + 1) bytes. Returns how many it got.
 */
size_t log_stamp(int *bol, char *out, const char *p, size_t n);

struct log {
	int fd; /* -1: none, or given up */
	int stamp, bol;
	int failed; /* something could not be written */
	const char *path;
};

/* appends to path, or ends the program */
void log_open(struct log *l, const char *path, int stamp);

/* a full disk does not end a session: it is told once and remembered */
void log_write(struct log *l, const char *p, size_t n);

#endif
