/* limen: ISC licence, see LICENSE */
#ifndef VMASK_H
#define VMASK_H

#include <stddef.h>
#include <stdint.h>

/* Commands to whoever owns a state directory: see vmdir.h, vmsup.h, ctl.h. */

/*
 * Sends the line cmd ("status\n") to DIR/control. The answer is in b: what
 * comes before "ok", or "error: " and why. 0, or -1: nobody answered.
 */
int vmask(const char *dir, const char *cmd, char *b, size_t cap);

/*
 * Ends the machine of dir: its power button, after grace ms (-1: its own
 * default) QEMU's quit, then signals; removes what a dead owner left. 0, or
 * -1 and errno; ETIMEDOUT: its process does not end.
 */
int vmask_stop(const char *dir, int64_t grace);

/* the owner in a line of words, or how the last one ended: 1 when it runs,
 * 0 when not, -1 and errno */
int vmask_status(const char *dir, char *b, size_t cap);

#endif
