/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "netname.h"

#define LOOPBACK 0x7f000001

static const struct {
	const char *name;
	uint16_t port;
} known[] = { { "access", 1234 }, { "lan", 1235 }, { "world", 1236 } };

/* the types of QEMU's -netdev that need no options */
static const char *const bare[] = { "tap", "bridge", "socket", "stream",
	"dgram", "vde", "l2tpv3", "netmap", "vhost-user", "vhost-vdpa",
	"hubport", "af-xdp", "passt", "vmnet-host", "vmnet-shared",
	"vmnet-bridged" };

/* s without the prefix p, or NULL */
static const char *
after(const char *s, const char *p)
{
	size_t n = strlen(p);

	return strncmp(s, p, n) ? NULL : s + n;
}

/* "GROUP:PORT" of len bytes, "" as group means any: 0 or -1 */
static int
group(struct netname *n, const char *s, size_t len)
{
	char b[32], host[16];

	if (len >= sizeof(b))
		return -1;
	memcpy(b, s, len);
	b[len] = 0;
	n->port = 0;
	if (addr_hostport(b, host, sizeof(host), &n->port) < 0 || !n->port ||
	    addr_ip4(host, &n->group) < 0)
		return -1;
	return n->group >> 28 == 14 ? 0 : -1;
}

/* "GROUP:PORT[,localaddr=A]", to the end of the text */
static int
mcast(struct netname *n, const char *s)
{
	const char *comma = strchr(s, ','), *l;

	n->kind = NETNAME_MCAST;
	n->local = LOOPBACK;
	if (group(n, s, comma ? (size_t)(comma - s) : strlen(s)) < 0)
		return -1;
	if (!comma)
		return 0;
	if (!(l = after(comma, ",localaddr=")))
		return -1;
	return addr_ip4(l, &n->local);
}

/* an interface's name as the kernel takes it */
static int
iface(const char *s)
{
	size_t n = strlen(s);

	if (n < 1 || n > 15 || !strcmp(s, ".") || !strcmp(s, ".."))
		return -1;
	return strpbrk(s, "/: \t\n,") ? -1 : 0;
}

static int
raw(struct netname *n, const char *s)
{
	const char *m = after(s, "socket,mcast=");
	struct netname t = *n;
	size_t i;

	if (m && mcast(&t, m) == 0) {
		*n = t;
		return 0;
	}
	n->kind = NETNAME_RAW;
	n->arg = s;
	if (s[0] == '{' || (s[0] && s[0] != ',' && strchr(s, ',')))
		return 0;
	for (i = 0; i < sizeof(bare) / sizeof(*bare); i++)
		if (!strcmp(s, bare[i]))
			return 0;
	return -1;
}

int
netname_parse(struct netname *n, const char *s)
{
	size_t i;

	memset(n, 0, sizeof(*n));
	for (i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (!strcmp(s, known[i].name)) {
			n->kind = NETNAME_MCAST;
			n->name = known[i].name;
			n->group = 0xe6000001; /* 230.0.0.1 */
			n->port = known[i].port;
			n->local = LOOPBACK;
			return 0;
		}
	if (!strcmp(s, "none"))
		return 0;
	if ((n->arg = after(s, "mcast:")))
		return mcast(n, n->arg);
	if ((n->arg = after(s, "packet:"))) {
		n->kind = NETNAME_PACKET;
		return iface(n->arg);
	}
	if ((n->arg = after(s, "tap:"))) {
		n->kind = NETNAME_TAP;
		return iface(n->arg);
	}
	if ((n->arg = after(s, "unix:"))) {
		n->kind = NETNAME_UNIX;
		return *n->arg && *n->arg != ',' ? 0 : -1;
	}
	if (!strcmp(s, "user") || after(s, "user,")) {
		n->kind = NETNAME_USER;
		n->arg = s[4] ? s + 5 : "";
		return 0;
	}
	return raw(n, s);
}

/* as far as it matters where a frame goes: the loopback is not shown */
static int
mcast_text(const struct netname *n, const char *form, char *b, size_t cap)
{
	char g[16], l[16];

	addr_ip4str(g, n->group);
	addr_ip4str(l, n->local);
	return snprintf(b, cap, form, g, n->port, l);
}

char *
netname_str(const struct netname *n, char *b, size_t cap)
{
	static const char *const prefix[] = { "none", "",
		"packet:", "tap:", "unix:", "user", "" };

	if (n->name)
		snprintf(b, cap, "%s", n->name);
	else if (n->kind == NETNAME_MCAST)
		mcast_text(n,
		    n->local == LOOPBACK ? "mcast:%s:%u"
					 : "mcast:%s:%u,localaddr=%s",
		    b, cap);
	else
		snprintf(b, cap, "%s%s%s", prefix[n->kind],
		    n->kind == NETNAME_USER && *n->arg ? "," : "",
		    n->kind == NETNAME_NONE ? "" : n->arg);
	return b;
}

/* raw text with id: before the closing brace of JSON, else at the end */
static int
raw_text(const struct netname *n, const char *id, char *b, size_t cap)
{
	const char *close = strrchr(n->arg, '}');

	if (n->arg[0] != '{')
		return snprintf(b, cap, "%s,id=%s", n->arg, id);
	if (!close)
		return -1;
	return snprintf(
	    b, cap, "%.*s,\"id\":\"%s\"}", (int)(close - n->arg), n->arg, id);
}

int
netname_qemu(const struct netname *n, const char *id, char *b, size_t cap)
{
	char m[80];
	int len = -1;

	switch (n->kind) {
	case NETNAME_MCAST:
		mcast_text(n, "mcast=%s:%u,localaddr=%s", m, sizeof(m));
		len = snprintf(b, cap, "socket,id=%s,%s", id, m);
		break;
	case NETNAME_TAP:
		len = snprintf(b, cap,
		    "tap,id=%s,ifname=%s,script=no,downscript=no", id, n->arg);
		break;
	case NETNAME_USER:
		len = snprintf(
		    b, cap, "user,id=%s%s%s", id, *n->arg ? "," : "", n->arg);
		break;
	case NETNAME_RAW: len = raw_text(n, id, b, cap); break;
	default: break;
	}
	return len < 0 || (size_t)len >= cap ? -1 : 0;
}
