/* limen: ISC licence, see LICENSE */
#include "tap.h"
#include "vtline.h"

static struct vtline v;

/* the line that the bytes leave; how the last of them ended it in *r */
static const char *
shown(const char *s, int *r)
{
	vtline_init(&v);
	for (*r = 0; *s; s++)
		*r = vtline_put(&v, (uint8_t)*s);
	return vtline_text(&v);
}

static void
lines(void)
{
	int r, i;

	STREQ(shown("=> ", &r), "=> ");
	OK(r == VTLINE_MORE);
	STREQ(shown("one\r\n", &r), "one");
	OK(r == VTLINE_END);
	STREQ(shown("one\ntwo", &r), "two");
	STREQ(shown("10%\r20%", &r), "20%");
	OK(v.moved);
	STREQ(shown("autoboot:  3\b\b\b 2 ", &r), "autoboot: 2 ");
	STREQ(shown("\033[1;32mgreen\033[0m", &r), "green");
	STREQ(shown("\033]0;title\aroot# ", &r), "root# ");
	STREQ(shown("\033]0;title\033\\root# \033[6n", &r), "root# ");
	STREQ(shown("\033(Bx\0337y", &r), "xy");
	STREQ(shown("a\tb\033[", &r), "a b");
	STREQ(shown("\033[999\nnext", &r), "next");
	/* QEMU's readline draws the line anew for each key */
	STREQ(shown("(qemu) i\033[K\033[Din\033[K\033[D\033[Dinf\033[K", &r),
	    "(qemu) inf");
	/* busybox ash: what was recalled gives way to something shorter */
	STREQ(shown("# longer\r# ls\033[J", &r), "# ls");
	STREQ(shown("abc\033[2Jx", &r), "x");
	STREQ(shown("abc\033[2D\033[Kx\033[99C!", &r), "ax!");
	STREQ(shown("abc\033[2Kd", &r), "d");
	vtline_init(&v);
	for (i = 0; i < VTLINE_MAX; i++)
		vtline_put(&v, 'x');
	OK(vtline_put(&v, 'y') == VTLINE_FULL && v.len == VTLINE_MAX);
	OK(vtline_put(&v, 'y') == VTLINE_MORE);
	STREQ(vtline_text(&v), "y");
}

/* a tab is a blank, at the end of a full line, too */
static void
full_line_and_tabs(void)
{
	int i;

	vtline_init(&v);
	for (i = 0; i < VTLINE_MAX; i++)
		vtline_put(&v, 'x');
	OK(vtline_put(&v, '\t') == VTLINE_FULL && v.len == VTLINE_MAX);
	for (i = 0; i < 3 * VTLINE_MAX; i++)
		vtline_put(&v, '\t');
	OK(v.len <= VTLINE_MAX && v.col <= VTLINE_MAX);
	STREQ(vtline_text(&v) + v.len, "");
}

int
main(void)
{
	lines();
	full_line_and_tabs();
	return tap_done();
}
