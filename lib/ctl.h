/* limen: ISC licence, see LICENSE */
#ifndef CTL_H
#define CTL_H

#include <poll.h>
#include <stddef.h>

#include "wr.h"

/*
 * A control socket: clients write commands, a line each, and read the
 * answers, of any number of lines and ended by "ok" or "error: ...". Made for
 * connect-vm and for scripts: "\r" before the newline and empty lines are
 * passed over, "quit" ends the connection. Answers are made piecemeal as the
 * client reads, in fixed memory.
 */
#define CTL_CLIENTS 8
#define CTL_LINE    256
#define CTL_OUT	    4096

enum ctl_result {
	CTL_MORE, /* call again: there was no room for all of it */
	CTL_OK,	  /* done; "ok" is added */
	CTL_DONE, /* done; the line "error: ..." is already there */
};

/*
 * Answers a command. *at is 0 at first, when w has room for CTL_OUT - 8 bytes,
 * and then what the function left there; with CTL_MORE it is called again when
 * w has room. A line that does not fit must not be written in part: ctl_fits()
 * tells.
 */
typedef enum ctl_result ctl_fn(
    void *arg, const char *line, struct wr *w, long *at);

struct ctl_client {
	int fd;
	char in[CTL_LINE];
	size_t nin;
	char out[CTL_OUT];
	size_t nout, sent;
	char cmd[CTL_LINE]; /* being answered, "" none */
	long at;
	int eof; /* nothing more comes in */
};

struct ctl {
	int fd;	     /* listening, -1: none */
	int refused; /* the latest that was; its descriptor serves to refuse the
		      * next one when there is no other left */
	ctl_fn *fn;
	void *arg;
	struct ctl_client c[CTL_CLIENTS];
};

/* fd: a listening stream socket, or -1; it is the caller's no more */
void ctl_init(struct ctl *c, int fd, ctl_fn *fn, void *arg);

/* fills in CTL_CLIENTS + 1 entries for poll, -1 where there is nothing */
void ctl_poll(const struct ctl *c, struct pollfd *p);

/* serves what poll found */
void ctl_serve(struct ctl *c, const struct pollfd *p);

void ctl_close(struct ctl *c);

/* is there room for one line of at most 256 bytes? */
int ctl_fits(const struct wr *w);

/* puts a line (without newline), formatted; cut at 255 bytes */
void ctl_say(struct wr *w, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
