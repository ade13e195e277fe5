/* limen: ISC licence, see LICENSE */
#ifndef HOST_H
#define HOST_H

#include "job.h"
#include "mach.h"
#include "results.h"
#include "tail.h"
#include "tmpl.h"

/* what one run is about */
struct host_run {
	struct mach *m;
	const struct job *job;
	const struct plan *plan;
	struct msg_job *mj;
	struct tmpl *tmpl;	 /* fd >= 0: the machine starts from it */
	struct results *results; /* NULL: none are wanted */
	int64_t deadline;
	int save; /* keep the guest when it is ready */
	int log;  /* for the console, -1: nowhere */
};

/*
 * The host's side of a machine that was started: stdin, stdout and stderr to
 * and from the guest's ports, signals and window sizes on the control port,
 * the console kept for when something goes wrong. Returns the status to exit
 * with, or HOST_AGAIN when a saved guest did not come back to life: a boot
 * will do.
 */
#define HOST_AGAIN (-1)
int host_run(const struct host_run *r);

#endif
