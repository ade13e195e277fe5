/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "die.h"
#include "dircmd.h"
#include "num.h"

#define TERM_MS 10000 /* for a process to end on SIGTERM */

int
dircmd_option(struct dircmd *d, const struct arg *a, int id)
{
	if (id != DIRCMD_STOP && id != DIRCMD_STATUS && id != DIRCMD_LIST)
		return 0;
	if (d->id)
		arg_usage(a, "%s: one command at a time", a->shown);
	d->id = id;
	d->dir = a->value;
	return 1;
}

const char *
dircmd_dir(const struct arg *a, const char *had)
{
	if (had)
		arg_usage(a, "%s: one state directory only: %s", a->shown, had);
	return a->value;
}

static void
in_use(const char *dir)
{
	char b[VMDIR_BUSY];

	die(1, "%s: %s", dir, vmdir_busy(dir, b));
}

void
dircmd_idle(const char *dir)
{
	if (vmdir_owner(dir) > 0)
		in_use(dir);
}

void
dircmd_take(struct vmdir *d, const char *dir)
{
	if (vmdir_open(d, dir) == 0)
		return;
	if (errno == EBUSY)
		in_use(dir);
	die(1, "%s:", dir);
}

int
dircmd_other(const char *dir)
{
	char b[VMDIR_TOOL] = "";

	if (vmdir_owner(dir) > 0)
		vmdir_tool(dir, b);
	if (!*b || !strcmp(b, argv0))
		return 0;
	warn("%s: %s runs there", dir, b);
	return 1;
}

static int
stop(const struct dircmd *d, const struct arg *a, const char *time)
{
	int64_t ms = -1;
	int r;

	if (time && num_msec(time, 0, 86400000, &ms) < 0)
		arg_usage(a, "--stop: not a time: %s", time);
	if (dircmd_other(d->dir))
		return 1;
	if (d->stop)
		r = d->stop(d->dir, ms);
	else
		r = vmdir_stop(d->dir, ms < 0 ? TERM_MS : (int)ms);
	if (r == 0)
		return 0;
	if (errno == ESRCH)
		die(1, "%s: nothing runs there", d->dir);
	if (errno == ETIMEDOUT)
		die(1, "%s: process %ld does not end", d->dir,
		    (long)vmdir_owner(d->dir));
	die(1, "%s:", d->dir);
}

/* one line: 1 when it runs, 0 when not, -1: no directory of this tool */
static int
tell(const struct dircmd *d, const char *dir)
{
	pid_t pid = vmdir_owner(dir);
	char b[400];

	if (dircmd_other(dir))
		return -1;
	if (pid < 0)
		warn("%s:", dir);
	else if (d->tell && d->tell(dir, b, sizeof(b)) >= 0)
		printf("%s\t%s\n", dir, b);
	else if (pid)
		printf("%s\trunning pid %ld\n", dir, (long)pid);
	else
		printf("%s\tnot running\n", dir);
	return pid < 0 ? -1 : pid > 0;
}

int
dircmd_run(
    const struct dircmd *d, const struct arg *a, const char *const *w, int n)
{
	int i, r = 0;

	if (d->id == DIRCMD_LIST && !n)
		arg_usage(a, "--list needs a DIR");
	if (d->id != DIRCMD_LIST && n > (d->id == DIRCMD_STOP))
		arg_usage(a, "too many arguments: %s", w[n - 1]);
	if (d->id == DIRCMD_STOP)
		return stop(d, a, n ? w[0] : NULL);
	if (d->id == DIRCMD_STATUS)
		r = tell(d, d->dir) <= 0;
	/* what is said of a DIR on stderr stays in its place among the lines */
	setvbuf(stdout, NULL, _IOLBF, 0);
	for (i = 0; d->id == DIRCMD_LIST && i < n; i++)
		r |= tell(d, w[i]) < 0;
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	return r;
}
