/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <linux/if_packet.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "eth.h"
#include "ethport.h"
#include "ip.h"
#include "ip_sum.h"

enum {
	SLOT = ETHPORT_ROOM + 65536,
};

/* errors that a wire shows as silence */
static int
passing(int err)
{
	return err == EAGAIN || err == EWOULDBLOCK || err == EINTR ||
	       err == ENOBUFS || err == ECONNREFUSED || err == ENETDOWN ||
	       err == ENOENT || err == EMSGSIZE || err == EIO;
}

/* an error that nobody takes (the interface went down) wakes poll for ever */
static int
recv_ring(struct ethport *e, struct ethport_frame *f, int max)
{
	socklen_t len = sizeof(int);
	int n, err = 0;

	pktring_done(&e->ring);
	for (n = 0; n < max; n++)
		if (!(f[n].p = pktring_next(&e->ring, &f[n].len)))
			break;
	if (!n)
		(void)getsockopt(e->fd, SOL_SOCKET, SO_ERROR, &err, &len);
	return err == ENETDOWN && ethport_gone(e) ? -1 : n;
}

static int
recv_read(struct ethport *e, struct ethport_frame *f, int max)
{
	ssize_t got;
	int n;

	for (n = 0; n < max; n++) {
		f[n].p = e->in + (size_t)n * SLOT + ETHPORT_ROOM;
		got = read(e->fd, f[n].p, SLOT - ETHPORT_ROOM);
		if (got < 0)
			return n || passing(errno) ? n : -1;
		f[n].len = (size_t)got;
	}
	return n;
}

/* what checksum offload on the other end of a veth left undone: the sum of
 * TCP or UDP, of which the pseudo header's is there */
static void
finish_sum(struct ethport_frame *f)
{
	struct eth e;
	struct ip ip;
	uint8_t *at;
	uint16_t v;

	if (eth_get(&e, f->p, f->len) < 0 || ip_get(&ip, e.body, e.len) < 0)
		return;
	if ((ip.proto != IP_TCP || ip.len < 20) &&
	    (ip.proto != IP_UDP || ip.len < 8))
		return;
	at = f->p + (ip.body - f->p) + (ip.proto == IP_TCP ? 16 : 6);
	at[0] = at[1] = 0;
	v = ip_sum_fold(
	    ip_sum(ip_sum_pseudo(&ip, ip.proto, ip.len), ip.body, ip.len));
	if (!v && ip.proto == IP_UDP)
		v = 0xffff;
	at[0] = (uint8_t)(v >> 8);
	at[1] = (uint8_t)v;
}

/* what the kernel keeps beside a packet socket's frame */
static void
mend(struct msghdr *m, struct ethport_frame *f)
{
	struct tpacket_auxdata a;
	struct cmsghdr *c;

	for (c = CMSG_FIRSTHDR(m); c; c = CMSG_NXTHDR(m, c)) {
		if (c->cmsg_level != SOL_PACKET ||
		    c->cmsg_type != PACKET_AUXDATA)
			continue;
		memcpy(&a, CMSG_DATA(c), sizeof(a));
		if (a.tp_status & TP_STATUS_CSUMNOTREADY)
			finish_sum(f);
		if (!(a.tp_status & TP_STATUS_VLAN_VALID) || f->len < 12)
			return;
		f->p = pktring_tag(f->p,
		    a.tp_status & TP_STATUS_VLAN_TPID_VALID ? a.tp_vlan_tpid
							    : ETH_QTAG,
		    a.tp_vlan_tci);
		f->len += 4;
		return;
	}
}

static int
recv_mmsg(struct ethport *e, struct ethport_frame *f, int max)
{
	union {
		struct cmsghdr align;
		char b[CMSG_SPACE(sizeof(struct tpacket_auxdata))];
	} ctl[ETHPORT_BATCH];
	struct sockaddr_un from = { 0 };
	struct mmsghdr m[ETHPORT_BATCH];
	struct iovec v[ETHPORT_BATCH];
	int i, n, got;

	memset(m, 0, sizeof(m[0]) * (size_t)max);
	for (i = 0; i < max; i++) {
		v[i].iov_base = e->in + (size_t)i * SLOT + ETHPORT_ROOM;
		v[i].iov_len = SLOT - ETHPORT_ROOM;
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
		if (e->kind == NETNAME_PACKET) {
			m[i].msg_hdr.msg_control = &ctl[i];
			m[i].msg_hdr.msg_controllen = sizeof(ctl[i]);
		} else if (e->kind == NETNAME_UNIX) {
			m[i].msg_hdr.msg_name = &from;
			m[i].msg_hdr.msg_namelen = sizeof(from);
		}
	}
	got = recvmmsg(e->fd, m, (unsigned)max, MSG_DONTWAIT, NULL);
	if (got < 0)
		return passing(errno) && (errno != ENETDOWN || !ethport_gone(e))
			   ? 0
			   : -1;
	for (i = n = 0; i < got; i++) {
		if (m[i].msg_hdr.msg_flags & MSG_TRUNC) {
			e->rx_lost++;
			continue;
		}
		f[n].p = e->in + (size_t)i * SLOT + ETHPORT_ROOM;
		f[n].len = m[i].msg_len;
		mend(&m[i].msg_hdr, &f[n++]);
	}
	if (got && e->kind == NETNAME_UNIX && !e->fixed && from.sun_path[0] &&
	    m[got - 1].msg_hdr.msg_namelen > sizeof(sa_family_t)) {
		e->peer = from;
		e->peerlen = m[got - 1].msg_hdr.msg_namelen;
	}
	return n;
}

int
ethport_recv(struct ethport *e, struct ethport_frame *f, int max)
{
	int n;

	if (e->ring.map)
		n = recv_ring(e, f, max);
	else if (e->kind == NETNAME_TAP)
		n = recv_read(e, f, max);
	else
		n = recv_mmsg(e, f, max);
	if (n > 0)
		e->rx_frames += (uint64_t)n;
	return n;
}

uint64_t
ethport_lost(struct ethport *e)
{
	struct tpacket_stats s;
	socklen_t len = sizeof(s);

	/* the kernel's count begins anew each time that it is asked for */
	if (e->kind == NETNAME_PACKET &&
	    getsockopt(e->fd, SOL_PACKET, PACKET_STATISTICS, &s, &len) == 0)
		e->rx_lost += s.tp_drops;
	return e->rx_lost + e->ring.cut;
}

static int
send_write(struct ethport *e, const struct ethport_part *f, int n)
{
	struct iovec v[2];
	int i, good = 0;

	for (i = 0; i < n; i++) {
		v[0].iov_base = (void *)(uintptr_t)f[i].head;
		v[0].iov_len = f[i].headlen;
		v[1].iov_base = (void *)(uintptr_t)f[i].body;
		v[1].iov_len = f[i].len;
		good +=
		    writev(e->tx, v, 2) == (ssize_t)(f[i].headlen + f[i].len);
	}
	return good;
}

static int
send_mmsg(struct ethport *e, const struct ethport_part *f, int n)
{
	struct mmsghdr m[ETHPORT_BATCH];
	struct iovec v[2 * ETHPORT_BATCH];
	int i, sent, at = 0, good = 0;

	memset(m, 0, sizeof(m[0]) * (size_t)n);
	for (i = 0; i < n; i++) {
		v[2 * i].iov_base = (void *)(uintptr_t)f[i].head;
		v[2 * i].iov_len = f[i].headlen;
		v[2 * i + 1].iov_base = (void *)(uintptr_t)f[i].body;
		v[2 * i + 1].iov_len = f[i].len;
		m[i].msg_hdr.msg_iov = &v[2 * i + !f[i].headlen];
		m[i].msg_hdr.msg_iovlen = 1 + !!f[i].headlen;
		if (e->kind == NETNAME_UNIX) {
			m[i].msg_hdr.msg_name = &e->peer;
			m[i].msg_hdr.msg_namelen = e->peerlen;
		}
	}
	while (at < n) {
		/* the call itself: musl's sendmmsg is a loop over sendmsg */
		sent = (int)syscall(SYS_sendmmsg, e->tx, m + at,
		    (unsigned)(n - at), MSG_DONTWAIT);
		good += sent > 0 ? sent : 0;
		at += sent > 0 ? sent : 1; /* the one in front is lost */
	}
	return good;
}

int
ethport_sendv(struct ethport *e, const struct ethport_part *f, int n)
{
	int good = 0, k, i;

	for (i = 0; i < n; i += k) {
		k = n - i < ETHPORT_BATCH ? n - i : ETHPORT_BATCH;
		if (e->kind == NETNAME_TAP)
			good += send_write(e, f + i, k);
		else if (e->kind != NETNAME_UNIX || e->peerlen)
			good += send_mmsg(e, f + i, k);
	}
	e->tx_frames += (uint64_t)good;
	e->tx_lost += (uint64_t)(n - good);
	return good;
}

int
ethport_send(struct ethport *e, const struct ethport_frame *f, int n)
{
	struct ethport_part p[ETHPORT_BATCH];
	int good = 0, k, i;

	for (k = 0; k < n; k += ETHPORT_BATCH) {
		for (i = 0; i < ETHPORT_BATCH && k + i < n; i++)
			p[i] = (struct ethport_part){ NULL, f[k + i].p, 0,
				f[k + i].len };
		good += ethport_sendv(e, p, i);
	}
	return good;
}

void
ethport_flush(struct ethport *e)
{
	struct ethport_frame f[ETHPORT_BATCH];
	int i;

	for (i = 0; i < e->nout; i++) {
		f[i].p = e->out + (size_t)i * ETHPORT_ADD;
		f[i].len = e->outlen[i];
	}
	if (e->nout)
		ethport_send(e, f, e->nout);
	e->nout = 0;
}

uint8_t *
ethport_room(struct ethport *e)
{
	if (e->nout == ETHPORT_BATCH)
		ethport_flush(e);
	return e->out + (size_t)e->nout * ETHPORT_ADD;
}

void
ethport_commit(struct ethport *e, size_t len)
{
	/* an empty datagram tells QEMU's socket network that its peer is gone:
	 * it never reads again */
	if (len)
		e->outlen[e->nout++] = len;
}

void
ethport_add(struct ethport *e, const void *p, size_t len)
{
	struct ethport_frame f = { (uint8_t *)(uintptr_t)p, len };

	if (len > ETHPORT_ADD) { /* keeps the order */
		ethport_flush(e);
		ethport_send(e, &f, 1);
		return;
	}
	memcpy(ethport_room(e), p, len);
	ethport_commit(e, len);
}
