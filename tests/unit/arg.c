/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "arg.h"
#include "tap.h"

static const struct arg_opt opts[] = {
	{ 'p', "port", "PORT", "listen on PORT" },
	{ 'v', "verbose", NULL, "say more" },
	{ 256, "wait", "TIME", "wait so long" },
	{ 257, "secret", NULL, NULL },
	{ 0, NULL, NULL, NULL },
};
static const struct arg_tool tool = { "t", "[options] DIR", opts, 0, 0 };
static const struct arg_tool strict = { "t", "CMD", opts, ARG_STRICT, 125 };

/* the options of a line, a word each, as "ID=VALUE " */
static const char *
all(const struct arg_tool *t, const char *line)
{
	static char b[512], words[256];
	char *v[16] = { NULL };
	size_t n = 0, len = 0;
	struct arg a;
	int c;

	snprintf(words, sizeof(words), "%s", line);
	for (v[n] = strtok(words, " "); v[n]; v[++n] = strtok(NULL, " "))
		;
	arg_init(&a, t, v);
	b[0] = 0;
	while ((c = arg_next(&a)) != ARG_END)
		len += (size_t)snprintf(b + len, sizeof(b) - len, "%d=%s ", c,
		    a.value ? a.value : "");
	return b;
}

/* the exit status of a line that ends the program, with what it said */
static int
ends(const struct arg_tool *t, const char *line, int out, char *b, size_t cap)
{
	int fd[2], st;
	size_t len = 0;
	ssize_t n;
	pid_t pid;

	fflush(stdout);
	if (pipe(fd) < 0 || (pid = fork()) < 0)
		return -1;
	if (pid == 0) {
		dup2(fd[1], out);
		all(t, line);
		exit(77);
	}
	close(fd[1]);
	while (len < cap - 1 && (n = read(fd[0], b + len, cap - 1 - len)) > 0)
		len += (size_t)n;
	b[len] = 0;
	close(fd[0]);
	return waitpid(pid, &st, 0) == pid && WIFEXITED(st) ? WEXITSTATUS(st)
							    : -1;
}

static void
words(void)
{
	STREQ(all(&tool, "t -vp 69 d"), "118= 112=69 1=d ");
	STREQ(
	    all(&tool, "t -p69 --port 70 --port=71"), "112=69 112=70 112=71 ");
	STREQ(all(&tool, "t d -v -- -v"), "1=d 118= 1=-v ");
	STREQ(all(&tool, "t - --secret --wait=1s"), "1=- 257= 256=1s ");
	STREQ(all(&strict, "t -v cmd -v --port"), "118= 1=cmd 1=-v 1=--port ");
}

static void
wrong(void)
{
	char b[512];

	OK(ends(&tool, "t -x", 2, b, sizeof(b)) == 2);
	STREQ(b, "t: no such option: -x (t --help lists the options)\n");
	OK(ends(&strict, "t --nosuch=1", 2, b, sizeof(b)) == 125);
	STREQ(b, "t: no such option: --nosuch (t --help lists the options)\n");
	OK(ends(&tool, "t --verbose=1", 2, b, sizeof(b)) == 2);
	STREQ(b, "t: --verbose takes no value (t --help lists the options)\n");
	OK(ends(&tool, "t -p", 2, b, sizeof(b)) == 2);
	STREQ(b, "t: -p needs a value: PORT (t --help lists the options)\n");
	OK(ends(&tool, "t --help=1", 2, b, sizeof(b)) == 2);
}

static void
help(void)
{
	char b[1024];

	OK(ends(&tool, "t --help", 1, b, sizeof(b)) == 0);
	OK(!strncmp(b, "usage: t [options] DIR\n", 23));
	OK(strstr(b, "  -p, --port PORT ") && strstr(b, "listen on PORT\n"));
	OK(strstr(b, "      --wait TIME ") && !strstr(b, "secret"));
	OK(ends(&tool, "t -h", 1, b, sizeof(b)) == 0 &&
	    !strncmp(b, "usage", 5));
	OK(ends(&tool, "t --version", 1, b, sizeof(b)) == 0);
	STREQ(b, "t (limen) " VERSION "\n");
	OK(ends(&tool, "t --options", 1, b, sizeof(b)) == 0);
	OK(strstr(b, "p\tport\tPORT\tlisten on PORT\n") != NULL);
	OK(strstr(b, "\thelp\t\t") != NULL && !strstr(b, "secret"));
}

/* the one that started it ignores SIGCHLD: its own children end all the same */
static void
ignored(void)
{
	pid_t pid;
	int w = 0;

	signal(SIGCHLD, SIG_IGN);
	all(&tool, "t -v");
	if ((pid = fork()) == 0)
		_exit(3);
	OK(waitpid(pid, &w, 0) == pid && WEXITSTATUS(w) == 3);
}

int
main(void)
{
	words();
	wrong();
	help();
	ignored();
	return tap_done();
}
