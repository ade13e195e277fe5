/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <unistd.h>

#include "sidfilter.h"
#include "tap.h"

static int sock[2];
static struct sidfilter set;

/* does a frame of that type, with that word behind the PPPoE code, pass? */
static int
passes(unsigned type, unsigned sid)
{
	uint8_t f[60] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 }, b[64];

	f[12] = (uint8_t)(type >> 8);
	f[13] = (uint8_t)type;
	f[14] = 0x11;
	f[16] = (uint8_t)(sid >> 8);
	f[17] = (uint8_t)sid;
	(void)send(sock[0], f, sizeof(f), MSG_DONTWAIT);
	return recv(sock[1], b, sizeof(b), MSG_DONTWAIT) == sizeof(f);
}

/* ids for which the filter differs from the set */
static int
wrong(void)
{
	unsigned sid;
	int n = 0;

	for (sid = 0; sid < 65536; sid++)
		n += passes(0x8864, sid) == sidfilter_has(&set, sid);
	return n;
}

static void
types(void)
{
	OK(sidfilter_attach(&set, sock[1]) == 0);
	OK(passes(0x8863, 7));
	OK(passes(0x8864, 7));
	OK(passes(0x8100, 7));
	OK(passes(0x88a8, 7));
	OK(!passes(0x0800, 7));
	sidfilter_set(&set, 7);
	OK(sidfilter_attach(&set, sock[1]) == 0);
	OK_MSG(passes(0x8863, 7), "discovery passes whatever it holds");
	OK(passes(0x8100, 7));
	OK(!passes(0x8864, 7));
	OK(passes(0x8864, 6) && passes(0x8864, 8));
	sidfilter_clear(&set, 7);
	OK(sidfilter_attach(&set, sock[1]) == 0);
	OK(passes(0x8864, 7));
}

static void
ranges(void)
{
	unsigned i;

	for (i = 0; i < 65536; i += 65535)
		sidfilter_set(&set, i);
	for (i = 1000; i < 11000; i++)
		sidfilter_set(&set, i);
	for (i = 1003; i < 11000; i += 97)
		sidfilter_clear(&set, i);
	OK(sidfilter_attach(&set, sock[1]) == 0);
	OK_MSG(wrong() == 0, "ends and many runs: all ids as the set says");
}

static void
too_many(void)
{
	unsigned i;
	int held = 0;

	memset(&set, 0, sizeof(set));
	for (i = 1; i <= 2 * (SIDFILTER_RANGES + 100); i += 2)
		sidfilter_set(&set, i);
	OK(sidfilter_attach(&set, sock[1]) == 0);
	for (i = 0; i < 65536; i++)
		held += !passes(0x8864, i);
	OK_MSG(held == SIDFILTER_RANGES, "runs beyond the limit pass");
	OK(!passes(0x8864, 1) && passes(0x8864, 2));
	memset(&set, 0xff, sizeof(set));
	OK(sidfilter_attach(&set, sock[1]) == 0);
	OK_MSG(wrong() == 0, "all of them");
}

/* as Linux had it for long; 0 when that cannot be had here */
static int
little_memory(void)
{
	FILE *f;

	if (unshare(CLONE_NEWNET) < 0 ||
	    !(f = fopen("/proc/sys/net/core/optmem_max", "w")))
		return 0;
	return fprintf(f, "20480") > 0 && !fclose(f) &&
	       socketpair(AF_UNIX, SOCK_DGRAM, 0, sock) == 0;
}

static void
runs(unsigned n)
{
	memset(&set, 0, sizeof(set));
	while (n--)
		sidfilter_set(&set, 2 * n + 1);
}

static void
no_room(void)
{
	if (!little_memory())
		return;
	runs(200);
	OK(sidfilter_attach(&set, sock[1]) == 0);
	runs(201);
	OK_MSG(sidfilter_attach(&set, sock[1]) == 0 && wrong() == 0,
	    "the one before takes no room from it");
	runs(400);
	OK(sidfilter_attach(&set, sock[1]) < 0 && errno == ENOMEM);
	runs(0);
	OK_MSG(wrong() == 0, "too long: all pass");
}

int
main(void)
{
	OK(socketpair(AF_UNIX, SOCK_DGRAM, 0, sock) == 0);
	types();
	ranges();
	too_many();
	no_room();
	return tap_done();
}
