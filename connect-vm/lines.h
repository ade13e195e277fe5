/* limen: ISC licence, see LICENSE */
#ifndef LINES_H
#define LINES_H

#include <stddef.h>

#define LINES_MAX    (1 << 20) /* of a script file */
#define LINES_U_BOOT 255       /* CONFIG_SYS_CBSIZE is 256 where nobody chose */

/*
 * The lines to type, from a text in memory or, one by one, from a
 * descriptor. Blank lines are left out, because U-Boot takes one as "the
 * last command again", and so are lines that begin with '#'; a tab, which
 * would complete words, becomes a blank.
 */
struct lines {
	const char *name; /* for messages */
	char *buf;
	size_t cap, off, len;
	int fd; /* -1: all there is is in buf */
	unsigned nr;
};

/* the text of a file ("-": stdin), or ends the program; warns of lines that
 * U-Boot would cut, refuses control characters */
void lines_file(struct lines *l, const char *path);

/* one line, copied */
void lines_text(struct lines *l, const char *name, const char *text);

/* lines as they come from fd */
void lines_fd(struct lines *l, const char *name, int fd);

/* reads once when fd is readable */
void lines_read(struct lines *l);

/* the next line to type: its length and *text, which lives until the next
 * call; -1: none now, lines_over() says whether ever */
int lines_next(struct lines *l, const char **text);
int lines_over(const struct lines *l);

/* does no line follow that is already known of? */
int lines_last(const struct lines *l);

#endif
