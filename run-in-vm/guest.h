/* limen: ISC licence, see LICENSE */
#ifndef GUEST_H
#define GUEST_H

#include "msg.h"

/*
 * The guest's side: this very program as the initramfs' /init. It loads the
 * modules that the host put into the initramfs, says that it is ready on the
 * serial console, and, where it is to be saved, waits for a byte there: up to
 * this point a saved guest serves any job. Then come the drivers of the
 * devices, which differ from job to job, and the job itself on the control
 * port.
 */
#define GUEST_READY "\036limen ready\n" /* on the console */
#define GUEST_GO    'g'

/* files in the initramfs: one module a line, in load order */
#define GUEST_EARLY "/limen/early"
#define GUEST_LATE  "/limen/late" /* not there: all are early */
#define GUEST_WAIT  "/limen/wait" /* not there: no byte is waited for */

#define GUEST_CPIO "/cpio" /* shares that came with it, by their tags */

/* the virtio serial ports, of which number 0 is the console's: /dev/vport0pN */
enum { GUEST_CTL = 1, GUEST_IN, GUEST_OUT, GUEST_ERR, GUEST_RES };

#define GUEST_RESULTS "/results" /* where the command leaves them */

/* PID 1: does not return */
void guest_main(void) __attribute__((noreturn));

/* what the other files of the guest's side share */
struct guest {
	int con, ctl, in, out, err, res;
	struct msg_job job;
	uint8_t *buf;	  /* MSG_MAX + MSG_HEAD bytes of control messages */
	size_t len, used; /* held, and taken by the job */
};

/* tells the host why, with the status to exit with, and stops the machine;
 * a final colon appends errno's text */
void guest_fail(struct guest *g, int status, const char *fmt, ...)
    __attribute__((format(printf, 3, 4), noreturn));

/* guest_fs.c: the root and the shares; ends within the new root */
void guest_mounts(struct guest *g);

/* guest_run.c: runs the job, returns what MSG_EXIT is to say */
struct guest_result {
	uint32_t status;
	uint64_t out, err, res;
};
struct guest_result guest_run(struct guest *g);

/* --init: becomes that program, the console its terminal */
void guest_init(struct guest *g) __attribute__((noreturn));

/* guest_pack.c: all below the directory top to fd; the bytes sent */
uint64_t guest_pack(struct guest *g, const char *top, int fd);

/* one message to the host */
void guest_send(struct guest *g, enum msg_type type, const void *b, size_t n);

#endif
