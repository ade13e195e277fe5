/* limen: ISC licence, see LICENSE */
/*
 * A QEMU without a guest: answers QMP on descriptor 100 and, where the command
 * line gives one "-chardev socket,id=qga,fd=N", a guest's agent there, for
 * which the script always ends well and says "done". Ends with its QMP.
 */
#include <sys/socket.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { QMP, LISTENER, AGENT, FDS };

static struct pollfd p[FDS] = { { 100, POLLIN, 0 }, { -1, POLLIN, 0 },
	{ -1, POLLIN, 0 } };

static void
say(int fd, const char *s)
{
	(void)!write(fd, s, strlen(s));
}

static void
qmp(const char *line)
{
	say(p[QMP].fd, "{\"return\":{}}\n");
	if (strstr(line, "\"cont\""))
		say(1, "border: ready\n");
	if (strstr(line, "\"quit\""))
		exit(0);
}

static void
agent(const char *line)
{
	const char *id = strstr(line, "\"id\":");
	char b[100];

	if (id) {
		snprintf(b, sizeof(b), "\377{\"return\":%ld}\n",
		    strtol(id + 5, NULL, 10));
		say(p[AGENT].fd, b);
	} else
		say(p[AGENT].fd,
		    strstr(line, "status")
			? "{\"return\":{\"exited\":true,\"exitcode\":0,"
			  "\"out-data\":\"ZG9uZQ==\"}}\n"
			: "{\"return\":{\"pid\":7}}\n");
}

/* what came on p[i], a line at a time */
static void
take(int i, void (*fn)(const char *))
{
	static char b[FDS][8192];
	static size_t n[FDS];
	char *end;
	ssize_t k = read(p[i].fd, b[i] + n[i], sizeof(b[i]) - 1 - n[i]);

	if (k <= 0 && i == QMP)
		exit(0);
	if (k <= 0) {
		close(p[i].fd);
		p[i].fd = -1;
		n[i] = 0;
		return;
	}
	n[i] += (size_t)k;
	b[i][n[i]] = 0;
	while ((end = strchr(b[i], '\n'))) {
		*end++ = 0;
		fn(b[i]);
		n[i] -= (size_t)(end - b[i]);
		memmove(b[i], end, n[i] + 1);
	}
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (!strncmp(argv[i], "socket,id=qga,fd=", 17))
			p[LISTENER].fd = (int)strtol(argv[i] + 17, NULL, 10);
	say(p[QMP].fd, "{\"QMP\":{}}\n");
	while (poll(p, FDS, -1) >= 0) {
		if (p[QMP].revents)
			take(QMP, qmp);
		if (p[AGENT].fd >= 0 && p[AGENT].revents)
			take(AGENT, agent);
		else if (p[LISTENER].fd >= 0 && p[LISTENER].revents)
			p[AGENT].fd = accept(p[LISTENER].fd, NULL, NULL);
	}
	return 1;
}
