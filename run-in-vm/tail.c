/* limen: ISC licence, see LICENSE */
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fd.h"
#include "tail.h"

void
tail_init(struct tail *t, int log)
{
	t->len = 0;
	t->text[0] = 0;
	t->log = log;
}

void
tail_put(struct tail *t, const char *b, size_t n)
{
	size_t i;

	if (t->log >= 0 && fd_write_all(t->log, b, n) < 0) {
		warn("write to the log, of which the rest is lost:");
		t->log = -1;
	}
	if (n > TAIL / 2) {
		b += n - TAIL / 2;
		n = TAIL / 2;
	}
	if (t->len + n > TAIL) {
		memmove(t->text, t->text + t->len - TAIL / 2, TAIL / 2);
		t->len = TAIL / 2;
	}
	for (i = 0; i < n; i++)
		t->text[t->len++] = b[i] ? b[i] : ' ';
	t->text[t->len] = 0;
}

void
tail_show(const struct tail *t, int lines)
{
	const char *s = t->text + t->len;
	char b[TAIL + 2];
	size_t n = 0;

	for (; s > t->text; s--)
		if (s[-1] == '\n' && s[0] && lines-- == 1)
			break;
	for (; *s; s++)
		if (*s == '\n' || *s == '\t' || (unsigned char)*s >= ' ')
			b[n++] = *s;
	if (n && b[n - 1] != '\n')
		b[n++] = '\n';
	if (fd_write_all(2, b, n) < 0)
		return;
}
