/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "clock.h"
#include "die.h"
#include "sigpoll.h"

#define PROGRESS 250  /* ms */
#define SILENCE	 1000 /* ms without any answer until that is shown */
#define ROUNDS	 64   /* datagrams, or trains, before the clock is looked at */

static int
send_to(
    struct client *k, const struct sock_path *to, const uint8_t *b, size_t len)
{
	struct sock_train t = { to, b, len, len, 1 };

	log_sent(&k->log, &to->peer, b, len);
	return sock_train(k->sock, &t) < 0 ? -1 : 0;
}

static void
send_blocks(struct client *k)
{
	const size_t each = k->x.conf.blksize + TFTP_HDR;
	struct sock_train t = { &k->to, k->buf, 0, each,
		!(k->can & SOCK_CUTS) };
	struct pollfd room = { k->sock, POLLOUT, 0 };
	const long len = file_fill(&k->file, &k->x, k->buf);
	size_t gone = 0;
	ssize_t n;

	if (len < 0) {
		tftp_xfer_fail(&k->x, TFTP_EUNDEF, "cannot read the file");
		return;
	}
	while (gone < (size_t)len) {
		t.buf = k->buf + gone;
		t.len = (size_t)len - gone;
		n = sock_train(k->sock, &t);
		if (n < 0 && errno == EMSGSIZE) {
			tftp_xfer_fail(&k->x, TFTP_EUNDEF,
			    "blocks too long for this network");
			return;
		}
		/* where there is no room for long, they are lost */
		if (n >= 0 || errno != EAGAIN || poll(&room, 1, 1000) != 1)
			gone += n < 0 ? t.len : (size_t)n;
	}
	tftp_xfer_sent(&k->x, k->now, ((size_t)len + each - 1) / each);
}

/* is there less than the server announced? A block is lost where it counts on
 * from 65535 as --rollover says it does not. Of more nothing is known to be
 * wrong: a file may grow. */
static int
lacks(const struct client *k)
{
	return !k->conf->netascii && k->x.agreed.have & TFTP_HAVE_TSIZE &&
	       k->file.pos < k->x.agreed.tsize;
}

static void
commit(struct client *k)
{
	if (lacks(k)) {
		snprintf(k->error, sizeof(k->error), "%llu bytes of %llu came",
		    (unsigned long long)k->file.pos,
		    (unsigned long long)k->x.agreed.tsize);
		tftp_xfer_fail(&k->x, TFTP_EUNDEF, k->error);
		return;
	}
	if (file_finish(&k->file) < 0 ||
	    (k->tmp[0] && rename(k->tmp, k->out) < 0)) {
		snprintf(k->error, sizeof(k->error), "%.200s: %.48s", k->out,
		    strerror(errno));
		tftp_xfer_fail(&k->x, TFTP_EFULL, k->error);
		return;
	}
	k->tmp[0] = 0;
	k->kept = 1;
}

/* the address asked is of no use, for that errno: on to the next, or the end */
static void
refused(struct client *k, int err)
{
	if (!k->locked) {
		k->refused |= 1U << k->at;
		if (request_next(k) == 0) {
			request_start(k);
			return;
		}
	}
	k->gone = err;
}

/* does no route lead there, or none that lets us: one that is unreachable,
 * prohibited, a black hole, or to a broadcast address? */
static int
nowhere(int err)
{
	return err == ENETUNREACH || err == EHOSTUNREACH || err == EACCES ||
	       err == EINVAL;
}

/* the request, each time to another address when there are several */
static void
hello(struct client *k)
{
	uint8_t b[TFTP_REQMAX];
	struct wr w;

	if (k->x.tries)
		(void)request_next(k);
	wr_init(&w, b, sizeof(b));
	request_put(k, &w);
	if (send_to(k, &k->to, b, wr_len(&w)) < 0 && nowhere(errno) &&
	    !k->conf->wait)
		refused(k, errno);
}

static void
perform(struct client *k)
{
	enum tftp_act act;
	uint8_t b[TFTP_REQMAX];
	struct wr w;

	while ((act = tftp_xfer_next(&k->x))) {
		wr_init(&w, b, sizeof(b));
		switch (act) {
		case TFTP_ACT_SEND: send_blocks(k); break;
		case TFTP_ACT_WRITE:
			if (file_store(&k->file, &k->x, k->buf + FILE_BUF / 2) <
			    0) {
				snprintf(k->error, sizeof(k->error),
				    "write: %s", strerror(errno));
				tftp_xfer_fail(&k->x, TFTP_EFULL, k->error);
			}
			break;
		case TFTP_ACT_COMMIT: commit(k); break;
		case TFTP_ACT_HELLO: hello(k); break;
		case TFTP_ACT_SENDACK: tftp_put_ack(&w, k->x.ackno); break;
		case TFTP_ACT_FAIL:
			if (k->locked)
				tftp_put_error(&w, k->x.code, k->x.text);
			break;
		default: return;
		}
		if (wr_len(&w))
			(void)send_to(k, &k->to, b, wr_len(&w));
	}
}

static int
same_host(const union sock_addr *a, union sock_addr b)
{
	sock_setport(&b, sock_port(a));
	return addr_same(&a->sa, &b.sa);
}

/* is it one of those that were asked, or the one that has answered? */
static int
asked(struct client *k, const union sock_addr *from)
{
	int i;

	if (k->locked)
		return same_host(from, k->to.peer);
	for (i = 0; i < k->naddr; i++)
		if (same_host(from, k->addr[i])) {
			k->at = i;
			return 1;
		}
	return 0;
}

/* a server that will have no options: without them, once */
static int
plainly(struct client *k, const struct tftp_pkt *p)
{
	if (p->op != TFTP_ERROR || p->code != TFTP_EOPTION || k->plain ||
	    !k->ask.have || tftp_xfer_flowing(&k->x))
		return 0;
	k->plain = 1;
	k->to.peer = k->addr[k->at];
	request_start(k);
	return 1;
}

/* can it be the answer to the request? Else it is of an older transfer, of who
 * had this port before us, and its TID is not our server's */
static int
answers(const struct client *k, const struct tftp_pkt *p)
{
	switch (p->op) {
	case TFTP_ERROR:
	case TFTP_OACK: return 1;
	case TFTP_DATA: return !k->conf->put && p->block == 1;
	case TFTP_ACK: return k->conf->put && !p->block;
	default: return 0;
	}
}

static void
packet(struct client *k, const struct sock_msg *m, size_t off, size_t len)
{
	const union sock_addr *from = &m->path.peer;
	uint8_t b[64];
	struct tftp_pkt p;
	struct wr w;
	const int good = tftp_get(&p, m->buf + off, len) == 0;

	if (good)
		log_packet(&k->log, "<", from, &p);
	if (!asked(k, from))
		return;
	if (k->locked && !addr_same(&from->sa, &k->to.peer.sa)) {
		if (p.op == TFTP_ERROR)
			return; /* never an error for an error */
		wr_init(&w, b, sizeof(b));
		tftp_put_error(&w, TFTP_ETID, tftp_strerror(TFTP_ETID));
		(void)send_to(k, &m->path, b, wr_len(&w));
		return;
	}
	if (!k->locked && !(good && answers(k, &p)))
		return;
	if (good && plainly(k, &p)) {
		perform(k);
		return;
	}
	k->to.peer = *from;
	k->locked = 1;
	if (good && p.op == TFTP_ERROR)
		snprintf(k->error, sizeof(k->error), "the server says: %s (%u)",
		    *p.text ? p.text : tftp_strerror(p.code), p.code);
	tftp_xfer_input(&k->x, k->now, good ? &p : NULL);
	perform(k);
}

/* the last ACK may get lost: where nothing was, it hardly will */
static int
over(const struct client *k)
{
	if (k->gone || k->x.deadline < 0)
		return 1;
	return k->kept && !k->x.resent;
}

static void
receive(struct client *k)
{
	struct sock_msg m = { .buf = k->buf, .cap = FILE_BUF / 2 };
	union sock_addr to;
	size_t off, n;
	int err, i, gone = 0;

	while (sock_error(k->sock, &to, &err))
		if (err == ECONNREFUSED && !k->conf->wait &&
		    addr_same(&to.sa, &k->to.peer.sa))
			gone = 1;
	for (i = 0; i < ROUNDS && !over(k) && sock_recv(k->sock, &m, 1) == 1;
	     i++)
		for (off = 0; off < m.len; off += n) {
			n = m.seg && m.seg < m.len - off ? m.seg : m.len - off;
			packet(k, &m, off, n);
		}
	/* what it said before it went counts more */
	if (gone && k->x.result == TFTP_RUNNING)
		refused(k, ECONNREFUSED);
}

static void
entry(const struct client *k, struct log_entry *e)
{
	memset(e, 0, sizeof(*e));
	e->verb = k->conf->put ? "sent" : "received";
	e->name = k->name;
	e->peer = &k->to.peer;
	e->size = UINT64_MAX;
	if (k->conf->put) {
		e->size = k->file.size;
		e->bytes = (k->x.base - 1) * k->x.conf.blksize;
		e->bytes = e->bytes > e->size ? e->size : e->bytes;
	} else {
		e->bytes = k->file.pos;
		if (k->x.agreed.have & TFTP_HAVE_TSIZE)
			e->size = k->x.agreed.tsize;
	}
	e->ms = k->now - k->began;
	e->blksize = k->x.conf.blksize;
	e->window = k->x.conf.window;
	e->resent = k->x.resent;
}

/* when it is to be shown on a terminal how far it is, or how long nobody has
 * answered; -1: never */
static int64_t
due(const struct client *k)
{
	const int64_t next = k->shown + PROGRESS, first = k->asked + SILENCE;

	if (!k->log.live)
		return -1;
	return k->locked || next > first ? next : first;
}

static void
draw(struct client *k)
{
	struct log_entry e;

	if (!k->log.live || k->now < due(k))
		return;
	k->shown = k->now;
	log_clear(&k->log);
	if (k->locked) {
		entry(k, &e);
		log_row(&k->log, &e);
	} else
		log_silence(&k->log, k->host, k->now - k->asked);
}

static void
loop(struct client *k, const volatile sig_atomic_t *stop)
{
	struct pollfd p = { k->sock, POLLIN, 0 };
	struct sigpoll sig = { .busy = 0 };
	int64_t next, left;

	sigemptyset(&sig.during);
	perform(k);
	while (!*stop && !over(k)) {
		next = clock_min(clock_min(k->x.deadline, k->until), due(k));
		left = next < 0 ? 1000 : clock_left(clock_ms(), next);
		(void)sigpoll(&sig, &p, 1, (int)left);
		k->now = clock_ms();
		if (!k->locked)
			k->began = k->now;
		receive(k);
		tftp_xfer_tick(&k->x, k->now);
		perform(k);
		if (k->until >= 0 && k->now >= k->until)
			tftp_xfer_fail(&k->x, TFTP_EUNDEF,
			    k->locked ? "out of time"
				      : "nobody answered in time");
		draw(k);
	}
}

static const char *
verdict(const struct client *k)
{
	if (k->x.result == TFTP_DONE)
		return NULL;
	if (k->gone)
		return k->gone == ECONNREFUSED ? "nobody listens there"
					       : strerror(k->gone);
	switch (k->x.result) {
	case TFTP_PEER: return k->error;
	case TFTP_SILENT: return "no answer";
	case TFTP_FAILED: return k->x.text;
	default: return "interrupted";
	}
}

int
client_run(const struct conf *c, const volatile sig_atomic_t *stop)
{
	struct client k;
	struct log_entry e;

	memset(&k, 0, sizeof(k));
	k.conf = c;
	k.host = c->put ? c->put : c->get;
	k.plain = c->plain;
	if (!(k.buf = malloc(FILE_BUF)))
		die(1, "no memory");
	log_init(&k.log, c);
	request_open(&k);
	k.now = k.began = k.asked = clock_ms();
	k.until = c->timeout ? k.now + c->timeout : -1;
	request_start(&k);
	loop(&k, stop);
	if (k.x.result == TFTP_RUNNING)
		tftp_xfer_fail(&k.x, TFTP_EUNDEF, "interrupted");
	perform(&k);
	if (k.tmp[0])
		unlink(k.tmp);
	entry(&k, &e);
	e.error = verdict(&k);
	log_end(&k.log, &e);
	free(k.buf);
	return e.error != NULL;
}
