/* limen: ISC licence, see LICENSE */
#ifndef LOG_H
#define LOG_H

#include <stdint.h>

#include "bucket.h"
#include "conf.h"
#include "sock.h"
#include "tftp.h"

#define LOG_ROWS 16 /* progress lines at most */

/*
 * What is told on stderr: a line a transfer, progress on a terminal, every
 * packet with -v. Names come from strangers: what is not printable ASCII is
 * escaped.
 */
struct log {
	const struct conf *conf;
	int tty, live;		/* live: progress is drawn */
	int rows;		/* progress lines standing there */
	struct bucket refusals; /* see log_refused() */
	unsigned hushed;
	int64_t tell_at; /* when how many is told, -1: none */
};

/* a transfer, as it is shown */
struct log_entry {
	const char *verb; /* "sent", "received" */
	const char *name;
	const union sock_addr *peer;
	uint64_t bytes, size; /* size UINT64_MAX: not known */
	int64_t ms;
	unsigned blksize, window, resent;
	const char *error; /* NULL: it went well */
};

void log_init(struct log *l, const struct conf *conf);
void log_end(struct log *l, const struct log_entry *e);

/* what warn() and die() say, as an object: for die_say */
void log_object(int fatal, const char *text);

/* a request that was not granted; a flood of them is thinned out: how many were
 * not told is, when the next one is, and by log_hushed() at tell_at or the end
 */
void log_refused(struct log *l, int64_t now, const struct log_entry *e);
void log_hushed(struct log *l);

/* arrow is "<" (received) or ">" */
void log_packet(const struct log *l, const char *arrow,
    const union sock_addr *peer, const struct tftp_pkt *p);

/* the same of one that goes out, as its bytes */
void log_sent(const struct log *l, const union sock_addr *peer, const void *pkt,
    size_t len);

/* progress: between _clear and the next lines, one _row a transfer */
void log_clear(struct log *l);
void log_row(struct log *l, const struct log_entry *e);

/* or that a host has not answered for so long */
void log_silence(struct log *l, const char *host, int64_t ms);

#endif
