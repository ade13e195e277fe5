/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>

#include <fcntl.h>
#include <unistd.h>

#include "ctl.h"
#include "tap.h"

static struct ctl c;
static char got[1 << 16];
static size_t ngot;

/* "long" takes more than one buffer, "table" most of one at a time; "say" a
 * line that is too long; all else is answered by "ok" alone */
static enum ctl_result
command(void *arg, const char *line, struct wr *w, long *at)
{
	const int lines = *line == 'l' ? 150 : *line == 't' ? 50 : 0;

	(void)arg;
	if (*line == 's')
		ctl_say(w, "%0300d", 0);
	for (; *at < lines; ++*at) {
		if (*line == 'l' && !ctl_fits(w))
			return CTL_MORE;
		ctl_say(
		    w, "%s, line %ld of some length, for a buffer", line, *at);
	}
	return CTL_OK;
}

/* what the server has to say to a client that sends text, and reads */
static const char *
ask(const char *text)
{
	struct pollfd p[CTL_CLIENTS + 1];
	int fd[2];
	ssize_t n;

	ngot = 0;
	OK(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd) == 0);
	ctl_init(&c, -1, command, NULL);
	memset(&c.c[0], 0, sizeof(c.c[0]));
	c.c[0].fd = fd[0];
	OK(write(fd[1], text, strlen(text)) == (ssize_t)strlen(text));
	OK(shutdown(fd[1], SHUT_WR) == 0);
	for (;;) {
		ctl_poll(&c, p);
		if (poll(p, CTL_CLIENTS + 1, 0) <= 0)
			break;
		ctl_serve(&c, p);
		n = read(fd[1], got + ngot, sizeof(got) - 1 - ngot);
		ngot += n > 0 ? (size_t)n : 0;
	}
	got[ngot] = '\0';
	OK_MSG(c.c[0].fd < 0, "all is answered, then hung up");
	ctl_close(&c);
	close(fd[1]);
	return got;
}

static int
count(const char *text, const char *what)
{
	int n = 0;

	for (; (text = strstr(text, what)); text += strlen(what))
		n++;
	return n;
}

static void
many_commands_at_once(void)
{
	char text[2 * 80 + 1] = "";
	int i;

	for (i = 0; i < 80; i++)
		memcpy(text + 2 * i, "x\n", 2);
	OK(count(ask(text), "ok\n") == 80);
}

static void
an_answer_behind_another(void)
{
	ask("long\ntable\n");
	OK(count(got, "ok\n") == 2);
	OK(count(got, "long, line") == 150);
	OK(count(got, "table, line") == 50);
	ask("table\r\n\ntable\ntable\n");
	OK(count(got, "ok\n") == 3);
	OK(count(got, "table, line") == 150);
}

static void
odd_lines(void)
{
	static char text[3 * sizeof(c.c[0].in) + 1];

	STREQ(ask("x\nx"), "ok\nok\n");
	STREQ(ask("x\nquit\nx\nx\n"), "ok\n");
	OK_MSG(count(ask("say"), "\n") == 2 && ngot == 254 + 1 + 3,
	    "a line that is too long is cut");
	memset(text, 'x', sizeof(text) - 1);
	OK_MSG(count(ask(text), "ok\n") == 4, "and one of them is several");
}

/* a listening socket by a name of the kernel's, in no directory */
static int
listener(struct sockaddr_un *un, socklen_t *len)
{
	const int l = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);

	*un = (struct sockaddr_un){ .sun_family = AF_UNIX };
	OK(bind(l, (void *)un, sizeof(un->sun_family)) == 0);
	OK(listen(l, 16) == 0);
	*len = sizeof(*un);
	OK(getsockname(l, (void *)un, len) == 0);
	return l;
}

/* fd asks for a connection, and the control socket has its turn */
static void
dial(int fd, const struct sockaddr_un *un, socklen_t len)
{
	struct pollfd p[CTL_CLIENTS + 1];

	OK(connect(fd, (const void *)un, len) == 0);
	ctl_poll(&c, p);
	OK(poll(p, CTL_CLIENTS + 1, 1000) == 1);
	ctl_serve(&c, p);
	OK(poll(&p[CTL_CLIENTS], 1, 0) == 0);
}

/* fd writes first, then reads why it is refused, and the end */
static void
refused(int fd, const char *why)
{
	char b[64] = "";

	OK(send(fd, "x\n", 2, MSG_NOSIGNAL) == 2);
	OK(recv(fd, b, sizeof(b) - 1, MSG_DONTWAIT) == (ssize_t)strlen(why));
	OK(!strcmp(b, why));
	OK(recv(fd, b, sizeof(b), MSG_DONTWAIT) == 0);
}

/* how many descriptors there are */
static int
open_fds(void)
{
	int fd, n = 0;

	for (fd = 0; fd < 64; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* who comes when there is no room reads why, though it writes first */
static void
no_room(void)
{
	struct sockaddr_un un;
	socklen_t len;
	int i, fd[CTL_CLIENTS + 2];
	const int was = open_fds();

	ctl_init(&c, listener(&un, &len), command, NULL);
	for (i = 0; i < CTL_CLIENTS + 2; i++) {
		fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
		dial(fd[i], &un, len);
		if (i >= CTL_CLIENTS)
			refused(fd[i], "error: too many clients\n");
	}
	ctl_close(&c);
	for (i = 0; i < CTL_CLIENTS + 2; i++)
		close(fd[i]);
	OK_MSG(open_fds() == was, "no descriptor is lost");
}

/* who comes next reads nothing of what the one before has left unread */
static void
leftovers(void)
{
	struct pollfd p[CTL_CLIENTS + 1];
	struct sockaddr_un un;
	socklen_t len;
	char b[64] = "";
	int i, fd;

	ctl_init(&c, listener(&un, &len), command, NULL);
	for (i = 0; i < 2; i++) {
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
		dial(fd, &un, len);
		OK(c.c[0].fd >= 0 &&
		    write(fd, i ? "x\n" : "long\n", i ? 2 : 5) > 0);
		if (!i)
			close(fd);
		ctl_poll(&c, p);
		OK(poll(p, CTL_CLIENTS + 1, 1000) == 1);
		ctl_serve(&c, p);
	}
	OK(recv(fd, b, sizeof(b) - 1, MSG_DONTWAIT) == 3 && !strcmp(b, "ok\n"));
	close(fd);
	ctl_close(&c);
}

/* n descriptors from now on, set by a child: valgrind, which would only play
 * it, and drop a connection for each that is one too many, does not see it */
static void
limit(rlim_t n)
{
	struct rlimit r;
	int st = -1;
	const pid_t pid = fork();

	if (!pid) {
		getrlimit(RLIMIT_NOFILE, &r);
		r.rlim_cur = n;
		_exit(prlimit(getppid(), RLIMIT_NOFILE, &r, NULL) < 0);
	}
	OK(waitpid(pid, &st, 0) == pid && !st);
}

/* who asks when no descriptor is left is told, and keeps poll() not awake */
static void
no_descriptor(void)
{
	struct sockaddr_un un;
	socklen_t len;
	int i, n, full[64], fd[3];

	ctl_init(&c, listener(&un, &len), command, NULL);
	for (i = 0; i < 3; i++)
		fd[i] = socket(AF_UNIX, SOCK_STREAM, 0);
	limit(64);
	for (n = 0; n < 64 && (full[n] = dup(0)) >= 0; n++)
		;
	OK(n > 0 && n < 64);
	for (i = 0; i < 2; i++) {
		dial(fd[i], &un, len);
		refused(fd[i], "error: too many open files\n");
	}
	close(full[--n]);
	dial(fd[2], &un, len);
	OK(c.c[0].fd >= 0);
	ctl_close(&c);
	while (n)
		close(full[--n]);
	for (i = 0; i < 3; i++)
		close(fd[i]);
}

int
main(void)
{
	no_room();
	many_commands_at_once();
	an_answer_behind_another();
	odd_lines();
	leftovers();
	no_descriptor();
	return tap_done();
}
