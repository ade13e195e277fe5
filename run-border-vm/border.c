/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>

#include "addr.h"
#include "border.h"
#include "hex.h"
#include "ip.h"
#include "netname.h"
#include "num.h"

#define ARRAY(a) (sizeof(a) / sizeof(*(a)))

/* what DHCP hands out unless it is told: of a /24 the addresses 12 to 240 */
static void
range(struct border *b)
{
	uint32_t size = 1U << (32 - b->prefix), net = b->address & -size;

	b->dhcp[0] = net + (size > 32 ? size / 64 * 3 : 2);
	b->dhcp[1] = net + size - (size > 32 ? size / 16 : 2);
}

void
border_init(struct border *b)
{
	memset(b, 0, sizeof(*b));
	b->nic = "lan";
	b->address = 0x0a000001;
	b->prefix = 24;
	range(b);
	b->dns = "10.0.2.3";
	b->share = ".";
	b->mount = b->tftp = "/home/liminix/liminix";
	b->nat = 1;
	b->ssh = 2222;
	b->memory = 256;
	b->cpus = 1;
}

static int
hex(const char *s, size_t n, unsigned *v)
{
	int d;

	for (*v = 0; n > 0; n--, s++) {
		if ((d = hex_digit(*s)) < 0)
			return -1;
		*v = *v << 4 | (unsigned)d;
	}
	return 0;
}

int
border_pci(const char *s, char b[13])
{
	unsigned dom = 0, bus, dev, fn;

	if (strlen(s) == 12) {
		if (hex(s, 4, &dom) < 0 || s[4] != ':')
			return -1;
		s += 5;
	}
	if (strlen(s) != 7 || hex(s, 2, &bus) < 0 || s[2] != ':' ||
	    hex(s + 3, 2, &dev) < 0 || s[5] != '.' || hex(s + 6, 1, &fn) < 0 ||
	    dev > 31 || fn > 7)
		return -1;
	snprintf(b, 13, "%04x:%02x:%02x.%x", dom & 0xffff, bus & 0xff,
	    dev & 0x1f, fn & 7);
	return 0;
}

int
border_usb(const char *s, struct border_usb *u)
{
	size_t n = strlen(s);

	u->where = NULL;
	if (n < 9 || hex(s, 4, &u->vendor) < 0 || s[4] != ':' ||
	    hex(s + 5, 4, &u->product) < 0)
		return -1;
	if (!s[9])
		return 0;
	u->where = s + 10;
	if (s[9] != '@' || !strchr(u->where, '-') ||
	    u->where[strspn(u->where, "0123456789-.")])
		return -1;
	return 0;
}

/* cuts s at the first blank; what follows the blanks, or NULL */
static char *
cut(char *s)
{
	char *e = s + strcspn(s, " \t");

	if (!*e)
		return NULL;
	*e++ = 0;
	return e + strspn(e, " \t");
}

static const char *
set_address(struct border *b, char *v)
{
	struct addr_net n;

	if (addr_net(v, &n) < 0 || n.family != AF_INET || n.len < 8 ||
	    n.len > 30)
		return "must be an IPv4 address and prefix length such as "
		       "10.0.0.1/24";
	b->address = ip_get4(n.a);
	b->prefix = n.len;
	if (!b->own_dhcp)
		range(b);
	return NULL;
}

static const char *
set_dhcp(struct border *b, char *v)
{
	char *dash = strchr(v, '-');
	uint32_t first, last;

	b->own_dhcp = 1;
	if (!strcmp(v, "none")) {
		b->dhcp[0] = b->dhcp[1] = 0;
		return NULL;
	}
	if (!dash)
		return "must be FIRST-LAST or none";
	*dash = 0;
	if (addr_ip4(v, &first) < 0 || addr_ip4(dash + 1, &last) < 0 ||
	    first > last)
		return "must be FIRST-LAST, two IPv4 addresses";
	b->dhcp[0] = first;
	b->dhcp[1] = last;
	return NULL;
}

static const char *
set_dns(struct border *b, const char *v)
{
	uint32_t ip;

	b->dns = v;
	return addr_ip4(v, &ip) < 0 ? "must be an IPv4 address" : NULL;
}

static const char *
set_forward(struct border *b, char *v)
{
	struct border_forward *f = &b->forward[b->nforward];
	char *host = strchr(v, ':'),
	     *guest = host ? strchr(host + 1, ':') : NULL;

	if (b->nforward == BORDER_FORWARDS)
		return "too many";
	if (!guest)
		return "must be PROTO:HOSTPORT:GUESTPORT, as in tcp:8080:80";
	*host++ = *guest++ = 0;
	if ((strcmp(v, "tcp") && strcmp(v, "udp")) ||
	    num_parse(host, 1, 65535, &f->host) < 0 ||
	    num_parse(guest, 1, 65535, &f->guest) < 0)
		return "must be PROTO:HOSTPORT:GUESTPORT, as in tcp:8080:80";
	f->proto = v;
	b->nforward++;
	return NULL;
}

static int
hostport(const char *s, int family)
{
	char host[128];
	uint16_t port = 0;
	struct addr_net n;

	return addr_hostport(s, host, sizeof(host), &port) == 0 && port &&
	       !strchr(host, '/') && addr_net(host, &n) == 0 &&
	       (n.family == AF_INET || family != AF_INET);
}

static const char *
set_reach(struct border *b, char *v)
{
	char *to;

	if (b->nreach == BORDER_FORWARDS)
		return "too many";
	if (!(to = cut(v)) || strncmp(v, "10.0.2.", 7) ||
	    !hostport(v, AF_INET) || !hostport(to, AF_UNSPEC) ||
	    to[strcspn(to, " \t,'\"\\")])
		return "must be 10.0.2.N:PORT ADDRESS:PORT, as in "
		       "10.0.2.10:443 127.0.0.1:443";
	b->reach[b->nreach++] = v;
	return NULL;
}

static const char *
add(const char **list, int *n, int max, const char *v)
{
	if (*n == max)
		return "too many";
	list[(*n)++] = v;
	return NULL;
}

static const char *
set_card(struct border *b, const char *key, const char *v)
{
	struct border_usb u;
	struct netname net;
	char pci[13];

	b->nic = b->pci = b->usb = NULL;
	if (*key == 'p') {
		b->pci = v;
		return border_pci(v, pci) < 0
			   ? "must be a PCI address such as 01:00.0"
			   : NULL;
	}
	if (*key == 'u') {
		b->usb = v;
		return border_usb(v, &u) < 0
			   ? "must be VENDOR:PRODUCT, as in 0bda:8153, "
			     "or VENDOR:PRODUCT@BUS-PORT"
			   : NULL;
	}
	b->nic = v;
	if (netname_parse(&net, v) < 0 || net.kind == NETNAME_NONE)
		return "no such network; " NETNAME_HINT;
	return NULL;
}

static const char *
set_lns(struct border *b, const char *v)
{
	char host[256];
	uint16_t port = 1;

	b->lns = NULL;
	if (!strcmp(v, "none"))
		return NULL;
	if (v[strcspn(v, " \t")] ||
	    addr_server(v, host, sizeof(host), &port) < 0)
		return "must be HOST or HOST:PORT";
	b->lns = v;
	return NULL;
}

/* yes or no */
static const char *
set_flag(int *flag, const char *v)
{
	*flag = !strcmp(v, "yes");
	return *flag || !strcmp(v, "no") ? NULL : "must be yes or no";
}

/* a directory of the guest, or none */
static const char *
set_inside(const char **dir, const char *v)
{
	*dir = strcmp(v, "none") ? v : NULL;
	return !*dir || *v == '/' ? NULL : "must be an absolute path, or none";
}

static const char *
set_memory(struct border *b, const char *v)
{
	int64_t n;

	if (num_parse(v, 64, 1 << 20, &b->memory) == 0)
		return NULL;
	if (num_size(v, 64 << 20, 1LL << 40, &n) < 0)
		return "must be 64 MiB to 1 TiB";
	b->memory = n >> 20;
	return NULL;
}

/* plain texts: 1 when key is one of theirs */
static int
set_text(struct border *b, const char *key, const char *v)
{
	const struct {
		const char *name, **at;
	} t[] = { { "share", &b->share }, { "secret", &b->secret },
		{ "service", &b->service }, { "kernel", &b->kernel },
		{ "modules", &b->modules }, { "busybox", &b->busybox } };
	size_t i;

	for (i = 0; i < ARRAY(t); i++)
		if (!strcmp(key, t[i].name)) {
			*t[i].at = v;
			return 1;
		}
	return 0;
}

enum kind {
	ADDRESS,
	CARD,
	CPUS,
	DHCP,
	DNS,
	FORWARD,
	HTTP,
	KEY,
	LNS,
	MEMORY,
	MOUNT,
	NAT,
	REACH,
	SSH,
	TFTP,
	USER,
	WRITABLE,
};

static const struct {
	const char *name;
	enum kind kind;
} keys[] = { { "address", ADDRESS }, { "cpus", CPUS }, { "dhcp", DHCP },
	{ "dns", DNS }, { "forward", FORWARD }, { "http", HTTP },
	{ "key", KEY }, { "lns", LNS }, { "memory", MEMORY },
	{ "mount", MOUNT }, { "nat", NAT }, { "nic", CARD }, { "pci", CARD },
	{ "reach", REACH }, { "ssh", SSH }, { "tftp", TFTP }, { "usb", CARD },
	{ "user", USER }, { "writable", WRITABLE } };

/* its text, not the file that it is in */
static const char *
set_key(struct border *b, const char *v)
{
	if (!strchr(v, ' '))
		return "must be a public key's own text, as in ssh-ed25519 "
		       "AAAA...";
	return add(b->key, &b->nkey, BORDER_KEYS, v);
}

static const char *
set_ssh(struct border *b, const char *v)
{
	b->ssh = 0;
	if (!strcmp(v, "none") || num_parse(v, 1, 65535, &b->ssh) == 0)
		return NULL;
	return "must be a port, or none";
}

static const char *
set_user(struct border *b, const char *v)
{
	if (!strchr(v, ':'))
		return "must be NAME:PASSWORD";
	return add(b->user, &b->nuser, BORDER_USERS, v);
}

const char *
border_set(struct border *b, const char *key, char *v)
{
	size_t i;

	if (!*v)
		return "a value is missing";
	if (set_text(b, key, v))
		return NULL;
	for (i = 0; i < ARRAY(keys) && strcmp(key, keys[i].name); i++)
		;
	if (i == ARRAY(keys))
		return "no such key; --example shows all";
	switch (keys[i].kind) {
	case ADDRESS: return set_address(b, v);
	case CARD: return set_card(b, key, v);
	case CPUS:
		return num_parse(v, 1, 64, &b->cpus) < 0 ? "must be 1 to 64"
							 : NULL;
	case DHCP: return set_dhcp(b, v);
	case DNS: return set_dns(b, v);
	case FORWARD: return set_forward(b, v);
	case HTTP: return set_inside(&b->http, v);
	case KEY: return set_key(b, v);
	case LNS: return set_lns(b, v);
	case MEMORY: return set_memory(b, v);
	case MOUNT:
		if (b->tftp == b->mount) /* not set: the share's place */
			b->tftp = v;
		b->mount = v;
		return *v == '/' ? NULL : "must be an absolute path";
	case NAT: return set_flag(&b->nat, v);
	case REACH: return set_reach(b, v);
	case SSH: return set_ssh(b, v);
	case TFTP: return set_inside(&b->tftp, v);
	case USER: return set_user(b, v);
	case WRITABLE: return set_flag(&b->writable, v);
	}
	return NULL;
}

/* one line without its newline */
static const char *
line(struct border *b, char *s, const char **key)
{
	char *eq, *e = s + strlen(s);

	*key = NULL;
	while (e > s && strchr(" \t\r", e[-1]))
		*--e = 0;
	s += strspn(s, " \t");
	if (!*s || *s == '#')
		return NULL;
	if (!(eq = strchr(s, '=')))
		return "not \"key = value\"";
	for (e = eq; e > s && strchr(" \t", e[-1]); e--)
		;
	*e = 0;
	*key = s;
	return border_set(b, s, eq + 1 + strspn(eq + 1, " \t"));
}

int
border_parse(struct border *b, char *text, const char **why, const char **key)
{
	static const char bom[] =
	    "\xef\xbb\xbf"; /* some editors put it there */
	char *s = text, *e;
	int nr = 1;

	if (!strncmp(s, bom, 3))
		s += 3;
	for (; s; s = e, nr++) {
		if ((e = strchr(s, '\n')))
			*e++ = 0;
		if ((*why = line(b, s, key)))
			return nr;
	}
	return 0;
}
