/* limen: ISC licence, see LICENSE */
#include <netinet/udp.h>
#include <sys/syscall.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "ip.h"
#include "wire_in.h"

int
wire_fd(const struct relay *r, int i)
{
	return r->wire->fd[i];
}

/* one datagram as a raw IP packet; our own address is not known and is
 * written as the unspecified one */
__attribute__((cold)) static void
capture(
    struct wire *w, const union sock_addr *peer, int out, const struct iovec *v)
{
	const int six = peer->sa.sa_family == AF_INET6;
	struct ip ip = { .version = six ? 6 : 4, .ttl = 64 };
	struct udp u = { 0, 0, v->iov_base, v->iov_len };
	uint8_t *a = out ? ip.dst : ip.src, b[INBUF];
	union sock_addr own;
	struct wr o;

	if (sock_name(w->fd[six], &own) < 0)
		return;
	if (six)
		memcpy(a, &peer->in6.sin6_addr, 16);
	else
		memcpy(a, &peer->in.sin_addr, 4);
	u.sport = sock_port(out ? &own : peer);
	u.dport = sock_port(out ? peer : &own);
	wr_init(&o, b, sizeof(b));
	udp_put(&o, &ip, &u);
	if (!o.err)
		pcapfile_add(&w->pcap, b, wr_len(&o));
}

/* a new message of one datagram */
static void
begin(struct relay *r, struct tunnel *t, const uint8_t *p, size_t n)
{
	struct wire *w = r->wire;
	struct out *o;

	if (w->nout == OUT || w->niov == IOV)
		wire_flush(r);
	o = &w->out[w->nout++];
	o->t = t;
	o->to = &t->peer;
	o->first = (uint32_t)w->niov;
	o->bytes = (uint32_t)n;
	o->n = 1;
	o->seg = (uint16_t)n;
	o->closed = 0;
	w->iov[w->niov].iov_base = (void *)(uintptr_t)p;
	w->iov[w->niov++].iov_len = n;
}

void
wire_control(
    struct relay *r, const struct tunnel *t, const uint8_t *p, size_t n)
{
	struct wire *w = r->wire;

	if (w->ncontrol == CONTROL)
		wire_flush(r);
	if (n > L2TP_CC_MSGMAX)
		return;
	memcpy(w->control[w->ncontrol], p, n);
	if (w->nout == OUT || w->niov == IOV) {
		/* it must not be flushed away under our feet */
		wire_flush(r);
		memcpy(w->control[0], p, n);
	}
	begin(r, (struct tunnel *)(uintptr_t)t, w->control[w->ncontrol], n);
	w->out[w->nout - 1].closed = 1;
	w->ncontrol++;
}

void
wire_data(struct relay *r, struct tunnel *t, uint8_t *p, size_t n)
{
	struct wire *w = r->wire;
	struct out *o = w->nout ? &w->out[w->nout - 1] : NULL;

	if (!o || o->t != t || o->closed || n > o->seg || o->n == RUN ||
	    n + o->bytes > RUN_BYTES || o->seg > t->segmax || w->niov == IOV) {
		begin(r, t, p, n);
		return;
	}
	w->iov[w->niov].iov_base = p;
	w->iov[w->niov++].iov_len = n;
	o->n++;
	o->bytes += (uint32_t)n;
	o->closed = n < o->seg;
}

/* fills in the header of message i, which is sent as it stands */
static void
header(struct wire *w, int i)
{
	struct out *o = &w->out[i];
	struct msghdr *m = &w->msg[i].msg_hdr;
	struct cmsghdr *c = &w->ctl[i].align;
	const uint16_t seg = o->seg;

	memset(&w->msg[i], 0, sizeof(w->msg[i]));
	m->msg_name = o->to;
	m->msg_namelen = sock_addrlen(o->to);
	m->msg_iov = &w->iov[o->first];
	m->msg_iovlen = o->n;
	if (o->n == 1)
		return;
	c->cmsg_level = SOL_UDP;
	c->cmsg_type = UDP_SEGMENT;
	c->cmsg_len = CMSG_LEN(sizeof(seg));
	memcpy(CMSG_DATA(c), &seg, sizeof(seg));
	m->msg_control = c;
	m->msg_controllen = CMSG_SPACE(sizeof(seg));
}

__attribute__((cold)) static void
one_by_one(struct relay *r, int fd, struct out *o)
{
	struct wire *w = r->wire;
	struct mmsghdr v[RUN];
	int i, sent;

	memset(v, 0, sizeof(v[0]) * o->n);
	for (i = 0; i < o->n; i++) {
		v[i].msg_hdr.msg_name = o->to;
		v[i].msg_hdr.msg_namelen = sock_addrlen(o->to);
		v[i].msg_hdr.msg_iov = &w->iov[o->first + (uint32_t)i];
		v[i].msg_hdr.msg_iovlen = 1;
	}
	for (i = 0; i < o->n; i += sent) {
		sent = (int)syscall(SYS_sendmmsg, fd, v + i,
		    (unsigned)(o->n - i), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (sent < 1) {
			r->lost_up++;
			sent = 1; /* the one in front is lost */
		}
	}
}

/* sends messages i to n - 1, all of one family; returns how many are dealt
 * with */
static int
send_some(struct relay *r, int i, int n)
{
	struct wire *w = r->wire;
	struct out *o = &w->out[i];
	int fd = w->fd[o->to->sa.sa_family == AF_INET6], sent;

	if (fd < 0) {
		r->lost_up += o->n;
		return 1;
	}
	sent = (int)syscall(SYS_sendmmsg, fd, &w->msg[i], (unsigned)(n - i),
	    MSG_DONTWAIT | MSG_NOSIGNAL);
	if (sent > 0)
		return sent;
	switch (errno) {
	case EAGAIN:
	case ENOBUFS: r->lost_up += o->n; return 1;
	case EINVAL:
	case EMSGSIZE:
	case EIO:
	case EOPNOTSUPP:
		/* the kernel refused to cut it (longer than the MTU, no
		 * checksum offload), and so it will others */
		if (o->n > 1 && o->t->segmax >= o->seg)
			o->t->segmax = (uint16_t)(o->seg - 1);
	}
	/* or it was ICMP's word on an earlier one, maybe to another LNS */
	one_by_one(r, fd, o);
	return 1;
}

void
wire_flush(struct relay *r)
{
	struct wire *w = r->wire;
	int i, k, n = w->nout;

	for (i = 0; i < n; i++)
		header(w, i);
	for (i = 0; w->pcap.fd >= 0 && i < n; i++)
		for (k = 0; k < w->out[i].n; k++)
			capture(w, w->out[i].to, 1,
			    &w->iov[w->out[i].first + (uint32_t)k]);
	for (i = 0; i < n; i += k) {
		const int family = w->out[i].to->sa.sa_family;

		for (k = i + 1; k < n && w->out[k].to->sa.sa_family == family;
		     k++)
			;
		k = send_some(r, i, k);
	}
	w->nout = w->niov = w->ncontrol = 0;
	pcapfile_tell(r->conf->capture_lns, pcapfile_flush(&w->pcap));
}

/* datagrams of a train, 0: it is one */
static unsigned
train(struct msghdr *m)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	int seg = 0;

	if (c && c->cmsg_level == SOL_UDP && c->cmsg_type == UDP_GRO)
		memcpy(&seg, CMSG_DATA(c), sizeof(seg));
	return seg > 0 ? (unsigned)seg : 0;
}

__attribute__((cold)) static void
errors(struct relay *r, int fd)
{
	union sock_addr to;
	int err, i;

	for (i = 0; i < IN && sock_error(fd, &to, &err); i++)
		if (err == ECONNREFUSED)
			tunnel_refused(r, &to);
}

static void
deliver(struct relay *r, int i)
{
	struct wire *w = r->wire;
	uint8_t *p = w->iniov[i].iov_base;
	size_t left = w->inmsg[i].msg_len, n;
	unsigned seg = train(&w->inmsg[i].msg_hdr), k;
	struct iovec v;

	if (w->inmsg[i].msg_hdr.msg_flags & MSG_TRUNC) {
		r->bad++;
		return;
	}
	for (k = 0; left; left -= n, p += n, k++) {
		n = seg && seg < left ? seg : left;
		if (seg && k % ETHPORT_BATCH == 0)
			path_ahead(r, p, left, seg);
		if (w->pcap.fd >= 0) {
			v.iov_base = p;
			v.iov_len = n;
			capture(w, &w->from[i], 0, &v);
		}
		path_datagram(r, &w->from[i], p, n);
	}
}

void
wire_input(struct relay *r, int fd)
{
	struct wire *w = r->wire;
	int i, got, want, left;

	for (left = 4 * IN; left > 0; left -= want) {
		want = w->want;
		for (i = 0; i < want; i++) {
			w->inmsg[i].msg_hdr.msg_namelen = sizeof(w->from[i]);
			w->inmsg[i].msg_hdr.msg_controllen =
			    sizeof(w->inctl[i]);
		}
		got =
		    recvmmsg(fd, w->inmsg, (unsigned)want, MSG_DONTWAIT, NULL);
		if (got < 0) /* a send may have taken the errno of one */
			errors(r, fd);
		for (i = 0; i < got; i++)
			deliver(r, i);
		path_flush(r);
		if (got > 0)
			w->want =
			    w->inmsg[0].msg_len > INBUF / 4 ? IN_TRAINS : IN;
		if (got < want)
			return;
	}
}
