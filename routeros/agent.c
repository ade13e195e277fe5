/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "clock.h"
#include "die.h"
#include "fd.h"
#include "proc.h"
#include "qga.h"
#include "sigpoll.h"
#include "tty.h"

#define AGAIN_MS   2000	      /* between attempts to get an answer */
#define ANSWER_MS  30000      /* for an answer of an agent that did answer */
#define POLL_MS	   5	      /* between questions after the script, */
#define POLL_MAX   500	      /* growing to this with the time it takes */
#define ANSWER_MAX (48 << 20) /* two streams of 16 MiB in base64, and more */
#define OUT_MAX	   (AGENT_INPUT / 3 * 4 + 65536)

struct agent {
	int fd, tty;
	const struct agent_job *job;
	struct qga q;
	struct wr w; /* what is sent */
	size_t sent;
	int64_t start, deadline; /* of the phase: answer, or the script's end */
	int64_t answer_at;	 /* by when an answer must come, -1: none due */
	int64_t ask_at;		 /* when to ask (again), -1 */
	int64_t id, pid, pause;
	int64_t shown; /* seconds on the progress line, -1: there is none */
	struct sigpoll sig;
	int status; /* -1: not done */
};

static void
clear(struct agent *a)
{
	if (a->shown >= 0)
		(void)!write(2, "\r\033[K", 4);
	a->shown = -1;
}

/* what goes on, a line that is overwritten each second */
static void
progress(struct agent *a, int64_t now)
{
	int64_t s = (now - a->start) / 1000;
	char b[100];
	int n;

	if (!a->tty || s == a->shown)
		return;
	a->shown = s;
	n = snprintf(b, sizeof(b), "\r%s: %s, %lld s\033[K", argv0,
	    a->q.state == QGA_WAITS_SYNC ? "waiting for the guest's agent"
					 : "the script runs",
	    (long long)s);
	(void)!write(2, b, (size_t)n);
}

static int
fail(struct agent *a, const char *why)
{
	clear(a);
	warn("%s", why);
	return a->status = 1;
}

/* a new message begins where all was sent */
static struct wr *
request(struct agent *a, int64_t now)
{
	if (a->sent == wr_len(&a->w)) {
		wr_init(&a->w, a->w.buf, OUT_MAX);
		a->sent = 0;
	}
	a->answer_at = now + ANSWER_MS;
	a->ask_at = -1;
	return &a->w;
}

/* what the guest said: where people read, or we may say more, in whole lines;
 * 0 or -1 */
static int
show(const char *p, size_t n, int fd)
{
	if (!n)
		return 0;
	if (fd_write_all(fd, p, n) < 0)
		return -1;
	if (p[n - 1] == '\n' || (fd != 2 && !isatty(fd)))
		return 0;
	return fd_write_all(fd, "\n", 1);
}

/* the script has ended */
static void
ended(struct agent *a, const struct qga_msg *m)
{
	int lost = 0;

	clear(a);
	if (show(m->out, m->nout, 1) < 0 && (lost = 1))
		warn("write to stdout:");
	show(m->err, m->nerr, 2);
	if (m->cut)
		warn("the agent kept only the beginning of the output");
	a->status = 1;
	if (m->signal)
		warn("signal %lld ended the script", (long long)m->signal);
	else if (m->exitcode)
		warn("the script ended with status %lld",
		    (long long)m->exitcode);
	else
		a->status = lost;
}

static void
message(struct agent *a, const struct qga_msg *m, int64_t now)
{
	char b[600];

	a->answer_at = -1;
	switch (m->kind) {
	case QGA_SYNCED:
		qga_exec(&a->q, request(a, now), a->job->path, a->job->input,
		    a->job->len);
		a->start = now;
		a->deadline = now + a->job->run_ms;
		break;
	case QGA_ALIVE: a->ask_at = now + ANSWER_MS; break;
	case QGA_PID:
		a->pid = m->pid;
		a->pause = POLL_MS;
		qga_status(&a->q, request(a, now), a->pid);
		break;
	case QGA_RUNNING:
		a->ask_at = now + a->pause;
		a->pause = a->pause < POLL_MAX ? a->pause * 5 / 4 : POLL_MAX;
		break;
	case QGA_EXITED: ended(a, m); break;
	case QGA_ERROR:
		snprintf(b, sizeof(b), "the guest refuses: %s", m->text);
		fail(a, b);
		break;
	}
}

/* what time has brought */
static void
due(struct agent *a, int64_t now)
{
	const char *tcg = a->job->tcg;
	char b[200];

	if (a->ask_at >= 0 && now >= a->ask_at) {
		a->ask_at = -1;
		if (a->q.state != QGA_WAITS_SYNC)
			qga_status(&a->q, request(a, now), a->pid);
		else if (a->sent == wr_len(&a->w)) {
			qga_sync(&a->q, request(a, now), a->id++);
			a->answer_at = -1;
		}
		if (a->q.state == QGA_WAITS_SYNC)
			a->ask_at = now + AGAIN_MS;
	}
	if (now >= a->deadline && a->q.state == QGA_WAITS_SYNC) {
		snprintf(b, sizeof(b),
		    "the guest's agent did not answer in %g s%s%s",
		    (double)a->job->wait_ms / 1000,
		    tcg ? "; RouterOS starts it on KVM only, not on TCG: " : "",
		    tcg ? tcg : "");
		fail(a, b);
	} else if (now >= a->deadline) {
		snprintf(b, sizeof(b), "the script did not end in %g s",
		    (double)a->job->run_ms / 1000);
		fail(a, b);
	} else if (a->answer_at >= 0 && now >= a->answer_at) {
		fail(a, "the guest's agent has stopped answering");
	}
}

static void
take(struct agent *a, int64_t now)
{
	struct qga_msg m;
	size_t room;
	char *p = qga_room(&a->q, &room);
	ssize_t n = read(a->fd, p, room);
	int r = 0;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		fail(a, "the connection to the guest's agent has ended");
		return;
	}
	qga_took(&a->q, (size_t)n);
	while (a->status < 0 && (r = qga_next(&a->q, &m)) > 0)
		message(a, &m, now);
	if (r < 0 && a->status < 0)
		fail(a, a->q.err);
}

static void
give(struct agent *a)
{
	size_t n = wr_len(&a->w) - a->sent;
	ssize_t k;

	if (!n)
		return;
	k = write(a->fd, a->w.buf + a->sent, n);
	if (k > 0)
		a->sent += (size_t)k;
	else if (k < 0 && errno != EAGAIN && errno != EINTR)
		fail(a, "the connection to the guest's agent has ended");
}

static void
turn(struct agent *a)
{
	struct pollfd p = { a->fd, POLLIN, 0 };
	int64_t now = clock_ms(), next;

	due(a, now);
	if (a->status >= 0)
		return;
	progress(a, now);
	next = clock_min(a->deadline, clock_min(a->ask_at, a->answer_at));
	if (a->tty)
		next = clock_min(next, now + 1000);
	if (a->sent < wr_len(&a->w))
		p.events |= POLLOUT;
	(void)sigpoll(&a->sig, &p, 1, clock_left(now, next));
	if (proc_signal) {
		clear(a);
		a->status = 128 + (int)proc_signal;
		return;
	}
	if (p.revents & POLLOUT)
		give(a);
	if (p.revents & (POLLIN | POLLHUP | POLLERR) && a->status < 0)
		take(a, clock_ms());
}

static int
talk(struct agent *a, int fd, char *in, uint8_t *out)
{
	uint32_t id = 0;

	if (!a || !in || !out || getrandom(&id, sizeof(id), 0) < 0) {
		warn("memory for the agent's answers:");
		return 1;
	}
	a->fd = fd;
	a->tty = tty_live(2);
	a->status = a->shown = a->answer_at = -1;
	a->id = id >> 2;
	a->start = clock_ms();
	a->deadline = a->start + a->job->wait_ms;
	qga_init(&a->q, in, ANSWER_MAX);
	wr_init(&a->w, out, OUT_MAX);
	proc_signals(&a->sig.during);
	fd_nonblock(fd, 1);
	while (a->status < 0)
		turn(a);
	return a->status;
}

int
agent_run(int fd, const struct agent_job *job)
{
	struct agent *a = calloc(1, sizeof(*a));
	char *in = malloc(ANSWER_MAX);
	uint8_t *out = malloc(OUT_MAX);
	int status;

	if (a)
		a->job = job;
	status = talk(a, fd, in, out);
	close(fd);
	free(a);
	free(in);
	free(out);
	return status;
}
