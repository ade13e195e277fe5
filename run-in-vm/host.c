/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "guest.h"
#include "host.h"
#include "proc.h"
#include "pump.h"
#include "tty.h"

#define BUF    (256 << 10)
#define LINES  12   /* of the console, shown when the guest died */
#define LEAVE  0x1d /* ^], three of them in a row leave a terminal */
#define LEAVES 3
#define WAKE   60000 /* ms */

enum {
	P_CTL,
	P_CON,
	P_STDIN,
	P_IN,
	P_OUT,
	P_STDOUT,
	P_ERR,
	P_STDERR,
	P_RES,
	P_CONOUT,
	P_QMP,
	P_N
};

struct host {
	const struct host_run *r;
	struct mach *m;
	struct pump pump[3]; /* stdin, stdout, stderr */
	struct pump to_con;  /* --init: the console takes stdin */
	int own[3];	     /* non-blocking doubles of ours; -1: closed */
	int share[3];
	struct pollfd poll[P_N];
	uint64_t in, out, err;		 /* bytes so far */
	uint64_t outlen, errlen, reslen; /* UINT64_MAX until MSG_EXIT */
	uint8_t ctl[1024];
	size_t nctl;
	struct tail tail;
	struct tty tty;
	int went, sent, init, status, exited, failed, signals, eof_sent;
	int leaves, again;
	int64_t wake; /* when a saved guest must have come to life */
};

static volatile sig_atomic_t resized;

static void
winch(int sig)
{
	(void)sig;
	resized = 1;
}

static void
send_msg(struct host *h, enum msg_type type, const void *body, size_t len)
{
	uint8_t b[64];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	msg_put(&w, type, body, len);
	if (fd_write_all(h->m->ours[MACH_CTL], b, wr_len(&w)) < 0)
		return; /* the guest is gone, which shows elsewhere */
}

static void
send_winsize(struct host *h)
{
	struct winsize ws;
	uint8_t b[4];
	struct wr w;

	if (!resized || !h->sent || h->init || !(h->r->mj->flags & MSG_TTY))
		return;
	resized = 0;
	if (ioctl(0, TIOCGWINSZ, &ws) < 0)
		return;
	wr_init(&w, b, sizeof(b));
	wr_u16(&w, ws.ws_row);
	wr_u16(&w, ws.ws_col);
	send_msg(h, MSG_WINSIZE, b, 4);
}

static void
send_job(struct host *h)
{
	uint8_t *b = malloc(MSG_MAX + MSG_HEAD);
	struct timespec ts;
	struct wr w;
	size_t n;

	if (!b)
		die(JOB_FAIL, "memory:");
	clock_gettime(CLOCK_REALTIME, &ts); /* the guest's clock from now on */
	h->r->mj->sec = (uint64_t)ts.tv_sec;
	h->r->mj->nsec = (uint32_t)ts.tv_nsec;
	wr_init(&w, b + MSG_HEAD, MSG_MAX);
	msg_put_job(&w, h->r->mj);
	n = wr_len(&w);
	if (w.err) {
		warn("arguments and environment are too long");
		h->failed = JOB_FAIL;
	}
	wr_init(&w, b, MSG_HEAD);
	wr_u8(&w, MSG_JOB);
	wr_u32(&w, (uint32_t)n);
	if (!h->failed &&
	    fd_write_all(h->m->ours[MACH_CTL], b, MSG_HEAD + n) < 0) {
		warn("the guest does not take its job:");
		h->failed = JOB_FAIL;
	}
	h->sent = 1;
	free(b);
	if (h->r->job->tty)
		tty_raw(&h->tty, 0);
}

static void
message(struct host *h, int type, struct rd *r)
{
	char text[512];
	size_t n;

	if (type == MSG_UP) {
		send_job(h);
	} else if (type == MSG_INIT) {
		h->init = 1;
		if (isatty(0) && isatty(1))
			tty_raw(&h->tty, 0);
	} else if (type == MSG_EXIT) {
		h->exited = 1;
		h->status = (int)rd_u32(r);
		h->outlen = rd_u64(r);
		h->errlen = rd_u64(r);
		h->reslen = rd_u64(r);
	} else if (type == MSG_FAIL) {
		h->failed = rd_u8(r);
		n = rd_left(r) < sizeof(text) ? rd_left(r) : sizeof(text) - 1;
		rd_copy(r, text, n);
		text[n] = 0;
		tty_restore(&h->tty);
		warn("%s", text);
	}
}

static void
control(struct host *h)
{
	struct rd r;
	ssize_t n;
	size_t used;
	int type;

	n = recv(h->m->ours[MACH_CTL], h->ctl + h->nctl,
	    sizeof(h->ctl) - h->nctl, MSG_DONTWAIT);
	if (n <= 0)
		return;
	h->nctl += (size_t)n;
	while ((type = msg_get(h->ctl, h->nctl, &r)) > 0) {
		used = (size_t)(r.end - h->ctl);
		message(h, type, &r);
		memmove(h->ctl, h->ctl + used, h->nctl - used);
		h->nctl -= used;
	}
	if (type < 0 || h->nctl == sizeof(h->ctl)) {
		warn("the guest speaks another language");
		h->failed = JOB_FAIL;
	}
}

/* the guest is ready for any job: keep it for others, then give it ours; one
 * that is not kept does not wait */
static void
ready(struct host *h)
{
	const char *why;

	h->went = 1;
	if (!h->r->save && h->r->tmpl->fd < 0)
		return;
	if (h->r->save && tmpl_save(h->r->tmpl, h->m, h->r->plan, &why) < 0 &&
	    h->r->job->verbose)
		warn("this guest is not kept for later: %s", why);
	if (write(h->m->ours[MACH_CON], "g", 1) != 1)
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

static void
console(struct host *h)
{
	char b[4096];
	ssize_t n = read(h->m->ours[MACH_CON], b, sizeof(b));

	if (n <= 0)
		return;
	tail_put(&h->tail, b, (size_t)n);
	if (h->init && fd_write_all(1, b, (size_t)n) < 0)
		h->failed = 128 + SIGPIPE;
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
		send_msg(h, MSG_STDIN, b, 8);
		h->eof_sent = 1;
	}
}

static void
drain(struct host *h, int i, uint64_t *count)
{
	struct pump *p = &h->pump[i];
	ssize_t n;

	if (pump_room(p) > 0 &&
	    (n = pump_read(p, h->m->ours[MACH_OUT + i - 1])) > 0)
		*count += (uint64_t)n;
	if (!pump_held(p) || (h->share[i] && !is_ready(h, P_OUT + 2 * i - 1)))
		return;
	n = pump_write(p, h->own[i], h->share[i] ? 4096 : BUF);
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return;
	if (errno != EPIPE)
		warn("write to stdout:");
	h->failed = errno == EPIPE ? 128 + SIGPIPE : JOB_FAIL;
}

static void
take_results(struct host *h)
{
	uint8_t b[65536];
	ssize_t n = read(h->m->ours[MACH_RES], b, sizeof(b));

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
	if (h->signals++ || !h->sent || h->init)
		h->failed = 128 + sig;
	else
		send_msg(h, MSG_SIGNAL, &sig, 1);
}

static void
watch(struct host *h, int i, int fd, int events)
{
	h->poll[i] = (struct pollfd){ fd, (short)events, 0 };
}

static void
wait_any(struct host *h, const sigset_t *during)
{
	struct mach *m = h->m;
	const int64_t wake = h->r->tmpl->fd >= 0 && !h->sent ? h->wake : -1;
	const int64_t left =
	    clock_left(clock_ms(), clock_min(wake, h->r->deadline));
	const struct timespec ts = { left / 1000, left % 1000 * 1000000 };
	struct pump *p = h->pump, *in = h->init ? &h->to_con : p;

	watch(h, P_CTL, m->ours[MACH_CTL], POLLIN);
	watch(h, P_CON, m->ours[MACH_CON], POLLIN);
	watch(h, P_STDIN,
	    pump_room(in) && h->sent && (h->init || !h->r->job->init)
		? h->own[0]
		: -1,
	    POLLIN);
	watch(h, P_IN, pump_held(p) ? m->ours[MACH_IN] : -1, POLLOUT);
	watch(h, P_OUT, pump_room(&p[1]) ? m->ours[MACH_OUT] : -1, POLLIN);
	watch(h, P_STDOUT, pump_held(&p[1]) ? h->own[1] : -1, POLLOUT);
	watch(h, P_ERR, pump_room(&p[2]) ? m->ours[MACH_ERR] : -1, POLLIN);
	watch(h, P_STDERR, pump_held(&p[2]) ? h->own[2] : -1, POLLOUT);
	watch(h, P_RES, m->ours[MACH_RES], POLLIN);
	watch(h, P_CONOUT, pump_held(&h->to_con) ? m->ours[MACH_CON] : -1,
	    POLLOUT);
	watch(h, P_QMP,
	    h->r->tmpl->fd >= 0 && !h->went ? m->ours[MACH_QMP] : -1, POLLIN);
	if (ppoll(h->poll, P_N, left < 0 ? NULL : &ts, during) < 0)
		memset(h->poll, 0, sizeof(h->poll));
}

static int
finished(const struct host *h)
{
	const struct results *res = h->r->results;

	return h->failed || h->again ||
	       (h->exited && h->out >= h->outlen && h->err >= h->errlen &&
		   (!res || res->bytes >= h->reslen) &&
		   !pump_held(&h->pump[1]) && !pump_held(&h->pump[2]));
}

/* what came before the end is delivered */
static void
last_words(struct host *h)
{
	size_t was;
	int i;

	do {
		was = h->tail.len;
		console(h);
	} while (h->tail.len != was && !h->failed);
	for (i = 1; i < 3; i++) {
		while (
		    pump_read(&h->pump[i], h->m->ours[MACH_OUT + i - 1]) > 0 ||
		    pump_held(&h->pump[i])) {
			if (fd_write_all(i, h->pump[i].buf + h->pump[i].off,
				pump_held(&h->pump[i])) < 0)
				return;
			h->pump[i].off = h->pump[i].end = 0;
		}
	}
}

/* QEMU's first words on stderr, without its own name */
static void
qemu_said(const struct host *h, char *b, size_t cap)
{
	ssize_t n = pread(h->m->words, b, cap - 1, 0);
	char *s;

	b[n > 0 ? n : 0] = 0;
	b[strcspn(b, "\n")] = 0;
	if (!strncmp(b, "qemu-system", 11) && (s = strstr(b, ": ")))
		memmove(b, s + 2, strlen(s + 2) + 1);
}

/* QEMU ended before the command did; st is how */
static void
died(struct host *h, int st)
{
	const char *panic = strstr(h->tail.text, "Kernel panic - ");
	char b[512];

	tty_restore(&h->tty);
	if (h->failed)
		return;
	qemu_said(h, b, sizeof(b));
	if (h->r->tmpl->fd >= 0 && !h->sent) {
		h->again = 1;
		return;
	}
	h->failed = 255;
	if (h->init && !panic && st == 0) {
		h->failed = 0;
		h->exited = 1;
		h->outlen = h->errlen = h->reslen = 0;
		return;
	}
	if (!h->tail.len && st) {
		h->failed = JOB_FAIL;
		warn("QEMU: %s", *b ? b : "ended without a word");
		return;
	}
	if (WIFSIGNALED(st))
		warn("QEMU was killed by signal %d", WTERMSIG(st));
	else if (st)
		warn("QEMU failed: %s", *b ? b : "no reason given");
	else if (panic)
		warn("the guest panicked: %.*s%s",
		    (int)strcspn(panic + 15, "\r\n"), panic + 15,
		    h->init ? "" : "; the last of its console follows");
	else
		warn("the guest powered off before the command ended%s",
		    h->init ? "" : "; the last of its console follows");
	if (!h->init)
		tail_show(&h->tail, LINES);
}

static void
check(struct host *h)
{
	char dur[32];
	int st;

	if (!finished(h) && h->r->deadline >= 0 &&
	    clock_ms() >= h->r->deadline) {
		tty_restore(&h->tty);
		snprintf(
		    dur, sizeof(dur), "%g", (double)h->r->job->timeout / 1000);
		warn("not done after %s s%s", dur,
		    h->sent ? ""
			    : "; the guest has not even started, the last of "
			      "its console follows");
		if (!h->sent)
			tail_show(&h->tail, LINES);
		h->failed = 124;
	}
	if (h->r->tmpl->fd >= 0 && !h->sent && clock_ms() >= h->wake)
		h->again = 1;
	if (!finished(h) && proc_wait(h->m->pid, 0, &st) == 0) {
		h->m->pid = 0;
		last_words(h);
		control(h);
		if (!finished(h))
			died(h, st);
	}
}

static void
start(struct host *h, sigset_t *during)
{
	struct sigaction sa;
	sigset_t set;
	int i;

	proc_signals(during);
	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = winch;
	sigaction(SIGWINCH, &sa, NULL);
	resized = 1; /* it may have been since the job was written */
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(during, SIGWINCH);
	for (i = 0; i < 3; i++) {
		pump_init(&h->pump[i], malloc(BUF), BUF);
		h->own[i] = pump_own(i, i ? O_WRONLY : O_RDONLY, &h->share[i]);
	}
	pump_init(&h->to_con, malloc(4096), 4096);
	for (i = 0; i < MACH_NFD && !h->failed; i++)
		if (fd_nonblock(h->m->ours[i], i != MACH_CTL) < 0) {
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
}

int
host_run(const struct host_run *r)
{
	struct host h;
	sigset_t during;

	memset(&h, 0, sizeof(h));
	h.r = r;
	h.m = r->m;
	h.outlen = h.errlen = h.reslen = UINT64_MAX;
	tail_init(&h.tail, r->log);
	start(&h, &during);
	while (!finished(&h)) {
		wait_any(&h, &during);
		control(&h);
		console(&h);
		resumed(&h);
		feed(&h);
		drain(&h, 1, &h.out);
		drain(&h, 2, &h.err);
		take_results(&h);
		send_winsize(&h);
		signals(&h);
		check(&h);
	}
	end(&h);
	return h.again ? HOST_AGAIN : h.failed ? h.failed : h.status;
}
