/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "die.h"
#include "watch.h"

void
watch_compile(struct ere *re, const char *opt, const char *text)
{
	if (ere_compile(re, text) < 0)
		die(2, "%s %s: %s", opt, text, re->err);
}

void
watch_init(struct watch *w, const char *text)
{
	watch_compile(&w->re, "-w", text);
	watch_reset(w);
}

void
watch_reset(struct watch *w)
{
	w->hit = 0;
	vtline_init(&w->vt);
}

static int
look(struct watch *w)
{
	const char *line = vtline_text(&w->vt);

	if (ere_match(&w->re, line, strlen(line)))
		w->hit = 1;
	return w->hit;
}

int
watch_feed(struct watch *w, const char *p, size_t n)
{
	size_t i;
	int r = VTLINE_MORE;

	for (i = 0; i < n && !w->hit; i += r != VTLINE_FULL) {
		r = vtline_put(&w->vt, (uint8_t)p[i]);
		if (r != VTLINE_MORE)
			look(w);
	}
	return !w->hit && r == VTLINE_MORE && n > 0 ? look(w) : w->hit;
}
