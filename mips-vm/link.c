/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "dircmd.h"
#include "vmask.h"
#include "vmdir.h"

int
link_set(const char *dir, const char *net, const char *updown)
{
	char cmd[128], b[300];
	pid_t pid = vmdir_owner(dir);

	if (strcmp(updown, "up") && strcmp(updown, "down"))
		die(2, "--link %s %s: up or down, not %s", dir, net, updown);
	if (!strcmp(net, "wan"))
		net = "access";
	if (pid < 0)
		die(1, "%s:", dir);
	if (dircmd_other(dir))
		exit(1);
	if (pid == 0)
		die(1, "%s: no machine runs there", dir);
	snprintf(cmd, sizeof(cmd), "link %.60s %.20s\n", net, updown);
	if (vmask(dir, cmd, b, sizeof(b)) < 0)
		die(1, "%s: no answer from the machine", dir);
	if (*b)
		die(1, "%s: %s", dir, strncmp(b, "error: ", 7) ? b : b + 7);
	return 0;
}
