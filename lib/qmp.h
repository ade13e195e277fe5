/* limen: ISC licence, see LICENSE */
#ifndef QMP_H
#define QMP_H

#include <stddef.h>
#include <stdint.h>

/*
 * QEMU's machine protocol (docs/interop/qmp-spec.txt) as a client: one JSON
 * message a line. The guest agent speaks the same without the greeting.
 *
 *	qmp_init(&q, fd, buf, sizeof(buf));
 *	if (qmp_hello(&q, deadline) < 0 ||
 *	    qmp_call(&q, "cont", NULL, deadline) < 0)
 *		... q.err says why
 *	later, whenever fd is readable:
 *	while ((r = qmp_next(&q, &m)) > 0) { ... m.kind ... }
 */
enum qmp_kind {
	QMP_OTHER,
	QMP_GREETING,
	QMP_RETURN,
	QMP_ERROR,
	QMP_EVENT,
};

struct qmp_msg {
	enum qmp_kind kind;
	int64_t id;	 /* of the command, -1 without */
	char name[64];	 /* event's name or error's class */
	char text[256];	 /* error's words; event's reason or action */
	const char *ret; /* the returned value's text, in place, or NULL */
	size_t retlen;
};

struct qmp {
	int fd;
	char *buf; /* the caller's: the longest message fits or fails */
	size_t cap, len, used;
	int64_t id;
	int eof;
	/* events seen while a call waited for its answer: see qmp_next() */
	int shutdown;
	char reason[64];
	char err[300]; /* the last failure in words */
};

/* takes one message apart: 0, or -1: not a JSON object */
int qmp_parse(const char *s, size_t len, struct qmp_msg *m);

/* fd becomes non-blocking */
void qmp_init(struct qmp *q, int fd, char *buf, size_t cap);

/* greeting and capabilities, by clock_ms() deadline; 0 or -1 and q->err */
int qmp_hello(struct qmp *q, int64_t deadline);

/* sends a command without waiting; args is a JSON object or NULL. 0 or -1 */
int qmp_send(struct qmp *q, const char *cmd, const char *args);

/* sends and waits for its answer, which is in m (NULL: not wanted) until the
 * next call; 0, or -1 and q->err */
int qmp_call(struct qmp *q, const char *cmd, const char *args, int64_t deadline,
    struct qmp_msg *m);

/* the next message without waiting: 1, 0: none now, -1: the other side is
 * gone or speaks something else, q->err. Notes a SHUTDOWN event in q. */
int qmp_next(struct qmp *q, struct qmp_msg *m);

#endif
