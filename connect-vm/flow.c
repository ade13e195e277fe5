/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "session.h"

enum {
	PIECE = 4096,			 /* read at once where it grows: */
	GROWN = PIECE * (LOG_STAMP + 3), /* by a stamp a byte at most */
	LEAVE = 1000, /* ms that what was typed before the escape waits */
};

/* does a control socket refuse a command? */
static void
look_for_error(struct session *s, const char *p, size_t n)
{
	static const char word[] = "error:";
	size_t i;

	for (i = 0; i < n; i++)
		if (p[i] == '\n')
			s->matched = 0;
		else if (s->matched < 0 || p[i] != word[s->matched])
			s->matched = -1;
		else if (!word[++s->matched]) {
			s->refused = 1;
			s->matched = -1;
		}
}

/* what came goes to the log and to whoever looks for something in it */
static void
look_at(struct session *s, const char *p, size_t n)
{
	s->received += (int64_t)n;
	s->active = clock_ms();
	log_write(&s->log, p, n);
	if (s->watching)
		watch_feed(&s->watch, p, n);
	if (s->engine)
		play_input(s, p, n);
	if (s->t.kind == TARGET_CONTROL)
		look_for_error(s, p, n);
}

/* is stdout given something else than the very bytes that come? */
static int
changed(const struct session *s)
{
	return (s->engine && s->script.c.flags & SCRIPT_ANSWERS) ||
	       (s->c->stamp && !s->c->log);
}

static ssize_t
read_changed(struct session *s)
{
	char b[PIECE], o[GROWN];
	int answers = s->engine && s->script.c.flags & SCRIPT_ANSWERS;
	size_t grown;
	ssize_t n;

	if ((n = read(s->t.fd, b, sizeof(b))) <= 0)
		return n;
	if (!answers) {
		grown = log_stamp(&s->bol, o, b, (size_t)n);
		pump_put(&s->down, o, grown);
	}
	look_at(s, b, (size_t)n);
	return n;
}

static ssize_t
read_plain(struct session *s)
{
	ssize_t n = pump_read(&s->down, s->t.fd);

	if (n > 0)
		look_at(s, (char *)s->down.buf + s->down.end - n, (size_t)n);
	return n;
}

/* the peer's end: how good an end it is depends on what was wanted */
static void
gone(struct session *s)
{
	s->peer_gone = 1;
	if (s->over)
		return;
	if (s->received == 0 && target_busy(&s->t))
		target_die_busy(&s->t);
	session_settled(s);
	if (s->engine) {
		play_gone(s);
	} else if (s->watching) {
		if (!s->watch.hit)
			warn("%s: ended before \"%s\" came", s->t.name,
			    s->c->watch);
		session_end(s, !s->watch.hit);
	} else if (s->t.kind == TARGET_TTY) {
		warn("%s: the port is gone: was it unplugged?", s->t.name);
		session_end(s, 1);
	} else {
		if (s->c->verbose)
			warn("%s: ended", s->t.name);
		session_end(s, s->refused);
	}
}

void
flow_from_peer(struct session *s)
{
	ssize_t n = changed(s) ? read_changed(s) : read_plain(s);

	if (n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR)))
		return;
	/* a terminal that hangs up says EIO */
	if (n < 0 && errno != ECONNRESET &&
	    (errno != EIO || s->t.kind != TARGET_TTY)) {
		warn("read %s:", s->t.name);
		s->peer_gone = 1;
		session_end(s, 1);
		return;
	}
	gone(s);
}

size_t
flow_room(const struct session *s)
{
	return changed(s) ? GROWN : 1;
}

/* a write that fails for good: nobody is there any more; a reading end
 * that still holds something is drained first */
void
flow_to_peer(struct session *s, int64_t now)
{
	int pace = s->c->pace > s->send_pace ? s->c->pace : s->send_pace;
	ssize_t n;

	if (pump_held(&s->up) == 0 || now < s->send_at)
		return;
	n = pump_write(&s->up, s->t.fd, pace ? 1 : SIZE_MAX);
	if (n < 0 && errno != EAGAIN) {
		s->up.off = s->up.end = 0;
		if (errno != EPIPE && errno != ECONNRESET && errno != EIO) {
			warn("write to %s:", s->t.name);
			session_end(s, 1);
		}
	}
	if (n <= 0)
		return;
	s->active = now;
	s->sent += n;
	if (pace)
		s->send_at = now + pace;
	if (s->over && !s->flush && !s->engine)
		s->leave = now + LEAVE + pace;
	if (s->engine && pump_held(&s->up) == 0) {
		script_sent(&s->script, now);
		play_act(s);
	}
}

void
flow_no_stdout(void)
{
	if (errno == EPIPE)
		exit(1);
	die(1, "write to stdout:");
}

void
flow_to_stdout(struct session *s)
{
	if (pump_held(&s->down) == 0 ||
	    pump_write(&s->down, s->out, s->out_max) >= 0 || errno == EAGAIN)
		return;
	tty_restore(&s->term);
	flow_no_stdout();
}

/* typed or piped in; the escape is looked for where a person types */
void
flow_from_keys(struct session *s)
{
	char b[PIECE], *esc = NULL;
	size_t room = pump_room(&s->up);
	ssize_t n = read(s->in, b, room < sizeof(b) ? room : sizeof(b));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		s->in = -1;
		s->active = clock_ms();
		if (s->mode != SESSION_PIPE)
			session_end(s, 1);
		return;
	}
	if (s->c->escape >= 0 && s->keys)
		esc = memchr(b, s->c->escape, (size_t)n);
	if (esc) {
		n = esc - b;
		s->over = 1;
		s->leave = clock_ms() + LEAVE + s->c->pace;
		s->status = s->engine;
	}
	if (s->c->readonly || s->engine)
		return;
	pump_put(&s->up, b, (size_t)n);
	if (s->mode == SESSION_PIPE && s->watching)
		watch_reset(&s->watch);
}

/* bulk goes from pipe to buffer without a copy between */
void
flow_from_pipe(struct session *s)
{
	ssize_t n = pump_read(&s->up, s->in);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		warn("read stdin:");
		session_end(s, 1);
	}
	if (n <= 0) {
		s->in = -1;
		s->active = clock_ms();
	} else if (s->watching)
		watch_reset(&s->watch);
}
