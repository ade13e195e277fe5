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
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "guest.h"
#include "host.h"
#include "proc.h"
#include "pump.h"
#include "tmpl.h"
#include "tty.h"

#define BUF	 (256 << 10)
#define TAIL	 4096 /* of the console, shown when the guest died */
#define KILL_AGAIN 2  /* the second signal ends everything */

struct host {
	struct mach *m;
	const struct job *job;
	const struct msg_job *mj;
	struct pump pump[3]; /* stdin, stdout, stderr */
	int own[3];	     /* non-blocking doubles of ours; -1: closed */
	int share[3];
	uint64_t in, out, err;	     /* bytes so far */
	uint64_t outlen, errlen;     /* UINT64_MAX until MSG_EXIT */
	uint8_t ctl[1024];
	size_t nctl;
	char tail[TAIL + 1];
	size_t ntail;
	int went, sent, status, exited, failed, signals, eof_sent;
	int64_t deadline;
};

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
	struct wr w;

	if (!b)
		die(125, "memory:");
	wr_init(&w, b + MSG_HEAD, MSG_MAX);
	msg_put_job(&w, h->mj);
	if (w.err)
		die(125, "arguments and environment are too long");
	b[0] = MSG_JOB;
	b[1] = (uint8_t)(wr_len(&w) >> 24);
	b[2] = (uint8_t)(wr_len(&w) >> 16);
	b[3] = (uint8_t)(wr_len(&w) >> 8);
	b[4] = (uint8_t)wr_len(&w);
	if (fd_write_all(h->m->ours[MACH_CTL], b, MSG_HEAD + wr_len(&w)) < 0)
		h->failed = 125;
	h->sent = 1;
	free(b);
}

static void
message(struct host *h, int type, struct rd *r)
{
	char text[512];
	size_t n;

	if (type == MSG_UP)
		send_job(h);
	else if (type == MSG_EXIT) {
		h->exited = 1;
		h->status = (int)rd_u32(r);
		h->outlen = rd_u64(r);
		h->errlen = rd_u64(r);
	} else if (type == MSG_FAIL) {
		h->failed = rd_u8(r);
		n = rd_left(r) < sizeof(text) ? rd_left(r) : sizeof(text) - 1;
		rd_copy(r, text, n);
		text[n] = 0;
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
		h->failed = 125;
	}
}

/* before the job runs: ready, or why not */
static void
console_line(struct host *h)
{
	char *s;

	if (h->went)
		return;
	if (strstr(h->tail, GUEST_READY)) {
		h->went = 1;
		tmpl_save(h->m, h->job);
		if (write(h->m->ours[MACH_CON], "g", 1) != 1)
			h->failed = 125;
	} else if ((s = strstr(h->tail, "\036limen failed ")) &&
	    strchr(s, '\n')) {
		s += 14;
		h->failed = (int)strtol(s, &s, 10);
		s[strcspn(s, "\r\n")] = 0;
		warn("%s", s + 1);
	}
}

static void
console(struct host *h)
{
	char b[TAIL];
	ssize_t n = read(h->m->ours[MACH_CON], b, sizeof(b));

	if (n <= 0)
		return;
	if (h->ntail + (size_t)n > TAIL) {
		h->ntail = h->ntail > TAIL / 2 ? TAIL / 2 : h->ntail;
		memmove(h->tail, h->tail + strlen(h->tail) - h->ntail,
		    h->ntail);
		n = n > TAIL / 2 ? TAIL / 2 : n;
	}
	memcpy(h->tail + h->ntail, b, (size_t)n);
	h->ntail += (size_t)n;
	h->tail[h->ntail] = 0;
	console_line(h);
}

static void
feed(struct host *h)
{
	struct pump *p = &h->pump[0];
	uint8_t b[8];
	struct wr w;
	ssize_t n;

	if (h->own[0] >= 0 && pump_room(p) > 0) {
		n = pump_read(p, h->own[0]);
		if (n > 0)
			h->in += (uint64_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			h->own[0] = -1;
	}
	if (pump_held(p))
		pump_write(p, h->m->ours[MACH_IN], BUF);
	if (h->own[0] < 0 && !h->eof_sent && h->sent) {
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
	if (!pump_held(p))
		return;
	n = pump_write(p, h->own[i], h->share[i] ? 4096 : BUF);
	if (n >= 0 || errno == EAGAIN || errno == EINTR)
		return;
	if (errno != EPIPE)
		warn("write:");
	h->failed = errno == EPIPE ? 128 + SIGPIPE : 125;
}

static void
signals(struct host *h)
{
	uint8_t sig = (uint8_t)proc_signal;

	if (!proc_signal)
		return;
	proc_signal = 0;
	if (++h->signals >= KILL_AGAIN || !h->eof_sent)
		h->failed = 128 + sig;
	else
		send_msg(h, MSG_SIGNAL, &sig, 1);
}

static void
wait_any(struct host *h, const sigset_t *during)
{
	struct mach *m = h->m;
	const int64_t left = clock_left(clock_ms(), h->deadline);
	struct timespec ts = { left / 1000, left % 1000 * 1000000 };
	struct pump *p = h->pump;
	struct pollfd f[] = {
		{ m->ours[MACH_CTL], POLLIN, 0 },
		{ m->ours[MACH_CON], POLLIN, 0 },
		{ pump_room(&p[0]) ? h->own[0] : -1, POLLIN, 0 },
		{ pump_held(&p[0]) ? m->ours[MACH_IN] : -1, POLLOUT, 0 },
		{ pump_room(&p[1]) ? m->ours[MACH_OUT] : -1, POLLIN, 0 },
		{ pump_held(&p[1]) ? h->own[1] : -1, POLLOUT, 0 },
		{ pump_room(&p[2]) ? m->ours[MACH_ERR] : -1, POLLIN, 0 },
		{ pump_held(&p[2]) ? h->own[2] : -1, POLLOUT, 0 },
	};

	ppoll(f, sizeof(f) / sizeof(*f), left < 0 ? NULL : &ts, during);
}

static int
finished(const struct host *h)
{
	return h->failed ||
	    (h->exited && h->out >= h->outlen && h->err >= h->errlen &&
		!pump_held(&h->pump[1]) && !pump_held(&h->pump[2]));
}

/* QEMU ended before the command did */
static void
died(struct host *h)
{
	char b[512], *s;
	ssize_t n = pread(h->m->words, b, sizeof(b) - 1, 0);

	console(h);
	b[n > 0 ? n : 0] = 0;
	b[strcspn(b, "\n")] = 0;
	if (h->failed)
		return;
	h->failed = 255;
	if (!h->ntail && *b)
		warn("%s", b);
	else
		warn("the guest ended before the command did%s",
		    h->ntail ? "; its console's last lines:" : "");
	h->failed = h->ntail ? 255 : 125;
	for (s = h->tail, n = 0; *s; s++)
		n += *s == '\n';
	for (s = h->tail; n > 12; s++)
		n -= *s == '\n';
	if (fd_write_all(2, s, strlen(s)) < 0)
		return;
}

int
host_run(struct mach *m, const struct job *j, const struct msg_job *mj)
{
	struct host h = { .m = m, .job = j, .mj = mj, .outlen = UINT64_MAX,
		.errlen = UINT64_MAX, .deadline = -1 };
	sigset_t during;
	int i, st;

	proc_signals(&during);
	if (j->timeout)
		h.deadline = clock_ms() + j->timeout;
	for (i = 0; i < 3; i++) {
		pump_init(&h.pump[i], malloc(BUF), BUF);
		h.own[i] = pump_own(i, i ? O_WRONLY : O_RDONLY, &h.share[i]);
	}
	for (i = 0; i < MACH_NFD; i++)
		fd_nonblock(m->ours[i], i != MACH_CTL);
	while (!finished(&h)) {
		wait_any(&h, &during);
		control(&h);
		console(&h);
		feed(&h);
		drain(&h, 1, &h.out);
		drain(&h, 2, &h.err);
		signals(&h);
		if (h.deadline >= 0 && clock_ms() >= h.deadline)
			h.failed = 124;
		if (!finished(&h) && proc_wait(m->pid, 0, &st) == 0) {
			m->pid = -1;
			died(&h);
		}
	}
	if (m->pid > 0)
		proc_end(m->pid, SIGKILL, 0);
	return h.failed ? h.failed : h.status;
}
