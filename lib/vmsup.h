/* limen: ISC licence, see LICENSE */
#ifndef VMSUP_H
#define VMSUP_H

#include <sys/types.h>

#include <stdint.h>

#include "conserver.h"
#include "ctl.h"
#include "qmp.h"
#include "sigpoll.h"
#include "unecho.h"
#include "vmdir.h"
#include "vmwire.h"

/*
 * The one process that owns a QEMU: starts it, keeps its console, hears from
 * it by QMP, serves its control socket, and ends it. When this process dies,
 * however that happens, QEMU goes with it.
 *
 *	vmsup_init(&s, dir or NULL);
 *	s.fd = ...                        descriptors that QEMU inherits
 *	if (vmsup_start(&s, argv) < 0 || vmsup_go(&s, deadline) < 0)
 *		... s.err says why; vmsup_end(&s)
 *	while (vmsup_turn(&s, deadline) > 0)
 *		...
 *	status = vmsup_end(&s);
 *
 * QEMU's own command line says "-chardev socket,id=limen,fd=100 -mon
 * chardev=limen,mode=control"; its stdin and stdout are the console.
 */
#define VMSUP_QMP_FD 100 /* QEMU's end of our QMP connection */
#define VMSUP_FD     101 /* the first descriptor free for others */
#define VMSUP_FDS    16
#define VMSUP_NETS   4

enum vmsup_why {
	VMSUP_RUNS,
	VMSUP_ENDED,   /* QEMU ended of itself, or the guest ended it */
	VMSUP_SIGNAL,  /* proc_signal asked for it */
	VMSUP_STOP,    /* DIR/control did */
	VMSUP_TIMEOUT, /* the tool did, by vmsup_stop() */
	VMSUP_LATE,    /* it did not say what was waited for */
};

struct vmsup {
	struct vmdir *dir;
	pid_t pid;  /* QEMU's, 0: none */
	int status; /* its wait status once it has ended */
	enum vmsup_why why;
	struct sigpoll sig;
	int fd[VMSUP_FDS]; /* to be inherited, -1: none */
	int stderr_fd;	   /* QEMU's stderr, or -1: it has ours */
	int quiet;	   /* 1: take QEMU's stderr to said */
	char said[512];	   /* the last line of it */
	struct unecho net[VMSUP_NETS];
	int nnet;
	struct vmwire wire[VMSUP_NETS];
	int nwire;
	struct conserver con;
	struct qmp qmp;
	struct ctl ctl;
	int64_t started;
	int64_t quit_at; /* when to send QMP's quit, -1 */
	int64_t term_at; /* and SIGTERM */
	int64_t kill_at;
	int64_t grace; /* ms that the guest has to power down, by default */
	char err[400];
	char qbuf[65536];
};

/* the calling process becomes the supervisor: see proc_signals() */
void vmsup_init(struct vmsup *s, struct vmdir *dir);

/* the number that a descriptor gets in QEMU: makes fd that number here and
 * closes the old one. i counts from 0. The number, or -1 and errno */
int vmsup_give(struct vmsup *s, int i, int fd);

/* relays a network, QEMU's end being the i-th of vmsup_give(); 0, or -1 and
 * errno */
int vmsup_wire(struct vmsup *s, int i, const struct netname *n);

/* starts QEMU, with -S; 0, or -1 and s->err (nothing to end but vmsup_end) */
int vmsup_start(struct vmsup *s, const char *const *argv);

/* waits for QEMU's QMP, mends the wires, lets the guest run unless halted;
 * 0, or -1 and s->err */
int vmsup_go(struct vmsup *s, int halted, int64_t deadline);

/* one turn of the loop, at most until deadline (-1: none): 1, or 0 when QEMU
 * has ended */
int vmsup_turn(struct vmsup *s, int64_t deadline);

/* asks for the end: the guest's power button, then QMP's quit after grace ms,
 * SIGTERM and SIGKILL, each seconds later; vmsup_turn() does it. A second one
 * may be for sooner */
void vmsup_stop(struct vmsup *s, enum vmsup_why why, int64_t grace);

/* ends what still runs, hands out the rest of the console, writes DIR/status;
 * returns the exit status: QEMU's, 255 after a panic, 124 after a timeout,
 * 128 + the signal that asked for the end */
int vmsup_end(struct vmsup *s);

/* how it ended, in words */
const char *vmsup_words(const struct vmsup *s, char *b, size_t cap);

#endif
