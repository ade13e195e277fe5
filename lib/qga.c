/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "b64.h"
#include "json.h"
#include "json_str.h"
#include "qga.h"

#define SENTINEL 0xff

void
qga_init(struct qga *q, char *buf, size_t cap)
{
	memset(q, 0, sizeof(*q));
	q->buf = buf;
	q->cap = cap;
	q->first = q->last = -1;
}

void
qga_sync(struct qga *q, struct wr *w, int64_t id)
{
	if (q->first < 0)
		q->first = id;
	if ((id - q->first) & 1)
		wr_u8(w, SENTINEL);
	q->last = id;
	q->state = QGA_WAITS_SYNC;
	wr_str(w, "{\"execute\":\"guest-sync-delimited\","
		  "\"arguments\":{\"id\":");
	wr_num(w, (uint64_t)id);
	wr_str(w, "}}\n");
}

void
qga_exec(
    struct qga *q, struct wr *w, const char *path, const void *input, size_t n)
{
	q->state = QGA_WAITS_PID;
	wr_str(w, "{\"execute\":\"guest-exec\",\"arguments\":{");
	if (path) {
		wr_str(w, "\"path\":");
		json_str_put(w, path, strlen(path));
		wr_u8(w, ',');
	}
	wr_str(w, "\"input-data\":\"");
	b64_put(w, input, n);
	wr_str(w, "\",\"capture-output\":true}}\n");
}

void
qga_status(struct qga *q, struct wr *w, int64_t pid)
{
	q->state = QGA_WAITS_STATUS;
	wr_str(w, "{\"execute\":\"guest-exec-status\",\"arguments\":{\"pid\":");
	wr_num(w, (uint64_t)pid);
	wr_str(w, "}}\n");
}

char *
qga_room(struct qga *q, size_t *n)
{
	if (q->used) {
		memmove(q->buf, q->buf + q->used, q->len - q->used);
		q->len -= q->used;
		q->seen -= q->used;
		q->used = 0;
	}
	*n = q->cap - q->len;
	return q->buf + q->len;
}

void
qga_took(struct qga *q, size_t n)
{
	q->len += n;
}

static int
fail(struct qga *q, const char *why)
{
	size_t n = strlen(why);

	memcpy(q->err, why, n + 1);
	return -1;
}

/* what came so far is dropped; the next object begins after seen */
static void
afresh(struct qga *q)
{
	q->used = q->seen;
	q->depth = 0;
	q->string = 0;
}

static int
blank(int c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* a byte within an object: 1 when it ends it */
static int
within(struct qga *q, int c)
{
	if (q->string == 2)
		q->string = 1;
	else if (q->string)
		q->string = c == '\\' ? 2 : c != '"';
	else if (c == '"')
		q->string = 1;
	else if (c == '{' || c == '[')
		q->depth++;
	else if (c == '}' || c == ']')
		return --q->depth == 0;
	return 0;
}

/* finds the end of the next object: 1, 0: it has not come, -1: no object */
static int
frame(struct qga *q)
{
	int c;

	while (q->seen < q->len) {
		c = (unsigned char)q->buf[q->seen++];
		if (c == SENTINEL) {
			q->open = 1;
			afresh(q);
		} else if (q->state == QGA_WAITS_SYNC && !q->open) {
			q->used = q->seen;
		} else if (q->depth > 0) {
			if (within(q, c))
				return 1;
		} else if (c == '{') {
			q->depth = 1;
		} else if (q->state != QGA_WAITS_SYNC && !blank(c)) {
			return fail(q, "the agent does not speak JSON");
		} else {
			q->used = q->seen;
		}
	}
	if (q->len - q->used < q->cap)
		return 0;
	if (q->state != QGA_WAITS_SYNC)
		return fail(q, "an answer of the agent is too long");
	q->open = 0; /* something else than an answer is on the line */
	afresh(q);
	return 0;
}

/* a string's text, in place, decoded; 0 or -1 */
static int
data(struct json *j, char *at, const char **p, size_t *n)
{
	size_t len = json_text(j, at, j->n);

	*p = at;
	return b64_get(at, at, len, n);
}

/* the value of one member of what was returned */
static int
member(struct json *j, char *base, struct qga_msg *m, int *have)
{
	static const char *const name[] = { "pid", "exited", "exitcode",
		"signal", "out-data", "err-data", "out-truncated",
		"err-truncated" };
	int i = 0, t, r = 0;

	while (i < 8 && !json_is(j, name[i]))
		i++;
	t = json_next(j);
	if (i == 0 && t == JSON_NUMBER && !json_int(j, &m->pid))
		*have |= 1;
	else if (i == 1 && (t == JSON_TRUE || t == JSON_NUMBER))
		*have |= 2 | 4;
	else if (i == 1 && t == JSON_FALSE)
		*have |= 2;
	else if (i == 2 && t == JSON_NUMBER)
		r = json_int(j, &m->exitcode);
	else if (i == 3 && t == JSON_NUMBER)
		r = json_int(j, &m->signal);
	else if (i == 4 && t == JSON_STRING)
		r = data(j, base + j->off, &m->out, &m->nout);
	else if (i == 5 && t == JSON_STRING)
		r = data(j, base + j->off, &m->err, &m->nerr);
	else if ((i == 6 || i == 7) && t == JSON_TRUE)
		m->cut = 1;
	return json_skip(j, t) == JSON_ERROR || r < 0 ? -1 : 0;
}

/* {"class": .., "desc": ..} */
static int
refusal(struct json *j, struct qga_msg *m)
{
	int t, k;

	while ((t = json_next(j)) == JSON_KEY) {
		k = json_is(j, "desc") ? 2 : json_is(j, "class");
		t = json_next(j);
		if (t == JSON_STRING && (k == 2 || (k == 1 && !m->text[0])))
			json_words(j, m->text, sizeof(m->text));
		if (json_skip(j, t) == JSON_ERROR)
			return -1;
	}
	return t == JSON_OBJECT_END ? 0 : -1;
}

/* what an object says */
struct seen {
	int error, answer;
	int number; /* the answer is one: a sync's */
	int64_t v;
	int have;
};

static int
object(struct json *j, char *base, struct qga_msg *m, struct seen *s)
{
	int t, k;

	if (json_next(j) != JSON_OBJECT)
		return -1;
	while ((t = json_next(j)) == JSON_KEY) {
		k = json_is(j, "error") ? 1 : json_is(j, "return") ? 2 : 0;
		t = json_next(j);
		s->error |= k == 1;
		s->answer |= k == 2;
		if (k == 1 && t == JSON_OBJECT) {
			if (refusal(j, m) < 0)
				return -1;
			continue;
		}
		if (k == 2 && t == JSON_OBJECT) {
			while ((t = json_next(j)) == JSON_KEY)
				if (member(j, base, m, &s->have) < 0)
					return -1;
			if (t != JSON_OBJECT_END)
				return -1;
			continue;
		}
		if (k == 2 && t == JSON_NUMBER)
			s->number = json_int(j, &s->v) == 0;
		if (json_skip(j, t) == JSON_ERROR)
			return -1;
	}
	return t == JSON_OBJECT_END && json_next(j) == JSON_END ? 0 : -1;
}

/* 1: m is it, 0: to be passed over, -1: it fits no question */
static int
judge(struct qga *q, struct qga_msg *m, const struct seen *s)
{
	if (q->state == QGA_WAITS_SYNC) {
		q->open = 0;
		m->kind = s->v == q->last ? QGA_SYNCED : QGA_ALIVE;
		return s->number && s->v >= q->first && s->v <= q->last;
	}
	if (s->error) {
		m->kind = QGA_ERROR;
		return 1;
	}
	if (s->number)
		return 0; /* a sync's late answer */
	if (q->state == QGA_WAITS_PID && s->have & 1 && m->pid >= 0) {
		m->kind = QGA_PID;
		return 1;
	}
	if (q->state == QGA_WAITS_STATUS && s->have & 2) {
		m->kind = s->have & 4 ? QGA_EXITED : QGA_RUNNING;
		return 1;
	}
	return fail(q, "the agent's answer fits no question");
}

int
qga_next(struct qga *q, struct qga_msg *m)
{
	struct json j;
	struct seen s;
	char *base;
	int r;

	while ((r = frame(q)) > 0) {
		base = q->buf + q->used;
		memset(m, 0, sizeof(*m));
		memset(&s, 0, sizeof(s));
		m->pid = -1;
		json_init(&j, base, q->seen - q->used);
		r = object(&j, base, m, &s);
		afresh(q);
		if (r < 0 && q->state == QGA_WAITS_SYNC)
			q->open = 0;
		else if (r < 0)
			return fail(q, "an answer of the agent is malformed");
		else if ((r = judge(q, m, &s)))
			return r;
	}
	return r;
}
