/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "fd.h"
#include "json.h"
#include "qmp.h"

/* the members of {"class": .., "desc": ..} or of an event's data that we
 * want; j stands within the object */
static int
inner(struct json *j, struct qmp_msg *m)
{
	int t, want;

	while ((t = json_next(j)) == JSON_KEY) {
		want = 0;
		if (m->kind == QMP_ERROR && json_is(j, "class"))
			want = 1;
		else if (json_is(j, m->kind == QMP_ERROR ? "desc" : "reason") ||
			 json_is(j, "action"))
			want = 2;
		t = json_next(j);
		if (want == 1 && t == JSON_STRING)
			json_words(j, m->name, sizeof(m->name));
		else if (want == 2 && t == JSON_STRING)
			json_words(j, m->text, sizeof(m->text));
		if (json_skip(j, t) == JSON_ERROR)
			return -1;
	}
	return t == JSON_OBJECT_END ? 0 : -1;
}

/* the value of one member of the message, whose key was the last token */
static int
member(struct json *j, struct qmp_msg *m)
{
	enum qmp_kind was = m->kind;
	int event = 0, id = 0, ret = 0, obj = 0, t;
	size_t start;

	if (json_is(j, "QMP"))
		m->kind = QMP_GREETING;
	else if (json_is(j, "return"))
		ret = 1, m->kind = QMP_RETURN;
	else if (json_is(j, "error"))
		obj = 1, m->kind = QMP_ERROR;
	else if (json_is(j, "event"))
		event = 1, m->kind = QMP_EVENT;
	else if (json_is(j, "data") && was != QMP_ERROR)
		obj = 1;
	else if (json_is(j, "id"))
		id = 1;
	t = json_next(j);
	start = t == JSON_STRING ? j->off - 1 : j->off;
	if (obj && t == JSON_OBJECT)
		return inner(j, m);
	if (event && t == JSON_STRING)
		json_words(j, m->name, sizeof(m->name));
	if (id && t == JSON_NUMBER && json_int(j, &m->id) < 0)
		m->id = -1;
	if (json_skip(j, t) == JSON_ERROR)
		return -1;
	if (ret) {
		m->ret = j->buf + start;
		m->retlen = j->pos - start;
	}
	return 0;
}

int
qmp_parse(const char *s, size_t len, struct qmp_msg *m)
{
	struct json j;
	int t;

	memset(m, 0, sizeof(*m));
	m->id = -1;
	json_init(&j, s, len);
	if (json_next(&j) != JSON_OBJECT)
		return -1;
	while ((t = json_next(&j)) == JSON_KEY)
		if (member(&j, m) < 0)
			return -1;
	return t == JSON_OBJECT_END && json_next(&j) == JSON_END ? 0 : -1;
}

void
qmp_init(struct qmp *q, int fd, char *buf, size_t cap)
{
	memset(q, 0, sizeof(*q));
	q->fd = fd;
	q->buf = buf;
	q->cap = cap;
	fd_nonblock(fd, 1);
}

static int
fail(struct qmp *q, const char *why)
{
	snprintf(q->err, sizeof(q->err), "%s", why);
	return -1;
}

/* reads once; 1: something came, 0: nothing now, -1 */
static int
fill(struct qmp *q)
{
	ssize_t n;

	if (q->used) {
		memmove(q->buf, q->buf + q->used, q->len - q->used);
		q->len -= q->used;
		q->used = 0;
	}
	if (q->len == q->cap)
		return fail(q, "a message is too long");
	n = read(q->fd, q->buf + q->len, q->cap - q->len);
	if (n > 0) {
		q->len += (size_t)n;
		return 1;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	q->eof = 1;
	return fail(q, n < 0 ? strerror(errno) : "the connection has ended");
}

/* the next whole line of the buffer: its bytes, or NULL */
static char *
line(struct qmp *q, size_t *n)
{
	char *s = q->buf + q->used, *e = memchr(s, '\n', q->len - q->used);

	if (!e)
		return NULL;
	*n = (size_t)(e - s);
	q->used += *n + 1;
	if (*n && s[*n - 1] == '\r')
		--*n;
	return s;
}

int
qmp_next(struct qmp *q, struct qmp_msg *m)
{
	char *s;
	size_t n;
	int r;

	for (;;) {
		while ((s = line(q, &n))) {
			if (!n)
				continue;
			if (qmp_parse(s, n, m) < 0)
				return fail(q, "not a QMP message");
			if (m->kind == QMP_EVENT &&
			    !strcmp(m->name, "SHUTDOWN")) {
				q->shutdown = 1;
				snprintf(q->reason, sizeof(q->reason), "%.63s",
				    m->text);
			}
			return 1;
		}
		if ((r = fill(q)) <= 0)
			return r;
	}
}

/* the next message by the deadline: 0 or -1 */
static int
await(struct qmp *q, struct qmp_msg *m, int64_t deadline)
{
	struct pollfd p = { q->fd, POLLIN, 0 };
	int r, left;

	while ((r = qmp_next(q, m)) == 0) {
		left = clock_left(clock_ms(), deadline);
		if (!left)
			return fail(q, "no answer in time");
		if (poll(&p, 1, left) < 0 && errno != EINTR)
			return fail(q, strerror(errno));
	}
	return r < 0 ? -1 : 0;
}

int
qmp_send(struct qmp *q, const char *cmd, const char *args)
{
	char b[1024];
	int n;

	n = snprintf(b, sizeof(b), "{\"execute\":\"%s\",\"id\":%lld%s%s}\n",
	    cmd, (long long)++q->id, args ? ",\"arguments\":" : "",
	    args ? args : "");
	if (n < 0 || (size_t)n >= sizeof(b))
		return fail(q, "the command is too long");
	/* a command is far smaller than a socket's buffer */
	if (fd_write_all(q->fd, b, (size_t)n) < 0)
		return fail(q, "cannot send");
	return 0;
}

int
qmp_call(struct qmp *q, const char *cmd, const char *args, int64_t deadline,
    struct qmp_msg *m)
{
	struct qmp_msg own = { 0 };

	m = m ? m : &own;
	if (qmp_send(q, cmd, args) < 0)
		return -1;
	do
		if (await(q, m, deadline) < 0)
			return -1;
	while ((m->kind != QMP_RETURN && m->kind != QMP_ERROR) ||
	       (m->id >= 0 && m->id != q->id));
	return m->kind == QMP_RETURN ? 0 : fail(q, m->text);
}

int
qmp_hello(struct qmp *q, int64_t deadline)
{
	struct qmp_msg m;

	do
		if (await(q, &m, deadline) < 0)
			return -1;
	while (m.kind != QMP_GREETING);
	return qmp_call(q, "qmp_capabilities", NULL, deadline, NULL);
}
