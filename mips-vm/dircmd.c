/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "num.h"
#include "vmask.h"
#include "vmdir.h"

int
dircmd_stop(const char *dir, const char *seconds)
{
	int64_t grace = -1;

	if (seconds && num_msec(seconds, 0, 86400000, &grace) < 0)
		die(2, "--stop: not a time: %s", seconds);
	if (vmask_stop(dir, grace) == 0)
		return 0;
	if (errno == ETIMEDOUT)
		die(1, "%s: process %ld does not end", dir,
		    (long)vmdir_owner(dir));
	die(1, "%s:", dir);
}

int
dircmd_status(const char *dir)
{
	char b[400];
	int r = vmask_status(dir, b, sizeof(b));

	if (r < 0)
		warn("%s:", dir);
	else
		printf("%s\t%s\n", dir, b);
	return r <= 0;
}

int
dircmd_link(const char *dir, const char *net, const char *updown)
{
	char cmd[128], b[300];
	pid_t pid = vmdir_owner(dir);

	if (!strcmp(net, "wan"))
		net = "access";
	if (pid < 0)
		die(1, "%s:", dir);
	if (pid == 0)
		die(1, "%s: no machine runs there", dir);
	snprintf(cmd, sizeof(cmd), "link %.60s %.20s\n", net, updown);
	if (vmask(dir, cmd, b, sizeof(b)) < 0)
		die(1, "%s: no answer from the machine", dir);
	if (*b)
		die(1, "%s: %s", dir, strncmp(b, "error: ", 7) ? b : b + 7);
	return 0;
}
