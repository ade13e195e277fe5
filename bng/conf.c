/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "arg.h"
#include "conf.h"
#include "conf_val.h"
#include "dircmd.h"
#include "plan.h"

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
	OPT_L2TP_NO_CHALLENGE,
	OPT_L2TP_SECRET,
	OPT_LEASE,
	OPT_LIFETIME,
	OPT_LOSSY,
	OPT_MAC,
	OPT_MAX,
	OPT_MAX_PER_MAC,
	OPT_MAX_PER_USER,
	OPT_MTU,
	OPT_NO_IPV6,
	OPT_PADI_RATE,
	OPT_PADO_DELAY,
	OPT_POOL,
	OPT_PREFIX6,
	OPT_RATE,
	OPT_SECRETS,
	OPT_WORLD,
};

static const struct arg_opt opts[] = {
	{ 'a', "access", "NET", "serve PPPoE on NET (default access)" },
	{ OPT_AC_NAME, "ac-name", "NAME", "our AC-Name (default bng)" },
	{ OPT_ADDRESS, "address", "ADDR",
	    "our end of each link (default 192.168.100.1)" },
	{ OPT_AUTH, "auth", "LIST",
	    "of chap, mschapv2, pap, none, best first (default chap,pap)" },
	{ OPT_BACKGROUND, "background", "DIR",
	    "run in the background, with sockets in DIR" },
	{ OPT_CAPTURE, "capture", "FILE", "write the access frames as pcap" },
	{ OPT_DELAY, "delay", "TIME[,JITTER]",
	    "frames of a link come so late" },
	{ OPT_DIR, "dir", "DIR", "the same sockets, in the foreground" },
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
	{ OPT_L2TP_NO_CHALLENGE, "l2tp-no-challenge", NULL,
	    "only answer the challenges of peers" },
	{ OPT_L2TP_SECRET, "l2tp-secret", "FILE",
	    "tunnel secret: challenge the peers" },
	{ OPT_LEASE, "lease", "TIME",
	    "lifetime of what DHCPv6 gives (default 2h)" },
	{ OPT_LOSSY, "lossy", "PERCENT", "lose so many frames of each link" },
	{ OPT_MAC, "mac", "MAC", "our address on access" },
	{ OPT_MAX, "max", "N", "sessions in all (default 1024)" },
	{ OPT_MAX_PER_MAC, "max-per-mac", "N",
	    "sessions of one client (default no limit)" },
	{ OPT_MAX_PER_USER, "max-per-user", "N",
	    "sessions of one user (default no limit)" },
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
	DIRCMD_OPTS,
	{ 'u', "user", "NAME:PASSWORD[:ADDR]", "a user" },
	{ 'v', "verbose", NULL, "log each change of state and its cause" },
	{ OPT_WORLD, "world", "NET", "an Ethernet segment behind the gateway" },
	{ 0 },
};

static const struct arg_tool tool = { "bng",
	"[options]\n"
	"       bng --stop DIR [TIME] | --status DIR | --list DIR...",
	opts, 0, 0 };

static void
mode(struct conf *c, const struct arg *a, enum conf_mode m)
{
	c->mode = m;
	c->dir = dircmd_dir(a, c->dir);
}

/* the options that are numbers */
static void
number(struct conf *c, const struct arg *a, int id)
{
	switch (id) {
	case OPT_ECHO: c->echo = arg_msec(a, 0); break;
	case OPT_ECHO_FAILURES:
		c->echo_failures = (int)arg_num(a, 1, 255);
		break;
	case OPT_IDLE: c->idle = arg_msec(a, 0); break;
	case OPT_LEASE:
		if ((c->lease = arg_msec(a, 0)) < 10000)
			arg_usage(
			    a, "%s: at least 10 s: %s", a->shown, a->value);
		break;
	case OPT_LIFETIME: c->lifetime = arg_msec(a, 0); break;
	case OPT_MAX: c->max = (uint32_t)arg_num(a, 1, PPPOE_TAB_MAX); break;
	case OPT_MAX_PER_MAC:
		c->max_per_mac = (uint32_t)arg_num(a, 1, PPPOE_TAB_MAX);
		break;
	case OPT_MAX_PER_USER:
		c->max_per_user = (uint32_t)arg_num(a, 1, PPPOE_TAB_MAX);
		break;
	case OPT_MTU: c->mtu = (uint16_t)arg_num(a, 576, 1984); break;
	case OPT_PADI_RATE:
		c->padi_rate = (uint32_t)arg_num(a, 1, 1000000);
		break;
	case OPT_PADO_DELAY: c->pado_delay = arg_msec(a, 0); break;
	}
}

static void
option(struct conf *c, struct arg *a, int id)
{
	switch (id) {
	case 'a': conf_val_port(a, &c->access); break;
	case OPT_AC_NAME: c->ac_name = a->value; break;
	case OPT_ADDRESS: c->address = conf_val_ip4(a, a->value); break;
	case OPT_AUTH: conf_val_auth(c, a); break;
	case OPT_BACKGROUND: mode(c, a, CONF_BACKGROUND); break;
	case OPT_CAPTURE: c->capture = a->value; break;
	case OPT_DIR: mode(c, a, CONF_FOREGROUND); break;
	case OPT_DNS: conf_val_dns(c, a); break;
	case OPT_FORWARD: conf_val_forward(c, a); break;
	case OPT_L2TP: conf_val_l2tp(c, a); break;
	case OPT_L2TP_NO_CHALLENGE: c->l2tp_no_challenge = 1; break;
	case OPT_L2TP_SECRET: conf_val_l2tp_secret(c, a); break;
	case OPT_LOSSY: conf_val_line(c, a, line_lossy, "a percentage"); break;
	case OPT_DELAY:
		conf_val_line(
		    c, a, line_delay, "TIME or TIME,JITTER up to 60 s");
		break;
	case OPT_RATE:
		conf_val_line(c, a, line_rate, "a rate of 1000 bit/s or more");
		break;
	case OPT_MAC: conf_val_mac(c, a); break;
	case OPT_NO_IPV6: c->ipv6 = 0; break;
	case OPT_POOL: conf_val_pool(c, a); break;
	case OPT_PREFIX6: conf_val_prefix6(c, a); break;
	case OPT_SECRETS: c->secrets = a->value; break;
	case 's': conf_val_service(c, a); break;
	case 'u': conf_val_user(c, a); break;
	case 'v': c->verbose++; break;
	case OPT_WORLD:
		conf_val_port(a, &c->world);
		c->have_world = 1;
		break;
	default: number(c, a, id); break;
	}
}

static void
check(const struct conf *c, const struct arg *a)
{
	const char *why;

	if ((why = plan_unfit(c, c->address, c->address)))
		arg_usage(a, "--address: %s", why);
	if ((why = plan_unfit(c, c->pool_first, c->pool_last)))
		arg_usage(a, "--pool: %s", why);
	if (c->address >= c->pool_first && c->address <= c->pool_last)
		arg_usage(a, "--address lies within --pool");
	if (c->access.kind == NETNAME_NONE && !c->l2tp)
		arg_usage(a, "--access none without --l2tp: nothing to do");
	if (strlen(c->ac_name) > 64 || !*c->ac_name)
		arg_usage(a, "--ac-name: 1 to 64 bytes");
}

void
conf_read(struct conf *c, char **argv)
{
	struct dircmd d = { 0 };
	const char *w[DIRCMD_WORDS];
	struct arg a;
	int id, n = 0;

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
	c->lease = 7200000;
	c->echo = 20000;
	c->echo_failures = 3;
	arg_init(&a, &tool, argv);
	while ((id = arg_next(&a)) != ARG_END)
		if (id == ARG_OPERAND)
			arg_push(&a, w, &n, DIRCMD_WORDS);
		else if (!dircmd_option(&d, &a, id))
			option(c, &a, id);
	if (d.id)
		exit(dircmd_run(&d, &a, w, n));
	if (n)
		arg_usage(&a, "%s: no operand is expected", w[0]);
	check(c, &a);
}
