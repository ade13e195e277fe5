/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent.h"
#include "conf.h"
#include "die.h"
#include "fd.h"
#include "proc.h"
#include "vmask.h"
#include "vmdir.h"

/* the script: a file's, or the built-in one */
static void
load(struct agent_job *job, const char *path)
{
	if (!path) {
		job->input = conf_builtin;
		job->len = strlen(conf_builtin);
		return;
	}
	job->input = strcmp(path, "-")
			 ? fd_slurp_path(path, AGENT_INPUT, &job->len)
			 : fd_slurp(0, AGENT_INPUT, &job->len);
	if (job->input)
		return;
	if (errno == EFBIG)
		die(1, "%s: a script of more than 1 MiB", path);
	die(1, "%s:", path);
}

static int
exec_script(const struct conf *c, const struct agent_job *job)
{
	int fd = vmdir_connect(c->dir, "qga");

	if (fd < 0)
		fd = vmdir_connect_path(c->dir);
	if (fd < 0 && errno == ECONNREFUSED)
		die(1, "%s: nothing runs there", c->dir);
	if (fd < 0)
		die(1, "%s:", c->dir);
	return agent_run(fd, job);
}

/* what became of a machine that took its agent along: its supervisor may not
 * be done yet */
static void
say_end(const char *dir)
{
	const struct timespec tick = { 0, 50000000 };
	int fd = vmdir_connect(dir, "qga"), n;
	char b[400];

	if (fd >= 0)
		close(fd);
	for (n = 0; fd < 0 && n < 40; n++) {
		if (vmask_status(dir, b, sizeof(b)) == 0) {
			warn("%s: %s", dir, b);
			return;
		}
		nanosleep(&tick, NULL);
	}
}

static int
provision(const struct conf *c, const struct agent_job *job)
{
	int fd = vmdir_connect(c->dir, "qga"), status = 1;

	if (fd < 0)
		warn("%s/qga:", c->dir);
	else
		status = agent_run(fd, job);
	if (!status)
		return 0;
	say_end(c->dir);
	if (!c->keep && vmask_stop(c->dir, 0) < 0)
		warn("%s:", c->dir);
	return status;
}

int
main(int argc, char **argv)
{
	static struct conf c;
	struct agent_job job;
	char b[4096];
	int status;

	(void)argc;
	if ((status = options(&c, argv)) >= 0)
		return status;
	job.path = c.path;
	job.tcg = NULL;
	job.wait_ms = c.wait_ms;
	job.run_ms = c.run_ms;
	load(&job, c.exec ? c.exec : c.config);
	if (c.exec)
		return exec_script(&c, &job);
	disk_look(&c);
	if (!c.dry && proc_find(c.program, b, sizeof(b)) < 0)
		die(1, "%s: not found; is QEMU installed?", c.program);
	/* once: beside a guest that boots the test may take too long */
	job.tcg = c.tcg = kvm_choose(c.accel, "x86_64");
	status = boot(&c, argv);
	if (status || c.dry)
		return status;
	return provision(&c, &job);
}
