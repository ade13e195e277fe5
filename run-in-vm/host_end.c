/* limen: ISC licence, see LICENSE */
#include <sys/wait.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "host_in.h"
#include "proc.h"

#define LINES 12 /* of the console, shown when the guest died */

int
host_finished(const struct host *h)
{
	const struct results *res = h->r->results;

	return h->failed || h->again ||
	       (h->exited && h->out >= h->outlen && h->err >= h->errlen &&
		   (!res || res->bytes >= h->reslen) &&
		   !pump_held(&h->pump[1]) && !pump_held(&h->pump[2]));
}

/* all that the i-th pump holds; 0 or -1 */
static int
deliver(struct host *h, int i)
{
	struct pump *p = &h->pump[i];
	const int bad = fd_write_all(i, p->buf + p->off, pump_held(p));

	p->off = p->end = 0;
	return bad;
}

/* what came before the end is delivered */
static void
last_words(struct host *h)
{
	struct pump *p;
	int i;

	while (!h->failed && deliver(h, 1) == 0 && host_console(h))
		;
	for (i = 1; i < 3; i++) {
		p = &h->pump[i];
		while (pump_read(p, h->m->ours[MACH_OUT + i - 1]) > 0 ||
		       pump_held(p))
			if (deliver(h, i) < 0)
				return;
	}
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

/* QEMU ended before the command did; st is how */
static void
died(struct host *h, int st)
{
	const char *panic = strstr(h->tail.text, "Kernel panic - ");
	char b[512];

	tty_restore(&h->tty);
	if (h->failed)
		return;
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

void
host_check(struct host *h)
{
	char dur[32];
	int st;

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
		h->failed = 124;
	}
	if (h->r->tmpl->fd >= 0 && !h->sent && clock_ms() >= h->wake)
		h->again = 1;
	if (!host_finished(h) && proc_wait(h->m->pid, 0, &st) == 0) {
		h->m->pid = 0;
		last_words(h);
		host_control(h);
		if (!host_finished(h))
			died(h, st);
	}
}
