/* limen: ISC licence, see LICENSE */
#ifndef HOST_H
#define HOST_H

#include "job.h"
#include "mach.h"

/*
 * The host's side: stdin, stdout and stderr to and from the guest's ports,
 * signals and window sizes on the control port, the console kept for when
 * something goes wrong. Returns the status to exit with; QEMU is gone then.
 */
int host_run(struct mach *m, const struct job *j, const struct msg_job *mj);

#endif
