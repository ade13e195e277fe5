/* limen: ISC licence, see LICENSE */
#ifndef AGENT_H
#define AGENT_H

#include <stddef.h>
#include <stdint.h>

/* a script for the guest */
struct agent_job {
	const char *path;  /* what runs it, NULL: the agent itself */
	const char *input; /* the script */
	size_t len;
	const char *tcg; /* why the guest runs without KVM, or NULL */
	int64_t wait_ms; /* for the agent to answer at all */
	int64_t run_ms;	 /* for the script to end */
};

#define AGENT_INPUT (1 << 20) /* bytes of a script */

/*
 * Runs the job by the guest agent behind fd, a connection that it closes. The
 * guest's output goes to stdout and stderr, a line of progress to a terminal.
 * The exit status: 0, or 1 after a line of words; 128 + the signal that ended
 * it.
 */
int agent_run(int fd, const struct agent_job *job);

#endif
