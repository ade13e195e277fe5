/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "guest.h"
#include "host_in.h"
#include "proc.h"
#include "sigpoll.h"

#define BUF	(256 << 10)
#define LEAVE	0x1d /* ^], three of them in a row leave a terminal */
#define LEAVES	3
#define WAKE	60000			    /* ms */
#define SAVE	20000			    /* ms that it may take QEMU */
#define BEHIND	250			    /* ms between looks from behind */
#define CONSOLE 4096			    /* bytes read of it at once */
#define CTL	(MSG_HEAD + MSG_MAX + 4096) /* the job, and what follows */

/* the guest is ready for any job: keep it for others, then give it ours; one
 * that is not kept does not wait */
static void
ready(struct host *h)
{
	const int64_t end = clock_min(clock_ms() + SAVE, h->r->deadline);
	const char *why;

	h->went = 1;
	if (!h->r->save && h->r->tmpl->fd < 0)
		return;
	if (h->r->save &&
	    tmpl_save(h->r->tmpl, h->m, h->r->plan, end, &why) < 0 &&
	    h->r->job->verbose)
		warn("this guest is not kept for later: %s", why);
	if (write(h->m->ours[MACH_CON], "g", 1) == 1)
		return;
	warn("the guest does not take its job:");
	h->failed = JOB_FAIL;
}

/* before the job runs: ready, or why not */
static void
console_line(struct host *h)
{
	char *s;

	if (!h->went && strstr(h->tail.text, GUEST_READY))
		ready(h);
	if (h->sent || !(s = strstr(h->tail.text, "\036limen failed ")) ||
	    !strchr(s, '\n'))
		return;
	s += 14;
	h->failed = (int)strtol(s, &s, 10);
	s[strcspn(s, "\r\n")] = 0;
	warn("%s", s + 1);
}

/* with --init the console is stdout's, too, when that has room */
static int
console_room(struct host *h)
{
	return !h->init || pump_room(&h->pump[1]) >= CONSOLE;
}

static void
console(struct host *h)
{
	char b[CONSOLE];
	ssize_t n;

	if (!console_room(h))
		return;
	if ((n = read(h->m->ours[MACH_CON], b, sizeof(b))) <= 0) {
		h->dry[MACH_CON] = h->gone;
		return;
	}
	tail_put(&h->tail, b, (size_t)n);
	if (h->init)
		pump_put(&h->pump[1], b, (size_t)n);
	console_line(h);
}

/* a saved guest runs again; a byte that came sooner would be lost */
static void
resumed(struct host *h)
{
	char b[4096];
	ssize_t n;

	if (h->r->tmpl->fd < 0 || h->went)
		return;
	n = read(h->m->ours[MACH_QMP], b, sizeof(b));
	if (n > 0 && memmem(b, (size_t)n, "\"RESUME\"", 8))
		ready(h);
}

static int
is_ready(const struct host *h, int i)
{
	return h->poll[i].fd >= 0 && h->poll[i].revents;
}

/* ^]^]^] on a terminal, the way out when the guest does not answer */
static void
watch_leave(struct host *h, const uint8_t *b, size_t n)
{
	for (; n > 0; b++, n--) {
		h->leaves = *b == LEAVE ? h->leaves + 1 : 0;
		if (h->leaves == LEAVES)
			h->failed = 128 + SIGTERM;
	}
}

static void
feed(struct host *h)
{
	struct pump *p = h->init ? &h->to_con : &h->pump[0];
	uint8_t b[8];
	struct wr w;
	ssize_t n;

	if (h->gone)
		return;
	if (is_ready(h, P_STDIN) && pump_room(p) > 0) {
		n = pump_read(p, h->own[0]);
		if (n > 0) {
			h->in += (uint64_t)n;
			if (h->tty.on)
				watch_leave(h, p->buf + p->end - n, (size_t)n);
		} else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			h->own[0] = -1;
	}
	if (pump_held(p))
		pump_write(p, h->m->ours[h->init ? MACH_CON : MACH_IN], BUF);
	if (h->own[0] < 0 && !h->eof_sent && h->sent && !h->init) {
		wr_init(&w, b, sizeof(b));
		wr_u64(&w, h->in);
		h->eof_sent = host_send(h, MSG_STDIN, b, 8) == 0;
	}
}

static void
drain(struct host *h, int i, uint64_t *count)
{
	struct pump *p = &h->pump[i];
	ssize_t n;

	if (pump_room(p) > 0) {
		n = pump_read(p, h->m->ours[MACH_OUT + i - 1]);
		*count += n > 0 ? (uint64_t)n : 0;
		h->dry[MACH_OUT + i - 1] = h->gone && n <= 0;
	}
	if (!pump_held(p) || (h->share[i] && !is_ready(h, P_OUT + 2 * i - 1)))
		return;
	n = pump_write(p, h->own[i], h->share[i] ? 4096 : BUF);
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return;
	if (errno != EPIPE)
		warn(i == 1 ? "write to stdout:" : "write to stderr:");
	h->failed = errno == EPIPE ? 128 + SIGPIPE : JOB_FAIL;
}

static void
take_results(struct host *h)
{
	uint8_t b[65536];
	ssize_t n = read(h->m->ours[MACH_RES], b, sizeof(b));

	h->dry[MACH_RES] = h->gone && n <= 0;
	if (n <= 0 || !h->r->results)
		return;
	if (results_put(h->r->results, b, (size_t)n) < 0) {
		warn("%s", h->r->results->err);
		h->failed = JOB_FAIL;
	}
}

/* the first is the command's, the second ends everything */
static void
signals(struct host *h)
{
	uint8_t sig = (uint8_t)proc_signal;

	if (!proc_signal)
		return;
	proc_signal = 0;
	if (h->signals++ || !h->sent || h->init || h->gone ||
	    host_send(h, MSG_SIGNAL, &sig, 1) < 0)
		h->failed = 128 + sig;
}

static void
watch(struct host *h, int i, int fd, int events)
{
	h->poll[i] = (struct pollfd){ fd, (short)events, 0 };
}

/* a port of the guest, if something comes from it */
static void
watch_port(struct host *h, int i, int port, int room)
{
	watch(h, i, room && !h->dry[port] ? h->m->ours[port] : -1, POLLIN);
}

/* is it a terminal that the shell has given to another? Who reads there is
 * stopped. When it is ours again nobody tells. */
static int
behind(int fd)
{
	const pid_t fg = tcgetpgrp(fd);

	return fg >= 0 && fg != getpgrp();
}

static void
wait_any(struct host *h, struct sigpoll *sig)
{
	struct mach *m = h->m;
	const int up = !h->gone;
	const int64_t wake = h->r->tmpl->fd >= 0 && !h->sent ? h->wake : -1;
	int64_t until = clock_min(wake, h->r->deadline);
	struct pump *p = h->pump, *in = h->init ? &h->to_con : p;
	int reads =
	    up && pump_room(in) && h->sent && (h->init || !h->r->job->init);

	watch_port(h, P_CTL, MACH_CTL, 1);
	watch_port(h, P_CON, MACH_CON, console_room(h));
	watch_port(h, P_OUT, MACH_OUT, pump_room(&p[1]) > 0);
	watch_port(h, P_ERR, MACH_ERR, pump_room(&p[2]) > 0);
	watch_port(h, P_RES, MACH_RES, 1);
	watch_port(h, P_QMP, MACH_QMP, up && h->r->tmpl->fd >= 0 && !h->went);
	if (reads && behind(h->own[0])) {
		reads = 0;
		until = clock_min(until, clock_ms() + BEHIND);
	}
	watch(h, P_STDIN, reads ? h->own[0] : -1, POLLIN);
	watch(h, P_STDOUT, pump_held(&p[1]) ? h->own[1] : -1, POLLOUT);
	watch(h, P_STDERR, pump_held(&p[2]) ? h->own[2] : -1, POLLOUT);
	watch(h, P_IN, up && pump_held(p) ? m->ours[MACH_IN] : -1, POLLOUT);
	watch(h, P_CONOUT, up && pump_held(&h->to_con) ? m->ours[MACH_CON] : -1,
	    POLLOUT);
	watch(h, P_CTLOUT, up && pump_held(&h->to_ctl) ? m->ours[MACH_CTL] : -1,
	    POLLOUT);
	(void)sigpoll(sig, h->poll, P_N, clock_left(clock_ms(), until));
}

static void *
buffer(size_t n)
{
	void *b = malloc(n);

	if (!b)
		die(JOB_FAIL, "memory:");
	return b;
}

static void
start(struct host *h, sigset_t *during)
{
	int i;

	proc_signals(during);
	host_watch_winsize(during);
	for (i = 0; i < 3; i++) {
		pump_init(&h->pump[i], buffer(BUF), BUF);
		h->own[i] = pump_own(i, i ? O_WRONLY : O_RDONLY, &h->share[i]);
	}
	pump_init(&h->to_con, buffer(4096), 4096);
	pump_init(&h->to_ctl, buffer(CTL), CTL);
	for (i = 0; i < MACH_NFD && !h->failed; i++)
		if (fd_nonblock(h->m->ours[i], 1) < 0) {
			warn("sockets:");
			h->failed = JOB_FAIL;
		}
	if (h->r->tmpl->fd < 0)
		return;
	h->wake = clock_ms() + WAKE;
	if (mach_resume(h->m) < 0 || !tmpl_intact(h->r->tmpl))
		h->again = 1;
}

static void
end(struct host *h)
{
	int i;

	tty_restore(&h->tty);
	for (i = 0; i < 3; i++) {
		free(h->pump[i].buf);
		if (!h->share[i] && h->own[i] > 2)
			close(h->own[i]);
	}
	free(h->to_con.buf);
	free(h->to_ctl.buf);
}

int
host_run(const struct host_run *r)
{
	struct host h;
	struct sigpoll sig = { .busy = 0 };

	memset(&h, 0, sizeof(h));
	h.r = r;
	h.m = r->m;
	h.outlen = h.errlen = h.reslen = UINT64_MAX;
	tail_init(&h.tail, r->log);
	start(&h, &sig.during);
	while (!host_finished(&h)) {
		wait_any(&h, &sig);
		host_control(&h);
		console(&h);
		resumed(&h);
		feed(&h);
		drain(&h, 1, &h.out);
		drain(&h, 2, &h.err);
		take_results(&h);
		host_winsize(&h);
		signals(&h);
		host_flush(&h);
		host_check(&h);
	}
	end(&h);
	/* a status that the guest makes up is not HOST_AGAIN */
	return h.again ? HOST_AGAIN : (h.failed ? h.failed : h.status) & 0xff;
}
