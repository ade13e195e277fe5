/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "script.h"

enum {
	SETTLE = 10,	    /* ms of quiet that make a line a prompt */
	LEARN_SETTLE = 100, /* the same while there is nothing to compare */
	FIRST = 300,	    /* before the first nudge */
	AGAIN = 1000,	    /* between two */
	KIN = 1000,	    /* of quiet after what only resembles the prompt */
	ECHO_WAIT = 2000,   /* for the rest of an echo */
	WRAP_WAIT = 100,
	TRIES = 3,
};

/* slower each time that bytes got lost */
static const int pace[TRIES] = { 0, 5, 20 };

static void
act(struct script *s, enum script_act_type t, const char *text, size_t len)
{
	memset(&s->act, 0, sizeof(s->act));
	s->act.type = t;
	s->act.text = text;
	s->act.len = len;
	s->has_act = 1;
}

/* how long the peer must be quiet until there is something to do */
static int64_t
quiet(const struct script *s)
{
	if (s->state == SCRIPT_ECHO)
		return s->wrapped ? WRAP_WAIT : ECHO_WAIT;
	if (s->state != SCRIPT_START && s->state != SCRIPT_RETRY)
		return SETTLE;
	if (!s->vt.len || s->vt.ended)
		return FIRST;
	return s->c.prompt || s->prompt[0] ? SETTLE : LEARN_SETTLE;
}

static void
setstate(struct script *s, enum script_state st, int64_t now)
{
	s->state = st;
	s->mark = now;
	s->newline = s->wrapped = 0;
	s->nudged = -1;
	s->look = now + quiet(s);
}

static void
send(struct script *s, const char *text, size_t len)
{
	act(s, SCRIPT_SEND, text, len);
	s->act.pace = pace[s->slow];
	s->sending = 1;
}

static void
fail(struct script *s, enum script_why why, const char *text)
{
	act(s, SCRIPT_FAILED, text, strlen(text));
	s->act.why = why;
	s->state = SCRIPT_OVER;
}

static void
done(struct script *s)
{
	act(s, SCRIPT_DONE, "", 0);
	s->state = SCRIPT_OVER;
}

void
script_init(struct script *s, const struct script_conf *c, int64_t now)
{
	memset(s, 0, sizeof(*s));
	s->c = *c;
	vtline_init(&s->vt);
	setstate(s, SCRIPT_START, now);
}

/* busybox init and OpenWrt's procd give a shell only after the return key */
static int
asks_enter(const char *t)
{
	return strstr(t, "Enter to activate this console") != NULL;
}

/* does the unfinished line end in a prompt, going by its text alone? */
static int
at_prompt(struct script *s)
{
	const char *t = vtline_text(&s->vt);

	if (s->vt.ended || !s->vt.len)
		return 0;
	if (s->c.prompt)
		return !strcmp(t, s->c.prompt);
	/* hush, U-Boot's shell, asks so for the rest of an if or for */
	if (s->state == SCRIPT_RUN && !strcmp(t, "> "))
		return 1;
	if (!(s->c.flags & SCRIPT_LEARN))
		return s->c.match(s->c.arg, SCRIPT_PROMPT, t);
	return s->prompt[0] && !strcmp(t, s->prompt);
}

/* an autoboot counts down on this line, or after it: stop it, once a line */
static void
autoboot(struct script *s, const char *t)
{
	/* CONFIG_AUTOBOOT_PROMPT of many boards; the last two are the menu of
	 * MediaTek's U-Boot and Broadcom's CFE */
	static const char say[][24] = { "stop autoboot", "abort autoboot",
		"utoboot in ", "utobooting in", "stop boot",
		"choose the operation", "stop auto run" };
	size_t i;

	/* the echo of a line of ours may have these words in it, too */
	if (s->told || s->last || s->sending ||
	    (s->state != SCRIPT_START &&
		(s->state != SCRIPT_RUN || (!s->newline && !s->mute))))
		return;
	for (i = 0; i < sizeof(say) / sizeof(*say); i++)
		if (strstr(t, say[i])) {
			s->told = 1;
			send(s, s->c.key, strlen(s->c.key));
			return;
		}
}

/* the last command handed the machine to somebody else */
static int
handed_over(struct script *s)
{
	static const char say[][24] = { "Starting kernel",
		"Starting application", "ransferring control to",
		"resetting ..." };
	size_t i;

	for (i = 0; i < sizeof(say) / sizeof(*say); i++)
		if (strstr(vtline_text(&s->vt), say[i]))
			return 1;
	return 0;
}

/* a line (or, without nl, a piece of a long one) is complete */
static void
line_done(struct script *s, int nl)
{
	const char *t = vtline_text(&s->vt);
	int answer = s->state == SCRIPT_RUN && (s->newline || s->mute);
	size_t n;

	if (nl && s->vt.len)
		s->asks = asks_enter(t);
	if (s->state == SCRIPT_ECHO)
		s->wrapped = 1;
	else if (answer && !s->failed && s->c.match(s->c.arg, SCRIPT_BAD, t)) {
		n = s->vt.len < sizeof(s->bad) ? s->vt.len : sizeof(s->bad) - 1;
		memcpy(s->bad, t, n);
		s->bad[n] = 0;
		s->failed = 1;
	}
	if (answer && s->last && handed_over(s))
		done(s);
	else if (answer && s->c.flags & SCRIPT_ANSWERS) {
		act(s, SCRIPT_TEXT, t, s->vt.len);
		s->act.nl = nl;
	} else if (nl)
		autoboot(s, t); /* some say it in a line that they end */
	if (nl) {
		s->told = 0;
		s->newline = 1;
	}
}

/* the echo is all there: off with the line */
static void
enter(struct script *s, int64_t now)
{
	setstate(s, SCRIPT_RUN, now);
	s->tries = 0;
	send(s, "\r", 1);
}

static void
echoed(struct script *s, int64_t now)
{
	struct vtline *v = &s->vt;

	s->wrapped |= v->moved;
	if (s->wrapped || v->len != s->base + s->len || v->col != v->len ||
	    memcmp(v->b, s->start, s->base) ||
	    memcmp(v->b + s->base, s->line, s->len) || s->sending)
		return;
	s->heard = 1;
	enter(s, now);
}

size_t
script_input(struct script *s, int64_t now, const void *buf, size_t n)
{
	const uint8_t *p = buf;
	size_t i;
	int r;

	for (i = 0; i < n && !s->has_act; i += r != VTLINE_FULL) {
		r = vtline_put(&s->vt, p[i]);
		if (r != VTLINE_MORE)
			line_done(s, r == VTLINE_END);
	}
	if (s->state == SCRIPT_ECHO || s->state == SCRIPT_RUN)
		s->mark = now;
	s->look = now + quiet(s);
	if (!s->has_act && s->state == SCRIPT_ECHO)
		echoed(s, now);
	if (!s->has_act && !s->vt.ended)
		autoboot(s, vtline_text(&s->vt));
	return i;
}

void
script_sent(struct script *s, int64_t now)
{
	s->sending = 0;
	s->look = now + quiet(s);
	if (s->state == SCRIPT_ECHO || s->state == SCRIPT_RUN)
		s->mark = now;
	if (s->state == SCRIPT_RUN && s->last && s->c.flags & SCRIPT_HANDOVER)
		done(s);
	else if (s->state == SCRIPT_ECHO)
		s->mute ? enter(s, now) : echoed(s, now);
}

static void
type(struct script *s)
{
	s->base = s->vt.ended ? 0 : s->vt.len;
	memcpy(s->start, s->vt.b, s->base);
	s->state = SCRIPT_ECHO;
	s->newline = s->wrapped = 0;
	s->vt.moved = s->vt.cr = 0;
	send(s, s->line, s->len);
}

int
script_line(struct script *s, const char *text, size_t len, int last)
{
	if (len > SCRIPT_LINE_MAX)
		return -1;
	memcpy(s->line, text, len);
	s->line[len] = 0;
	s->len = len;
	s->last = last;
	s->asked = 0;
	s->tries = 0;
	type(s);
	return 0;
}

void
script_end(struct script *s)
{
	s->asked = 0;
	done(s);
}

int
script_next(struct script *s, struct script_act *a)
{
	if (!s->has_act && s->state == SCRIPT_READY && !s->asked) {
		act(s, SCRIPT_NEXT, "", 0);
		s->asked = 1;
	}
	if (!s->has_act)
		return 0;
	*a = s->act;
	s->has_act = 0;
	return 1;
}

/* the prompt stands there and nothing came after it */
static void
prompted(struct script *s, int64_t now)
{
	if (s->state == SCRIPT_RUN && s->failed) {
		fail(s, SCRIPT_SAID_BAD, s->bad);
	} else if (s->state == SCRIPT_RUN && s->last) {
		done(s);
	} else if (s->state == SCRIPT_RETRY) {
		type(s);
	} else
		setstate(s, SCRIPT_READY, now);
}

/* nothing more comes of this echo: carry on without, or try again */
static void
echo_over(struct script *s, int64_t now)
{
	struct vtline *v = &s->vt;

	if (s->wrapped) {
		enter(s, now);
	} else if (!s->heard && v->len == s->base &&
		   !memcmp(v->b, s->start, s->base)) {
		s->mute = 1;
		enter(s, now);
	} else if (++s->tries == TRIES) {
		fail(s, SCRIPT_GARBLED, vtline_text(v));
	} else {
		s->slow = s->tries;
		act(s, SCRIPT_RESEND, vtline_text(v), v->len);
		setstate(s, SCRIPT_RETRY, now);
	}
}

/* what asks for the return key, the last line or the one that is not at its
 * end, gets that; ^C would only have it ask again. Not the echo of a line of
 * ours that came back spoilt. */
static int
wants_enter(struct script *s)
{
	if (s->state != SCRIPT_START)
		return 0;
	return s->vt.ended || !s->vt.len ? s->asks
					 : asks_enter(vtline_text(&s->vt));
}

static void
nudge(struct script *s, int64_t now)
{
	const char *text = wants_enter(s) ? "\r" : s->c.nudge;

	if (s->nudged >= 0 && now - s->nudged < AGAIN) {
		s->look = s->nudged + AGAIN;
		return;
	}
	s->nudged = now;
	s->newline = 0;
	s->asks = 0;
	send(s, text, strlen(text));
}

/* two nudges that bring the same unfinished line: that is the prompt */
static void
learn(struct script *s, int64_t now)
{
	const char *t = vtline_text(&s->vt);

	if (!s->newline || s->nudged < 0 || s->vt.ended || !s->vt.len ||
	    s->vt.len >= sizeof(s->cand) || wants_enter(s)) {
		nudge(s, now);
	} else if (!strcmp(t, s->cand)) {
		if (s->vt.len >= 6 && !strcmp(t + s->vt.len - 6, "ogin: ")) {
			fail(s, SCRIPT_LOGIN, t);
			return;
		}
		memcpy(s->prompt, t, s->vt.len + 1);
		prompted(s, now);
	} else {
		memcpy(s->cand, t, s->vt.len + 1);
		s->nudged = -1;
		nudge(s, now);
	}
}

/* A shell's prompt may tell of the directory, which a line has changed: what
 * ends as the learned one does, and is left standing, is the prompt from now
 * on. */
static int
resembles(const struct script *s)
{
	const size_t n = strlen(s->prompt), len = s->vt.len;

	return !(s->last && s->c.flags & SCRIPT_SAME) && n > 1 &&
	       !s->vt.ended && len > 1 && len < sizeof(s->prompt) &&
	       !memcmp(s->vt.b + len - 2, s->prompt + n - 2, 2);
}

static void
ran(struct script *s, int64_t now)
{
	if (!s->newline && !s->mute)
		return;
	if (at_prompt(s)) {
		prompted(s, now);
	} else if (resembles(s) && now - s->mark < KIN) {
		s->look = s->mark + KIN;
	} else if (resembles(s)) {
		memcpy(s->prompt, vtline_text(&s->vt), s->vt.len + 1);
		prompted(s, now);
	}
}

static void
settled(struct script *s, int64_t now)
{
	if (s->state == SCRIPT_ECHO) {
		echo_over(s, now);
	} else if (s->state == SCRIPT_RUN) {
		ran(s, now);
	} else if (s->c.flags & SCRIPT_LEARN && !s->prompt[0]) {
		learn(s, now);
	} else if (at_prompt(s) &&
		   (s->state == SCRIPT_START || s->nudged >= 0)) {
		prompted(s, now);
	} else
		nudge(s, now);
}

int64_t
script_deadline(const struct script *s)
{
	int64_t due = s->mark + s->c.patience;

	if (s->state == SCRIPT_OVER || s->state == SCRIPT_READY || s->sending)
		return -1;
	return s->look >= 0 && s->look < due ? s->look : due;
}

void
script_tick(struct script *s, int64_t now)
{
	if (s->has_act || s->sending || s->state == SCRIPT_OVER ||
	    s->state == SCRIPT_READY)
		return;
	if (s->look >= 0 && now >= s->look) {
		s->look = -1;
		settled(s, now);
	}
	if (!s->has_act && s->state != SCRIPT_READY &&
	    now - s->mark >= s->c.patience)
		fail(s,
		    s->state == SCRIPT_START ? SCRIPT_NO_PROMPT : SCRIPT_SILENT,
		    vtline_text(&s->vt));
}
