/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "arg.h"
#include "conf.h"
#include "die.h"
#include "fd.h"
#include "num.h"

enum {
	OPT_AC_NAME = 256,
	OPT_ADDRESS,
	OPT_AUTH,
	OPT_BACKGROUND,
	OPT_CAPTURE,
	OPT_DELAY,
	OPT_DIR,
	OPT_DNS,
	OPT_ECHO,
	OPT_ECHO_FAILURES,
	OPT_FORWARD,
	OPT_IDLE,
	OPT_L2TP,
	OPT_L2TP_SECRET,
	OPT_LIFETIME,
	OPT_LOSSY,
	OPT_MAC,
	OPT_MAX,
	OPT_MAX_PER_MAC,
	OPT_MTU,
	OPT_NO_IPV6,
	OPT_PADI_RATE,
	OPT_PADO_DELAY,
	OPT_POOL,
	OPT_PREFIX6,
	OPT_RATE,
	OPT_SECRETS,
	OPT_STOP,
	OPT_WORLD,
};

static const struct arg_opt opts[] = {
	{ 'a', "access", "PORT", "serve PPPoE on PORT (default access)" },
	{ OPT_AC_NAME, "ac-name", "NAME", "our AC-Name (default bng)" },
	{ OPT_ADDRESS, "address", "ADDR",
	    "our end of each link (default 192.168.100.1)" },
	{ OPT_AUTH, "auth", "LIST",
	    "of chap, mschapv2, pap, none, best first (default chap,pap)" },
	{ OPT_BACKGROUND, "background", "DIR",
	    "run in the background with state directory DIR" },
	{ OPT_CAPTURE, "capture", "FILE", "write the access frames as pcap" },
	{ OPT_DELAY, "delay", "TIME[,JITTER]",
	    "frames of a link come so late" },
	{ OPT_DIR, "dir", "DIR", "state directory DIR in the foreground" },
	{ OPT_DNS, "dns", "ADDR[,ADDR]",
	    "name servers told to subscribers (default: this host's)" },
	{ OPT_ECHO, "echo", "TIME",
	    "LCP echo after this silence (default 20, 0 never)" },
	{ OPT_ECHO_FAILURES, "echo-failures", "N",
	    "unanswered echoes that end a session (default 3)" },
	{ OPT_FORWARD, "forward", "PROTO:[HOST]:PORT:ADDR:PORT",
	    "tcp or udp port of this host to a subscriber's" },
	{ OPT_IDLE, "idle-timeout", "TIME",
	    "end a session without data for so long" },
	{ OPT_LIFETIME, "session-timeout", "TIME",
	    "end every session after so long" },
	{ OPT_L2TP, "l2tp", NULL,
	    "[ADDR][:PORT]: be an L2TP network server too (default *:1701)" },
	{ OPT_L2TP_SECRET, "l2tp-secret", "FILE",
	    "tunnel secret: challenge the peers" },
	{ OPT_LOSSY, "lossy", "PERCENT", "lose so many frames of each link" },
	{ OPT_MAC, "mac", "MAC", "our address on access" },
	{ OPT_MAX, "max", "N", "sessions in all (default 1024)" },
	{ OPT_MAX_PER_MAC, "max-per-mac", "N",
	    "sessions of one client (default no limit)" },
	{ OPT_MTU, "mtu", "N",
	    "largest packet; above 1492 by RFC 4638 (default 1492)" },
	{ OPT_NO_IPV6, "no-ipv6", NULL, "IPv4 only" },
	{ OPT_PADI_RATE, "padi-rate", "N", "PADI answered a second" },
	{ OPT_PADO_DELAY, "pado-delay", "TIME", "answer a PADI so late" },
	{ OPT_POOL, "pool", "FIRST-LAST",
	    "addresses for subscribers (default 192.168.100.10-99)" },
	{ OPT_PREFIX6, "prefix6", "PREFIX",
	    "IPv6 /32 for subscribers (default fd62:6e67::)" },
	{ OPT_RATE, "rate", "BPS", "a link's speed in bit/s: 512k, 10M, 1G" },
	{ OPT_SECRETS, "secrets", "FILE", "users, as in pap-secrets" },
	{ 's', "service", "NAME", "a service offered (default: any)" },
	{ OPT_STOP, "stop", "DIR", "end the bng of state directory DIR" },
	{ 'u', "user", "NAME:PASSWORD[:ADDR]", "a user" },
	{ 'v', "verbose", NULL, "log each change of state and its cause" },
	{ OPT_WORLD, "world", "PORT",
	    "an Ethernet segment behind the gateway" },
	{ 0 },
};

static const struct arg_tool tool = { "bng", "[options]", opts, 0, 0 };

static void
port(const struct arg *a, struct netname *n)
{
	if (netname_parse(n, a->value) < 0)
		arg_usage(a, "%s %s: not a network", a->shown, a->value);
}

static int64_t
msec(const struct arg *a)
{
	int64_t v;

	if (num_msec(a->value, 0, 1LL << 40, &v) < 0)
		arg_usage(a, "%s %s: not a time", a->shown, a->value);
	return v;
}

static uint32_t
ip4(const struct arg *a, const char *s)
{
	uint32_t v;

	if (addr_ip4(s, &v) < 0)
		arg_usage(a, "%s %s: not an IPv4 address", a->shown, s);
	return v;
}

static void
dns(struct conf *c, const struct arg *a)
{
	char b[16], *comma;

	if (strlen(a->value) >= 2 * sizeof(b))
		arg_usage(a, "%s %s: not addresses", a->shown, a->value);
	comma = strchr(a->value, ',');
	if (comma && (size_t)(comma - a->value) < sizeof(b)) {
		memcpy(b, a->value, (size_t)(comma - a->value));
		b[comma - a->value] = '\0';
		c->dns[0] = ip4(a, b);
		c->dns[1] = ip4(a, comma + 1);
	} else {
		c->dns[0] = ip4(a, a->value);
		c->dns[1] = 0;
	}
}

/* FIRST-LAST; LAST may be the last number alone */
static void
pool(struct conf *c, const struct arg *a)
{
	const char *dash = strchr(a->value, '-');
	int64_t last;
	char b[16];

	if (!dash || (size_t)(dash - a->value) >= sizeof(b))
		arg_usage(a, "%s %s: not FIRST-LAST", a->shown, a->value);
	memcpy(b, a->value, (size_t)(dash - a->value));
	b[dash - a->value] = '\0';
	c->pool_first = ip4(a, b);
	if (num_parse(dash + 1, 0, 255, &last) == 0)
		c->pool_last = (c->pool_first & ~255U) | (uint32_t)last;
	else
		c->pool_last = ip4(a, dash + 1);
	if (c->pool_last < c->pool_first ||
	    c->pool_last - c->pool_first >= 65536)
		arg_usage(a, "%s %s: not a range of 1 to 65536 addresses",
		    a->shown, a->value);
}

static void
auth(struct conf *c, const struct arg *a)
{
	static const struct {
		const char *name;
		enum ppp_method m;
	} names[] = { { "pap", PPP_AUTH_PAP }, { "chap", PPP_AUTH_CHAP },
		{ "mschapv2", PPP_AUTH_MSCHAPV2 },
		{ "mschap-v2", PPP_AUTH_MSCHAPV2 }, { "none", PPP_NOAUTH } };
	const char *s = a->value;
	size_t i, len;

	memset(c->auth, 0, sizeof(c->auth));
	for (c->nauth = 0; c->nauth < PPP_NMETHODS; s += len + 1) {
		len = strcspn(s, ",");
		for (i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (strlen(names[i].name) == len &&
			    !memcmp(names[i].name, s, len))
				break;
		if (i == sizeof(names) / sizeof(*names))
			arg_usage(a,
			    "%s %s: not a list of chap, mschapv2, "
			    "pap, none",
			    a->shown, a->value);
		c->auth[c->nauth++] = (uint8_t)names[i].m;
		if (!s[len])
			return;
	}
	arg_usage(a, "%s %s: too many", a->shown, a->value);
}

/* the next field of "a:b:c", copied; the rest, or NULL */
static const char *
field(const char *s, char *b, size_t cap)
{
	size_t len = strcspn(s, ":");

	if (len >= cap)
		return NULL;
	memcpy(b, s, len);
	b[len] = '\0';
	return s + len + (s[len] == ':');
}

static int
forward_parse(struct conf_forward *f, const char *s)
{
	char b[5][24];
	int64_t v;
	int i;

	for (i = 0; i < 5; i++)
		if (!(s = field(s, b[i], sizeof(b[i]))))
			return -1;
	if (*s || (strcmp(b[0], "tcp") != 0 && strcmp(b[0], "udp") != 0))
		return -1;
	f->proto = b[0][0] == 't' ? CONF_TCP : CONF_UDP;
	f->host = 0;
	if (b[1][0] && strcmp(b[1], "*") != 0 && addr_ip4(b[1], &f->host) < 0)
		return -1;
	if (num_parse(b[2], 1, 65535, &v) < 0)
		return -1;
	f->host_port = (uint16_t)v;
	if (addr_ip4(b[3], &f->addr) < 0 || num_parse(b[4], 1, 65535, &v) < 0)
		return -1;
	f->port = (uint16_t)v;
	return 0;
}

static void
forward(struct conf *c, const struct arg *a)
{
	if (c->nforward == CONF_FORWARDS)
		arg_usage(a, "more than %d of %s", CONF_FORWARDS, a->shown);
	if (forward_parse(&c->forward[c->nforward++], a->value) < 0)
		arg_usage(a, "%s %s: not PROTO:[HOST]:PORT:ADDR:PORT", a->shown,
		    a->value);
}

static void
service(struct conf *c, const struct arg *a)
{
	if (c->nservice == PPPOE_AC_SERVICES)
		arg_usage(a, "more than %d services", PPPOE_AC_SERVICES);
	if (!*a->value || strlen(a->value) > 64)
		arg_usage(a, "%s '%s': 1 to 64 bytes", a->shown, a->value);
	c->service[c->nservice++] = a->value;
}

static void
user(struct conf *c, const struct arg *a)
{
	if (c->nuser == CONF_USERS)
		arg_usage(a, "more than %d of %s: use --secrets", CONF_USERS,
		    a->shown);
	if (!strchr(a->value, ':'))
		arg_usage(a, "%s: not NAME:PASSWORD", a->shown);
	c->user[c->nuser++] = a->value;
}

static void
mac(struct conf *c, const struct arg *a)
{
	if (addr_mac(a->value, c->mac) < 0 || c->mac[0] & 1)
		arg_usage(a, "%s %s: not a MAC address of one host", a->shown,
		    a->value);
	c->have_mac = 1;
}

static void
mode(struct conf *c, const struct arg *a, enum conf_mode m)
{
	c->mode = m;
	c->dir = a->value;
}

/* an address may follow, which begins as no option and no other operand can;
 * bng has no operands */
static void
l2tp(struct conf *c, struct arg *a)
{
	socklen_t len;
	const char *s = "*";

	if (*a->v && **a->v != '-')
		s = *a->v++;
	if (addr_sock(s, 1701, &c->l2tp_at, &len) < 0)
		arg_usage(a, "%s %s: not ADDR:PORT", a->shown, s);
	c->l2tp = 1;
}

static void
l2tp_secret(struct conf *c, const struct arg *a)
{
	size_t len;
	char *s = fd_slurp_path(a->value, 1 << 10, &len);

	if (!s)
		die(1, "%s:", a->value);
	while (len && (s[len - 1] == '\n' || s[len - 1] == '\r'))
		s[--len] = '\0';
	if (!len || len > 128 || strlen(s) != len)
		die(1, "%s: not a secret of 1 to 128 bytes", a->value);
	c->l2tp_secret = s;
}

static void
prefix6(struct conf *c, const struct arg *a)
{
	struct addr_net n;

	if (addr_net(a->value, &n) < 0 || n.family != AF_INET6 ||
	    (n.len != 32 && n.len != 128))
		arg_usage(a, "%s %s: not an IPv6 /32", a->shown, a->value);
	memcpy(c->base6, n.a, 4);
}

/* a bad line */
static void
line(struct conf *c, const struct arg *a, int id)
{
	int bad = id == OPT_LOSSY   ? line_lossy(&c->line, a->value)
		  : id == OPT_DELAY ? line_delay(&c->line, a->value)
				    : line_rate(&c->line, a->value);

	if (bad)
		arg_usage(a, "%s %s: not %s", a->shown, a->value,
		    id == OPT_LOSSY   ? "a percentage"
		    : id == OPT_DELAY ? "TIME or TIME,JITTER up to 60 s"
				      : "a rate of 1000 bit/s or more");
}

/* the options that are numbers */
static void
number(struct conf *c, const struct arg *a, int id)
{
	switch (id) {
	case OPT_ECHO: c->echo = msec(a); break;
	case OPT_ECHO_FAILURES:
		c->echo_failures = (int)arg_num(a, 1, 255);
		break;
	case OPT_IDLE: c->idle = msec(a); break;
	case OPT_LIFETIME: c->lifetime = msec(a); break;
	case OPT_MAX: c->max = (uint32_t)arg_num(a, 1, PPPOE_TAB_MAX); break;
	case OPT_MAX_PER_MAC:
		c->max_per_mac = (uint32_t)arg_num(a, 1, PPPOE_TAB_MAX);
		break;
	case OPT_MTU: c->mtu = (uint16_t)arg_num(a, 576, 1984); break;
	case OPT_PADI_RATE:
		c->padi_rate = (uint32_t)arg_num(a, 1, 1000000);
		break;
	case OPT_PADO_DELAY: c->pado_delay = msec(a); break;
	}
}

static void
option(struct conf *c, struct arg *a, int id)
{
	switch (id) {
	case ARG_OPERAND: arg_usage(a, "%s: no operand is expected", a->value);
	case 'a': port(a, &c->access); break;
	case OPT_AC_NAME: c->ac_name = a->value; break;
	case OPT_ADDRESS: c->address = ip4(a, a->value); break;
	case OPT_AUTH: auth(c, a); break;
	case OPT_BACKGROUND: mode(c, a, CONF_BACKGROUND); break;
	case OPT_CAPTURE: c->capture = a->value; break;
	case OPT_DIR: mode(c, a, CONF_FOREGROUND); break;
	case OPT_DNS: dns(c, a); break;
	case OPT_FORWARD: forward(c, a); break;
	case OPT_L2TP: l2tp(c, a); break;
	case OPT_L2TP_SECRET: l2tp_secret(c, a); break;
	case OPT_LOSSY:
	case OPT_DELAY:
	case OPT_RATE: line(c, a, id); break;
	case OPT_MAC: mac(c, a); break;
	case OPT_NO_IPV6: c->ipv6 = 0; break;
	case OPT_POOL: pool(c, a); break;
	case OPT_PREFIX6: prefix6(c, a); break;
	case OPT_SECRETS: c->secrets = a->value; break;
	case 's': service(c, a); break;
	case OPT_STOP: mode(c, a, CONF_STOP); break;
	case 'u': user(c, a); break;
	case 'v': c->verbose++; break;
	case OPT_WORLD:
		port(a, &c->world);
		c->have_world = 1;
		break;
	default: number(c, a, id); break;
	}
}

static void
check(const struct conf *c, const struct arg *a)
{
	if (c->address >= c->pool_first && c->address <= c->pool_last)
		arg_usage(a, "our address lies within the pool");
	if (c->access.kind == NETNAME_NONE && !c->l2tp)
		arg_usage(a, "--access none without --l2tp: nothing to do");
	if (strlen(c->ac_name) > 64 || !*c->ac_name)
		arg_usage(a, "--ac-name: 1 to 64 bytes");
}

void
conf_read(struct conf *c, char **argv)
{
	struct arg a;
	int id;

	memset(c, 0, sizeof(*c));
	netname_parse(&c->access, "access");
	c->ac_name = "bng";
	c->address = 0xc0a86401; /* 192.168.100.1, as the original's tests */
	c->pool_first = c->address - 1 + 10;
	c->pool_last = c->address - 1 + 99;
	c->auth[0] = PPP_AUTH_CHAP;
	c->auth[1] = PPP_AUTH_PAP;
	c->nauth = 2;
	c->max = 1024;
	c->mtu = 1492;
	c->ipv6 = 1;
	memcpy(c->base6, "\xfd\x62\x6e\x67", 4);
	c->echo = 20000;
	c->echo_failures = 3;
	arg_init(&a, &tool, argv);
	while ((id = arg_next(&a)) != ARG_END)
		option(c, &a, id);
	check(c, &a);
}
