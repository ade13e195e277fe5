/* limen: ISC licence, see LICENSE */
#include "netname.h"
#include "tap.h"

/* what QEMU gets for a text, or why not */
static const char *
qemu(const char *s)
{
	static char b[256];
	struct netname n;

	if (netname_parse(&n, s) < 0)
		return "no such network";
	return netname_qemu(&n, "x", b, sizeof(b)) < 0 ? "not QEMU's" : b;
}

static const char *
text(const char *s)
{
	static char b[64];
	struct netname n;

	return netname_parse(&n, s) < 0 ? "-" : netname_str(&n, b, sizeof(b));
}

static void
good(void)
{
	struct netname n;

	STREQ(qemu("access"),
	    "socket,id=x,mcast=230.0.0.1:1234,localaddr=127.0.0.1");
	STREQ(qemu("lan"),
	    "socket,id=x,mcast=230.0.0.1:1235,localaddr=127.0.0.1");
	OK(netname_parse(&n, "world") == 0 && n.kind == NETNAME_MCAST &&
	    n.group == 0xe6000001 && n.port == 1236 && n.local == 0x7f000001);
	STREQ(qemu("mcast:239.1.2.3:65535,localaddr=10.0.0.1"),
	    "socket,id=x,mcast=239.1.2.3:65535,localaddr=10.0.0.1");
	OK_MSG(netname_parse(&n, "socket,mcast=230.0.0.1:1234,"
				 "localaddr=127.0.0.1") == 0 &&
		   n.kind == NETNAME_MCAST && n.port == 1234,
	    "QEMU's own spelling of a multicast wire is one");
	OK(netname_parse(&n, "socket,mcast=230.0.0.1:1,udp=x") == 0 &&
	    n.kind == NETNAME_RAW);
	STREQ(qemu("tap:tap0"), "tap,id=x,ifname=tap0,script=no,downscript=no");
	STREQ(qemu("user"), "user,id=x");
	STREQ(qemu("user,tftp=/srv"), "user,id=x,tftp=/srv");
	STREQ(qemu("tap,fd=3"), "tap,fd=3,id=x");
	STREQ(qemu("{\"type\":\"user\"}"), "{\"type\":\"user\",\"id\":\"x\"}");
	STREQ(qemu("none"), "not QEMU's");
	STREQ(qemu("packet:eth0"), "not QEMU's");
	STREQ(qemu("unix:/tmp/a,/tmp/b"), "not QEMU's");
	STREQ(text("access"), "access");
	STREQ(text("mcast:230.0.0.2:9"), "mcast:230.0.0.2:9");
	STREQ(text("unix:a,b"), "unix:a,b");
	STREQ(text("user,tftp=x"), "user,tftp=x");
	STREQ(text("user"), "user");
	STREQ(text("none"), "none");
}

static void
bad(void)
{
	static const char *const s[] = { "", "acess", "mcast:", "mcast:1234",
		"mcast:10.0.0.1:1234", "mcast:230.0.0.1", "mcast:230.0.0.1:0",
		"mcast:230.0.0.1:65536", "mcast::1234", "packet:", "tap:a/b",
		"packet:sixteen-letters-", "packet:..", "unix:", "unix:,x",
		"mcast:230.0.0.1:5,", "mcast:230.0.0.1:5,localaddr=", ",x",
		"mcast:240.0.0.1:5", "tap:.", "tap:a b",
		"mcast:a-group-of-more-than-thirty-two-letters:5" };
	char b[10];
	struct netname n;
	size_t i;

	for (i = 0; i < sizeof(s) / sizeof(*s); i++)
		OK_MSG(netname_parse(&n, s[i]) < 0, s[i]);
	OK(netname_parse(&n, "access") == 0 &&
	    netname_qemu(&n, "x", b, sizeof(b)) < 0);
	OK(netname_parse(&n, "user") == 0 &&
	    netname_qemu(&n, "xx", b, 10) < 0 &&
	    netname_qemu(&n, "x", b, 10) == 0);
	STREQ(qemu("{\"type\":\"user\""), "not QEMU's");
}

int
main(void)
{
	good();
	bad();
	return tap_done();
}
