/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "addr.h"
#include "conf_val.h"
#include "die.h"
#include "fd.h"
#include "l2tp_cc.h"
#include "num.h"

void
conf_val_port(const struct arg *a, struct netname *n)
{
	if (netname_parse(n, a->value) < 0)
		arg_usage(a, "%s %s: not a network; " NETNAME_HINT, a->shown,
		    a->value);
}

uint32_t
conf_val_ip4(const struct arg *a, const char *s)
{
	uint32_t v;

	if (addr_ip4(s, &v) < 0)
		arg_usage(
		    a, "%s %s: not an IPv4 address: %s", a->shown, a->value, s);
	return v;
}

void
conf_val_dns(struct conf *c, const struct arg *a)
{
	char b[16], *comma;

	if (strlen(a->value) >= 2 * sizeof(b))
		arg_usage(a, "%s %s: not addresses", a->shown, a->value);
	comma = strchr(a->value, ',');
	if (comma && (size_t)(comma - a->value) < sizeof(b)) {
		memcpy(b, a->value, (size_t)(comma - a->value));
		b[comma - a->value] = '\0';
		c->dns[0] = conf_val_ip4(a, b);
		c->dns[1] = conf_val_ip4(a, comma + 1);
	} else {
		c->dns[0] = conf_val_ip4(a, a->value);
		c->dns[1] = 0;
	}
}

/* FIRST-LAST; LAST may be the last number alone */
void
conf_val_pool(struct conf *c, const struct arg *a)
{
	const char *dash = strchr(a->value, '-');
	int64_t last;
	char b[16];

	if (!dash || (size_t)(dash - a->value) >= sizeof(b))
		arg_usage(a, "%s %s: not FIRST-LAST", a->shown, a->value);
	memcpy(b, a->value, (size_t)(dash - a->value));
	b[dash - a->value] = '\0';
	c->pool_first = conf_val_ip4(a, b);
	if (num_parse(dash + 1, 0, 255, &last) == 0)
		c->pool_last = (c->pool_first & ~255U) | (uint32_t)last;
	else
		c->pool_last = conf_val_ip4(a, dash + 1);
	if (c->pool_last < c->pool_first ||
	    c->pool_last - c->pool_first >= 65536)
		arg_usage(a, "%s %s: not a range of 1 to 65536 addresses",
		    a->shown, a->value);
}

void
conf_val_auth(struct conf *c, const struct arg *a)
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
		if (names[i].m == PPP_NOAUTH)
			arg_usage(
			    a, "%s %s: none is the last", a->shown, a->value);
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

void
conf_val_forward(struct conf *c, const struct arg *a)
{
	if (c->nforward == CONF_FORWARDS)
		arg_usage(a, "more than %d of %s", CONF_FORWARDS, a->shown);
	if (forward_parse(&c->forward[c->nforward++], a->value) < 0)
		arg_usage(a, "%s %s: not PROTO:[HOST]:PORT:ADDR:PORT", a->shown,
		    a->value);
}

void
conf_val_service(struct conf *c, const struct arg *a)
{
	if (c->nservice == PPPOE_AC_SERVICES)
		arg_usage(a, "more than %d services", PPPOE_AC_SERVICES);
	if (!*a->value || strlen(a->value) > 64)
		arg_usage(a, "%s '%s': 1 to 64 bytes", a->shown, a->value);
	c->service[c->nservice++] = a->value;
}

void
conf_val_user(struct conf *c, const struct arg *a)
{
	if (c->nuser == CONF_USERS)
		arg_usage(a, "more than %d of %s: use --secrets", CONF_USERS,
		    a->shown);
	if (!strchr(a->value, ':'))
		arg_usage(a, "%s: not NAME:PASSWORD", a->shown);
	c->user[c->nuser++] = a->value;
}

void
conf_val_mac(struct conf *c, const struct arg *a)
{
	if (addr_mac(a->value, c->mac) < 0 || c->mac[0] & 1)
		arg_usage(a, "%s %s: not a MAC address of one host", a->shown,
		    a->value);
	c->have_mac = 1;
}

/* an address may follow, which begins as no option and no other operand can;
 * bng has no operands */
void
conf_val_l2tp(struct conf *c, struct arg *a)
{
	socklen_t len;
	const char *s = "*";

	if (*a->v && **a->v != '-')
		s = *a->v++;
	if (addr_sock(s, L2TP_PORT, &c->l2tp_at, &len) < 0)
		arg_usage(a, "%s %s: not ADDR:PORT", a->shown, s);
	c->l2tp = 1;
}

void
conf_val_l2tp_secret(struct conf *c, const struct arg *a)
{
	static char s[L2TP_CC_SECRETMAX + 2]; /* and "\r\n" behind it */
	const ssize_t n = fd_first_line(a->value, s, sizeof(s));

	if (n < 0)
		die(1, "%s:", a->value);
	if (n < 1 || n > L2TP_CC_SECRETMAX)
		die(1, "%s: not a secret of 1 to 128 bytes", a->value);
	c->l2tp_secret = s;
}

void
conf_val_prefix6(struct conf *c, const struct arg *a)
{
	static const uint8_t zero[16];
	struct addr_net n;

	if (addr_net(a->value, &n) < 0 || n.family != AF_INET6 ||
	    (n.len != 32 && n.len != 128) || memcmp(n.a + 4, zero, 12) != 0)
		arg_usage(a, "%s %s: not an IPv6 /32", a->shown, a->value);
	/* ::1 and IPv4's; fe80::/10, and libslirp's fec0::/10; groups */
	if (!memcmp(n.a, zero, 4) || (n.a[0] == 0xfe && n.a[1] & 0x80) ||
	    n.a[0] == 0xff)
		arg_usage(a, "%s %s: not for single hosts", a->shown, a->value);
	memcpy(c->base6, n.a, 4);
}

/* a bad line: parse is one of line_lossy(), line_delay(), line_rate() */
void
conf_val_line(struct conf *c, const struct arg *a,
    int (*parse)(struct line_conf *, const char *), const char *what)
{
	if (parse(&c->line, a->value) < 0)
		arg_usage(a, "%s %s: not %s", a->shown, a->value, what);
}
