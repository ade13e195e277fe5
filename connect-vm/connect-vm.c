/* limen: ISC licence, see LICENSE */
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "arg.h"
#include "die.h"
#include "num.h"
#include "session.h"

static const struct arg_opt opts[] = {
	{ 'm', "monitor", NULL, "QEMU's monitor instead of the console" },
	{ 'a', "all", NULL, "show everything that the console ever said" },
	{ 'r', "read-only", NULL, "send nothing" },
	{ 'b', "baud", "BAUD", "speed of a serial port (default 115200)" },
	{ 'e', "escape", "CHAR", "leave by CHAR: x, ^X or none (default ^O)" },
	{ 't', "timeout", "TIME", "quiet that ends it, or the deadline" },
	{ 'w', "wait", "REGEX", "end when a line matches, 1 if none does" },
	{ 's', "script", "FILE", "send lines, each when the prompt is back" },
	{ 'C', "run", "CMD", "run one command, end with its status" },
	{ 'p', "prompt", "REGEX", "the prompt (default: found out)" },
	{ 'x', "fail", "REGEX", "a line that tells of a failed command" },
	{ 'k', "key", "STRING", "what stops an autoboot (default ^C)" },
	{ 'c', "pace", "MS", "milliseconds between two characters" },
	{ 'l', "log", "FILE", "append what comes to FILE" },
	{ 'T', "timestamps", NULL, "put the time before each line" },
	{ 'v', "verbose", NULL, "say what happens" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "connect-vm", "[options] DIR|SOCKET|TTY",
	opts, 0, 0 };

/* what at exit and on signals must be put right */
static struct session session;
static volatile sig_atomic_t got;

static void
on_signal(int n)
{
	got = n;
}

static void
put_back(void)
{
	tty_restore(&session.term);
	target_close(&session.t);
}

static long
speed(const struct arg *a)
{
	int64_t v;

	if (num_parse(a->value, 1, LONG_MAX, &v) < 0 || !tty_known((long)v))
		arg_usage(a, "%s: no such speed: %s; there are %s", a->shown,
		    a->value, tty_speeds());
	return (long)v;
}

/* "x", "^X" or "none" */
static int
escape(const struct arg *a)
{
	const char *s = a->value;

	if (!strcmp(s, "none"))
		return -1;
	if (s[0] == '^' && s[1] && !s[2]) {
		if (s[1] == '?')
			return 0x7f;
		if ((s[1] >= '@' && s[1] <= '_') ||
		    (s[1] >= 'a' && s[1] <= 'z'))
			return s[1] & 0x1f;
	}
	if (!s[0] || s[1])
		arg_usage(
		    a, "%s: not a character, ^X or none: %s", a->shown, s);
	return (unsigned char)s[0];
}

static void
option(struct conf *c, const struct arg *a, int id)
{
	switch (id) {
	case 'm': c->monitor = 1; break;
	case 'a': c->all = 1; break;
	case 'r': c->readonly = 1; break;
	case 'b': c->baud = speed(a); break;
	case 'e': c->escape = escape(a); break;
	case 't': c->time = arg_msec(a, 0); break;
	case 'w': c->watch = a->value; break;
	case 's': c->script = a->value; break;
	case 'C': c->command = a->value; break;
	case 'p': c->prompt = a->value; break;
	case 'x': c->bad = a->value; break;
	case 'k': c->key = a->value; break;
	case 'c': c->pace = (int)arg_num(a, 0, 10000); break;
	case 'l': c->log = a->value; break;
	case 'T': c->stamp = 1; break;
	case 'v': c->verbose = 1; break;
	case ARG_OPERAND:
		if (c->target)
			arg_usage(a, "one target only: %s", a->value);
		c->target = a->value;
		break;
	}
}

static void
options(struct conf *c, char **argv)
{
	struct arg a;
	int id;

	arg_init(&a, &tool, argv);
	while ((id = arg_next(&a)) != ARG_END)
		option(c, &a, id);
	if (!c->target)
		arg_usage(&a, "a DIR, SOCKET or TTY is needed");
	if (c->script && c->command)
		arg_usage(&a, "-s and -C exclude each other");
	if (c->watch && c->command)
		arg_usage(&a, "-w and -C exclude each other");
	if (c->readonly && (c->script || c->command))
		arg_usage(&a, "-r sends nothing, -s and -C do");
}

/* signals come in during sigpoll() only; mask is for that */
static void
signals(sigset_t *mask)
{
	static const int which[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP,
		SIGCONT, SIGUSR1, SIGUSR2, SIGALRM };
	struct sigaction sa = { .sa_handler = on_signal };
	struct sigaction old;
	sigset_t block;
	size_t i;

	sigemptyset(&block);
	sigprocmask(SIG_BLOCK, NULL, mask);
	for (i = 0; i < sizeof(which) / sizeof(*which); i++) {
		/* who started it with nohup meant it */
		if (sigaction(which[i], NULL, &old) < 0 ||
		    old.sa_handler == SIG_IGN)
			continue;
		sigaction(which[i], &sa, NULL);
		sigaddset(&block, which[i]);
		sigdelset(mask, which[i]);
	}
	sigprocmask(SIG_BLOCK, &block, NULL);
	signal(SIGPIPE, SIG_IGN);
}

int
main(int argc, char **argv)
{
	struct conf c = { .time = -1, .escape = 'O' & 0x1f, .baud = 115200 };
	struct sigpoll wait = { .busy = 0 };

	(void)argc;
	options(&c, argv);
	signals(&wait.during);
	atexit(put_back);
	session_init(&session, &c);
	return session_run(&session, &got, &wait);
}
