/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <stdio.h>
#include <unistd.h>

#include "tap.h"
#include "vmwire.h"

static char dir[] = "/tmp/limen-vmwire.XXXXXX";
static char net[160], path[2][64];

/* how many bytes QEMU gets of a frame of len bytes, 0 when they are others */
static ssize_t
arrives(struct vmwire *w, struct ethport *peer, int qemu, size_t len)
{
	struct pollfd p[VMWIRE_FDS];
	uint8_t in[1514], out[2048];
	ssize_t n, i;

	memset(in, 0xa5, sizeof(in));
	memset(out, 0xff, sizeof(out));
	ethport_add(peer, in, len);
	ethport_flush(peer);
	vmwire_poll(w, p);
	if (poll(p, VMWIRE_FDS, 5000) < 1)
		return -1;
	vmwire_turn(w, p);
	n = recv(qemu, out, sizeof(out), MSG_DONTWAIT);
	for (i = 0; i < n; i++)
		if (out[i] != (i < (ssize_t)len ? 0xa5 : 0))
			return 0;
	return n;
}

int
main(void)
{
	struct vmwire w;
	struct ethport peer;
	struct netname n;
	int qemu, i;

	if (!mkdtemp(dir))
		return 1;
	for (i = 0; i < 2; i++)
		snprintf(path[i], sizeof(path[i]), "%s/%d", dir, i);
	snprintf(net, sizeof(net), "unix:%s", path[0]);
	OK(netname_parse(&n, net) == 0 && vmwire_open(&w, &n, &qemu) == 0);
	snprintf(net, sizeof(net), "unix:%s,%s", path[1], path[0]);
	OK(netname_parse(&n, net) == 0 &&
	    ethport_open(&peer, &n, ETHPORT_ALL) == 0);
	OK_MSG(
	    arrives(&w, &peer, qemu, 42) == 60, "a short frame is filled up");
	OK(arrives(&w, &peer, qemu, 59) == 60);
	OK(arrives(&w, &peer, qemu, 60) == 60);
	OK(arrives(&w, &peer, qemu, 61) == 61);
	OK(arrives(&w, &peer, qemu, 1514) == 1514);
	vmwire_close(&w);
	ethport_close(&peer);
	close(qemu);
	for (i = 0; i < 2; i++)
		unlink(path[i]);
	OK(rmdir(dir) == 0);
	return tap_done();
}
