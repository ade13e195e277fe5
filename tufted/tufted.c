/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "arg.h"
#include "client.h"
#include "clock.h"
#include "die.h"
#include "num.h"
#include "serve.h"
#include "start.h"

enum {
	OPT_REFUSE = 256,
	OPT_NOFOLLOW,
	OPT_PERCLIENT,
	OPT_OVERWRITE,
	OPT_MAXSIZE,
	OPT_MAXBLK,
	OPT_MAXWIN,
	OPT_LIMIT,
	OPT_PERHOST,
	OPT_ROLLOVER,
	OPT_RETRIES,
	OPT_RETRANSMIT,
	OPT_TIMEOUT,
	OPT_READY,
	OPT_FD,
	OPT_USER,
	OPT_NOLANDLOCK,
	OPT_NOSECCOMP,
	OPT_LOG,
	OPT_GET,
	OPT_PUT,
	OPT_NAME,
	OPT_WAIT,
	OPT_NETASCII,
	OPT_WINDOW,
	OPT_PLAIN,
};

static const struct arg_opt opts[] = {
	{ 'a', "allow", "ADDR[/LEN]", "serve these sources (repeatable)" },
	{ 'p', "port", "PORT", "listen on, or talk to, PORT (default 69)" },
	{ 'l', "listen", "ADDR", "listen on ADDR only (repeatable)" },
	{ 'i', "interface", "IFACE", "use this network interface only" },
	{ 'w', "uploads", "DIR", "take uploads into DIR" },
	{ '1', "once", NULL, "end after one transfer" },
	{ 'n', "count", "N", "end after N transfers" },
	{ OPT_TIMEOUT, "timeout", "TIME", "give up after TIME" },
	{ OPT_REFUSE, "refuse", NULL, "tell strangers that they are refused" },
	{ OPT_NOFOLLOW, "no-follow", NULL, "no symlinks that lead out of DIR" },
	{ OPT_PERCLIENT, "per-client", NULL,
	    "look in DIR/CLIENT-ADDRESS first" },
	{ OPT_OVERWRITE, "overwrite", NULL, "uploads may replace files" },
	{ OPT_MAXSIZE, "max-size", "SIZE", "largest upload (default 256M)" },
	{ OPT_MAXBLK, "max-blksize", "N", "largest block (default 65464)" },
	{ OPT_MAXWIN, "max-window", "N", "largest window (default 64)" },
	{ OPT_LIMIT, "limit", "N", "transfers at once (default 1000)" },
	{ OPT_PERHOST, "client-limit", "N", "of one client (default 256)" },
	{ OPT_ROLLOVER, "rollover", "0|1", "block number after 65535 (0)" },
	{ OPT_RETRIES, "retries", "N", "repetitions at most (default 8)" },
	{ OPT_RETRANSMIT, "retransmit", "TIME",
	    "first repetition after TIME, whatever the client asks" },
	{ OPT_READY, "ready", "FD|FILE", "tell there when requests are taken" },
	{ OPT_FD, "fd", "N", "the bound socket is descriptor N" },
	{ OPT_USER, "user", "NAME", "become NAME (root: default nobody)" },
	{ OPT_NOLANDLOCK, "no-landlock", NULL, "go without Landlock" },
	{ OPT_NOSECCOMP, "no-seccomp", NULL, "go without seccomp" },
	{ OPT_LOG, "log", "text|json", "how transfers are told (text)" },
	{ 'v', "verbose", NULL, "tell every packet" },
	{ 'q', "quiet", NULL, "tell errors only" },
	{ OPT_GET, "get", "HOST", "client: fetch the file named" },
	{ OPT_PUT, "put", "HOST", "client: push the file named" },
	{ OPT_NAME, "name", "NAME", "client: its name at the server" },
	{ 'o', "output", "FILE", "client: where to put it, - is stdout" },
	{ 'b', "blksize", "N", "client: block size to ask for" },
	{ OPT_WINDOW, "window", "N", "client: window to ask for" },
	{ OPT_WAIT, "wait", NULL, "client: ask until somebody answers" },
	{ OPT_NETASCII, "netascii", NULL, "client: as text" },
	{ OPT_PLAIN, "plain", NULL, "client: ask for no option" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "tufted",
	"[options] DIR | --get HOST [options] NAME | --put HOST [options] FILE",
	opts, 0, 0 };

static volatile sig_atomic_t stop;

static void
on_signal(int sig)
{
	stop = sig;
}

static void
defaults(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	c->inherit = -1;
	c->port = TFTP_PORT;
	c->loglevel = LOG_NORMAL;
	c->maxblk = TFTP_BLKMAX;
	c->maxwin = 64;
	c->retries = 8;
	c->limit = 1000;
	c->perhost = 256;
	c->maxsize = 256 << 20;
}

static void
allow(struct conf *c, const struct arg *a)
{
	if (c->nallow == NALLOW)
		arg_usage(a, "-a: at most %d times", NALLOW);
	if (addr_net(a->value, &c->allow[c->nallow++]) < 0)
		arg_usage(a, "-a: not an address: %s", a->value);
}

static void
listen_on(struct conf *c, const struct arg *a)
{
	struct sockaddr_storage ss;
	socklen_t len;

	if (addr_sock(a->value, 0, &ss, &len) < 0)
		arg_usage(a, "-l: not an address: %s", a->value);
	arg_push(a, c->listen, &c->nlisten, NLISTEN);
}

/* switches and names */
static int
set_plain(struct conf *c, const struct arg *a, int id)
{
	switch (id) {
	case 'i': c->iface = a->value; break;
	case 'w': c->uploads = a->value; break;
	case '1': c->served = 1; break;
	case 'v': c->loglevel = LOG_PACKETS; break;
	case 'q': c->loglevel = LOG_QUIET; break;
	case 'o': c->out = a->value; break;
	case OPT_REFUSE: c->refuse = 1; break;
	case OPT_NOFOLLOW: c->nofollow = 1; break;
	case OPT_PERCLIENT: c->perclient = 1; break;
	case OPT_OVERWRITE: c->overwrite = 1; break;
	case OPT_READY: c->ready = a->value; break;
	case OPT_USER: c->user = a->value; break;
	case OPT_NOLANDLOCK: c->nolandlock = 1; break;
	case OPT_NOSECCOMP: c->noseccomp = 1; break;
	case OPT_GET: c->get = a->value; break;
	case OPT_PUT: c->put = a->value; break;
	case OPT_NAME: c->remote = a->value; break;
	case OPT_WAIT: c->wait = 1; break;
	case OPT_NETASCII: c->netascii = 1; break;
	case OPT_PLAIN: c->plain = 1; break;
	default: return 0;
	}
	return 1;
}

static void
set_number(struct conf *c, const struct arg *a, int id)
{
	switch (id) {
	case 'a': allow(c, a); break;
	case 'l': listen_on(c, a); break;
	case 'p': c->port = (uint16_t)arg_num(a, 0, 65535); break;
	case 'n': c->served = arg_num(a, 1, INT32_MAX); break;
	case 'b':
		c->blksize = (unsigned)arg_num(a, TFTP_BLKMIN, TFTP_BLKMAX);
		break;
	case OPT_WINDOW:
		c->window = (unsigned)arg_num(a, 1, TFTP_WINDOWOWN);
		break;
	case OPT_MAXSIZE:
		if (num_size(a->value, 0, INT64_MAX / 2, &c->maxsize) < 0)
			arg_usage(a, "--max-size: not a size: %s", a->value);
		break;
	case OPT_MAXBLK:
		c->maxblk = (unsigned)arg_num(a, TFTP_BLKMIN, TFTP_BLKMAX);
		break;
	case OPT_MAXWIN:
		c->maxwin = (unsigned)arg_num(a, 1, TFTP_WINDOWOWN);
		break;
	case OPT_LIMIT: c->limit = (unsigned)arg_num(a, 1, 65536); break;
	case OPT_PERHOST: c->perhost = (unsigned)arg_num(a, 1, 65536); break;
	case OPT_ROLLOVER: c->rollover = (unsigned)arg_num(a, 0, 1); break;
	case OPT_RETRIES: c->retries = (unsigned)arg_num(a, 0, 100); break;
	case OPT_RETRANSMIT: c->rto = arg_msec(a, 1); break;
	case OPT_TIMEOUT: c->timeout = arg_msec(a, 1); break;
	case OPT_FD: c->inherit = (int)arg_num(a, 0, INT32_MAX); break;
	case OPT_LOG: c->json = arg_choice(a); break;
	default: break;
	}
}

/* what a client needs, before any of it is looked up */
static void
check_client(const struct arg *a, const struct conf *c, const char *operand)
{
	const char *server = c->put ? c->put : c->get;
	char host[256];
	uint16_t port = TFTP_PORT;

	if (c->get && c->put)
		arg_usage(a, "--get or --put, not both");
	if (addr_server(server, host, sizeof(host), &port) < 0)
		arg_usage(a, "not HOST or HOST:PORT: %s", server);
	if (!operand)
		arg_usage(a, "no file named");
	if (!c->port)
		arg_usage(a, "-p 0: a server has no such port");
}

/* a server would pass over what only a client does, to the surprise of who
 * asked for it */
static void
check_server(const struct arg *a, const struct conf *c, const char *operand)
{
	if (c->remote || c->out || c->blksize || c->window || c->wait ||
	    c->netascii || c->plain)
		arg_usage(a, "--name, -o, -b, --window, --wait, --netascii and "
			     "--plain go with --get or --put");
	if (!operand)
		arg_usage(a, "no directory to serve");
}

static void
parse(struct conf *c, char **argv)
{
	const char *operand = NULL;
	struct arg a;
	int id;

	defaults(c);
	arg_init(&a, &tool, argv);
	while ((id = arg_next(&a)) != ARG_END) {
		if (id != ARG_OPERAND) {
			if (!set_plain(c, &a, id))
				set_number(c, &a, id);
			continue;
		}
		if (operand)
			arg_usage(&a, "one operand only: %s", a.value);
		operand = a.value;
	}
	if (c->get || c->put)
		check_client(&a, c, operand);
	else
		check_server(&a, c, operand);
	c->dir = c->file = operand;
}

static void
signals(void)
{
	struct sigaction sa, old;
	sigset_t set;

	memset(&sa, 0, sizeof(sa));
	sa.sa_handler = on_signal;
	sigaction(SIGINT, &sa, NULL);
	sigaction(SIGTERM, &sa, NULL);
	/* who started it with nohup meant it */
	if (sigaction(SIGHUP, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGHUP, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

/* three descriptors a transfer; fewer transfers where there are not so many,
 * which is said */
static void
descriptors(struct conf *c)
{
	const rlim_t want = (rlim_t)c->limit * 3 + 64;
	struct rlimit r;
	unsigned n;

	if (getrlimit(RLIMIT_NOFILE, &r) < 0)
		return;
	if (r.rlim_cur < want) {
		r.rlim_cur = r.rlim_max < want ? r.rlim_max : want;
		(void)setrlimit(RLIMIT_NOFILE, &r);
	}
	n = r.rlim_cur > 128 ? (unsigned)(r.rlim_cur - 64) / 3 : 16;
	if (r.rlim_cur >= want || n >= c->limit)
		return;
	c->limit = n;
	if (c->loglevel != LOG_QUIET)
		warn("%u transfers at once: there are no descriptors for more "
		     "(ulimit -n)",
		    n);
}

static int
serve(struct conf *c)
{
	const int64_t until = c->timeout ? clock_ms() + c->timeout : -1;
	struct sigpoll sig = { .busy = 0 };
	enum serve_left left;
	struct serve s;
	int late = 0, bad;

	start_check(c);
	descriptors(c);
	if (serve_init(&s, c) < 0)
		die(1, "memory for the transfers:");
	start_listen(&s, c);
	start_confine(&s, c);
	sigemptyset(&sig.during);
	while (!stop && (left = serve_left(&s)) != SERVE_NOTHING) {
		if (until < 0 || s.now < until) {
			serve_turn(&s, until, &sig);
			continue;
		}
		late = c->served && left == SERVE_TRANSFERS;
		break;
	}
	bad = c->served && (s.failed || s.served < c->served);
	serve_end(&s); /* what is cut off here does not count */
	if (late)
		die(1, "out of time");
	return bad;
}

int
main(int argc, char **argv)
{
	struct conf c;

	(void)argc;
	parse(&c, argv);
	if (c.json)
		die_say = log_object;
	signals();
	if (c.get || c.put)
		return client_run(&c, &stop);
	return serve(&c);
}
