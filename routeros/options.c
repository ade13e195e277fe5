/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent.h"
#include "arg.h"
#include "conf.h"
#include "die.h"
#include "dircmd.h"
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
	OPT_PATH,
	OPT_PRINT,
	OPT_START,
	OPT_TIMEOUT,
	OPT_WORLD,
};

static const struct arg_opt opts[] = {
	{ OPT_IMAGE, "image", "FILE", "the disk image: raw, qcow2 or .zip" },
	{ OPT_CONFIG, "config", "FILE", "the script to configure it with" },
	{ OPT_PRINT, "print-config", NULL, "print the built-in script" },
	{ OPT_EXEC, "exec", "FILE", "run FILE by the agent of DIR" },
	{ OPT_PATH, "path", "PROGRAM", "the guest's program that runs it" },
	{ OPT_START, "start-timeout", "TIME",
	    "give up when no agent answers (default 300)" },
	{ OPT_TIMEOUT, "timeout", "TIME",
	    "give up when the script takes longer (default 120)" },
	{ OPT_KEEP, "keep", NULL, "let it run when its script has failed" },
	{ OPT_ACCESS, "access", "NET", "first network (default access)" },
	{ OPT_WORLD, "world", "NET", "second network (default world)" },
	{ 'm', "memory", "SIZE", "memory (default 1024 MiB)" },
	{ OPT_ACCEL, "accel", KVM_ACCEL, "how the guest's code is run" },
	{ 'n', "dry-run", NULL, "print QEMU's command line only" },
	{ 'v', "verbose", NULL, "say what is decided" },
	DIRCMD_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "routeros",
	"[options] DIR\n"
	"       routeros [options] --exec FILE DIR\n"
	"       routeros --stop DIR [TIME] | --status DIR | --list DIR...\n"
	"       routeros --print-config",
	opts, 0, 0 };

struct parsed {
	struct dircmd dir;
	int print;
	const char *w[DIRCMD_WORDS];
	int n;
};

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
option(struct conf *c, struct parsed *p, const struct arg *a, int id)
{
	switch (id) {
	case OPT_IMAGE: c->image = a->value; break;
	case OPT_CONFIG: c->config = a->value; break;
	case OPT_EXEC: c->exec = a->value; break;
	case OPT_PATH: c->path = a->value; break;
	case OPT_START: c->wait_ms = arg_msec(a, 1); break;
	case OPT_TIMEOUT: c->run_ms = arg_msec(a, 1); break;
	case OPT_KEEP: c->keep = 1; break;
	case OPT_ACCESS: c->net[NET_ACCESS].text = a->value; break;
	case OPT_WORLD: c->net[NET_WORLD].text = a->value; break;
	case 'm': c->memory = arg_mib(a); break;
	case OPT_ACCEL: c->accel = (enum kvm_accel)arg_choice(a); break;
	case 'n': c->dry = 1; break;
	case 'v': c->verbose = 1; break;
	case OPT_PRINT: p->print = 1; break;
	case ARG_OPERAND: arg_push(a, p->w, &p->n, DIRCMD_WORDS); break;
	default: dircmd_option(&p->dir, a, id); break;
	}
}

static int
print(void)
{
	fputs(conf_builtin, stdout);
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	return 0;
}

static void
networks(struct conf *c, const struct arg *a)
{
	int i;

	for (i = 0; i < NETS; i++)
		if (vmnet_parse(&c->net[i]) < 0)
			arg_usage(a, "--%s: no such network: %s; " NETNAME_HINT,
			    c->net[i].id, c->net[i].text);
}

int
options(struct conf *c, char **argv)
{
	static struct parsed p; /* zeros need no room in the file */
	struct arg a;
	int id;

	p.dir.stop = vmask_stop;
	p.dir.tell = vmask_status;
	arg_init(&a, &tool, argv);
	defaults(c);
	while ((id = arg_next(&a)) != ARG_END)
		option(c, &p, &a, id);
	if (p.print && (p.dir.id || p.n))
		arg_usage(&a, "--print-config stands alone");
	if (p.print)
		return print();
	if (p.dir.id)
		return dircmd_run(&p.dir, &a, p.w, p.n);
	if (p.n != 1)
		arg_usage(&a, p.n ? "too many arguments: %s" : "a %s is needed",
		    p.n ? p.w[1] : "DIR");
	c->dir = p.w[0];
	if (c->exec && c->config)
		arg_usage(&a, "--exec and --config do not go together");
	if (c->exec && c->dry)
		arg_usage(&a, "--exec and --dry-run do not go together");
	networks(c, &a);
	return -1;
}
