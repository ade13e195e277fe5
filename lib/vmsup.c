/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "proc.h"
#include "vmsup.h"

#define POLLS (CONSERVER_FDS + CTL_CLIENTS + 1 + 2 + VMSUP_NETS * VMWIRE_FDS)

void
vmsup_init(struct vmsup *s, struct vmdir *dir)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->dir = dir;
	s->stderr_fd = s->qmp.fd = -1;
	ctl_init(&s->ctl, -1, NULL, NULL);
	s->grace = 5000;
	s->quit_at = s->term_at = s->kill_at = -1;
	s->started = clock_ms();
	for (i = 0; i < VMSUP_FDS; i++)
		s->fd[i] = -1;
	conserver_init(&s->con, -1);
	s->con.start = s->started;
	proc_signals(&s->sig.during);
}

/* a number that the limit of descriptors does not allow is a lack of these */
static int
renumber(int fd, int to)
{
	const int r = dup3(fd, to, O_CLOEXEC);

	if (r < 0 && errno == EBADF)
		errno = EMFILE;
	return r;
}

int
vmsup_give(struct vmsup *s, int i, int fd)
{
	int to = VMSUP_FD + i;

	if (fd != to) {
		if (renumber(fd, to) < 0)
			return -1;
		close(fd);
	}
	return s->fd[i] = to;
}

int
vmsup_wire(struct vmsup *s, int i, const struct netname *n)
{
	int fd;

	if (vmwire_open(&s->wire[s->nwire], n, &fd) < 0)
		return -1;
	s->nwire++;
	return vmsup_give(s, i, fd) < 0 ? -1 : 0;
}

static int
fail(struct vmsup *s, const char *what)
{
	snprintf(s->err, sizeof(s->err), "%s: %s", what, strerror(errno));
	return -1;
}

int
vmsup_start(struct vmsup *s, const char *const *argv)
{
	int con[2], ctl[2], err[2] = { -1, -1 }, keep[VMSUP_FDS + 1], i;
	struct proc p = { argv, { -1, -1, -1 }, keep, 0, SIGKILL, 1 };

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, con) < 0 ||
	    socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ctl) < 0 ||
	    (s->quiet && pipe2(err, O_CLOEXEC | O_NONBLOCK) < 0) ||
	    renumber(ctl[1], VMSUP_QMP_FD) < 0)
		return fail(s, argv[0]);
	close(ctl[1]);
	fd_prepare(con[0]);
	s->con.guest = con[0];
	qmp_init(&s->qmp, ctl[0], s->qbuf, sizeof(s->qbuf));
	p.std[0] = p.std[1] = con[1];
	p.std[2] = err[1];
	for (i = 0; i < VMSUP_FDS; i++)
		if (s->fd[i] >= 0)
			keep[p.nkeep++] = s->fd[i];
	keep[p.nkeep++] = VMSUP_QMP_FD;
	if (s->quiet)
		fd_nonblock(err[1], 0);
	if ((s->pid = proc_spawn(&p)) < 0) {
		s->pid = 0;
		return fail(s, argv[0]);
	}
	close(con[1]);
	close(VMSUP_QMP_FD);
	if (err[1] >= 0)
		close(err[1]);
	s->stderr_fd = err[0];
	for (i = 0; i < VMSUP_FDS; i++)
		if (s->fd[i] >= 0)
			close(s->fd[i]);
	return 0;
}

/* keeps the last line that is not empty of what QEMU says */
static void
listen_to(struct vmsup *s)
{
	char b[4096], *l, *e;
	ssize_t n = read(s->stderr_fd, b, sizeof(b) - 1);

	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(s->stderr_fd);
		s->stderr_fd = -1;
	}
	if (n <= 0)
		return;
	b[n] = 0;
	for (l = b; *l; l = e) {
		e = strchrnul(l, '\n');
		if (e > l)
			snprintf(
			    s->said, sizeof(s->said), "%.*s", (int)(e - l), l);
		e += *e != 0;
	}
}

/* is QEMU gone? Takes its status and last words. */
static int
reap(struct vmsup *s)
{
	int w;

	if (!s->pid)
		return 1;
	if (waitpid(s->pid, &w, WNOHANG) != s->pid)
		return 0;
	s->pid = 0;
	s->status = w;
	if (s->why == VMSUP_RUNS)
		s->why = VMSUP_ENDED;
	if (s->stderr_fd >= 0)
		listen_to(s);
	return 1;
}

/* QEMU did not come up: its own words when it has any */
static int
stillborn(struct vmsup *s, const char *what)
{
	int64_t deadline = clock_ms() + 2000;
	int w;

	/* a connection that ended means that QEMU is on its way out */
	if (s->pid && s->qmp.eof && proc_wait(s->pid, deadline, &w) == 0) {
		s->pid = 0;
		s->status = w;
		s->why = VMSUP_ENDED;
	}
	if (s->stderr_fd >= 0)
		listen_to(s);
	if (s->said[0])
		snprintf(s->err, sizeof(s->err), "%.390s", s->said);
	else if (!s->pid && WIFSIGNALED(s->status))
		snprintf(s->err, sizeof(s->err), "QEMU was killed by signal %d",
		    WTERMSIG(s->status));
	else if (!s->pid)
		snprintf(s->err, sizeof(s->err), "QEMU ended with status %d",
		    WEXITSTATUS(s->status));
	else
		snprintf(
		    s->err, sizeof(s->err), "QEMU: %s: %s", what, s->qmp.err);
	return -1;
}

/* until QEMU says something, which may take it long: signals are let in. 0, or
 * -1: one has come */
static int
await_qemu(struct vmsup *s, int64_t deadline)
{
	struct pollfd p = { s->qmp.fd, POLLIN, 0 };
	int left;

	while (!proc_signal && (left = clock_left(clock_ms(), deadline)) > 0 &&
	       sigpoll(&s->sig, &p, 1, left) == 0)
		;
	if (!proc_signal)
		return 0;
	s->why = VMSUP_SIGNAL;
	snprintf(s->err, sizeof(s->err), "ended by a signal");
	return -1;
}

int
vmsup_go(struct vmsup *s, int halted, int64_t deadline)
{
	if (await_qemu(s, deadline) < 0)
		return -1;
	if (qmp_hello(&s->qmp, deadline) < 0)
		return stillborn(s, "does not answer");
	if (s->nnet && unecho(s->pid, s->net, s->nnet) < s->nnet)
		snprintf(s->err, sizeof(s->err), "%s", strerror(errno));
	if (!halted && qmp_call(&s->qmp, "cont", NULL, deadline, NULL) < 0)
		return stillborn(s, "does not start");
	return 0;
}

void
vmsup_stop(struct vmsup *s, enum vmsup_why why, int64_t grace)
{
	int64_t now = clock_ms();

	if (s->why != VMSUP_RUNS && s->quit_at <= now + grace)
		return;
	if (s->why == VMSUP_RUNS)
		s->why = why;
	if (grace > 0)
		qmp_send(&s->qmp, "system_powerdown", NULL);
	s->quit_at = now + grace;
	s->term_at = s->quit_at + 3000;
	s->kill_at = s->term_at + 2000;
}

/* the next step towards the end, when its time has come */
static void
press(struct vmsup *s, int64_t now)
{
	if (s->quit_at >= 0 && now >= s->quit_at) {
		s->quit_at = -1;
		if (qmp_send(&s->qmp, "quit", NULL) < 0)
			kill(s->pid, SIGTERM);
	}
	if (s->term_at >= 0 && now >= s->term_at) {
		s->term_at = -1;
		kill(s->pid, SIGTERM);
	}
	if (s->kill_at >= 0 && now >= s->kill_at) {
		s->kill_at = -1;
		kill(s->pid, SIGKILL);
	}
}

static void
events(struct vmsup *s)
{
	struct qmp_msg m;
	int r;

	while ((r = qmp_next(&s->qmp, &m)) > 0)
		if (m.kind == QMP_EVENT && !strcmp(m.name, "GUEST_PANICKED"))
			s->con.panic = 1;
	if (r < 0) {
		close(s->qmp.fd);
		s->qmp.fd = -1;
	}
}

int
vmsup_turn(struct vmsup *s, int64_t deadline)
{
	struct pollfd p[POLLS], *w;
	int64_t now = clock_ms();
	int n, i;

	if (reap(s))
		return 0;
	if (proc_signal)
		vmsup_stop(s, VMSUP_SIGNAL, 0);
	press(s, now);
	deadline = clock_min(
	    deadline, clock_min(s->quit_at, clock_min(s->term_at, s->kill_at)));
	n = conserver_poll(&s->con, p);
	p[n] = (struct pollfd){ s->qmp.fd, POLLIN, 0 };
	p[n + 1] = (struct pollfd){ s->stderr_fd, POLLIN, 0 };
	ctl_poll(&s->ctl, p + n + 2);
	w = p + n + 3 + CTL_CLIENTS;
	for (i = 0; i < s->nwire; i++)
		vmwire_poll(&s->wire[i], w + i * VMWIRE_FDS);
	if (sigpoll(&s->sig, p, (int)(w + s->nwire * VMWIRE_FDS - p),
		clock_left(now, deadline)) <= 0)
		return !reap(s);
	conserver_turn(&s->con, p, n, clock_ms());
	if (p[n].revents)
		events(s);
	if (p[n + 1].revents)
		listen_to(s);
	ctl_serve(&s->ctl, p + n + 2);
	for (i = 0; i < s->nwire; i++)
		vmwire_turn(&s->wire[i], w + i * VMWIRE_FDS);
	return !reap(s);
}

const char *
vmsup_words(const struct vmsup *s, char *b, size_t cap)
{
	static const char *const asked[] = { "did not start", "",
		"ended by a signal", "stopped", "timed out", "not up in time" };

	if (s->con.panic)
		snprintf(b, cap, "panicked");
	else if (s->why != VMSUP_ENDED)
		snprintf(b, cap, "%s", asked[s->why]);
	else if (WIFSIGNALED(s->status))
		snprintf(b, cap, "QEMU was killed by signal %d",
		    WTERMSIG(s->status));
	else
		snprintf(b, cap, "exited %d%s%s", WEXITSTATUS(s->status),
		    s->qmp.reason[0] ? " " : "", s->qmp.reason);
	return b;
}

static int
status(const struct vmsup *s)
{
	if (s->why == VMSUP_TIMEOUT)
		return 124;
	if (s->why == VMSUP_SIGNAL)
		return 128 + (int)proc_signal;
	if (s->con.panic && proc_status(s->status) == 0)
		return 255;
	return proc_status(s->status);
}

int
vmsup_end(struct vmsup *s)
{
	char b[128], t[300];

	if (s->pid) {
		s->status = proc_end(s->pid, SIGTERM, 3000);
		s->pid = 0;
	}
	if (s->qmp.fd >= 0)
		events(s); /* the reason may have come last */
	if (s->qmp.fd >= 0)
		close(s->qmp.fd);
	conserver_end(&s->con, clock_ms() + 2000);
	if (s->stderr_fd >= 0)
		close(s->stderr_fd);
	if (s->dir) {
		snprintf(t, sizeof(t), "%s after %lld s%s%s\n",
		    vmsup_words(s, b, sizeof(b)),
		    (long long)(clock_ms() - s->started) / 1000,
		    s->con.logerr ? ", the log lacks lines: " : "",
		    s->con.logerr ? strerror(s->con.logerr) : "");
		vmdir_put(s->dir, "status", t);
	}
	ctl_close(&s->ctl);
	while (s->nwire > 0)
		vmwire_close(&s->wire[--s->nwire]);
	return status(s);
}
