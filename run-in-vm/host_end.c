/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fsd.h"
#include "host_in.h"
#include "proc.h"

#define LINES	12  /* of the console, shown when the guest died */
#define QEMU_MS 200 /* that it has to follow its virtiofsd */

int
host_finished(const struct host *h)
{
	const struct results *res = h->r->results;

	return h->failed || h->again ||
	       (h->exited && h->out >= h->outlen && h->err >= h->errlen &&
		   (!res || res->bytes >= h->reslen) &&
		   !pump_held(&h->pump[1]) && !pump_held(&h->pump[2]));
}

/* did all that came before QEMU's end get where it should? */
static int
all_told(const struct host *h)
{
	return h->dry[MACH_CTL] && h->dry[MACH_CON] && h->dry[MACH_OUT] &&
	       h->dry[MACH_ERR] && h->dry[MACH_RES] &&
	       !pump_held(&h->pump[1]) && !pump_held(&h->pump[2]);
}

/* QEMU's first words on stderr, without its own name */
static void
qemu_said(const struct host *h, char *b, size_t cap)
{
	ssize_t n = pread(h->m->words, b, cap - 1, 0);
	char *s;

	b[n > 0 ? n : 0] = 0;
	b[strcspn(b, "\n")] = 0;
	if (!strncmp(b, "qemu-system", 11) && (s = strstr(b, ": ")))
		memmove(b, s + 2, strlen(s + 2) + 1);
}

/* QEMU ended before the command did */
static void
died(struct host *h)
{
	const char *panic = strstr(h->tail.text, "Kernel panic - ");
	const int st = h->end;
	char b[512];

	tty_restore(&h->tty);
	qemu_said(h, b, sizeof(b));
	if (h->r->tmpl->fd >= 0 && !h->sent) {
		h->again = 1;
		return;
	}
	h->failed = 255;
	if (h->init && !panic && st == 0) {
		h->failed = 0;
		h->exited = 1;
		h->outlen = h->errlen = h->reslen = 0;
		return;
	}
	if (!h->tail.len && st) {
		h->failed = JOB_FAIL;
		warn("QEMU: %s", *b ? b : "ended without a word");
		return;
	}
	if (WIFSIGNALED(st))
		warn("QEMU was killed by signal %d", WTERMSIG(st));
	else if (st)
		warn("QEMU failed: %s", *b ? b : "no reason given");
	else if (panic)
		warn("the guest panicked: %.*s%s",
		    (int)strcspn(panic + 15, "\r\n"), panic + 15,
		    h->init ? "" : "; the last of its console follows");
	else
		warn("the guest powered off before the command ended%s",
		    h->init ? "" : "; the last of its console follows");
	if (!h->init)
		tail_show(&h->tail, LINES);
}

/* without it the guest waits for its files for ever; at QEMU's end both go */
static void
see_files(struct host *h)
{
	const struct job *j = h->r->job;
	size_t i;

	for (i = 0; i < j->nshares; i++) {
		if (!fsd_died(&j->share[i]))
			continue;
		if (proc_wait(h->m->pid, clock_ms() + QEMU_MS, &h->end) == 0) {
			h->m->pid = 0;
			h->gone = 1;
			return;
		}
		tty_restore(&h->tty);
		warn("virtiofsd for %s died", j->share[i].host);
		h->failed = JOB_FAIL;
		return;
	}
}

void
host_check(struct host *h)
{
	char dur[32];

	if (!host_finished(h) && h->r->deadline >= 0 &&
	    clock_ms() >= h->r->deadline) {
		tty_restore(&h->tty);
		snprintf(
		    dur, sizeof(dur), "%g", (double)h->r->job->timeout / 1000);
		warn("not done after %s s%s", dur,
		    h->sent ? ""
			    : "; the guest has not even started, the last of "
			      "its console follows");
		if (!h->sent)
			tail_show(&h->tail, LINES);
		h->failed = JOB_LATE;
	}
	if (h->r->tmpl->fd >= 0 && !h->sent && clock_ms() >= h->wake)
		h->again = 1;
	if (!h->gone && proc_wait(h->m->pid, 0, &h->end) == 0) {
		h->m->pid = 0;
		h->gone = 1;
	}
	if (!h->gone && !h->exited && !host_finished(h))
		see_files(h);
	if (!host_finished(h) && h->gone && all_told(h))
		died(h);
}
