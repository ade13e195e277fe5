/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>
#include <sys/wait.h>

#include <unistd.h>

#include "proc.h"
#include "sigpoll.h"
#include "tap.h"

/* turns until a signal that waits is heard of, with something always ready */
static int
turns(struct sigpoll *s, struct pollfd *p)
{
	int i;

	proc_signal = 0;
	raise(SIGTERM);
	for (i = 0; i <= 2 * SIGPOLL_BUSY && !proc_signal; i++)
		if (sigpoll(s, p, 1, -1) != 1 || p->revents != POLLIN)
			return -1;
	return i;
}

/* the limit of descriptors, set by a child: valgrind keeps to itself what a
 * process asks for of its own */
static int
limit(const struct rlimit *l)
{
	const pid_t pid = fork();
	int w;

	if (!pid)
		_exit(prlimit(getppid(), RLIMIT_NOFILE, l, NULL) < 0);
	return pid > 0 && waitpid(pid, &w, 0) == pid ? w : -1;
}

int
main(void)
{
	struct sigpoll s = { .busy = 0 };
	struct pollfd p = { -1, POLLIN, POLLIN };
	struct rlimit old, none;
	int fd[2];

	proc_signals(&s.during);
	OK(pipe(fd) == 0 && (p.fd = fd[0]) >= 0);
	OK_MSG(sigpoll(&s, &p, 1, 0) == 0 && !p.revents, "nothing is ready");
	OK(!s.busy);
	p.revents = POLLIN;
	raise(SIGINT);
	OK(!proc_signal);
	OK_MSG(sigpoll(&s, &p, 1, -1) == 0 && !p.revents, "a signal ends it");
	OK(proc_signal == SIGINT);
	OK(write(fd[1], "x", 1) == 1);
	OK_MSG(turns(&s, &p) == SIGPOLL_BUSY, "a flood keeps none out");
	s.busy = (unsigned)-1;
	OK_MSG(turns(&s, &p) == 1, "nor when the count starts anew");
	p.revents = POLLIN;
	OK(getrlimit(RLIMIT_NOFILE, &old) == 0);
	none = old;
	none.rlim_cur = 0;
	OK(limit(&none) == 0);
	OK_MSG(sigpoll(&s, &p, 1, 0) == -1 && !p.revents, "an error");
	setrlimit(RLIMIT_NOFILE, &old);
	return tap_done();
}
