/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "serve.h"

#define NEVENTS	 64
#define NREQS	 16
#define PROGRESS 250 /* ms */

/* an event's number is that of a listening socket, or of a port, behind them */
static int
is_listener(uint64_t data)
{
	return data < NLISTEN;
}

/* whole pages of zeroes, so that conn_close() can give them back; or NULL */
static void *
zeroed(size_t len)
{
	void *p = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

int
serve_init(struct serve *s, const struct conf *c)
{
	int i;

	memset(s, 0, sizeof(*s));
	s->conf = c;
	s->said = "";
	s->uploads = s->ep = -1;
	log_init(&s->log, c);
	s->nbucket = 1024;
	s->now = clock_ms();
	s->can = sock_probe();
	pages_init(s);
	s->conn = zeroed(c->limit * sizeof(*s->conn));
	s->port = zeroed(c->limit * sizeof(*s->port));
	for (i = 0; i < NCHAIN; i++)
		s->bucket[i] = calloc((size_t)s->nbucket, sizeof(int32_t));
	s->buf = malloc(FILE_BUF);
	if (!s->conn || !s->port || !s->bucket[BY_HOST] ||
	    !s->bucket[BY_PEER] || !s->buf ||
	    !(s->timermem = zeroed(timers_size(c->limit))) ||
	    getrandom(s->key, sizeof(s->key), 0) != sizeof(s->key))
		return -1;
	timers_init(&s->timers, c->limit, s->timermem);
	s->free = 0;
	s->ep = epoll_create1(EPOLL_CLOEXEC);
	return s->ep < 0 ? -1 : 0;
}

int
serve_listen(struct serve *s, int fd)
{
	struct epoll_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.events = EPOLLIN;
	ev.data.u64 = (uint64_t)s->nlisten;
	sock_queue(fd, 1 << 20); /* a rack that is switched on asks at once */
	if (epoll_ctl(s->ep, EPOLL_CTL_ADD, fd, &ev) < 0)
		return -1;
	s->listen[s->nlisten++] = fd;
	return 0;
}

int
serve_allows(const struct conf *c, const union sock_addr *a)
{
	static const char *const home[] = { "10.0.0.0/8", "172.16.0.0/12",
		"192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "fc00::/7",
		"fe80::/10", "::1/128" };
	struct addr_net n;
	size_t i;

	for (i = 0; i < (size_t)c->nallow; i++)
		if (addr_in(&a->sa, &c->allow[i]))
			return 1;
	for (i = 0; !c->nallow && i < sizeof(home) / sizeof(*home); i++)
		if (addr_net(home[i], &n) == 0 && addr_in(&a->sa, &n))
			return 1;
	return 0;
}

/* a request on its way to be granted */
struct asked {
	const struct sock_msg *m;
	int listener;
	const struct port *old; /* of a transfer that it ended, or NULL */
	struct tftp_pkt p;
	char path[TREE_PATH];
};

/* a request that was not granted, in the log */
static void
note(struct serve *s, const struct asked *a, const char *text)
{
	struct log_entry e;

	memset(&e, 0, sizeof(e));
	e.verb = a->p.op == TFTP_WRQ ? "received" : "sent";
	e.name = a->p.text ? a->p.text : "";
	e.peer = &a->m->path.peer;
	e.size = UINT64_MAX;
	e.error = text;
	log_refused(&s->log, s->now, &e);
}

static void
refuse(struct serve *s, struct asked *a, unsigned code, const char *text)
{
	struct sock_msg out = *a->m;
	uint8_t b[128];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	tftp_put_error(&w, code, text);
	out.buf = b;
	out.len = wr_len(&w);
	(void)sock_send(a->listener, &out, 1);
	log_sent(&s->log, &a->m->path.peer, b, out.len);
	note(s, a, text);
}

static void
refuse_errno(struct serve *s, struct asked *a)
{
	switch (errno) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
		refuse(s, a, TFTP_ENOTFOUND, tftp_strerror(TFTP_ENOTFOUND));
		break;
	case EEXIST:
		refuse(s, a, TFTP_EEXIST, tftp_strerror(TFTP_EEXIST));
		break;
	case EMEDIUMTYPE:
		refuse(s, a, TFTP_EACCESS, "not a regular file");
		break;
	case EACCES:
	case EPERM:
	case EXDEV:
	case ELOOP:
	case EROFS:
		refuse(s, a, TFTP_EACCESS, tftp_strerror(TFTP_EACCESS));
		break;
	case EMFILE:
	case ENFILE:
	case ENOMEM:
	case ENOBUFS:
		refuse(s, a, TFTP_EUNDEF, "no room for another transfer");
		break;
	case ENOSPC:
	case EDQUOT: refuse(s, a, TFTP_EFULL, tftp_strerror(TFTP_EFULL)); break;
	default: refuse(s, a, TFTP_EUNDEF, "cannot open the file");
	}
}

/* what c was asked with, to the last option? */
static int
same(const struct conn *c, const struct tftp_pkt *p)
{
	return c->op == p->op && c->file.mode == p->mode &&
	       !strcmp(c->name, p->text) && tftp_opts_same(&c->asked, &p->opts);
}

/* The same request again, of one that is under way or dallies: impatience, or
 * a duplicate. Anything else from that port means that the client has started
 * anew. 1 when nothing is left to do. */
static int
again(struct serve *s, struct asked *a)
{
	struct conn *c = conn_find(s, &a->m->path.peer);

	if (!c)
		return 0;
	if (!same(c, &a->p) || c->x.tries > 1) {
		a->old = c->port;
		conn_close(s, c, "the client started anew");
		return 0;
	}
	flow_repeat(s, c);
	return 1;
}

/* the limits, and what can be said of the packet alone; 0 when it passes */
static int
admit(struct serve *s, struct asked *a)
{
	const struct conf *c = s->conf;
	int r;

	if (!a->p.mode)
		refuse(s, a, TFTP_EILLEGAL, "neither octet nor netascii");
	else if (a->p.op == TFTP_WRQ && !c->uploads)
		refuse(s, a, TFTP_EACCESS, "no uploads here");
	else if ((r = tftp_path(a->path, sizeof(a->path), a->p.text)))
		refuse(s, a, (unsigned)r, tftp_strerror((unsigned)r));
	else if (a->p.op == TFTP_WRQ && a->p.opts.have & TFTP_HAVE_TSIZE &&
		 a->p.opts.tsize > (uint64_t)c->maxsize)
		refuse(s, a, TFTP_EFULL, "larger than is allowed");
	else if (c->served && s->served >= c->served)
		refuse(s, a, TFTP_EUNDEF, "the server ends");
	else if (conn_count(s, &a->m->path.peer) >= c->perhost)
		refuse(s, a, TFTP_EUNDEF, "too many transfers of this client");
	else if (conn_busy(s) == c->limit && conn_evict(s) < 0)
		refuse(s, a, TFTP_EUNDEF, "too many transfers");
	else
		return 0;
	return -1;
}

/* opens the file and the port that the answers leave from, of the address
 * that was asked */
static void
grant(struct serve *s, struct asked *a)
{
	union sock_addr local = a->m->path.local;
	struct opening o;

	memset(&o, 0, sizeof(o));
	o.path = &a->m->path;
	o.req = &a->p;
	o.fd = o.up.dir = -1;
	if (!local.sa.sa_family)
		local.sa.sa_family = a->m->path.peer.sa.sa_family;
	sock_setport(&local, 0);
	if (!(o.name = strdup(a->p.text)))
		goto no;
	o.up.serial = ++s->serial;
	if (a->p.op == TFTP_RRQ)
		o.fd = tree_open(s->conf, &a->m->path.peer, a->path, &o.size);
	else
		o.fd = tree_create(&o.up, s->conf, s->uploads, a->path);
	if (o.fd < 0)
		goto no;
	conn_room(s);
	if (!(o.port = port_get(s, &local, &a->p, a->old)))
		goto no;
	conn_open(s, &o);
	return;
no:
	refuse_errno(s, a);
	if (o.fd >= 0)
		close(o.fd);
	tree_drop(&o.up);
	free(o.name);
}

static void
request(struct serve *s, int listener, const struct sock_msg *m)
{
	struct asked a;
	int bad;

	if (m->many)
		return; /* RFC 1123 section 4.2.3.5 */
	a.m = m;
	a.listener = listener;
	a.old = NULL;
	bad = tftp_get(&a.p, m->buf, m->len) < 0 || m->truncated ||
	      m->len > TFTP_REQMAX;
	if (!bad)
		log_packet(&s->log, "<", &m->path.peer, &a.p);
	if (a.p.op == TFTP_ERROR)
		return; /* never an error for an error */
	if (bad || (a.p.op != TFTP_RRQ && a.p.op != TFTP_WRQ))
		a.p.text = NULL; /* no file's name */
	if (!serve_allows(s->conf, &m->path.peer)) {
		if (s->conf->refuse)
			refuse(s, &a, TFTP_EACCESS, "not served");
		else
			note(s, &a, "not served");
	} else if (a.p.op != TFTP_RRQ && a.p.op != TFTP_WRQ)
		refuse(s, &a, TFTP_EILLEGAL, tftp_strerror(TFTP_EILLEGAL));
	else if (bad)
		refuse(s, &a, TFTP_EILLEGAL, "malformed request");
	else if (!again(s, &a) && admit(s, &a) == 0)
		grant(s, &a);
}

int
serve_recv(struct serve *s, int fd, struct sock_msg *m, int n)
{
	uint8_t *b = s->buf + FILE_BUF / 2; /* what is sent takes less */
	int i;

	s->alone.gen = 0;
	for (i = 0; i < n; i++) {
		m[i].buf = b + i * (TFTP_REQMAX + 1);
		m[i].cap = TFTP_REQMAX + 1;
	}
	return sock_recv(fd, m, (size_t)n);
}

static void
requests(struct serve *s, int fd)
{
	struct sock_msg m[NREQS];
	const int n = serve_recv(s, fd, m, NREQS);
	int i;

	for (i = 0; i < n; i++)
		request(s, fd, &m[i]);
}

static void
progress(struct serve *s)
{
	struct log_entry e;
	unsigned i;

	log_clear(&s->log);
	for (i = 0; i < s->touched && s->log.rows < LOG_ROWS; i++) {
		if (!s->conn[i].gen || s->conn[i].told)
			continue;
		conn_entry(s, &s->conn[i], &e);
		log_row(&s->log, &e);
	}
}

static void
due(struct serve *s)
{
	uint32_t i;

	while (timers_due(&s->timers, s->now, &i))
		flow_tick(s, i);
}

void
serve_turn(struct serve *s, int64_t deadline, struct sigpoll *sig)
{
	struct epoll_event ev[NEVENTS];
	int64_t next = clock_min(
	    clock_min(deadline, s->log.tell_at), timers_next(&s->timers));
	int i, n;

	if (s->log.live && s->nconn)
		next = clock_min(next, s->shown + PROGRESS);
	n = epoll_pwait(
	    s->ep, ev, NEVENTS, clock_left(clock_ms(), next), &sig->during);
	if (n > 0)
		sigpoll_busy(sig);
	s->now = clock_ms();
	for (i = 0; i < n; i++)
		if (!is_listener(ev[i].data.u64))
			flow_event(s, ev[i].data.u64, ev[i].events);
	due(s);
	for (i = 0; i < n; i++)
		if (is_listener(ev[i].data.u64))
			requests(s, s->listen[ev[i].data.u64]);
	if (s->log.tell_at >= 0 && s->now >= s->log.tell_at)
		log_hushed(&s->log);
	if (s->log.live && s->now - s->shown >= PROGRESS) {
		progress(s);
		s->shown = s->now;
	}
}

enum serve_left
serve_left(const struct serve *s)
{
	const struct conf *conf = s->conf;
	const struct conn *c;

	if (!conf->served || s->served < conf->served)
		return SERVE_TRANSFERS;
	for (c = s->conn; c < s->conn + s->touched; c++)
		if (c->gen && !c->kept && c->x.confirmed &&
		    tftp_xfer_flowing(&c->x))
			return SERVE_TRANSFERS;
	return s->nkept ? SERVE_DALLYING : SERVE_NOTHING;
}

void
serve_end(struct serve *s)
{
	unsigned i;
	int j;

	log_clear(&s->log);
	for (i = 0; i < s->touched; i++)
		if (s->conn[i].gen)
			flow_abort(s, &s->conn[i], "the server ends");
	log_hushed(&s->log);
	for (j = 0; j < s->nlisten; j++)
		close(s->listen[j]);
	close(s->ep);
	pages_end(s);
	if (s->uploads >= 0)
		close(s->uploads);
	munmap(s->timermem, timers_size(s->conf->limit));
	munmap(s->conn, s->conf->limit * sizeof(*s->conn));
	munmap(s->port, s->conf->limit * sizeof(*s->port));
	for (j = 0; j < NCHAIN; j++)
		free(s->bucket[j]);
	free(s->buf);
}
