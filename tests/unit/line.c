/* limen: ISC licence, see LICENSE */
/*
 * The bad line between bng and a subscriber.
 *
 * link: bng/line.c
 */
#include <string.h>

#include "../../bng/bng.h"
#include "../../bng/line.h"
#include "../../bng/subs.h"
#include "tap.h"

enum { FRAMES = 16 };

static struct bng b;
static struct sub subs[2] = { { .bearer = BEARER_PPPOE },
	{ .bearer = BEARER_PPPOE } };
static char in[FRAMES + 1], out[FRAMES + 1]; /* first bytes, as they came */
static int echo;

uint32_t
subs_slot(const struct bng *bn, const struct sub *s)
{
	(void)bn;
	return (uint32_t)(s - subs);
}

static void
note(char *list, const uint8_t *p)
{
	size_t n = strlen(list);

	if (n < FRAMES)
		list[n] = (char)*p;
}

/* answers with two frames of its own, and looks at what came in again */
void
subs_arrived(struct bng *bn, struct sub *s, uint8_t *p, size_t len)
{
	const uint8_t one[4] = "1111", two[4] = "2222";

	note(in, p);
	if (!echo)
		return;
	line_pass(bn, s, LINE_OUT, one, sizeof(one));
	OK_MSG(len == 4 && !memcmp(p, "abcd", 4),
	    "a frame stays as it is while others are made of it");
	line_pass(bn, s, LINE_OUT, two, sizeof(two));
}

void
subs_departed(struct bng *bn, struct sub *s, const uint8_t *p, size_t len)
{
	(void)bn;
	(void)s;
	(void)len;
	note(out, p);
}

static void
set(uint32_t lossy, int64_t delay, int64_t jitter, uint64_t rate)
{
	const struct line_conf c = { lossy, delay, jitter, rate };

	OK(line_set(&b.line, &c) == 0);
	memset(in, 0, sizeof(in));
	memset(out, 0, sizeof(out));
}

static int
enter(enum line_dir dir, const char *frame)
{
	return line_pass(
	    &b, &subs[0], dir, (const uint8_t *)frame, strlen(frame));
}

static void
tick(int64_t ms)
{
	b.now += ms;
	line_tick(&b);
}

static void
late(void)
{
	set(0, 10, 0, 0);
	OK(!enter(LINE_IN, "abcd") && line_deadline(&b.line) == b.now + 10);
	tick(9);
	OK(!*in);
	tick(1);
	STREQ(in, "a");
	set(0, 10, 5, 0);
	OK(!enter(LINE_OUT, "x") && !enter(LINE_OUT, "y") &&
	    !enter(LINE_OUT, "z"));
	tick(15);
	STREQ(out, "xyz");
	OK(line_deadline(&b.line) == -1);
}

static void
answered_at_once(void)
{
	set(0, 10, 0, 0);
	echo = 1;
	enter(LINE_IN, "abcd");
	tick(10);
	echo = 0;
	STREQ(out, "");
	tick(10);
	STREQ(out, "12");
}

static void
lost(void)
{
	const uint64_t before = b.line.lost;

	set(LINE_WHOLE, 0, 0, 0);
	OK(!enter(LINE_IN, "a") && !enter(LINE_OUT, "b"));
	tick(1000);
	OK(!*in && !*out && b.line.lost == before + 2);
	set(0, 0, 0, 8000); /* a byte takes a millisecond */
	OK(!enter(LINE_IN, "abcd") && !enter(LINE_IN, "efgh"));
	tick(4);
	STREQ(in, "a");
	tick(4);
	STREQ(in, "ae");
	set(0, 0, 0, 0);
	OK_MSG(enter(LINE_IN, "a"), "a good line keeps nothing");
}

/* four million frames later, in bursts within a millisecond: at no time does
 * the second of two come first */
static void
in_order(void)
{
	int i, wrong = 0;

	set(0, 1, 0, 0);
	for (i = 0; i < 1 << 21; i++) {
		out[0] = out[1] = 0;
		enter(LINE_OUT, "x");
		enter(LINE_OUT, "y");
		tick(1);
		wrong += out[0] != 'x' || out[1] != 'y';
	}
	OK(!wrong);
}

/* what one sends without end is lost, and not what another does */
static void
flood(void)
{
	static const uint8_t z[] = "z";
	unsigned i;

	set(0, 10, 0, 0);
	for (i = 0; i < 2 * LINE_FRAMES; i++)
		enter(LINE_IN, "x");
	OK(subs[0].in_line == LINE_FRAMES / 2);
	OK(!line_pass(&b, &subs[1], LINE_OUT, z, 1));
	tick(10);
	STREQ(out, "z");
	OK(!subs[0].in_line && !subs[1].in_line);
	enter(LINE_IN, "x");
	subs[0].serial++; /* another session in its place */
	subs[0].in_line = 0;
	tick(10);
	OK(!subs[0].in_line && b.line.nfree == LINE_FRAMES);
}

int
main(void)
{
	b.subs.s = subs;
	b.subs.max = 2;
	b.now = 1000;
	late();
	answered_at_once();
	lost();
	in_order();
	flood();
	line_free(&b.line);
	return tap_done();
}
