/* limen: ISC licence, see LICENSE */
#include <sys/prctl.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "fd.h"
#include "press.h"
#include "walk.h"

#define JOBS_MAX 64

/* a command at work on a path: feeder | command | us */
struct job {
	uint32_t node;
	pid_t feeder, command;
	int fd; /* what it makes; -1: the job is free */
	uint64_t bytes;
};

struct press {
	struct graph *g;
	const char *command;
	struct job job[JOBS_MAX];
	int jobs;
	uint32_t next, done, total;
	int tell; /* stderr is a terminal */
	struct fault *f;
};

static int
give(void *arg, const char *p, size_t n)
{
	(void)arg;
	return fd_write_all(1, p, n);
}

/* the feeder's life: writes the files' data to its stdout. A command may
 * stop reading when it likes, hence SIGPIPE is its normal end */
static void
feed(const char *path)
{
	struct fault f;
	struct walk w;
	int r;

	signal(SIGPIPE, SIG_DFL);
	walk_init(&w, path, &f);
	while ((r = walk_next(&w)) > 0)
		if (S_ISREG(w.st.st_mode) &&
		    (r = walk_data(&w, 0, give, NULL)) < 0)
			break;
	_exit(r < 0 ? 2 : 0);
}

/* in a child: in and out become stdin and stdout */
static void
become(int in, int out)
{
	if (in < 0)
		in = open("/dev/null", O_RDONLY);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (dup2(in, 0) < 0 || dup2(out, 1) < 0)
		_exit(126);
}

static int
reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

static int
start(struct press *p, struct job *j, uint32_t node)
{
	char *path = ask_disk(p->g, node);
	struct stat st;
	int data[2] = { -1, -1 }, made[2] = { -1, -1 };

	if (lstat(path, &st) < 0) {
		fault(p->f, "%s: %s", path, strerror(errno));
		free(path);
		return -1;
	}
	if (pipe2(data, O_CLOEXEC) < 0 || pipe2(made, O_CLOEXEC) < 0)
		goto bad;
	if ((j->feeder = fork()) < 0)
		goto bad;
	if (!j->feeder) {
		become(-1, data[1]);
		close(data[0]);
		feed(path);
	}
	if ((j->command = fork()) < 0) {
		kill(j->feeder, SIGTERM);
		reap(j->feeder);
		goto bad;
	}
	if (!j->command) {
		become(data[0], made[1]);
		signal(SIGPIPE, SIG_DFL);
		execl("/bin/sh", "sh", "-c", p->command, (char *)NULL);
		_exit(127);
	}
	close(data[0]);
	close(data[1]);
	close(made[1]);
	free(path);
	j->node = node;
	j->fd = made[0];
	j->bytes = 0;
	return 0;
bad:
	fault(p->f, "cannot run %.200s: %s", p->command, strerror(errno));
	close(data[0]);
	close(data[1]);
	close(made[0]);
	close(made[1]);
	free(path);
	return -1;
}

static void
progress(const struct press *p)
{
	if (p->tell)
		dprintf(2, "\r%u of %u paths", p->done, p->total);
}

/* the command has ended its output */
static int
finish(struct press *p, struct job *j)
{
	int fed, status;

	close(j->fd);
	j->fd = -1;
	status = reap(j->command);
	fed = reap(j->feeder);
	if (status)
		return fault(p->f, "%.200s: failed on %s (%s %d)", p->command,
		    graph_text(p->g, j->node),
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status)
					: WEXITSTATUS(status));
	if (WIFEXITED(fed) && WEXITSTATUS(fed))
		return fault(p->f, "%s: cannot be read whole",
		    graph_text(p->g, j->node));
	p->g->node[j->node].size = (int64_t)j->bytes;
	p->g->node[j->node].sized = 1;
	p->done++;
	progress(p);
	return 0;
}

static int
drain(struct press *p, struct job *j)
{
	char b[65536];
	ssize_t n = read(j->fd, b, sizeof(b));

	if (n > 0)
		j->bytes += (uint64_t)n;
	if (n > 0 || (n < 0 && errno == EINTR))
		return 0;
	if (n < 0)
		return fault(p->f, "%.200s: %s", p->command, strerror(errno));
	return finish(p, j);
}

/* starts what can be started; the number of jobs at work, or -1 */
static int
fill(struct press *p, struct pollfd *fds)
{
	int i, busy = 0;

	for (i = 0; i < p->jobs; i++) {
		while (p->job[i].fd < 0 && p->next < p->g->n) {
			if (p->g->node[p->next].kind == GRAPH_STORE &&
			    start(p, &p->job[i], p->next) < 0)
				return -1;
			p->next++;
		}
		fds[i].fd = p->job[i].fd;
		fds[i].events = POLLIN;
		fds[i].revents = 0;
		busy += p->job[i].fd >= 0;
	}
	return busy;
}

static int
run(struct press *p)
{
	struct pollfd fds[JOBS_MAX];
	int i, busy;

	while ((busy = fill(p, fds)) > 0) {
		if (poll(fds, (nfds_t)p->jobs, -1) < 0 && errno != EINTR)
			return fault(p->f, "poll: %s", strerror(errno));
		for (i = 0; i < p->jobs; i++)
			if (fds[i].revents && drain(p, &p->job[i]) < 0)
				return -1;
	}
	return busy;
}

/* after a fault: nothing of ours goes on */
static void
stop(struct press *p)
{
	int i;

	for (i = 0; i < p->jobs; i++) {
		if (p->job[i].fd < 0)
			continue;
		close(p->job[i].fd);
		kill(p->job[i].feeder, SIGTERM);
		kill(p->job[i].command, SIGTERM);
		reap(p->job[i].feeder);
		reap(p->job[i].command);
	}
}

int
press_sizes(struct graph *g, const char *command, struct fault *f)
{
	struct press *p = mem_new(1, sizeof(*p));
	long n = sysconf(_SC_NPROCESSORS_ONLN);
	uint32_t v;
	int i, r;

	p->g = g;
	p->command = command;
	p->f = f;
	p->jobs = n < 1 ? 1 : n > JOBS_MAX ? JOBS_MAX : (int)n;
	p->tell = isatty(2);
	for (i = 0; i < p->jobs; i++)
		p->job[i].fd = -1;
	for (v = 0; v < g->n; v++)
		p->total += g->node[v].kind == GRAPH_STORE;
	r = run(p);
	if (p->tell)
		dprintf(2, "\r\033[K");
	stop(p);
	free(p);
	return r;
}
