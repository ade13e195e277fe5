/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "vmwire.h"

#define FRAME 65536 /* more than any */
#define TURNS 32    /* frames from QEMU at a time */
#define LEAST 60    /* bytes of a frame without FCS (IEEE 802.3) */

int
vmwire_open(struct vmwire *w, const struct netname *n, int *qemu)
{
	int s[2], err;

	memset(w, 0, sizeof(*w));
	if (ethport_open(&w->port, n, ETHPORT_ALL) < 0)
		return -1;
	if (n->kind == NETNAME_PACKET)
		ethport_promisc(&w->port); /* the guest's MAC is not its own */
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s) < 0) {
		err = errno;
		ethport_close(&w->port);
		errno = err;
		return -1;
	}
	fd_prepare(s[0]);
	w->fd = s[0];
	*qemu = s[1];
	return 0;
}

void
vmwire_poll(const struct vmwire *w, struct pollfd *p)
{
	int held = w->sent < w->n;

	p[0].fd = w->fd;
	p[0].events = (short)(POLLIN | (held ? POLLOUT : 0));
	p[1].fd = held ? -1 : w->port.fd;
	p[1].events = POLLIN;
	p[0].revents = p[1].revents = 0;
}

static void
to_wire(struct vmwire *w)
{
	uint8_t b[FRAME];
	ssize_t n = 0;
	int i;

	for (i = 0; i < TURNS; i++) {
		n = recv(w->fd, b, sizeof(b), MSG_DONTWAIT);
		if (n <= 0)
			break;
		ethport_add(&w->port, b, (size_t)n);
	}
	ethport_flush(&w->port);
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
		close(w->fd);
		w->fd = -1;
	}
}

/* What is held, as far as QEMU takes it now. A host's frames may be short, and
 * newer QEMU's cards hand them on as they are: U-Boot's pcnet drops those. */
static void
to_qemu(struct vmwire *w)
{
	static const uint8_t pad[LEAST];
	struct mmsghdr m[ETHPORT_BATCH];
	struct iovec v[ETHPORT_BATCH][2];
	const struct ethport_frame *f;
	int i, k = w->n - w->sent, r;

	memset(m, 0, sizeof(m));
	for (i = 0; i < k; i++) {
		f = &w->f[w->sent + i];
		v[i][0] = (struct iovec){ f->p, f->len };
		v[i][1] = (struct iovec){ (void *)(uintptr_t)pad,
			f->len < LEAST ? LEAST - f->len : 0 };
		m[i].msg_hdr.msg_iov = v[i];
		m[i].msg_hdr.msg_iovlen = 2;
	}
	r = sendmmsg(w->fd, m, (unsigned)k, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (r > 0)
		w->sent += r;
	else if (errno != EAGAIN && errno != EINTR)
		w->sent = w->n;
}

void
vmwire_turn(struct vmwire *w, const struct pollfd *p)
{
	if (w->fd >= 0 && p[0].revents & ~POLLOUT)
		to_wire(w);
	if (p[1].revents && w->sent == w->n) {
		w->sent = 0;
		w->n = ethport_recv(&w->port, w->f, ETHPORT_BATCH);
		if (w->n < 0) /* the interface has gone: a dead cable */
			w->n = 0;
	}
	if (w->fd >= 0 && w->sent < w->n)
		to_qemu(w);
}

void
vmwire_close(struct vmwire *w)
{
	if (w->fd >= 0)
		close(w->fd);
	w->fd = -1;
	ethport_close(&w->port);
}
