/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "tty.h"
#include "vmrun.h"
#include "vmstate.h"
#include "vtline.h"

#define PANIC_MS 500
#define SHOW_MS	 1000
#define START_MS 60000 /* QEMU's own time to come up, on the worst host */

/* as one reads them: a guest's question for the cursor's place would have the
 * terminal type an answer to the shell */
static void
last_lines(struct vmsup *s)
{
	struct vtline v;
	char b[1024];
	size_t n = conserver_last(&s->con, b, sizeof(b)), i;

	vtline_init(&v);
	for (i = 0; i < n; i++)
		if (vtline_put(&v, (uint8_t)b[i]) == VTLINE_END)
			fprintf(stderr, "%s\n", vtline_text(&v));
	if (!v.ended && v.len > 0)
		fprintf(stderr, "%s\n", vtline_text(&v));
	if (n == 0)
		fprintf(stderr, "(none: it has said nothing)\n");
}

/* the line of a panic says why, and its end may still be on its way */
static void
rest_of_panic(struct vmsup *s)
{
	int64_t end = clock_ms() + PANIC_MS;

	while (clock_ms() < end && vmsup_turn(s, end) > 0)
		;
}

/* vmsup_turn(); the machine is stopped once its own time is over */
static int
turn(struct vmsup *s, const struct vmrun *r, int64_t deadline)
{
	const int timed = r->timeout_ms >= 0 && s->why == VMSUP_RUNS;
	const int64_t over = timed ? s->started + r->timeout_ms : -1;
	const int runs = vmsup_turn(s, clock_min(deadline, over));

	if (runs && timed && clock_ms() >= over)
		vmsup_stop(s, VMSUP_TIMEOUT, 0);
	return runs;
}

/* the last line of the console that is not empty */
static void
last_line(const struct vmsup *s, char *text, size_t cap)
{
	char b[CONSERVER_TAIL];
	const size_t n = conserver_tail(&s->con, b, sizeof(b));
	struct vtline v;
	size_t i;

	*text = 0;
	vtline_init(&v);
	for (i = 0; i < n; i++)
		if ((vtline_put(&v, (uint8_t)b[i]) == VTLINE_END ||
			i + 1 == n) &&
		    v.len)
			snprintf(text, cap, "%s", vtline_text(&v));
}

/* how long it has been, and what the console said last, in one line */
static void
show(const struct vmsup *s)
{
	char text[256], b[320];
	const int cols = tty_cols(2);
	int n;

	last_line(s, text, sizeof(text));
	n = snprintf(b, sizeof(b), "%s: %lld s: %s", argv0,
	    (long long)(clock_ms() - s->started) / 1000, text);
	dprintf(2, "\r%.*s\033[K", n < cols ? n : cols, b);
}

/* why what is waited for has not come; the exit status */
static int
not_up(struct vmsup *s, const struct vmrun *r, int runs)
{
	char b[128];

	if (!runs && !s->con.panic && proc_signal)
		return 128 + (int)proc_signal;
	if (s->con.panic) {
		rest_of_panic(s);
		warn("the guest panicked before it said \"%s\"; the console's "
		     "last lines are",
		    r->wait);
	} else if (!runs)
		warn("the machine ended (%s) before it said \"%s\"",
		    vmsup_words(s, b, sizeof(b)), r->wait);
	else
		warn("the console did not say \"%s\" in %g s; its last lines "
		     "are",
		    r->wait, (double)r->wait_ms / 1000);
	last_lines(s);
	if (s->why == VMSUP_RUNS)
		s->why = VMSUP_LATE;
	return 1;
}

/* until the console says what is waited for; 0, or the exit status */
static int
await_console(struct vmsup *s, const struct vmrun *r)
{
	const int64_t deadline = clock_ms() + r->wait_ms;
	int64_t next = r->live ? clock_ms() + SHOW_MS : -1;
	int runs = 1, shown = 0;

	while (
	    !s->con.matched && !s->con.panic && runs && clock_ms() < deadline) {
		runs = turn(s, r, clock_min(deadline, next));
		if (next < 0 || clock_ms() < next)
			continue;
		show(s);
		shown = 1;
		next = clock_ms() + SHOW_MS;
	}
	if (shown)
		dprintf(2, "\r\033[K");
	if (!s->con.matched)
		return not_up(s, r, runs);
	s->con.wait = NULL;
	return 0;
}

/* has a signal that nobody here sent ended QEMU? It says nothing then */
static int
killed(const struct vmsup *s)
{
	return s->why == VMSUP_ENDED && WIFSIGNALED(s->status);
}

/* 0, or the exit status */
static int
start(struct vmsup *s, const char *const *argv, const struct vmrun *r)
{
	int status;

	s->quiet = r->background;
	if (r->wait)
		s->con.wait = r->waitre;
	if (vmsup_start(s, argv) < 0 ||
	    vmsup_go(s, r->halted, clock_ms() + START_MS) < 0 ||
	    (s->dir && vmstate_runs(s) < 0)) {
		/* in the foreground QEMU has said it itself */
		if (s->why != VMSUP_SIGNAL &&
		    (r->background || s->pid || !s->qmp.eof || killed(s)))
			warn("%s", s->err);
		status = vmsup_end(s);
		if (s->why == VMSUP_SIGNAL)
			return status;
		return r->background || !status ? 1 : status;
	}
	if (s->err[0] && r->verbose)
		warn("the guest will hear its own frames: %s", s->err);
	if (r->wait && (status = await_console(s, r))) {
		vmsup_end(s);
		return status;
	}
	if (r->verbose)
		warn("up after %lld ms", (long long)(clock_ms() - s->started));
	return 0;
}

int
vmrun(struct vmsup *s, const char *const *argv, const struct vmrun *r)
{
	struct tty tty = { 0 };
	int status;

	if ((status = start(s, argv, r)))
		return status;
	/* whoever started us may have gone */
	if (proc_ready(r->bg, -1) < 0) {
		warn("it ends, for whoever started it has gone:");
		vmsup_stop(s, VMSUP_STOP, 0);
	}
	if (!r->background) {
		s->con.term[0] = 0;
		s->con.term[1] = 1;
		tty_raw(&tty, 0);
	}
	while (turn(s, r, -1) > 0)
		;
	status = vmsup_end(s);
	tty_restore(&tty);
	if (s->why == VMSUP_TIMEOUT && !r->background)
		warn("timed out after %g s", (double)r->timeout_ms / 1000);
	if (killed(s) && !r->background)
		warn("QEMU was killed by signal %d", WTERMSIG(s->status));
	if (s->con.logerr && !r->background)
		warn("the log lacks lines: %s", strerror(s->con.logerr));
	return status;
}
