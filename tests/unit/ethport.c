/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "ethport.h"
#include "tap.h"

static uint8_t frame[1514] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x88,
	0x63, 'x' };

static int
open_as(struct ethport *e, const char *name, enum ethport_what what)
{
	struct netname n;

	return netname_parse(&n, name) < 0 ? -1 : ethport_open(e, &n, what);
}

/* frames that came within 5 s, at most max */
static int
take(struct ethport *e, struct ethport_frame *f, int max)
{
	struct pollfd p = { e->fd, POLLIN, 0 };

	return poll(&p, 1, 5000) == 1 ? ethport_recv(e, f, max) : 0;
}

static int
nothing(struct ethport *e)
{
	struct ethport_frame f[1];

	return ethport_recv(e, f, 1) == 0;
}

static void
multicast(void)
{
	struct ethport_frame f[ETHPORT_BATCH];
	struct ethport a, b, all;
	int i, n, got = 0;

	if (open_as(&a, "mcast:230.0.0.1:7701", ETHPORT_PPPOE) < 0) {
		OK_MSG(1, "multicast # SKIP none on this host's lo");
		return;
	}
	OK(open_as(&b, "mcast:230.0.0.1:7701", ETHPORT_PPPOE) == 0);
	OK(open_as(&all, "mcast:230.0.0.1:7701", ETHPORT_ALL) == 0);
	for (i = 0; i < 40; i++)
		ethport_add(&a, frame, sizeof(frame));
	ethport_flush(&a);
	OK(a.tx_frames == 40);
	while (got < 40 && (n = take(&b, f, ETHPORT_BATCH)) > 0)
		for (i = 0; i < n; i++)
			got += f[i].len == sizeof(frame) &&
			       !memcmp(f[i].p, frame, f[i].len);
	OK(got == 40);
	OK_MSG(nothing(&a), "one's own frames do not come back");
	frame[13] = 0;
	ethport_add(&a, frame, 60);
	ethport_flush(&a);
	for (got = 0; got < 41 && (n = take(&all, f, ETHPORT_BATCH)) > 0;)
		got += n;
	OK(got == 41);
	OK_MSG(nothing(&b), "the PPPoE port sees PPPoE only");
	frame[13] = 0x63;
	ethport_close(&a);
	ethport_close(&b);
	ethport_close(&all);
}

static void
local(void)
{
	char at[64], peer[140];
	struct ethport_frame f[2] = { { frame, 60 }, { frame, 1514 } };
	struct ethport a, b;

	snprintf(at, sizeof(at), "unix:/tmp/ethport-a.%d", (int)getpid());
	snprintf(peer, sizeof(peer), "unix:/tmp/ethport-b.%d,%s", (int)getpid(),
	    at + 5);
	OK(open_as(&a, at, ETHPORT_ALL) == 0);
	OK(open_as(&b, at, ETHPORT_ALL) < 0 && errno == EADDRINUSE);
	OK(open_as(&b, peer, ETHPORT_ALL) == 0);
	OK_MSG(ethport_send(&a, f, 1) == 0 && a.tx_lost == 1,
	    "without a peer a frame is lost");
	OK(ethport_send(&b, f, 2) == 2);
	OK(take(&a, f, 2) == 2 && f[1].len == 1514);
	OK_MSG(ethport_send(&a, f, 1) == 1, "whoever sent last is answered");
	OK(take(&b, f, 2) == 1 && f[0].len == 60);
	ethport_close(&b);
	OK_MSG(ethport_send(&a, f, 1) == 0, "a peer that left is no error");
	ethport_close(&a);
	OK_MSG(access(at + 5, F_OK) < 0, "the socket is removed");
}

int
main(void)
{
	struct ethport e;

	multicast();
	local();
	OK(open_as(&e, "none", ETHPORT_ALL) < 0 && errno == EOPNOTSUPP);
	OK(open_as(&e, "packet:nosuchif0", ETHPORT_ALL) < 0);
	return tap_done();
}
