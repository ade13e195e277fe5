/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "arg.h"
#include "conf.h"
#include "die.h"
#include "dircmd.h"
#include "fd.h"
#include "num.h"

enum {
	O_MAX = 256,
	O_PER_MAC,
	O_PADI_RATE,
	O_PADO_DELAY,
	O_PAYLOAD,
	O_UNTAGGED,
	O_NO_BLANK,
	O_MAC,
	O_LOCAL_PORT,
	O_SECRET,
	O_HIDE,
	O_PER_SESSION,
	O_BALANCE,
	O_HELLO,
	O_TRIES,
	O_TX,
	O_RX,
	O_MTU,
	O_KERNEL,
	O_CAPTURE,
	O_CAPTURE_LNS,
	O_BACKGROUND,
	O_DIR,
};

#define PADI_MAC_RATE 10 /* a second */

static const struct arg_opt opts[] = {
	{ 's', "service", "NAME", "serve this Service-Name (default: any)" },
	{ 'n', "ac-name", "NAME", "AC-Name (default: the host's name)" },
	{ 'H', "hostname", "NAME", "L2TP host name (default: the AC-Name)" },
	{ 'm', "max", "N", "sessions in all (default 10000)" },
	{ O_PER_MAC, "max-per-mac", "N", "sessions of one client (default 8)" },
	{ O_PADI_RATE, "padi-rate", "N", "PADI answered a second (5000)" },
	{ O_PADO_DELAY, "pado-delay", "TIME", "answer PADI later (0)" },
	{ O_PAYLOAD, "max-payload", "N", "grant PPP-Max-Payload (0: none)" },
	{ O_NO_BLANK, "no-blank-service", NULL,
	    "ignore an empty Service-Name" },
	{ O_UNTAGGED, "untagged", NULL, "ignore frames with a VLAN tag" },
	{ O_MAC, "mac", "MAC", "our address on PORT" },
	{ O_LOCAL_PORT, "local-port", "N", "UDP port (default: any)" },
	{ O_SECRET, "secret-file", "FILE", "tunnel secret: challenge the LNS" },
	{ O_HIDE, "hide", NULL, "hide AVPs of calls with the secret" },
	{ O_PER_SESSION, "tunnel-per-session", NULL, "a tunnel each" },
	{ O_BALANCE, "balance", NULL, "spread sessions over all LNSs" },
	{ O_HELLO, "hello", "TIME", "HELLO after silence (30, 0: never)" },
	{ O_TRIES, "tries", "N", "sendings of a control message (5)" },
	{ O_TX, "tx-speed", "BPS", "speed to the client told to the LNS (1G)" },
	{ O_RX, "rx-speed", "BPS", "speed from the client (as --tx-speed)" },
	{ O_MTU, "clamp-mss", "MTU", "lower TCP's MSS to what fits MTU" },
	{ O_KERNEL, "kernel", "no|auto|yes",
	    "let the kernel pass data on (no)" },
	{ O_CAPTURE, "capture", "FILE", "write PORT's frames as pcap" },
	{ O_CAPTURE_LNS, "capture-lns", "FILE",
	    "write L2TP's packets as pcap" },
	{ O_BACKGROUND, "background", "DIR",
	    "run in the background, with sockets in DIR" },
	{ O_DIR, "dir", "DIR", "the same sockets, in the foreground" },
	DIRCMD_OPTS,
	{ 'v', "verbose", NULL, "say each change of state and its cause" },
	{ 0, NULL, NULL, NULL },
};
static const struct arg_tool tool = { "pppoe-l2tp-relay",
	"[options] PORT LNS[:PORT] ...\n"
	"       pppoe-l2tp-relay --stop DIR [TIME] | --status DIR | --list "
	"DIR...",
	opts, 0, 0 };

static void
service(struct arg *a, struct relay_conf *c)
{
	if (c->ac.nservice == PPPOE_AC_SERVICES)
		arg_usage(a, "more than %d services", PPPOE_AC_SERVICES);
	if (!a->value[0] || strlen(a->value) > 64)
		arg_usage(a, "a service has 1 to 64 bytes: %s", a->value);
	c->ac.service[c->ac.nservice++] = a->value;
	c->ac.flags &= ~(unsigned)PPPOE_AC_ANY;
}

static const char *
name(struct arg *a)
{
	if (!a->value[0] || strlen(a->value) > L2TP_CC_NAMEMAX)
		arg_usage(a, "%s has 1 to %d bytes: %s", a->shown,
		    L2TP_CC_NAMEMAX, a->value);
	return a->value;
}

static int
msec(struct arg *a, int64_t max)
{
	int64_t v;

	if (num_msec(a->value, 0, max, &v) < 0)
		arg_usage(a, "%s: not a time up to %lld s: %s", a->shown,
		    (long long)max / 1000, a->value);
	return (int)v;
}

/* bits per second: decimal, with k, M or G for thousands */
static uint32_t
speed(struct arg *a)
{
	int64_t v;

	if (num_rate(a->value, 0, UINT32_MAX, &v) < 0)
		arg_usage(
		    a, "%s: not a speed up to 4G: %s", a->shown, a->value);
	return (uint32_t)v;
}

static void
secret(struct arg *a, struct relay_conf *c)
{
	static char s[L2TP_CC_SECRETMAX + 2]; /* and "\r\n" behind it */
	const ssize_t n = fd_first_line(a->value, s, sizeof(s));

	if (n < 0)
		die(1, "%s:", a->value);
	if (n < 1 || n > L2TP_CC_SECRETMAX)
		die(1, "%s: not a secret of 1 to 128 bytes", a->value);
	c->cc.secret.p = (uint8_t *)s;
	c->cc.secret.len = (size_t)n;
}

static void
operand(struct arg *a, struct relay_conf *c)
{
	if (!c->portname) {
		c->portname = a->value;
		if (netname_parse(&c->port, a->value) == 0)
			return;
		/* an interface's name alone */
		c->port.kind = NETNAME_PACKET;
		c->port.arg = a->value;
		if (strchr(a->value, ':') || strchr(a->value, '/'))
			arg_usage(a, "no such network: %s", a->value);
		return;
	}
	if (c->nlns == RELAY_LNS)
		arg_usage(a, "more than %d LNSs", RELAY_LNS);
	c->lns[c->nlns++] = a->value;
}

static void
mac(struct arg *a, struct relay_conf *c)
{
	if (addr_mac(a->value, c->ac.mac) < 0 || (c->ac.mac[0] & 1))
		arg_usage(a, "not an address for one host: %s", a->value);
	c->have_mac = c->promisc = 1;
}

/* options of the LNS's side; 0: not one of them */
static int
lns_option(struct arg *a, struct relay_conf *c, int o)
{
	switch (o) {
	case 'H': c->cc.host = name(a); break;
	case O_LOCAL_PORT:
		c->local_port = (uint16_t)arg_num(a, 0, 65535);
		break;
	case O_SECRET: secret(a, c); break;
	case O_HIDE: c->hide = 1; break;
	case O_PER_SESSION: c->per_session = 1; break;
	case O_BALANCE: c->balance = 1; break;
	case O_HELLO: c->cc.hello = msec(a, 3600000); break;
	case O_TRIES: c->cc.tries = (uint16_t)arg_num(a, 1, 100); break;
	case O_TX: c->tx_speed = speed(a); break;
	case O_RX: c->rx_speed = speed(a); break;
	case O_MTU: c->mtu = (unsigned)arg_num(a, 128, 65535); break;
	default: return 0;
	}
	return 1;
}

static void
option(struct arg *a, struct relay_conf *c, int o)
{
	switch (o) {
	case 's': service(a, c); break;
	case 'n': c->ac.name = name(a); break;
	case 'm': c->ac.max = (uint32_t)arg_num(a, 1, RELAY_MAX); break;
	case O_PER_MAC:
		c->ac.max_per_mac = (uint32_t)arg_num(a, 0, RELAY_MAX);
		break;
	case O_PADI_RATE:
		c->ac.padi_rate = (uint32_t)arg_num(a, 0, 1000000);
		break;
	case O_PADO_DELAY: c->ac.pado_delay = msec(a, 60000); break;
	case O_PAYLOAD:
		c->ac.max_payload = (uint16_t)arg_num(a, 0, 65000);
		break;
	case O_UNTAGGED: c->ac.flags |= PPPOE_AC_UNTAGGED; break;
	case O_NO_BLANK: c->ac.flags |= PPPOE_AC_NO_BLANK; break;
	case O_MAC: mac(a, c); break;
	case O_KERNEL: c->kernel = KERNEL_NO + arg_choice(a); break;
	case O_CAPTURE: c->capture = a->value; break;
	case O_CAPTURE_LNS: c->capture_lns = a->value; break;
	case O_BACKGROUND:
	case O_DIR:
		c->dir = dircmd_dir(a, c->dir);
		c->background = o == O_BACKGROUND;
		break;
	case 'v': c->verbose = 1; break;
	case ARG_OPERAND: operand(a, c); break;
	}
}

void
conf_get(struct relay_conf *c, char **argv)
{
	static char host[L2TP_CC_NAMEMAX + 1] = "limen";
	struct dircmd d = { 0 };
	const char *w[DIRCMD_WORDS];
	struct arg a;
	int o, n = 0;

	c->cc.framing = L2TP_SYNC | L2TP_ASYNC;
	c->cc.vendor = "limen";
	c->cc.firmware = 1;
	c->cc.window = 64;
	c->cc.rto = 1000;
	c->cc.rto_max = 8000;
	c->cc.tries = 5;
	c->cc.hello = 30000;
	c->cc.linger = 31000;
	c->ac.flags = PPPOE_AC_ANY;
	c->ac.max = 10000;
	c->ac.max_per_mac = 8;
	c->ac.padi_rate = 5000;
	c->tx_speed = 1000000000;
	arg_init(&a, &tool, argv);
	while ((o = arg_next(&a)) != ARG_END)
		if (d.id && o == ARG_OPERAND)
			arg_push(&a, w, &n, DIRCMD_WORDS);
		else if (!dircmd_option(&d, &a, o) && !lns_option(&a, c, o))
			option(&a, c, o);
	if (d.id)
		exit(dircmd_run(&d, &a, w, n));
	if (!c->nlns)
		arg_usage(&a, "a PORT and an LNS are needed");
	if (c->hide && !c->cc.secret.len)
		arg_usage(&a, "--hide needs --secret-file");
	if (c->capture && c->capture_lns && !strcmp(c->capture, c->capture_lns))
		arg_usage(&a, "both captures in one file: %s", c->capture);
	if (c->kernel == KERNEL_YES && kpath_unfit(c))
		arg_usage(&a, "--kernel yes: %s", kpath_unfit(c));
	if (c->ac.padi_rate) /* one client takes but little of it */
		c->ac.padi_mac_rate = PADI_MAC_RATE;
	if (!c->rx_speed)
		c->rx_speed = c->tx_speed;
	if (!c->ac.name) {
		(void)gethostname(host, sizeof(host) - 1);
		c->ac.name = host[0] ? host : "limen";
	}
	if (!c->cc.host)
		c->cc.host = c->ac.name;
}
