/* limen: ISC licence, see LICENSE */
#ifndef KPATH_H
#define KPATH_H

#include <stddef.h>
#include <stdint.h>

#include "pppchan.h"

/* kpath.c: sessions whose frames the kernel passes on (--kernel) */
struct relay;
struct relay_conf;
struct call;
struct tunnel;

enum {
	KERNEL_NO,
	KERNEL_AUTO,
	KERNEL_YES,
};

/* of a call: not to be handed over; once it carries IP; at the end of the
 * turn; its frames are the kernel's */
enum {
	KPATH_NO,
	KPATH_WANTED,
	KPATH_READY,
	KPATH_HAS,
};

enum {
	KPATH_TUNNELS = 32, /* of the kernel's at a time */
	KPATH_FDS,
};

struct kpath_sum {
	uint64_t handed, kept; /* since the start; kept: a step failed */
	uint32_t now;
};

/* why these options leave nothing to the kernel, or NULL */
const char *kpath_unfit(const struct relay_conf *c);

/* when the port is open; ends the program when the kernel must but cannot;
 * -1: no memory */
int kpath_init(struct relay *r);

/* a call is up: it may be handed over */
void kpath_up(struct relay *r, struct call *c);

/* a frame of a call whose kernel is not KPATH_NO; 1: it is the kernel's */
int kpath_frame(struct relay *r, struct call *c, const uint8_t *p, size_t n);

/* the end of a turn, when nothing waits to be sent: hands over what is ready */
void kpath_turn(struct relay *r);
int64_t kpath_deadline(const struct relay *r);

/* takes a call back */
void kpath_drop(struct relay *r, struct call *c);

/* what to poll, -1: nothing, and what to do when something is there */
int kpath_fd(const struct relay *r, int i);
void kpath_event(struct relay *r, int i);

/* what the kernel has passed on; -1: it has not got it */
int kpath_count(
    const struct relay *r, const struct call *c, struct pppchan_count *n);
void kpath_sum(const struct relay *r, struct kpath_sum *s);

/*
 * ktunnel.c: the tunnels that sessions of the kernel's are in. known makes
 * one the kernel's; what failed, with errno, or NULL. session opens an end in
 * it (see pppchan_l2tp()).
 */
const char *ktunnel_known(struct relay *r, struct tunnel *t);
int ktunnel_session(const struct tunnel *t, unsigned sid, unsigned psid);
void ktunnel_end(struct relay *r, struct tunnel *t);
/* closes a descriptor that is open; errno stays */
void ktunnel_close(int *fd);
int ktunnel_count(const struct tunnel *t, struct pppchan_count *n);

#endif
