/* limen: ISC licence, see LICENSE */
#ifndef QGA_H
#define QGA_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

/*
 * QEMU's guest agent (docs/interop/qemu-ga-ref) as a client, as far as it
 * takes to run a program in the guest. JSON objects go both ways; they may
 * come in any pieces, with or without newlines between them. What an earlier
 * client left on the line is passed over by guest-sync-delimited: its answer
 * has a byte 0xff before it, which no JSON holds.
 *
 *	qga_init(&q, buf, sizeof(buf));
 *	qga_sync(&q, &w, id);  send w
 *	p = qga_room(&q, &n);  read at most n bytes to p;  qga_took(&q, got);
 *	while ((r = qga_next(&q, &m)) > 0)
 *		switch (m.kind) {
 *		case QGA_SYNCED: qga_exec(&q, &w, path, script, len); ...
 *		case QGA_PID: qga_status(&q, &w, m.pid); ...
 *		case QGA_RUNNING: qga_status() again, a little later
 *		case QGA_EXITED: m.exitcode, m.out, m.err
 *		case QGA_ERROR: m.text
 */
enum qga_kind {
	QGA_SYNCED,
	QGA_ALIVE, /* an earlier sync was answered: the last will be, too */
	QGA_PID,
	QGA_RUNNING,
	QGA_EXITED,
	QGA_ERROR, /* the agent refuses what it was asked last */
};

struct qga_msg {
	enum qga_kind kind;
	int64_t pid;
	int64_t exitcode, signal; /* 0, or how it failed: any number */
	const char *out, *err;	  /* decoded, in the buffer until the next
				     qga_room(); NULL without */
	size_t nout, nerr;
	int cut;	/* the agent kept only the beginning of it */
	char text[512]; /* in words: description, or class */
};

enum qga_state { QGA_WAITS_SYNC, QGA_WAITS_PID, QGA_WAITS_STATUS };

struct qga {
	enum qga_state state;
	int64_t first, last; /* the sync ids in use */
	char *buf;	     /* the caller's */
	size_t cap, len, used, seen;
	unsigned depth; /* of the object that seen is in */
	int string;	/* in a string of it; 2: after a backslash */
	int open;	/* the 0xff has come, an answer may follow */
	char err[160];
};

/* buf holds the longest answer that is taken */
void qga_init(struct qga *q, char *buf, size_t cap);

/*
 * Asks for an answer with this id (below 2^31). May be repeated with the next
 * id, when none comes. Every second one begins with the byte 0xff that makes
 * the agent forget half a request, which QEMU's agent also answers by an
 * error; so only the answer to the last one tells that nothing else is on its
 * way. The others do without, for agents that would stumble over that byte.
 */
void qga_sync(struct qga *q, struct wr *w, int64_t id);

/* runs path (NULL: as the agent likes, RouterOS runs its input as a script)
 * with n bytes of input, output kept */
void qga_exec(
    struct qga *q, struct wr *w, const char *path, const void *input, size_t n);
void qga_status(struct qga *q, struct wr *w, int64_t pid);

/* where the next bytes go, and how many fit; there is room as long as
 * qga_next() has not failed */
char *qga_room(struct qga *q, size_t *n);
void qga_took(struct qga *q, size_t n);

/* the next message: 1, 0: more bytes are needed, -1 and q->err: this is not
 * an agent's answer */
int qga_next(struct qga *q, struct qga_msg *m);

#endif
