/* limen: ISC licence, see LICENSE */
#ifndef HOST_IN_H
#define HOST_IN_H

#include <poll.h>
#include <signal.h>

#include "host.h"
#include "pump.h"
#include "tty.h"

/* The host's side of a running guest, as its own files see it. */
enum {
	P_CTL,
	P_CON,
	P_STDIN,
	P_IN,
	P_OUT,
	P_STDOUT,
	P_ERR,
	P_STDERR,
	P_RES,
	P_CONOUT,
	P_CTLOUT,
	P_QMP,
	P_N
};

struct host {
	const struct host_run *r;
	struct mach *m;
	struct pump pump[3]; /* stdin, stdout, stderr */
	struct pump to_con;  /* --init: the console takes stdin */
	struct pump to_ctl;  /* messages, the job before all */
	int own[3];	     /* non-blocking doubles of ours; -1: closed */
	int share[3];
	struct pollfd poll[P_N];
	uint64_t in, out, err;		 /* bytes so far */
	uint64_t outlen, errlen, reslen; /* UINT64_MAX until MSG_EXIT */
	uint8_t ctl[1024];
	size_t nctl;
	struct tail tail;
	struct tty tty;
	int went, sent, init, status, exited, failed, signals, eof_sent;
	int leaves, again;
	int gone, end;	   /* QEMU is; its wait status */
	int dry[MACH_NFD]; /* nothing more comes from it after that */
	int64_t wake;	   /* when a saved guest must have come to life */
};

/* host_ctl.c: a message to the guest, 0, or -1 when it has not taken those
 * before it; they leave by host_flush(); what it said on the control port; the
 * terminal's size when it has changed, once host_watch_winsize() looks */
int host_send(struct host *h, enum msg_type type, const void *body, size_t len);
void host_control(struct host *h);
void host_flush(struct host *h);
void host_winsize(struct host *h);
void host_watch_winsize(sigset_t *during);

/* host_end.c: is all done, or given up? Else QEMU may have died, or the time
 * be up: host_check() finds out and says why. */
int host_finished(const struct host *h);
void host_check(struct host *h);

#endif
