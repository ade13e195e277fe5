/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire_in.h"

/* what all sockets to LNSs have */
static void
tune(int fd)
{
	sock_cut(fd); /* packets of 1492 bytes become longer than the MTU */
	sock_wanterrors(fd);
}

static int
open_one(struct relay *r, int i)
{
	union sock_addr a;
	int fd;

	memset(&a, 0, sizeof(a));
	a.sa.sa_family = i ? AF_INET6 : AF_INET;
	sock_setport(&a, r->conf->local_port);
	/* which of our addresses it came to does not matter here */
	if ((fd = sock_bound(&a, NULL)) < 0)
		return -1;
	tune(fd);
	sock_gro(fd);
	sock_queue(fd, QUEUE);
	return fd;
}

/* one for the kernel's L2TP, not bound yet; -1 and errno */
int
wire_socket(int family)
{
	int fd = socket(family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	const int yes = 1;

	if (fd < 0)
		return -1;
	if (family == AF_INET6)
		(void)setsockopt(
		    fd, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes));
	tune(fd);
	return fd;
}

/* which families the LNSs need: a name may turn out to be either */
static int
needs(const struct relay *r, int family)
{
	int i;

	for (i = 0; i < r->nlns; i++)
		if (!r->lns[i].numeric ||
		    r->lns[i].addr[0].sa.sa_family == family)
			return 1;
	return 0;
}

static void
prepare(struct wire *w)
{
	int i;

	for (i = 0; i < IN; i++) {
		struct msghdr *m = &w->inmsg[i].msg_hdr;

		w->iniov[i].iov_base =
		    w->in + (size_t)i * (INBUF + ROOM) + ROOM;
		w->iniov[i].iov_len = INBUF;
		m->msg_name = &w->from[i];
		m->msg_iov = &w->iniov[i];
		m->msg_iovlen = 1;
		m->msg_control = &w->inctl[i];
	}
}

int
wire_open(struct relay *r)
{
	struct wire *w;

	r->wire = calloc(1, sizeof(*r->wire));
	if (!(w = r->wire))
		return -1;
	w->want = IN;
	w->fd[0] = w->fd[1] = w->pcap.fd = -1;
	if (!(w->in = malloc((size_t)IN * (INBUF + ROOM))))
		return -1;
	prepare(w);
	if (needs(r, AF_INET) && (w->fd[0] = open_one(r, 0)) < 0)
		return -1;
	/* without IPv6 on this host, names do with their v4 addresses */
	if (needs(r, AF_INET6) && (w->fd[1] = open_one(r, 1)) < 0 &&
	    w->fd[0] < 0)
		return -1;
	if (r->conf->capture_lns &&
	    pcapfile_open(&w->pcap, r->conf->capture_lns, PCAP_RAW) < 0)
		return -2;
	return 0;
}

void
wire_close(struct relay *r)
{
	struct wire *w = r->wire;

	if (!w)
		return;
	pcapfile_tell(r->conf->capture_lns, pcapfile_close(&w->pcap));
	if (w->fd[0] >= 0)
		close(w->fd[0]);
	if (w->fd[1] >= 0)
		close(w->fd[1]);
	free(w->in);
	free(w);
	r->wire = NULL;
}
