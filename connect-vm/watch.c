/* limen: ISC licence, see LICENSE */
#include "die.h"
#include "watch.h"

void
watch_compile(regex_t *re, const char *opt, const char *text)
{
	char why[128];
	int r = regcomp(re, text, REG_EXTENDED | REG_NOSUB);

	if (r == 0)
		return;
	regerror(r, re, why, sizeof(why));
	die(2, "%s: %s: %s", opt, text, why);
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
	if (regexec(&w->re, vtline_text(&w->vt), 0, NULL, 0) == 0)
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
