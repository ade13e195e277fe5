/* limen: ISC licence, see LICENSE */
#include <errno.h>

#include "serve.h"

#define ROOM 65536 /* bytes of buf for what leaves together */

/* sends what there is; how many have gone, or got lost on the way */
static size_t
sent(const struct out *o)
{
	size_t i = 0, old = 0;
	int n;

	while (i < o->n) {
		n = sock_send(o->port->fd, o->msg + i, o->n - i);
		if (n > 0)
			i += (size_t)n;
		else if (errno == EAGAIN)
			break;
		else if (errno != ECONNREFUSED || ++old > SOCK_BATCH)
			i++; /* else an old ICMP error was in the way */
	}
	return i;
}

/* of transfers that have ended since, by an ERROR in the same batch, nothing */
static void
weed(struct out *o)
{
	size_t i, n = 0;

	for (i = 0; i < o->n; i++) {
		if (o->conn[i]->gen != o->gen[i])
			continue;
		if (n < i) {
			o->msg[n] = o->msg[i];
			o->conn[n] = o->conn[i];
		}
		n++;
	}
	o->n = n;
}

/* they go, and their transfers go on: that makes room, and no more than that
 * is asked for in here */
static void
flush(struct serve *s)
{
	struct out *o = &s->out;
	struct conn *c;
	size_t i, n, gone;

	weed(o);
	n = o->n;
	gone = sent(o);
	o->n = o->used = 0;
	for (i = 0; i < n; i++) {
		c = o->conn[i];
		c->queued = 0;
		if (i < gone) {
			send_log(s, c, o->msg[i].buf, o->msg[i].len);
			tftp_xfer_sent(&c->x, s->now, 1);
		} else
			port_wait(s, c);
		flow_go(s, c);
	}
}

void
out_end(struct serve *s)
{
	if (s->out.port->n) /* else all its transfers have ended */
		flush(s);
	s->out.n = s->out.used = 0;
	s->out.port = NULL;
}

int
out_add(struct serve *s, struct conn *c)
{
	const size_t each = c->x.conf.blksize + TFTP_HDR;
	struct out *o = &s->out;
	struct sock_msg *m;
	long len;

	if (o->n == SOCK_BATCH || o->used + each > ROOM)
		flush(s);
	m = &o->msg[o->n];
	m->buf = s->buf + o->used;
	if ((len = send_fill(c, m->buf)) < 0)
		return 1;
	m->path = c->path;
	m->len = (size_t)len;
	o->conn[o->n] = c;
	o->gen[o->n++] = c->gen;
	o->used += each;
	c->queued = 1;
	return 0;
}
