/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "die.h"
#include "host_in.h"
#include "unecho.h"

static volatile sig_atomic_t resized;

static void
winch(int sig)
{
	(void)sig;
	resized = 1;
}

void
host_watch_winsize(sigset_t *during)
{
	struct sigaction sa;
	sigset_t set;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = winch;
	sigaction(SIGWINCH, &sa, NULL);
	resized = 1; /* it may have been since the job was written */
	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigdelset(during, SIGWINCH);
}

int
host_send(struct host *h, enum msg_type type, const void *body, size_t len)
{
	uint8_t b[64];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	msg_put(&w, type, body, len);
	return pump_put(&h->to_ctl, b, wr_len(&w));
}

void
host_flush(struct host *h)
{
	struct pump *p = &h->to_ctl;

	if (pump_held(p) && pump_write(p, h->m->ours[MACH_CTL], p->cap) < 0 &&
	    errno != EAGAIN)
		p->off = p->end = 0; /* it is gone, which shows elsewhere */
}

void
host_winsize(struct host *h)
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
	if (host_send(h, MSG_WINSIZE, b, 4) < 0)
		resized = 1; /* once there is room */
}

static void
send_job(struct host *h)
{
	struct pump *p = &h->to_ctl; /* empty until then */
	struct timespec ts;
	struct wr w;
	size_t n;

	clock_gettime(CLOCK_REALTIME, &ts); /* the guest's clock from now on */
	h->r->mj->sec = (uint64_t)ts.tv_sec;
	h->r->mj->nsec = (uint32_t)ts.tv_nsec;
	wr_init(&w, p->buf + MSG_HEAD, MSG_MAX);
	msg_put_job(&w, h->r->mj);
	n = wr_len(&w);
	if (w.err) {
		warn("arguments and environment are too long");
		h->failed = JOB_FAIL;
	}
	wr_init(&w, p->buf, MSG_HEAD);
	wr_u8(&w, MSG_JOB);
	wr_u32(&w, (uint32_t)n);
	p->off = 0;
	p->end = MSG_HEAD + n;
	h->sent = 1;
	if (h->r->job->tty)
		tty_raw(&h->tty, 0);
}

/* the guest's own frames do not come back; a saved guest's card is here, too,
 * and nothing was sent yet */
static void
mend_wire(const struct host *h)
{
	struct unecho u = { .net = h->r->plan->net };

	if (u.net.kind != NETNAME_MCAST)
		return;
	memcpy(u.mac, h->r->mj->mac, sizeof(u.mac));
	if ((unecho_able(&u.net) < 0 || unecho(h->m->pid, &u, 1) < 1) &&
	    h->r->job->verbose)
		warn(
		    "--net %s: the guest hears its own frames", h->r->job->net);
}

static void
message(struct host *h, int type, struct rd *r)
{
	char text[512];
	size_t n;

	if (type == MSG_UP && !h->sent) {
		mend_wire(h);
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

void
host_control(struct host *h)
{
	struct rd r;
	ssize_t n;
	size_t used;
	int type;

	n = recv(h->m->ours[MACH_CTL], h->ctl + h->nctl,
	    sizeof(h->ctl) - h->nctl, MSG_DONTWAIT);
	h->dry[MACH_CTL] = h->gone && n <= 0;
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
