/* limen: ISC licence, see LICENSE */
/*
 * inject: makes one system call after another of a tool fail. No preloading:
 * the tools are static. x86_64 only.
 *
 *	inject [-v] [-m MAX] [-s STATUS,...] [-t SECONDS]
 *	    [-1 CALL[=ARG]:N:ERROR] TOOL SCRIPT
 *
 * SCRIPT is run by sh in a fresh directory once as it is, then once for each
 * fault: the Nth occurrence of a call in the processes that run TOOL (what
 * else the script starts is left alone) gets an error, or is cut short to one
 * byte. With -1 it is the one fault given: N 0 is each occurrence, ARG the
 *first argument that it must have. After each run of the script
 *
 *	- it has ended within SECONDS, and so has all that it started
 *	- no process of TOOL was killed by a fault of its own
 *	- TOOL's status is 0, and the script printed what it did without a
 *	  fault, or one of STATUS, and TOOL said a line for each process
 *	  that failed, each beginning with "TOOL: " (EPIPE may end it in
 *	  silence)
 *	- no file is there that is not there without a fault; names that begin
 *	  with "in" are the script's own
 *
 * Prints what was otherwise; status 0 when nothing was.
 */
#include <sys/stat.h>
#include <sys/time.h>

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "inject.h"

void
fail(const char *what)
{
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void
ontimer(int sig)
{
	(void)sig;
}

static int
try(const struct conf *c, const struct run *base, const struct fault *f)
{
	static struct run r;
	const char *bad;

	run(c, f, &r);
	bad = verdict(c, base, &r);
	if (bad || c->verbose) {
		printf("%s %s:%d:%s: %s\n", c->tool, calls[f->call].name, f->nr,
		    errname(f->err), bad ? bad : "fine");
		for (char *s = strtok(r.err, "\n"); s; s = strtok(NULL, "\n"))
			printf("    %s\n", s);
		fflush(stdout);
	}
	return bad != NULL;
}

static int
all(const struct conf *c, const struct run *base, int *n)
{
	struct fault f;
	int bad = 0, i;

	for (f.call = 0; calls[f.call].name; f.call++)
		for (f.nr = 1; f.nr <= base->count[f.call]; f.nr++) {
			if (f.nr > c->max)
				break;
			for (i = 0; calls[f.call].errs[i]; i++) {
				f.err = calls[f.call].errs[i];
				bad += try(c, base, &f);
				++*n;
			}
		}
	return bad;
}

static void
one(struct fault *f, char *s)
{
	errno = EINVAL;
	if (fault_parse(f, s) < 0)
		fail("-1");
}

static void
options(struct conf *c, int argc, char **argv)
{
	int o;

	while ((o = getopt(argc, argv, "vm:s:t:1:")) != -1)
		switch (o) {
		case 'v': c->verbose = 1; break;
		case 'm': c->max = strtol(optarg, NULL, 10); break;
		case 's': c->ok = optarg; break;
		case 't': c->ms = 1000 * strtol(optarg, NULL, 10); break;
		case '1': one(&c->one, optarg); break;
		default: exit(2);
		}
	errno = EINVAL;
	if (argc - optind != 2)
		fail("inject [options] TOOL SCRIPT");
	c->tool = argv[optind];
	c->script = argv[optind + 1];
}

/* an empty directory to run in, also for what the tool thinks is elsewhere */
static void
place(struct conf *c)
{
	char run[PATH_MAX + 8];
	const char *tmp = getenv("TMPDIR");

	snprintf(
	    c->dir, sizeof(c->dir), "%s/inject.XXXXXX", tmp ? tmp : "/tmp");
	if (!mkdtemp(c->dir) || chmod(c->dir, 0755) < 0)
		fail(c->dir);
	snprintf(run, sizeof(run), "%s/run", c->dir);
	if (mkdir(run, 0755) < 0 || chdir(run) < 0)
		fail(run);
	setenv("TMPDIR", run, 1);
	setenv("HOME", run, 1);
	setenv("XDG_RUNTIME_DIR", run, 1);
	setenv("XDG_CACHE_HOME", run, 1);
}

int
main(int argc, char **argv)
{
	static struct run base;
	static struct conf c = {
		.ok = "1", .ms = 10000, .max = 100, .one = { .call = -1 }
	};
	struct sigaction sa = { .sa_handler = ontimer };
	struct itimerval tick = { { 0, 100000 }, { 0, 100000 } };
	struct fault none = { .call = -1 };
	int bad, n = 1;

	options(&c, argc, argv);
	place(&c);
	sigaction(SIGALRM, &sa, NULL);
	setitimer(ITIMER_REAL, &tick, NULL);
	run(&c, &none, &base);
	for (bad = 0; bad < base.nstatus && !base.status[bad]; bad++)
		;
	if (!base.nstatus || bad < base.nstatus || base.late || base.left) {
		printf(
		    "%s without a fault: %d processes, late %d, left %d\n%s%s",
		    c.tool, base.nstatus, base.late, base.left, base.out,
		    base.err);
		bad = 1;
	} else {
		bad = c.one.call >= 0 ? try(&c, &base, &c.one)
				      : all(&c, &base, &n);
		printf("%s: %d faults, %d bad\n", c.tool, n, bad);
	}
	empty(c.dir);
	rmdir(c.dir);
	return bad != 0;
}
