/* limen: ISC licence, see LICENSE */
#include <sys/epoll.h>

#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "fd.h"
#include "serve.h"

/*
 * RFC 1350 section 4 has each end choose a number, the TID, and tells transfers
 * apart by both. So downloads in lockstep, each with a packet on its way at
 * most, share sockets: the ACKs of many come with one system call, and what
 * they ask for leaves with another. All else has a socket of its own.
 */
#define SHARERS 128	  /* a queue has room for what they send at once */
#define SHORT	8192	  /* bytes of a block; longer ones go by themselves */
#define QUEUE	(1 << 20) /* bytes */
#define LONG	64	  /* blocks, after which a twin is worth its while */

static int
kind(const struct tftp_pkt *req)
{
	const struct tftp_opts *o = &req->opts;

	if (req->op == TFTP_WRQ)
		return PORT_UPLOAD;
	if ((o->have & TFTP_HAVE_WINDOW && o->window > 1) ||
	    (o->have & TFTP_HAVE_BLKSIZE && o->blksize > SHORT))
		return PORT_ALONE;
	return PORT_SHARED;
}

/* events are numbered: listening sockets, ports, their twins */
static int
watch(const struct serve *s, const struct port *p, int fd, int op,
    unsigned events)
{
	struct epoll_event ev;

	memset(&ev, 0, sizeof(ev));
	ev.events = events;
	ev.data.u64 = NLISTEN + (uint64_t)(p - s->port);
	if (fd == p->twin)
		ev.data.u64 += s->conf->limit;
	return epoll_ctl(s->ep, op, fd, &ev);
}

struct port *
port_told(struct serve *s, uint64_t data, int *twin)
{
	data -= NLISTEN;
	*twin = data >= s->conf->limit;
	return &s->port[*twin ? data - s->conf->limit : data];
}

static int
opened(const struct serve *s, struct port *p)
{
	if ((p->fd = sock_bound(&p->local, s->conf->iface)) < 0)
		return -1;
	if (watch(s, p, p->fd, EPOLL_CTL_ADD, EPOLLIN) < 0)
		return fd_discard(p->fd);
	if (p->kind != PORT_UPLOAD)
		sock_patient(p->fd, PORT_STAY);
	else if (s->can & SOCK_JOINS)
		sock_gro(p->fd);
	if (p->kind != PORT_ALONE)
		sock_queue(p->fd, QUEUE);
	sock_wanterrors(p->fd);
	return 0;
}

struct port *
port_get(struct serve *s, const union sock_addr *local,
    const struct tftp_pkt *req, const struct port *old)
{
	const int k = kind(req);
	struct port *p, *next;

	for (p = s->shared; k == PORT_SHARED && p; p = p->next)
		if (p->n < SHARERS && p != old &&
		    addr_same(&p->local.sa, &local->sa)) {
			p->n++;
			return p;
		}
	p = s->freeport ? s->freeport : &s->port[s->nport];
	next = p->next;
	memset(p, 0, sizeof(*p));
	p->twin = -1;
	p->kind = k;
	p->local = *local;
	if (opened(s, p) < 0) {
		p->next = next;
		return NULL;
	}
	p->n = 1;
	if (s->freeport)
		s->freeport = next;
	else
		s->nport++;
	if (k == PORT_SHARED) {
		p->next = s->shared;
		s->shared = p;
	}
	return p;
}

/* nobody else comes to it */
static void
unshare(struct serve *s, struct port *p)
{
	struct port **q = &s->shared;

	if (p->kind != PORT_SHARED)
		return;
	while (*q != p)
		q = &(*q)->next;
	*q = p->next;
	p->kind = PORT_ALONE;
}

void
port_connect(struct serve *s, struct conn *c)
{
	struct port *p = c->port;

	if (p->tried || p->n > 1 || c->x.conf.window > 1 || c->x.base < LONG)
		return;
	p->tried = 1;
	unshare(s, p);
	p->twin = sock_twin(p->fd, &c->path.peer, s->conf->iface);
	if (p->twin >= 0)
		(void)watch(s, p, p->twin, EPOLL_CTL_ADD, EPOLLIN);
}

void
port_leave(struct serve *s, struct port *p)
{
	if (--p->n)
		return;
	close(p->fd);
	if (p->twin >= 0)
		close(p->twin);
	unshare(s, p);
	p->next = s->freeport;
	s->freeport = p;
}

void
port_wait(struct serve *s, struct conn *c)
{
	c->blocked = 1;
	if (!c->port->blocked)
		(void)watch(
		    s, c->port, c->port->fd, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
	c->port->blocked = 1;
}

void
port_resume(struct serve *s, struct port *p)
{
	struct conn *c;

	(void)watch(s, p, p->fd, EPOLL_CTL_MOD, EPOLLIN);
	p->blocked = 0;
	for (c = s->conn; c < s->conn + s->touched && p->n; c++)
		if (c->gen && c->port == p && c->blocked) {
			c->blocked = 0;
			flow_go(s, c);
		}
}
