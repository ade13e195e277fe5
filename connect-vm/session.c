/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "session.h"

enum {
	UP_CAP = 256 << 10,
	DOWN_CAP = 256 << 10,
	QUIET = 1000,	/* -t without -w, */
	ANSWER = 30000, /* where the other side ends it by itself */
	WATCH = 60000,	/* -t with it */
	SETTLE = 60,	/* quiet that ends what a console replays, */
	SETTLE_MAX = 1000,
	BUSY = 1000,  /* a server that did not accept by then is busy */
	DECIDE = 500, /* an idle stdin has nothing to say */
	SAFE = 4096   /* a pipe that poll(2) calls writable takes so much */
};

void
session_settled(struct session *s)
{
	if (s->settle < 0)
		return;
	s->settle = -1;
	if (pump_held(&s->up) == 0)
		return;
	s->down.off = s->down.end = 0;
	if (s->watching)
		watch_reset(&s->watch);
}

void
session_end(struct session *s, int status)
{
	session_settled(s);
	s->over = s->flush = 1;
	s->leave = -1;
	s->status = status;
}

/* replays what the console said before to stdout, at full speed */
static void
replay(struct session *s)
{
	char b[65536];
	ssize_t n;

	if (s->t.replay < 0)
		return;
	while ((n = read(s->t.replay, b, sizeof(b))) > 0)
		if (fd_write_all(1, b, (size_t)n) < 0)
			flow_no_stdout();
	close(s->t.replay);
}

static void
own_ends(struct session *s)
{
	struct stat st;

	s->in = pump_own(0, O_RDONLY, &s->in_shared);
	s->out = pump_own(1, O_WRONLY, &s->out_shared);
	s->out_max = SIZE_MAX;
	/* what poll(2) allows without blocking, where we must not change
	 * the flags */
	if (s->out_shared && fstat(1, &st) == 0 &&
	    (S_ISSOCK(st.st_mode) || S_ISFIFO(st.st_mode) || isatty(1)))
		s->out_max = SAFE;
	if (s->c->command || (s->mode == SESSION_LINES && !s->keys) ||
	    (s->mode == SESSION_PIPE && (s->c->readonly || s->c->script)))
		s->in = -1;
}

static enum session_mode
choose_mode(const struct session *s)
{
	if (s->c->script || s->c->command)
		return s->t.kind == TARGET_CONTROL ? SESSION_PIPE
						   : SESSION_LINES;
	if (s->c->readonly)
		return s->keys ? SESSION_TERM : SESSION_PIPE;
	if (s->t.kind == TARGET_MONITOR && !s->keys)
		return SESSION_LINES;
	if (s->t.kind == TARGET_CONTROL || !s->keys)
		return SESSION_PIPE;
	return SESSION_TERM;
}

static void
init_pump(struct pump *p, size_t cap)
{
	void *b = malloc(cap);

	if (!b)
		die(1, "memory:");
	pump_init(p, b, cap);
}

void
session_init(struct session *s, const struct conf *c)
{
	memset(s, 0, sizeof(*s));
	s->c = c;
	s->keys = isatty(0);
	if (c->watch)
		watch_init(&s->watch, c->watch);
	log_open(&s->log, c->log, c->stamp);
	target_open(&s->t, c);
	s->mode = choose_mode(s);
	/* a control socket gets a whole script at once */
	init_pump(&s->up,
	    s->mode == SESSION_PIPE && c->script ? LINES_MAX + 1 : UP_CAP);
	init_pump(&s->down, DOWN_CAP);
	s->bol = 1;
	s->settle = s->send_at = -1;
	s->start = s->active = clock_ms();
	s->watching = c->watch != NULL && s->mode != SESSION_LINES;
	if (s->mode == SESSION_LINES)
		play_init(s);
	else if (c->script || c->command)
		play_ask(s);
	own_ends(s);
	/* at once, so that nothing typed early is echoed by the terminal */
	if (s->keys && !c->command && s->mode != SESSION_PIPE &&
	    tty_raw(&s->term, 0) < 0)
		die(1, "stdin: make the terminal raw:");
	if (c->verbose && s->term.on)
		warn("%s: connected", s->t.name);
	replay(s);
	if (s->mode == SESSION_PIPE && s->t.kind == TARGET_CONSOLE &&
	    s->in >= 0 && !c->all)
		s->settle = s->start + SETTLE;
}

static void
settle(struct session *s, int64_t now)
{
	int64_t quiet = s->active + SETTLE;

	if (s->settle < 0 || now < s->settle)
		return;
	if (now < quiet && now < s->start + SETTLE_MAX)
		s->settle = quiet;
	else
		session_settled(s);
}

/* is it up to the other side to take what it is sent? */
static int
unread(const struct session *s)
{
	if (s->settle >= 0)
		return 0;
	return s->in < 0 ? pump_held(&s->up) > 0 : pump_full(&s->up);
}

/* when a session without a person is over, -1: not by the clock */
static int64_t
end_at(const struct session *s)
{
	int64_t t = s->c->time;

	if (s->engine)
		return -1;
	if (s->watching)
		return s->start + (t >= 0 ? t : WATCH);
	if (s->mode == SESSION_TERM)
		return -1;
	if (s->c->readonly)
		return t >= 0 ? s->active + t : -1;
	if (unread(s))
		return t >= 0 ? s->active + t : -1;
	if (s->in >= 0 || pump_held(&s->up))
		return -1;
	return s->active + (t >= 0 ? t : s->asked_all ? ANSWER : QUIET);
}

/* a control socket answers what it has been asked, and hangs up */
static void
asked_all(struct session *s)
{
	if (s->t.kind != TARGET_CONTROL || s->mode != SESSION_PIPE ||
	    s->watching || s->c->readonly || s->in >= 0 || pump_held(&s->up) ||
	    s->asked_all)
		return;
	s->asked_all = 1;
	shutdown(s->t.fd, SHUT_WR);
}

/* -w: has it come, and is it the answer? */
static int
seen(const struct session *s, int64_t now)
{
	if (!s->watching || !s->watch.hit)
		return 0;
	return s->settle < 0 && pump_held(&s->up) == 0 &&
	       (s->in < 0 || s->sent > 0 || now >= s->start + DECIDE);
}

static void
deadlines(struct session *s, int64_t now)
{
	int64_t end = end_at(s);

	if (s->over)
		return;
	settle(s, now);
	if (s->engine) {
		script_tick(&s->script, now);
		play_act(s);
	}
	if (!s->checked &&
	    (now >= s->start + BUSY || (end >= 0 && now >= end))) {
		s->checked = 1;
		if (s->received == 0 && target_busy(&s->t))
			target_die_busy(&s->t);
	}
	if (s->over)
		return;
	if (seen(s, now)) {
		session_end(s, 0);
	} else if (end >= 0 && now >= end) {
		if (s->watching)
			warn("%s: \"%s\" did not come in %lld s", s->t.name,
			    s->c->watch, (long long)(now - s->start) / 1000);
		else if (unread(s))
			warn("%s: does not take what is sent", s->t.name);
		session_end(s, s->watching || s->refused || unread(s));
	}
}

/* nothing here may be of the past, or the loop would not wait at all */
static int64_t
wake(const struct session *s, int64_t now)
{
	int64_t d = s->over ? s->leave : clock_min(s->settle, end_at(s));

	if (pump_held(&s->up) && now < s->send_at)
		d = clock_min(d, s->send_at);
	if (s->over)
		return d;
	if (s->engine)
		d = clock_min(d, script_deadline(&s->script));
	if (!s->checked)
		d = clock_min(d, s->start + BUSY);
	if (s->watching && s->watch.hit && now < s->start + DECIDE)
		d = clock_min(d, s->start + DECIDE);
	return d;
}

/* which of the three descriptors to wait for, and for what */
static void
want(struct session *s, struct pollfd p[3], int64_t now)
{
	memset(p, 0, 3 * sizeof(*p));
	p[0].fd = p[1].fd = p[2].fd = -1;
	p[0].events = POLLIN;
	p[2].events = POLLOUT;
	if (pump_held(&s->down) && s->settle < 0)
		p[2].fd = s->out;
	if (s->peer_gone)
		return;
	if (pump_held(&s->up) && s->settle < 0 && now >= s->send_at)
		p[1].events |= POLLOUT;
	if (!s->over && pump_room(&s->down) >= flow_room(s))
		p[1].events |= POLLIN;
	if (p[1].events)
		p[1].fd = s->t.fd;
	if (s->over)
		return;
	if (s->asked && s->engine)
		p[0].fd = s->lines.fd;
	if (p[0].fd < 0 && pump_room(&s->up))
		p[0].fd = s->in;
}

static void
serve(struct session *s, const struct pollfd p[3])
{
	if (p[0].revents && s->engine && s->asked && p[0].fd == s->lines.fd)
		lines_read(&s->lines);
	else if (p[0].revents && s->keys)
		flow_from_keys(s);
	else if (p[0].revents)
		flow_from_pipe(s);
	if (p[1].events & POLLIN && p[1].revents)
		flow_from_peer(s);
	if (s->engine)
		play_act(s);
	if (s->settle < 0 && !s->peer_gone)
		flow_to_peer(s, clock_ms());
	if (s->settle < 0)
		flow_to_stdout(s);
	asked_all(s);
}

/* stops and goes on, or ends as the signal would have ended it */
static void
signalled(struct session *s, int n, const sigset_t *mask)
{
	if (n == SIGTSTP) {
		tty_restore(&s->term);
		raise(SIGSTOP);
	}
	if (n == SIGTSTP || n == SIGCONT) {
		tty_again(&s->term);
		return;
	}
	tty_restore(&s->term);
	target_close(&s->t);
	signal(n, SIG_DFL);
	raise(n);
	sigprocmask(SIG_SETMASK, mask, NULL);
}

/* is there something left to do? What was typed before the escape goes out
 * first, and so does what is held for stdout at a good end. */
static int
goes_on(const struct session *s)
{
	if (!s->over || (s->flush && pump_held(&s->down)))
		return 1;
	return !s->flush && pump_held(&s->up) && !s->peer_gone &&
	       clock_ms() < s->leave;
}

static void
leave(struct session *s)
{
	if (s->term.on && isatty(1))
		fd_write_all(1, "\r\n", 2);
	tty_restore(&s->term);
	target_close(&s->t);
	close(s->t.fd);
	if (s->log.failed && s->status == 0)
		s->status = 1;
}

int
session_run(struct session *s, volatile sig_atomic_t *sig, struct sigpoll *wait)
{
	struct pollfd p[3];
	int64_t now;
	int n;

	for (;;) {
		now = clock_ms();
		deadlines(s, now);
		if (!goes_on(s))
			break;
		want(s, p, now);
		n = sigpoll(wait, p, 3, clock_left(now, wake(s, now)));
		if (n > 0)
			serve(s, p);
		if (*sig) {
			n = *sig;
			*sig = 0;
			signalled(s, n, &wait->during);
		}
	}
	leave(s);
	return s->status;
}
