/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "fd.h"
#include "guest.h"
#include "proc.h"
#include "pump.h"

#define BUF    (256 << 10)
#define CTLBUF 4096

struct run {
	struct guest *g;
	pid_t pid;
	int sig;    /* signalfd */
	int std[3]; /* our ends of the command's; -1: closed */
	int tty;
	uint64_t stdin_total, stdin_got; /* total: UINT64_MAX till known */
	uint64_t outlen[3];
	struct pump pump[3];
	int status, done;
};

/* In the child, which never returns: its memory, errno included, is the
 * parent's until the command runs, and the environment that it sets is for the
 * command alone. */
static void
child(struct run *r, int std[3], volatile int *err)
{
	const struct msg_job *j = &r->g->job;
	sigset_t none;
	int i;

	setsid();
	if (r->tty)
		ioctl(std[0], TIOCSCTTY, 0);
	for (i = 0; i < 3; i++)
		dup2(std[i], i);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (j->gid || j->uid)
		if (setgroups(0, NULL) < 0 || setgid(j->gid) < 0 ||
		    setuid(j->uid) < 0)
			*err = 125;
	if (!*err && chdir(j->cwd) < 0 &&
	    (j->flags & MSG_CWD || chdir("/") < 0))
		*err = 125 | 1 << 8;
	if (!*err) {
		umask(j->flags >> MSG_UMASK);
		clearenv();
		for (i = 0; i < (int)j->envc; i++)
			putenv((char *)(uintptr_t)j->env[i]);
		if (*j->prog)
			execv(j->prog, (char **)(uintptr_t)j->argv);
		execvp(j->argv[0], (char **)(uintptr_t)j->argv);
		*err = errno == ENOENT ? 127 : 126;
	}
	_exit(1);
}

static void
start_failed(struct run *r, int err)
{
	const struct msg_job *j = &r->g->job;

	if (err == 125)
		guest_fail(r->g, 125, "become user %u in the guest:", j->uid);
	if (err >> 8)
		guest_fail(r->g, 125, "%s in the guest:", j->cwd);
	guest_fail(r->g, err, "%s:", j->argv[0]);
}

/* a terminal of the asked size: its slave stdin and stdout, its master ours */
static int
open_pty(struct run *r, int std[3])
{
	struct winsize ws = { (unsigned short)r->g->job.rows,
		(unsigned short)r->g->job.cols, 0, 0 };
	int m = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), s;

	if (m < 0 || grantpt(m) < 0 || unlockpt(m) < 0 ||
	    (s = open(ptsname(m), O_RDWR | O_NOCTTY | O_CLOEXEC)) < 0)
		return -1;
	ioctl(m, TIOCSWINSZ, &ws);
	std[0] = std[1] = s;
	r->std[0] = m;
	r->std[1] = fcntl(m, F_DUPFD_CLOEXEC, 3);
	return r->std[1] < 0 ? -1 : 0;
}

static int
open_pipe(struct run *r, int std[3], int i)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -1;
	std[i] = p[i > 0];
	r->std[i] = p[i == 0];
	return 0;
}

/* one of stdout and stderr, where the host has one, keeps the order of what is
 * written to both */
static int
open_std(struct run *r, int std[3])
{
	if (r->tty ? open_pty(r, std) < 0
		   : open_pipe(r, std, 0) < 0 || open_pipe(r, std, 1) < 0)
		return -1;
	std[2] = std[1];
	return r->g->job.flags & MSG_ONE ? 0 : open_pipe(r, std, 2);
}

/* vfork: a copy of this program's page tables, which the command does not
 * need, is slow to make under emulation */
static void
start(struct run *r)
{
	volatile int err = 0;
	int std[3], i;
	pid_t pid;

	if (open_std(r, std) < 0)
		guest_fail(r->g, 125, "start the command:");
	/* NOLINTNEXTLINE: posix_spawn does not change the user */
	pid = vfork();
	if (pid == 0)
		child(r, std, &err); /* NOLINT: on Linux it may call */
	if (pid < 0)
		guest_fail(r->g, 125, "fork:");
	r->pid = pid;
	if (err)
		start_failed(r, err);
	for (i = 0; i < 3; i++)
		if (!i || std[i] != std[i - 1])
			close(std[i]);
	for (i = 0; i < 3; i++)
		if (r->std[i] >= 0)
			fd_prepare(r->std[i]);
}

static void
message(struct run *r, int type, struct rd *b)
{
	struct winsize ws = { 0, 0, 0, 0 };
	int sig;

	if (type == MSG_SIGNAL) {
		sig = rd_u8(b);
		if (!r->done && sig > 0 && sig < 64)
			kill(-r->pid, sig);
	} else if (type == MSG_WINSIZE) {
		ws.ws_row = rd_u16(b);
		ws.ws_col = rd_u16(b);
		if (r->tty && r->std[0] >= 0)
			ioctl(r->std[0], TIOCSWINSZ, &ws);
	} else if (type == MSG_STDIN) {
		r->stdin_total = rd_u64(b);
	}
}

/* the job lies at the front of g->buf for as long as the guest lives; the
 * messages after it come to a buffer of their own */
static void
control(struct run *r, uint8_t *buf, size_t *len)
{
	struct rd b;
	ssize_t n = read(r->g->ctl, buf + *len, CTLBUF - *len);
	size_t used;
	int type;

	if (n > 0)
		*len += (size_t)n;
	while ((type = msg_get(buf, *len, &b)) > 0) {
		used = (size_t)(b.end - buf);
		message(r, type, &b);
		memmove(buf, buf + used, *len - used);
		*len -= used;
	}
}

static void
reap(struct run *r)
{
	struct signalfd_siginfo si;
	pid_t pid;
	int st;

	while (read(r->sig, &si, sizeof(si)) > 0)
		;
	while ((pid = waitpid(-1, &st, WNOHANG)) > 0)
		if (pid == r->pid) {
			r->done = 1;
			r->status = proc_status(st);
		}
}

static void
shut(struct run *r, int i)
{
	if (r->std[i] >= 0)
		close(r->std[i]);
	r->std[i] = -1;
}

/* port to command; a command that reads no more has the rest thrown away */
static void
feed(struct run *r)
{
	struct pump *p = &r->pump[0];
	ssize_t n;

	if (pump_room(p) > 0 && (n = pump_read(p, r->g->in)) > 0)
		r->stdin_got += (uint64_t)n;
	if (r->std[0] < 0)
		p->off = p->end = 0;
	else if (pump_held(p) && pump_write(p, r->std[0], BUF) < 0 &&
		 errno != EAGAIN && errno != EINTR)
		shut(r, 0);
	if (r->stdin_got >= r->stdin_total && !pump_held(p) && !r->tty)
		shut(r, 0);
}

/* command to port */
static void
drain(struct run *r, int i, int port)
{
	struct pump *p = &r->pump[i];
	ssize_t n;

	if (r->std[i] >= 0 && pump_room(p) > 0) {
		n = pump_read(p, r->std[i]);
		if (n > 0)
			r->outlen[i] += (uint64_t)n;
		else if (n == 0 || (errno != EAGAIN && errno != EINTR))
			shut(r, i);
		else if (r->done) /* who still holds it is not waited for */
			shut(r, i);
	}
	if (pump_held(p))
		pump_write(p, port, BUF);
}

static void
wait_any(struct run *r)
{
	struct guest *g = r->g;
	struct pollfd f[8] = {
		{ g->ctl, POLLIN, 0 },
		{ r->sig, POLLIN, 0 },
		{ pump_room(&r->pump[0]) ? g->in : -1, POLLIN, 0 },
		{ pump_held(&r->pump[0]) ? r->std[0] : -1, POLLOUT, 0 },
		{ pump_room(&r->pump[1]) ? r->std[1] : -1, POLLIN, 0 },
		{ pump_held(&r->pump[1]) ? g->out : -1, POLLOUT, 0 },
		{ pump_room(&r->pump[2]) ? r->std[2] : -1, POLLIN, 0 },
		{ pump_held(&r->pump[2]) ? g->err : -1, POLLOUT, 0 },
	};

	poll(f, 8, r->done ? 10 : -1);
}

static int
busy(const struct run *r)
{
	return !r->done || r->std[1] >= 0 || r->std[2] >= 0 ||
	       pump_held(&r->pump[1]) || pump_held(&r->pump[2]);
}

struct guest_result
guest_run(struct guest *g)
{
	struct run r = { g, 0, -1, { -1, -1, -1 }, !!(g->job.flags & MSG_TTY),
		UINT64_MAX, 0, { 0 }, { { 0 } }, 0, 0 };
	static uint8_t room[3][BUF];
	uint8_t buf[CTLBUF];
	size_t len = g->len - g->used;
	uint64_t res = 0;
	sigset_t set;
	int i;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	r.sig = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	for (i = 0; i < 3; i++)
		pump_init(&r.pump[i], room[i], BUF);
	memcpy(buf, g->buf + g->used, len);
	start(&r);
	fd_nonblock(g->ctl, 1);
	fd_nonblock(g->in, 1);
	fd_nonblock(g->out, 1);
	fd_nonblock(g->err, 1);
	while (busy(&r)) {
		control(&r, buf, &len);
		feed(&r);
		wait_any(&r);
		reap(&r);
		feed(&r);
		drain(&r, 1, g->out);
		drain(&r, 2, g->err);
	}
	fd_nonblock(g->ctl, 0);
	if (g->job.flags & MSG_RESULTS &&
	    (r.status == 0 || g->job.flags & MSG_KEEP))
		res = guest_pack(g, GUEST_RESULTS, g->res);
	return (struct guest_result){ (uint32_t)r.status, r.outlen[1],
		r.outlen[2], res };
}

void
guest_init(struct guest *g)
{
	const struct msg_job *j = &g->job;
	struct termios t;
	uint32_t i;

	guest_send(g, MSG_INIT, "", 0);
	if (tcgetattr(g->con, &t) == 0) { /* what a console looks like */
		t.c_iflag = ICRNL | IXON;
		t.c_oflag = OPOST | ONLCR;
		t.c_lflag = ISIG | ICANON | ECHO | ECHOE | ECHOK | ECHOCTL |
			    ECHOKE | IEXTEN;
		tcsetattr(g->con, TCSANOW, &t);
	}
	for (i = 0; i < 3; i++)
		dup2(g->con, (int)i);
	clearenv();
	for (i = 0; i < j->envc; i++)
		if (!strncmp(j->env[i], "TERM=", 5))
			putenv((char *)(uintptr_t)j->env[i]);
	execv(j->init, (char **)(uintptr_t)j->argv);
	guest_fail(g, 126, "init %s:", j->init);
}
