/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bng.h"
#include "line.h"
#include "num.h"
#include "subs.h"

enum {
	HEADROOM = 32, /* before a frame: nat.h */
	ORDER = 22,    /* bits of a timer below the ms: frames in order */
};

struct line_frame {
	uint32_t slot, serial; /* the subscriber */
	enum line_dir dir;
	size_t len;
	uint8_t buf[HEADROOM + LINE_ROOM];
};

static int
is_good(const struct line_conf *c)
{
	return !c->lossy && !c->delay && !c->jitter && !c->rate;
}

static int
prepare(struct line *l)
{
	uint32_t i;

	l->f = malloc(LINE_FRAMES * sizeof(*l->f));
	l->free = malloc(LINE_FRAMES * sizeof(*l->free));
	l->timer_mem = calloc(1, timers_size(LINE_FRAMES));
	if (!l->f || !l->free || !l->timer_mem ||
	    getentropy(&l->rng, sizeof(l->rng)) < 0) {
		line_free(l);
		return -1;
	}
	l->rng |= 1;
	timers_init(&l->timers, LINE_FRAMES, l->timer_mem);
	for (i = 0; i < LINE_FRAMES; i++)
		l->free[i] = i;
	l->nfree = LINE_FRAMES;
	return 0;
}

int
line_set(struct line *l, const struct line_conf *c)
{
	if (!is_good(c) && !l->f && prepare(l) < 0)
		return -1;
	l->conf = *c;
	return 0;
}

void
line_free(struct line *l)
{
	free(l->f);
	free(l->free);
	free(l->timer_mem);
	l->f = NULL;
	l->free = NULL;
	l->timer_mem = NULL;
}

/* xorshift64*: which frames are lost is no secret */
static uint64_t
dice(struct line *l, uint64_t n)
{
	l->rng ^= l->rng >> 12;
	l->rng ^= l->rng << 25;
	l->rng ^= l->rng >> 27;
	return (l->rng * 0x2545f4914f6cdd1dULL >> 32) % n;
}

/* when a frame of len bytes comes out, as a timer: behind the last one of its
 * subscriber and direction; or -1: there is no room for it */
static int64_t
due(struct bng *b, struct sub *s, enum line_dir dir, size_t len)
{
	const struct line_conf *c = &b->line.conf;
	int64_t now = b->now * 1000, at = now, *busy = &s->line_busy[dir];

	if (c->rate) {
		at = *busy > now ? *busy : now;
		if (at - now > LINE_BUFFER * 1000)
			return -1;
		at += (int64_t)(len * 8 * 1000000 / c->rate);
		*busy = at;
	}
	at = at / 1000 + c->delay;
	if (c->jitter)
		at += (int64_t)dice(&b->line, (uint64_t)c->jitter + 1);
	at = (int64_t)((uint64_t)at << ORDER);
	if (at <= s->line_last[dir])
		at = s->line_last[dir] + 1;
	return s->line_last[dir] = at;
}

int
line_pass(struct bng *b, struct sub *s, enum line_dir dir, const uint8_t *p,
    size_t len)
{
	struct line *l = &b->line;
	uint32_t i;
	int64_t at;

	/* what is on its way must not be overtaken when the line gets good */
	if (is_good(&l->conf) && (!l->f || !l->timers.n))
		return 1;
	if (l->conf.lossy && dice(l, LINE_WHOLE) < l->conf.lossy) {
		l->lost++;
		return 0;
	}
	at = due(b, s, dir, len);
	if (at < 0 || s->in_line >= l->nfree || len > LINE_ROOM) {
		l->lost++;
		return 0;
	}
	l->passed++;
	if (at >> ORDER <= b->now && !l->timers.n)
		return 1;
	i = l->free[--l->nfree];
	s->in_line++;
	l->f[i].slot = subs_slot(b, s);
	l->f[i].serial = s->serial;
	l->f[i].dir = dir;
	l->f[i].len = len;
	memcpy(l->f[i].buf + HEADROOM, p, len);
	timers_set(&l->timers, i, at);
	return 0;
}

int64_t
line_deadline(const struct line *l)
{
	int64_t at = l->f ? timers_next(&l->timers) : -1;

	return at < 0 ? -1 : at >> ORDER;
}

static void
come_out(struct bng *b, struct sub *s, struct line_frame *f)
{
	if (f->dir == LINE_IN)
		subs_arrived(b, s, f->buf + HEADROOM, f->len);
	else
		subs_departed(b, s, f->buf + HEADROOM, f->len);
}

void
line_tick(struct bng *b)
{
	struct line *l = &b->line;
	int64_t until = (int64_t)((uint64_t)(b->now + 1) << ORDER) - 1;
	struct line_frame *f;
	struct sub *s;
	uint32_t i;

	while (l->f && timers_due(&l->timers, until, &i)) {
		f = &l->f[i];
		s = &b->subs.s[f->slot];
		if (s->bearer && s->serial == f->serial) {
			s->in_line--;
			come_out(b, s, f);
		}
		/* not before: what is made of it takes frames, too */
		l->free[l->nfree++] = i;
	}
}

int
line_lossy(struct line_conf *c, const char *text)
{
	uint32_t v = 0, unit = LINE_WHOLE / 100;
	const char *s = text;
	int digits = 0;

	for (; *s >= '0' && *s <= '9' && v <= 100; s++, digits++)
		v = v * 10 + (uint32_t)(*s - '0');
	v *= unit;
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && unit; s++, digits++)
			v += (uint32_t)(*s - '0') * (unit /= 10);
	s += *s == '%';
	if (*s || !digits || v > LINE_WHOLE)
		return -1;
	c->lossy = v;
	return 0;
}

int
line_delay(struct line_conf *c, const char *text)
{
	const char *comma = strchr(text, ',');
	size_t len = comma ? (size_t)(comma - text) : strlen(text);
	int64_t d, j = 0;
	char b[24];

	if (len >= sizeof(b))
		return -1;
	memcpy(b, text, len);
	b[len] = '\0';
	if (num_msec(b, 0, 60000, &d) < 0 ||
	    (comma && num_msec(comma + 1, 0, 60000, &j) < 0))
		return -1;
	c->delay = d;
	c->jitter = j;
	return 0;
}

/* here k, M and G are powers of 1000, as lines are sold */
int
line_rate(struct line_conf *c, const char *text)
{
	int64_t v;

	if (num_rate(text, 0, INT64_MAX, &v) < 0 || (v && v < 1000))
		return -1;
	c->rate = (uint64_t)v;
	return 0;
}
