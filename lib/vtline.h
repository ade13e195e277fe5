/* limen: ISC licence, see LICENSE */
#ifndef VTLINE_H
#define VTLINE_H

#include <stddef.h>
#include <stdint.h>

#define VTLINE_MAX 4096

/*
 * One line of a terminal: what a person would read after the bytes of a
 * console went through it. Knows carriage return, backspace, ECMA-48's
 * cursor left and right (CSI D, C) and erase in line and page (CSI K, J),
 * because line editors echo with them; passes over every other escape sequence
 * and control character. Bytes stand for columns, UTF-8 is not counted.
 */
struct vtline {
	int state;
	int ended;    /* the next byte begins another line */
	int cr;	      /* a carriage return that no newline followed yet */
	int moved;    /* such a return had something after it: overwritten */
	unsigned arg; /* of the control sequence being read */
	size_t col, len;
	char b[VTLINE_MAX + 1];
};

enum {
	VTLINE_MORE,
	VTLINE_END,  /* a newline: the text is the line without it */
	VTLINE_FULL, /* the line is longer than VTLINE_MAX: the text is what
		      * came so far, the byte was not taken, put it again */
};

/* empties it */
void vtline_init(struct vtline *v);

/* takes a byte; the text stays until the next one */
int vtline_put(struct vtline *v, uint8_t c);

/* the line so far, with a NUL; len says how long */
const char *vtline_text(struct vtline *v);

#endif
