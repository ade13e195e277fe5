/* limen: ISC licence, see LICENSE */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "num.h"
#include "session.h"

/* what U-Boot and QEMU's monitor say when a command fails; of U-Boot's, usage
 * is what wrong arguments bring, and the flash commands have words of their own
 * (common/flash.c, cmd/flash.c, cmd/sf.c, cmd/ubi.c, env/env.c).
 * A line of "Failed (-5)" is left out: U-Boot 2018.03 begins with it when there
 * is no environment yet. */
#define BAD_U_BOOT                                                   \
	"^Unknown command '|^## Error|^\\*\\* |ERROR|^TFTP error: |" \
	"[Rr]etry (count|time) exceeded|^Usage:|^syntax error|"      \
	"^Wrong [Ii]mage|^Bad .*[Mm]agic|^Unknown image|"            \
	"(Timeout writing|Can't write) to .*Flash|not on sector|"    \
	"Flash not Erased|Outside available Flash|not in flash!|"    \
	"Flash Programming |^No SPI flash|^SPI flash .*failed|"      \
	"^Error, no UBI|^Failed (to (init|load)|\\([0-9])|"          \
	"^Saving Environment.*([Ff]ailed|not )|^No ethernet found"
#define BAD_MONITOR "^unknown command: |^Error: |: syntax error"

static int
match(void *arg, enum script_rule rule, const char *line)
{
	struct session *s = arg;

	if (rule == SCRIPT_PROMPT)
		return s->has_prompt &&
		       ere_match(&s->prompt, line, strlen(line));
	if (!s->c->bad && !strncmp(line, "Usage:", 6) &&
	    (strstr(s->script.line, "help") || *s->script.line == '?'))
		return 0; /* that was asked for */
	return s->has_bad && ere_match(&s->bad, line, strlen(line));
}

/* what a shell wants between a command and the next: nothing behind a & that
 * leaves it in the background */
static const char *
joint(const char *cmd)
{
	size_t n = strlen(cmd);

	while (n > 0 && (cmd[n - 1] == ' ' || cmd[n - 1] == '\t'))
		n--;
	if (n == 0 || cmd[n - 1] != '&')
		return ";";
	return n > 1 && (cmd[n - 2] == '&' || cmd[n - 2] == '\\') ? ";" : "";
}

/*
 * The command, and after it its status behind a mark, which a monitor has not.
 * The quotes keep the echo from looking like the mark; U-Boot's hush and every
 * sh take them.
 */
static void
command(struct session *s)
{
	char text[SCRIPT_LINE_MAX + 64];
	struct lines cmd = { .buf = text, .fd = -1 };
	int n, id = (int)getpid();

	if (s->asks_status) {
		snprintf(s->mark, sizeof(s->mark), "limen-%d=", id);
		n = snprintf(text, sizeof(text), "%s%s echo lim'en'-%d=$?",
		    s->c->command, joint(s->c->command), id);
	} else
		n = snprintf(text, sizeof(text), "%s", s->c->command);
	if (n > SCRIPT_LINE_MAX)
		die(1, "-C: longer than %d characters", SCRIPT_LINE_MAX - 40);
	cmd.len = strlen(s->c->command);
	if (lines_last(&cmd))
		die(2, "-C: no line to send in it");
	lines_text(&s->lines, "-C", text);
}

static void
rules(struct session *s)
{
	const char *bad = s->c->bad;

	if (!bad && !s->asks_status)
		bad = s->t.kind == TARGET_MONITOR ? BAD_MONITOR : BAD_U_BOOT;
	if (bad && *bad) {
		watch_compile(&s->bad, "-x", bad);
		s->has_bad = 1;
	}
	if (s->c->prompt) {
		watch_compile(&s->prompt, "-p", s->c->prompt);
		s->has_prompt = 1;
	}
}

void
play_init(struct session *s)
{
	struct script_conf c = { .flags = SCRIPT_LEARN,
		.nudge = "\3",
		.key = s->c->key ? s->c->key : "\3",
		.match = match,
		.arg = s };
	int monitor = s->t.kind == TARGET_MONITOR;

	s->asks_status = s->c->command && !monitor;
	c.patience = s->c->time >= 0 ? s->c->time : 30000;
	rules(s);
	if (s->c->prompt)
		c.flags = 0;
	else if (monitor) {
		c.flags = 0;
		c.prompt = "(qemu) ";
	}
	if (monitor)
		c.nudge = "\r"; /* its line editor knows no interrupt */
	if (s->c->command)
		command(s);
	else if (s->c->script)
		lines_file(&s->lines, s->c->script);
	else
		lines_fd(&s->lines, "stdin", 0);
	if (s->asks_status)
		c.flags |= SCRIPT_SAME; /* the mark ends it */
	if (!s->c->script)
		c.flags |= SCRIPT_ANSWERS;
	else if (s->c->watch || s->keys)
		c.flags |= SCRIPT_HANDOVER;
	script_init(&s->script, &c, clock_ms());
	s->engine = 1;
}

void
play_ask(struct session *s)
{
	const char *line;
	int n;

	if (s->c->command)
		command(s);
	else
		lines_file(&s->lines, s->c->script);
	while ((n = lines_next(&s->lines, &line)) >= 0) {
		pump_put(&s->up, line, (size_t)n);
		pump_put(&s->up, "\n", 1);
	}
}

/* the line that NEXT asked for, when there is one */
static void
feed(struct session *s)
{
	const char *text;
	int n = lines_next(&s->lines, &text);

	if (n >= 0) {
		s->asked = 0;
		s->line = s->lines.nr;
		script_line(&s->script, text, (size_t)n, lines_last(&s->lines));
	} else if (lines_over(&s->lines)) {
		s->asked = 0;
		script_end(&s->script);
	}
}

/* a piece of an answer, with no newline in it but at its end */
static void
tell(struct session *s, const char *p, size_t n)
{
	char b[LOG_STAMP + sizeof(s->tail) + VTLINE_MAX];

	if (s->c->stamp && !s->c->log) {
		n = log_stamp(&s->bol, b, p, n);
		p = b;
	}
	pump_put(&s->down, p, n);
}

/* an answer to stdout; at -C's mark its status ends it, which a long line may
 * have cut into two pieces */
static void
answer(struct session *s, const struct script_act *a)
{
	char b[sizeof(s->tail) + VTLINE_MAX + 1];
	size_t n = s->ntail + a->len;
	const char *m;
	int64_t v;

	memcpy(b, s->tail, s->ntail);
	memcpy(b + s->ntail, a->text, a->len);
	b[n] = 0;
	s->ntail = s->mark[0] && !a->nl ? sizeof(s->tail) : 0;
	n -= s->ntail;
	memcpy(s->tail, b + n, s->ntail);
	m = s->mark[0] && a->nl ? strstr(b, s->mark) : NULL;
	tell(s, b, m ? (size_t)(m - b) : n);
	if (!m && a->nl)
		tell(s, "\n", 1);
	if (!m)
		return;
	s->mark[0] = 0;
	if (num_parse(m + strcspn(m, "=") + 1, 0, 255, &v) < 0) {
		warn("%s: no status came back: no $? in that shell", s->t.name);
		v = 125;
	}
	session_end(s, (int)v);
}

static void
failed(struct session *s, const struct script_act *a)
{
	const char *name = s->lines.name;
	size_t n = a->len;

	if (isatty(1) && isatty(2)) /* off the prompt, or what came of a line */
		fd_write_all(2, "\r\n", 2);
	switch (a->why) {
	case SCRIPT_NO_PROMPT:
		warn("%s: no prompt came in %lld s%s", s->t.name,
		    (long long)s->script.c.patience / 1000,
		    s->c->prompt ? "" : "; -p names one that is not found");
		break;
	case SCRIPT_LOGIN:
		warn("%s: \"%s\": log in first", s->t.name, a->text);
		break;
	case SCRIPT_SILENT:
		warn(
		    "%s: line %u: the prompt did not come back", name, s->line);
		break;
	case SCRIPT_GARBLED:
		warn("%s: line %u: bytes get lost: the echo is \"%s\" (try -c)",
		    name, s->line, a->text);
		break;
	case SCRIPT_SAID_BAD:
		while (n > 0 && a->text[n - 1] == ':')
			n--; /* as in "Usage:" */
		warn("%s: line %u: %.*s", name, s->line, (int)n, a->text);
		break;
	}
	session_end(s, !s->asks_status || a->why == SCRIPT_SAID_BAD ? 1
		       : a->why == SCRIPT_GARBLED		    ? 125
								    : 124);
}

/* the last line is done: what remains is to wait, or to talk */
static void
finished(struct session *s)
{
	s->engine = 0;
	s->start = clock_ms();
	if (s->c->watch)
		watch_reset(&s->watch);
	else if (s->mode == SESSION_LINES && s->asks_status) {
		warn("%s: no status came back", s->t.name);
		session_end(s, 125);
	} else if (!s->keys || !s->c->script)
		session_end(s, 0);
	s->watching = s->c->watch != NULL;
	s->mode = s->keys ? SESSION_TERM : SESSION_PIPE;
}

static void
perform(struct session *s, const struct script_act *a)
{
	switch (a->type) {
	case SCRIPT_NEXT: s->asked = 1; break;
	case SCRIPT_SEND:
		s->send_pace = a->pace;
		pump_put(&s->up, a->text, a->len);
		break;
	case SCRIPT_TEXT: answer(s, a); break;
	case SCRIPT_RESEND:
		if (s->c->verbose)
			warn("%s: line %u: bytes were lost (\"%s\"): again, "
			     "slower",
			    s->lines.name, s->line, a->text);
		break;
	case SCRIPT_DONE: finished(s); break;
	case SCRIPT_FAILED:
		s->engine = 0;
		failed(s, a);
		break;
	}
}

void
play_act(struct session *s)
{
	struct script_act a;

	for (;;) {
		while (s->engine && !s->over && script_next(&s->script, &a))
			perform(s, &a);
		if (!s->engine || s->over || !s->asked)
			return;
		feed(s);
		if (s->asked)
			return;
	}
}

void
play_input(struct session *s, const char *p, size_t n)
{
	size_t k;

	for (; n > 0 && s->engine && !s->over; p += k, n -= k) {
		k = script_input(&s->script, clock_ms(), p, n);
		play_act(s);
	}
}

/* has the line at work no successor? What stdin still holds tells. */
static int
at_last(struct session *s)
{
	struct pollfd p = { .fd = s->lines.fd, .events = POLLIN };

	while (s->lines.fd >= 0 && lines_last(&s->lines) == 0 &&
	       poll(&p, 1, 0) > 0 && s->lines.off == s->lines.len)
		lines_read(&s->lines);
	return s->line && !s->asked && lines_last(&s->lines) &&
	       s->script.state == SCRIPT_RUN;
}

void
play_gone(struct session *s)
{
	s->engine = 0;
	if (at_last(s) && !s->asks_status) {
		session_end(s, 0);
		return;
	}
	if (s->line)
		warn("%s: line %u: %s went away", s->lines.name, s->line,
		    s->t.name);
	else
		warn("%s: went away before a prompt came", s->t.name);
	session_end(s, s->asks_status ? 125 : 1);
}
