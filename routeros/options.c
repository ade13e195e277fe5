/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arg.h"
#include "conf.h"
#include "die.h"
#include "num.h"
#include "unecho.h"
#include "vmask.h"

#define WAIT_MS 300000 /* the agent of a slow guest */
#define RUN_MS	120000

enum {
	OPT_ACCEL = 256,
	OPT_ACCESS,
	OPT_CONFIG,
	OPT_EXEC,
	OPT_IMAGE,
	OPT_KEEP,
	OPT_LIST,
	OPT_PATH,
	OPT_PRINT,
	OPT_STATUS,
	OPT_STOP,
	OPT_TIMEOUT,
	OPT_WAIT,
	OPT_WORLD,
};

static const struct arg_opt opts[] = {
	{ OPT_IMAGE, "image", "FILE", "the disk image: raw, qcow2 or .zip" },
	{ OPT_CONFIG, "config", "FILE", "the script to configure it with" },
	{ OPT_PRINT, "print-config", NULL, "print the built-in script" },
	{ OPT_EXEC, "exec", "FILE", "run FILE by the agent behind SOCKET" },
	{ OPT_PATH, "path", "PROGRAM", "the guest's program that runs it" },
	{ OPT_WAIT, "wait", "SECONDS", "for the agent (default 300)" },
	{ OPT_TIMEOUT, "timeout", "SECONDS", "for the script (default 120)" },
	{ OPT_KEEP, "keep", NULL, "let it run when its script has failed" },
	{ OPT_ACCESS, "access", "NET", "first network (default access)" },
	{ OPT_WORLD, "world", "NET", "second network (default world)" },
	{ 'm', "memory", "SIZE", "memory (default 1024 MiB)" },
	{ OPT_ACCEL, "accel", "auto|kvm|tcg", "how to run it" },
	{ 'n', "dry-run", NULL, "print QEMU's command line" },
	{ 'v', "verbose", NULL, "say what is decided" },
	{ OPT_STOP, "stop", "DIR", "end what runs in DIR" },
	{ OPT_LIST, "list", NULL, "what runs in each DIR" },
	{ OPT_STATUS, "status", "DIR", "the same of one; 0 when it runs" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "routeros",
	"[options] DIR\n"
	"       routeros [options] --exec FILE SOCKET\n"
	"       routeros --stop DIR | --status DIR | --list DIR...\n"
	"       routeros --print-config",
	opts, 0, 0 };

#define WORDS 64

struct parsed {
	int cmd; /* one of the commands on directories, or 0 */
	const char *dir;
	const char *w[WORDS];
	int n;
};

static int64_t
seconds(const struct arg *a)
{
	int64_t v;

	if (num_msec(a->value, 1, 86400000, &v) < 0)
		arg_usage(a, "%s: not a time: %s", a->shown, a->value);
	return v;
}

/* plain numbers are MiB */
static int64_t
memory(const struct arg *a)
{
	int64_t v;

	if (num_parse(a->value, 1, 1 << 20, &v) == 0)
		return v;
	if (num_size(a->value, 1 << 20, 1LL << 40, &v) < 0)
		arg_usage(a, "%s: not a size: %s", a->shown, a->value);
	return v >> 20;
}

static void
defaults(struct conf *c)
{
	static const uint8_t mac[NETS][6] = {
		{ 0xba, 0xad, 0x1d, 0xea, 0x11, 0x02 },
		{ 0xba, 0xad, 0x1d, 0xea, 0x11, 0x01 },
	};
	const char *env = getenv("ROUTEROS_IMAGE"), *qemu = getenv("QEMU");
	int i;

	memset(c, 0, sizeof(*c));
	c->image = env && *env ? env : NULL;
	c->program = qemu && *qemu ? qemu : "qemu-system-x86_64";
	c->opts = getenv("QEMU_OPTS");
	c->memory = 1024;
	c->wait_ms = WAIT_MS;
	c->run_ms = RUN_MS;
	for (i = 0; i < NETS; i++) {
		c->net[i].id = c->net[i].text = i ? "world" : "access";
		memcpy(c->net[i].mac, mac[i], 6);
	}
}

static void
accel(struct conf *c, const struct arg *a)
{
	if (!strcmp(a->value, "kvm") || !strcmp(a->value, "tcg"))
		c->accel = a->value;
	else if (strcmp(a->value, "auto"))
		arg_usage(a, "--accel: auto, kvm or tcg, not %s", a->value);
}

static void
command(struct parsed *p, const struct arg *a, int id)
{
	if (p->cmd)
		arg_usage(a, "%s: one command at a time", a->shown);
	p->cmd = id;
	p->dir = a->value;
}

static void
option(struct conf *c, struct parsed *p, const struct arg *a, int id)
{
	switch (id) {
	case OPT_IMAGE: c->image = a->value; break;
	case OPT_CONFIG: c->config = a->value; break;
	case OPT_EXEC: c->exec = a->value; break;
	case OPT_PATH: c->path = a->value; break;
	case OPT_WAIT: c->wait_ms = seconds(a); break;
	case OPT_TIMEOUT: c->run_ms = seconds(a); break;
	case OPT_KEEP: c->keep = 1; break;
	case OPT_ACCESS: c->net[NET_ACCESS].text = a->value; break;
	case OPT_WORLD: c->net[NET_WORLD].text = a->value; break;
	case 'm': c->memory = memory(a); break;
	case OPT_ACCEL: accel(c, a); break;
	case 'n': c->dry = 1; break;
	case 'v': c->verbose = 1; break;
	case ARG_OPERAND:
		if (p->n == WORDS)
			arg_usage(a, "too many arguments");
		p->w[p->n++] = a->value;
		break;
	default: command(p, a, id); break;
	}
}

static int
status(const char *dir)
{
	char b[400];
	int r = vmask_status(dir, b, sizeof(b));

	if (r < 0)
		warn("%s:", dir);
	else
		printf("%s\t%s\n", dir, b);
	return r;
}

static int
run_command(const struct parsed *p, const struct arg *a)
{
	int i, r = 0;

	if (p->cmd == OPT_LIST ? !p->n : p->n)
		arg_usage(a, p->cmd == OPT_LIST ? "--list needs a DIR"
						: "too many arguments");
	switch (p->cmd) {
	case OPT_STOP:
		if (vmask_stop(p->dir, -1) < 0)
			die(1, "%s:", p->dir);
		break;
	case OPT_STATUS: r = status(p->dir) <= 0; break;
	case OPT_LIST:
		for (i = 0; i < p->n; i++)
			r |= status(p->w[i]) < 0;
		break;
	case OPT_PRINT:
	default: fputs(conf_builtin, stdout);
	}
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	return r;
}

static void
networks(struct conf *c, const struct arg *a)
{
	struct conf_net *n;
	int i;

	for (i = 0; i < NETS; i++) {
		n = &c->net[i];
		if (netname_parse(&n->name, n->text) < 0)
			arg_usage(
			    a, "--%s: no such network: %s", n->id, n->text);
		n->relayed = n->name.kind == NETNAME_PACKET ||
			     n->name.kind == NETNAME_UNIX ||
			     (n->name.kind == NETNAME_MCAST &&
				 unecho_able(&n->name) < 0);
	}
}

int
options(struct conf *c, char **argv)
{
	static struct parsed p;
	struct arg a;
	int id;

	arg_init(&a, &tool, argv);
	defaults(c);
	while ((id = arg_next(&a)) != ARG_END)
		option(c, &p, &a, id);
	if (p.cmd)
		return run_command(&p, &a);
	if (p.n != 1)
		arg_usage(&a, p.n ? "too many arguments: %s" : "a %s is needed",
		    p.n	      ? p.w[1]
		    : c->exec ? "SOCKET"
			      : "DIR");
	c->dir = p.w[0];
	if (c->exec && c->config)
		arg_usage(&a, "--exec and --config do not go together");
	networks(c, &a);
	return -1;
}
