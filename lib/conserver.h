/* limen: ISC licence, see LICENSE */
#ifndef CONSERVER_H
#define CONSERVER_H

#include <sys/types.h>

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

#include "ere.h"
#include "pump.h"
#include "vtline.h"

/*
 * A guest's console for many viewers. All that the guest says goes to a log
 * file from its first byte on, and every viewer is served from that file at
 * its own pace: a slow one neither loses anything nor holds up the guest, and
 * a late one begins with the last screenful, or with everything. What any of
 * them types goes to the guest. The user's terminal can be one of them.
 *
 *	conserver_init(&c, guest);
 *	c.log = ..., c.listen[0] = ..., c.term[0] = ...   as wanted
 *	n = conserver_poll(&c, p);  poll(p, n);  conserver_turn(&c, p, n, now);
 */
#define CONSERVER_VIEWERS 32
#define CONSERVER_FDS	  (CONSERVER_VIEWERS + 5)
#define CONSERVER_TAIL	  4096 /* at most, of 24 lines: the screenful */

struct conserver_viewer {
	int fd;
	int deaf; /* it has shut down its side: types no more */
	off_t at; /* what it has seen of the log */
};

struct conserver {
	int guest;     /* to the guest's console; -1: it has ended */
	int log;       /* what the guest says, readable too, or -1 */
	int listen[2]; /* listening: from the last screenful; everything */
	int term[2];   /* the user's terminal, in and out, or -1 */
	int note;      /* a second log, the user's, or -1 */
	int stamps;    /* each of its lines begins with the time */
	int64_t start; /* of the clock of those stamps */

	off_t total;	/* bytes in log */
	int logerr;	/* errno of a write to log or note that failed */
	int panic;	/* the guest said that its kernel panicked, */
	off_t panic_at; /* there in log */
	const struct ere *wait; /* what is waited for, or NULL */
	int matched;		/* it came */

	struct conserver_viewer v[CONSERVER_VIEWERS];
	int nv;
	unsigned first;	 /* of them to be heard */
	struct pump in;	 /* to the guest */
	struct pump out; /* to the terminal */
	int midline;	 /* of note */
	char carry[32];	 /* the end of what came before, for panic */
	size_t ncarry;
	struct vtline line; /* for wait */
	uint8_t inbuf[4096], outbuf[65536];
};

/* all descriptors -1 but the guest's, which becomes non-blocking */
void conserver_init(struct conserver *c, int guest);

/* what to poll for: at most CONSERVER_FDS entries; their number */
int conserver_poll(struct conserver *c, struct pollfd *p);

/* does what poll() found possible; now is clock_ms() */
void conserver_turn(
    struct conserver *c, const struct pollfd *p, int n, int64_t now);

/* the guest has ended: takes what it still said, hands out what can be handed
 * out by the deadline, closes everything but log, note and term */
void conserver_end(struct conserver *c, int64_t deadline);

/* the last n bytes or fewer of the log, from the beginning of a line on, into
 * b; how many */
size_t conserver_tail(const struct conserver *c, char *b, size_t n);

/* the same for people: when the guest panicked, what it said before and why,
 * not the end of the registers and addresses that follow */
size_t conserver_last(const struct conserver *c, char *b, size_t n);

#endif
