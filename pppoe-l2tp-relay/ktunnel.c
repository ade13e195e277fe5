/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kpath.h"
#include "relay.h"

/*
 * A tunnel of the kernel's wants a connected UDP socket of its own. It is
 * bound to the port that the others send from and gets its LNS's datagrams.
 */

/* session 0 stands for the tunnel */
int
ktunnel_session(const struct tunnel *t, unsigned sid, unsigned psid)
{
	const struct pppchan_l2tp l = { t->udp, t->id, t->cc.ptid,
		(uint16_t)sid, (uint16_t)psid };

	return pppchan_l2tp(&l);
}

void
ktunnel_close(int *fd)
{
	const int err = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = err;
}

/* a socket for what this tunnel's LNS sends to our common port */
static const char *
tunnel_socket(struct relay *r, struct tunnel *t)
{
	const int fd = wire_fd(r, t->peer.sa.sa_family == AF_INET6);
	const int yes = 1, no = 0;
	union sock_addr own;
	int bound;

	if (sock_name(fd, &own) < 0 ||
	    (t->udp = wire_socket(own.sa.sa_family)) < 0)
		return "UDP socket";
	/* nobody else may share the port */
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	(void)setsockopt(t->udp, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
	bound = bind(t->udp, &own.sa, sock_addrlen(&own));
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &no, sizeof(no));
	if (bound < 0 ||
	    connect(t->udp, &t->peer.sa, sock_addrlen(&t->peer)) < 0)
		return "UDP socket";
	return NULL;
}

static int
find(const struct relay *r, const struct tunnel *t)
{
	int i;

	for (i = 0; i < KPATH_TUNNELS && r->ktunnel[i] != t; i++)
		;
	return i;
}

void
ktunnel_end(struct relay *r, struct tunnel *t)
{
	int i;

	if (t->udp < 0)
		return;
	if ((i = find(r, t)) < KPATH_TUNNELS)
		r->ktunnel[i] = NULL;
	ktunnel_close(&t->pppol2tp);
	ktunnel_close(&t->udp);
}

/* the first session makes its tunnel known to the kernel */
const char *
ktunnel_known(struct relay *r, struct tunnel *t)
{
	const int i = find(r, NULL);
	const char *what;

	if (t->udp >= 0)
		return NULL;
	if (i == KPATH_TUNNELS) {
		errno = EMFILE;
		return "L2TP tunnel";
	}
	if (!(what = tunnel_socket(r, t))) {
		if ((t->pppol2tp = ktunnel_session(t, 0, 0)) >= 0) {
			r->ktunnel[i] = t;
			note(r, "tunnel %u: known to the kernel", t->id);
			return NULL;
		}
		what = "L2TP tunnel";
	}
	ktunnel_close(&t->udp);
	return what;
}

int
ktunnel_count(const struct tunnel *t, struct pppchan_count *n)
{
	return t->pppol2tp < 0 ? -1 : pppchan_count(t->pppol2tp, n);
}
