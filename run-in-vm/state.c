/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "mach.h"
#include "state.h"

#define LINE 4096

/* the next whole line that QEMU says, by the deadline; its length or -1 */
static int
line(int fd, char *b, size_t cap, int64_t end)
{
	struct pollfd p = { fd, POLLIN, 0 };
	size_t n = 0;
	ssize_t r;

	while (n + 1 < cap) {
		if ((r = read(fd, b + n, 1)) == 1) {
			if (b[n++] == '\n')
				break;
		} else if (r == 0 || (errno != EAGAIN && errno != EINTR) ||
			   poll(&p, 1, clock_left(clock_ms(), end)) == 0)
			return -1;
	}
	b[n] = 0;
	return (int)n;
}

struct asked {
	int qmp;
	int64_t end;  /* when it must have answered */
	char b[LINE]; /* the answer, a line */
};

/* Sends a command of QMP, with fd when it is not -1. The greeting and events
 * are passed over. 0, or -1: refused. */
static int
ask(struct asked *a, const char *cmd, int fd)
{
	struct iovec v = { (void *)(uintptr_t)cmd, strlen(cmd) };
	union {
		char b[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} u;
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1 };
	struct cmsghdr *c;

	memset(&u, 0, sizeof(u));
	if (fd >= 0) {
		m.msg_control = u.b;
		m.msg_controllen = sizeof(u.b);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	if (sendmsg(a->qmp, &m, 0) != (ssize_t)v.iov_len)
		return -1;
	while (line(a->qmp, a->b, sizeof(a->b), a->end) > 0)
		if (!strncmp(a->b, "{\"return\"", 9) ||
		    !strncmp(a->b, "{\"error\"", 8))
			return a->b[2] == 'r' ? 0 : -1;
	return -1;
}

int
state_save(int qmp, int fd, int64_t end)
{
	struct asked a = { .qmp = qmp, .end = end };

	if (ask(&a, "{\"execute\":\"qmp_capabilities\"}\n", -1) < 0 ||
	    ask(&a, MACH_IGNORE "\n", -1) < 0 ||
	    ask(&a,
		"{\"execute\":\"getfd\",\"arguments\":"
		"{\"fdname\":\"state\"}}\n",
		fd) < 0 ||
	    ask(&a,
		"{\"execute\":\"migrate\",\"arguments\":"
		"{\"uri\":\"fd:state\"}}\n",
		-1) < 0)
		return -1;
	while (clock_ms() < end &&
	       ask(&a, "{\"execute\":\"query-migrate\"}\n", -1) == 0) {
		if (strstr(a.b, "\"completed\""))
			return 0;
		if (strstr(a.b, "\"failed\""))
			break;
	}
	return -1;
}

void
state_go_on(int qmp, int64_t end)
{
	struct asked a = { .qmp = qmp, .end = end };

	ask(&a, "{\"execute\":\"cont\"}\n", -1);
}
