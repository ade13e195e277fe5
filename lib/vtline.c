/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "vtline.h"

enum { PLAIN, ESC, CSI, STRING, STRING_ESC, SKIP };

static void
restart(struct vtline *v)
{
	v->ended = v->cr = v->moved = 0;
	v->col = v->len = 0;
}

void
vtline_init(struct vtline *v)
{
	v->state = PLAIN;
	v->arg = 0;
	restart(v);
}

const char *
vtline_text(struct vtline *v)
{
	v->b[v->len] = 0;
	return v->b;
}

/* the final byte of a control sequence, ECMA-48 section 8.3 */
static void
control(struct vtline *v, uint8_t c)
{
	size_t n = v->arg ? v->arg : 1;

	if (c == 'D')
		v->col -= n < v->col ? n : v->col;
	else if (c == 'C')
		v->col += n < v->len - v->col ? n : v->len - v->col;
	else if ((c == 'K' || c == 'J') && v->arg == 0)
		v->len = v->col;
	else if ((c == 'K' || c == 'J') && v->arg == 2)
		v->len = v->col = 0;
}

/* a byte within an escape sequence; the state after it */
static int
escape(struct vtline *v, uint8_t c)
{
	switch (v->state) {
	case ESC:
		v->arg = 0;
		if (c == '[')
			return CSI;
		if (c == ']' || c == 'P' || c == '_' || c == '^')
			return STRING;
		return c >= 0x20 && c < 0x30 ? SKIP : PLAIN;
	case CSI:
		if (c >= '0' && c <= '9' && v->arg < 10000)
			v->arg = v->arg * 10 + (c - '0');
		if (c < 0x40)
			return CSI;
		control(v, c);
		return PLAIN;
	case STRING: return c == 0x1b ? STRING_ESC : c == 7 ? PLAIN : STRING;
	case STRING_ESC: return c == '\\' ? PLAIN : STRING;
	}
	return c >= 0x20 && c < 0x30 ? SKIP : PLAIN;
}

static int
plain(struct vtline *v, uint8_t c)
{
	if (c == '\n') {
		v->ended = 1;
		return VTLINE_END;
	}
	if (c == 0x1b)
		v->state = ESC;
	else if (c == '\r') {
		v->col = 0;
		v->cr = 1;
	} else if (c == '\b')
		v->col -= v->col > 0;
	else if (c >= 0x20 && c != 0x7f) {
		v->moved |= v->cr;
		v->b[v->col++] = (char)c;
		if (v->col > v->len)
			v->len = v->col;
	}
	return VTLINE_MORE;
}

int
vtline_put(struct vtline *v, uint8_t c)
{
	if (v->ended)
		restart(v);
	if (v->state != PLAIN) {
		/* a line does not end within a sequence: one was cut off */
		if (c != '\n') {
			v->state = escape(v, c);
			return VTLINE_MORE;
		}
		v->state = PLAIN;
	}
	if (c == '\t')
		c = ' ';
	if (v->col == VTLINE_MAX && c >= 0x20 && c != 0x7f) {
		v->ended = 1;
		return VTLINE_FULL;
	}
	return plain(v, c);
}
