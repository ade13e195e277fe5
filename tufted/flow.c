/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>

#include <errno.h>
#include <stdio.h>

#include "clock.h"
#include "serve.h"

#define ROUNDS 16 /* datagrams of one transfer before the others' turn */

/* errno tells why an upload is not had */
static void
lost(struct conn *c, const char *what)
{
	if (errno == EEXIST)
		tftp_xfer_fail(&c->x, TFTP_EEXIST, tftp_strerror(TFTP_EEXIST));
	else if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
		tftp_xfer_fail(&c->x, TFTP_EFULL, tftp_strerror(TFTP_EFULL));
	else
		tftp_xfer_fail(&c->x, TFTP_EFULL, what);
}

static void
commit(struct serve *s, struct conn *c)
{
	if (file_finish(&c->file) < 0 || tree_keep(&c->up, s->conf) < 0) {
		lost(c, "cannot keep the file");
		return;
	}
	c->kept = 1;
	s->nkept++;
	conn_tell(s, c, NULL);
}

static void
store(struct serve *s, struct conn *c)
{
	if (c->file.pos + c->x.len > (uint64_t)s->conf->maxsize)
		tftp_xfer_fail(&c->x, TFTP_EFULL, "larger than is allowed");
	else if (file_store(&c->file, &c->x, s->buf + FILE_BUF / 2) < 0)
		lost(c, "cannot write the file");
}

/* why it has ended; what its client said goes into b */
static const char *
why(const struct serve *s, const struct conn *c, char *b, size_t cap)
{
	switch (c->x.result) {
	case TFTP_DONE: return NULL;
	case TFTP_PEER:
		snprintf(b, cap, "the client says: %s",
		    *s->said ? s->said : tftp_strerror(c->x.code));
		return b;
	case TFTP_SILENT: return "the client answers no more";
	case TFTP_UNASKED: return "the client never answered";
	default: return c->x.text ? c->x.text : "ended";
	}
}

/* for room, or for the others of its batch; not when it is over */
static int
waits(const struct conn *c)
{
	return (c->blocked || c->queued) && c->x.result == TFTP_RUNNING;
}

void
flow_go(struct serve *s, struct conn *c)
{
	uint8_t b[256];
	char said[256];
	enum tftp_act act;
	struct wr w;

	while (!waits(c) && (act = tftp_xfer_next(&c->x))) {
		wr_init(&w, b, sizeof(b));
		switch (act) {
		case TFTP_ACT_SEND:
			if (!send_blocks(s, c))
				goto armed;
			break;
		case TFTP_ACT_WRITE: store(s, c); break;
		case TFTP_ACT_COMMIT: commit(s, c); break;
		case TFTP_ACT_HELLO: tftp_put_oack(&w, &c->opts); break;
		case TFTP_ACT_SENDACK: tftp_put_ack(&w, c->x.ackno); break;
		case TFTP_ACT_FAIL:
			tftp_put_error(&w, c->x.code, c->x.text);
			break;
		default:
			conn_close(s, c, why(s, c, said, sizeof(said)));
			return;
		}
		if (wr_len(&w))
			send_packet(s, c, &w);
	}
	send_ahead(s, c);
armed:
	timers_set(&s->timers, (uint32_t)(c - s->conn), c->x.deadline);
}

void
flow_tick(struct serve *s, uint32_t i)
{
	s->conn[i].blocked = 0; /* what could not go is lost by now */
	tftp_xfer_tick(&s->conn[i].x, s->now);
	flow_go(s, &s->conn[i]);
}

void
flow_abort(struct serve *s, struct conn *c, const char *why)
{
	if (tftp_xfer_dallying(&c->x)) {
		conn_close(s, c, NULL);
		return;
	}
	tftp_xfer_fail(&c->x, TFTP_EUNDEF, why);
	flow_go(s, c);
}

void
flow_repeat(struct serve *s, struct conn *c)
{
	if (c->x.confirmed)
		return; /* nor is read ahead into buf: requests are there */
	tftp_xfer_repeat(&c->x, s->now);
	flow_go(s, c);
}

static int
opcode(const uint8_t *b, size_t len)
{
	struct tftp_pkt p;

	(void)tftp_get(&p, b, len);
	return p.op;
}

/* RFC 1350 section 4: a stranger is told, and nothing else happens; but none
 * that sent an error, or two transfers would tell each other for ever, and none
 * that gets no answers */
static void
stranger(struct serve *s, int sock, const union sock_addr *from, int op)
{
	struct sock_path to = { .peer = *from };
	struct sock_train t = { .to = &to, .plain = 1 };
	uint8_t b[64];
	struct wr w;

	if (op == TFTP_ERROR ||
	    (!s->conf->refuse && !serve_allows(s->conf, from)))
		return;
	wr_init(&w, b, sizeof(b));
	tftp_put_error(&w, TFTP_ETID, tftp_strerror(TFTP_ETID));
	t.buf = b;
	t.len = t.seg = wr_len(&w);
	log_sent(&s->log, from, b, t.len);
	(void)sock_train(sock, &t);
}

/* one datagram; c may be gone when it returns 0 */
static int
packet(struct serve *s, struct conn *c, const uint8_t *b, size_t len)
{
	const uint32_t gen = c->gen;
	struct tftp_pkt p;
	int good = tftp_get(&p, b, len) == 0;

	if (good)
		log_packet(&s->log, "<", &c->path.peer, &p);
	s->said = good && p.op == TFTP_ERROR ? p.text : "";
	tftp_xfer_input(&c->x, s->now, good ? &p : NULL);
	flow_go(s, c);
	s->said = "";
	return c->gen == gen;
}

/* whose packets those of a peer at a port are, or NULL; often the last one's */
static struct conn *
whose(struct serve *s, struct port *p, const union sock_addr *peer)
{
	struct conn *c = p->last;

	if (!c || !c->gen || !addr_same(&c->path.peer.sa, &peer->sa))
		c = conn_find(s, peer);
	return c && c->port == p ? (p->last = c) : NULL;
}

/* ICMP errors: only "nobody listens there" of a client itself ends it */
static void
errors(struct serve *s, struct port *p)
{
	union sock_addr to;
	struct conn *c;
	int err;

	while (p->n && sock_error(p->fd, &to, &err))
		if (err == ECONNREFUSED && (c = whose(s, p, &to)))
			conn_close(s, c,
			    tftp_xfer_dallying(&c->x) ? NULL
						      : "the client has gone");
}

/* what came for those that send, to a socket of their port */
static void
arrived(struct serve *s, struct port *p, int fd, const union sock_addr *from,
    const uint8_t *b, size_t len)
{
	struct conn *c = whose(s, p, from);

	if (!c)
		stranger(s, fd, from, opcode(b, len));
	else if (packet(s, c, b, len) && conn_busy(s) == 1)
		port_connect(s, c);
}

/* Those of the only transfer are waited for here: an epoll_pwait less for each
 * of them. New requests and signals wait for two times PORT_STAY at most. */
static void
acks(struct serve *s, struct port *p)
{
	const int64_t until = s->now + PORT_STAY;
	uint8_t b[600];
	union sock_addr from;
	ssize_t n = sock_recv1(p->fd, b, sizeof(b), &from);

	while (n >= 0) {
		arrived(s, p, p->fd, &from, b, (size_t)n);
		if (!p->n || conn_busy(s) > 1 || p->blocked || s->now >= until)
			return;
		n = sock_wait1(p->fd, b, sizeof(b), &from);
		s->now = clock_ms();
	}
}

/* those of many transfers, whose answers leave together */
static void
many_acks(struct serve *s, struct port *p)
{
	struct sock_msg m[SOCK_BATCH];
	const int n = serve_recv(s, p->fd, m, SOCK_BATCH);
	int i;

	s->out.port = p;
	for (i = 0; i < n && p->n; i++)
		arrived(s, p, p->fd, &m[i].path.peer, m[i].buf, m[i].len);
	out_end(s);
}

/* what came to the twin: the peer's only if it was on its way when that was
 * made */
static void
strays(struct serve *s, struct port *p)
{
	uint8_t b[600];
	union sock_addr from;
	ssize_t n;
	int i;

	for (i = 0; i < ROUNDS && p->n; i++) {
		if ((n = sock_recv1(p->twin, b, sizeof(b), &from)) < 0)
			return;
		arrived(s, p, p->twin, &from, b, (size_t)n);
	}
}

/* what came for the upload of a port */
static void
blocks(struct serve *s, struct port *p)
{
	struct sock_msg m = { .buf = s->buf, .cap = FILE_BUF / 2 };
	struct conn *c;
	size_t off, n;
	int i;

	s->alone.gen = 0;
	for (i = 0; i < ROUNDS && p->n && sock_recv(p->fd, &m, 1) == 1; i++) {
		if (!(c = whose(s, p, &m.path.peer))) {
			stranger(s, p->fd, &m.path.peer, opcode(m.buf, m.len));
			continue;
		}
		for (off = 0; off < m.len || !off; off += n) {
			n = m.seg && m.seg < m.len - off ? m.seg : m.len - off;
			if (!packet(s, c, m.buf + off, n))
				return;
			if (!n)
				break;
		}
	}
}

void
flow_event(struct serve *s, uint64_t data, unsigned events)
{
	int twin;
	struct port *p = port_told(s, data, &twin);

	if (twin) {
		strays(s, p);
		return;
	}
	if (events & EPOLLERR)
		errors(s, p);
	if (events & EPOLLOUT && p->n)
		port_resume(s, p);
	if (!(events & EPOLLIN) || !p->n)
		return;
	if (p->kind == PORT_UPLOAD)
		blocks(s, p);
	else if (p->kind == PORT_SHARED && conn_busy(s) > 1)
		many_acks(s, p);
	else
		acks(s, p);
}
