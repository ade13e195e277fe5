/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "num.h"
#include "vmctl.h"

/* a netdev's link up or down, as "NET up|down" says */
static enum ctl_result
set_link(struct vmsup *s, const char *args, struct wr *w)
{
	char net[32], json[128];
	const char *sp = strchr(args, ' ');
	size_t n = sp ? (size_t)(sp - args) : 0;

	if (!n || n >= sizeof(net) || strcspn(args, "\"\\") < n ||
	    (strcmp(sp, " up") && strcmp(sp, " down"))) {
		ctl_say(w, "error: it is link NET up|down");
		return CTL_DONE;
	}
	memcpy(net, args, n);
	net[n] = 0;
	snprintf(json, sizeof(json), "{\"name\":\"%s\",\"up\":%s}", net,
	    sp[1] == 'u' ? "true" : "false");
	if (qmp_call(&s->qmp, "set_link", json, clock_ms() + 2000, NULL) == 0)
		return CTL_OK;
	ctl_say(w, "error: %.200s", s->qmp.err);
	return CTL_DONE;
}

static enum ctl_result
command(void *arg, const char *l, struct wr *w, long *at)
{
	struct vmsup *s = arg;
	int64_t grace = s->grace;

	(void)at;
	if (!strcmp(l, "status")) {
		ctl_say(w, "%s pid %ld up %lld s%s%s",
		    s->con.panic ? "panicked" : "running", (long)s->pid,
		    (long long)(clock_ms() - s->started) / 1000,
		    s->con.logerr ? ", the log lacks lines: " : "",
		    s->con.logerr ? strerror(s->con.logerr) : "");
		return CTL_OK;
	}
	if (!strcmp(l, "powerdown") &&
	    qmp_send(&s->qmp, "system_powerdown", NULL) == 0)
		return CTL_OK;
	if (!strncmp(l, "link ", 5))
		return set_link(s, l + 5, w);
	if (!strcmp(l, "stop") ||
	    (!strncmp(l, "stop ", 5) &&
		num_msec(l + 5, 0, 86400000, &grace) == 0)) {
		vmsup_stop(s, VMSUP_STOP, grace);
		return CTL_OK;
	}
	ctl_say(w, "error: status, powerdown, stop [SECONDS], "
		   "link NET up|down");
	return CTL_DONE;
}

void
vmctl_serve(struct vmsup *s, int fd)
{
	ctl_init(&s->ctl, fd, command, s);
}
