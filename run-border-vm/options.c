/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arg.h"
#include "conf.h"
#include "die.h"
#include "dircmd.h"
#include "fd.h"
#include "vmask.h"

#define WAIT_MS	  120000
#define FILE_MAX  (1 << 20)
#define CONF_NAME "border.conf"
#define WORDS	  64

enum {
	OPT_ACCEL = 256,
	OPT_BACKGROUND,
	OPT_BIND,
	OPT_BUSYBOX,
	OPT_CHECK,
	OPT_DIR,
	OPT_EXAMPLE,
	OPT_START,
	OPT_SYSFS,
	OPT_SYSTEM,
};

static const struct arg_opt opts[] = {
	{ 'c', "config", "FILE", "read FILE (default: border.conf, if there)" },
	{ 'o', "set", "KEY=VALUE", "as a line of it (repeatable)" },
	{ OPT_BUSYBOX, "busybox", "FILE", "as -o busybox=FILE" },
	{ OPT_EXAMPLE, "example", NULL, "print an example of it" },
	{ OPT_CHECK, "check", NULL, "say whether all is in order" },
	{ OPT_BIND, "bind", NULL, "give the PCI card to vfio-pci, and back" },
	{ OPT_BACKGROUND, "background", "DIR",
	    "run in the background, with sockets in DIR" },
	{ OPT_DIR, "dir", "DIR", "the same sockets, in the foreground" },
	{ OPT_START, "start-timeout", "TIME",
	    "background: give up when not up by then (default 120)" },
	{ OPT_SYSTEM, "system", "PATH", "boot this NixOS system instead" },
	{ OPT_ACCEL, "accel", KVM_ACCEL, "how the guest's code is run" },
	{ OPT_SYSFS, "sysfs", "DIR", "look for /sys and /dev below DIR" },
	{ 'n', "dry-run", NULL, "print QEMU's command line only" },
	{ 'v', "verbose", NULL, "say what is found and done" },
	DIRCMD_OPTS,
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "run-border-vm",
	"[-c border.conf] [options]\n"
	"       run-border-vm --check [-c border.conf] [options]\n"
	"       run-border-vm --stop DIR [TIME] | --status DIR | --list DIR...",
	opts, 0, 0 };

static const char example[] =
    "# border.conf: read by run-border-vm in the directory where it is run.\n"
    "# Without a # in front a line counts; see run-border-vm(1) for all keys.\n"
    "\n"
    "# The card that leads to the router under test: a card of this host, by\n"
    "# lspci or lsusb, or an emulated network (access, lan, tap:IF, ...).\n"
    "#pci = 01:00.0\n"
    "#usb = 0bda:8153\n"
    "nic = lan\n"
    "\n"
    "# the machine's address on it, and what DHCP hands out there\n"
    "#address = 10.0.0.1/24\n"
    "#dhcp = 10.0.0.12-10.0.0.240\n"
    "#dns = 10.0.2.3\n"
    "\n"
    "# this directory, seen in the machine, and served by TFTP\n"
    "#share = .\n"
    "#mount = /home/liminix/liminix\n"
    "#writable = no\n"
    "#tftp = /home/liminix/liminix\n"
    "\n"
    "# PPPoE goes on by L2TP to this server; without one it ends here, for\n"
    "# these users, and goes out through this host\n"
    "#lns = l2tp.aa.net.uk:1701\n"
    "#user = db123@a.1:NotReallyTheSecret\n"
    "\n"
    "# ports of this host that lead to the machine, and of this host's that\n"
    "# it may reach\n"
    "#forward = tcp:8080:80\n"
    "#reach = 10.0.2.10:443 127.0.0.1:443\n"
    "#reach = 10.0.2.10:19613 127.0.0.1:19613\n"
    "\n"
    "# ssh -p 2222 root@127.0.0.1, for the owner of this key\n"
    "#ssh = 2222\n"
    "#key = ssh-ed25519 AAAA... me@here\n";

struct parsed {
	struct dircmd dir;
	int example;
	const char *file, *busybox;
	char *set[WORDS];
	int nset;
	const char *w[DIRCMD_WORDS];
	int n;
};

static void
defaults(struct conf *c)
{
	static const uint8_t mac[6] = { 0xba, 0xad, 0x1d, 0xea, 0x31, 0x01 };
	const char *qemu = getenv("QEMU");
	ssize_t n;

	memset(c, 0, sizeof(*c));
	border_init(&c->b);
	c->net.id = "lan";
	memcpy(c->net.mac, mac, 6);
	c->program = qemu && *qemu ? qemu : "qemu-system-x86_64";
	c->opts = getenv("QEMU_OPTS");
	c->root = "";
	c->wait_ms = WAIT_MS;
	n = readlink("/proc/self/exe", c->self, sizeof(c->self) - 1);
	c->self[n > 0 ? n : 0] = 0;
}

static void
push_set(struct parsed *p, const struct arg *a)
{
	if (p->nset == WORDS)
		arg_usage(a, "%s: at most %d times", a->shown, WORDS);
	if (!(p->set[p->nset++] = strdup(a->value)))
		die(1, "memory:");
}

static void
option(struct conf *c, struct parsed *p, const struct arg *a, int id)
{
	switch (id) {
	case 'c': p->file = a->value; break;
	case 'o': push_set(p, a); break;
	case OPT_CHECK: c->check = 1; break;
	case OPT_BIND: c->bind = 1; break;
	case OPT_BUSYBOX: p->busybox = a->value; break;
	case OPT_BACKGROUND: c->background = 1; /* FALLTHROUGH */
	case OPT_DIR: c->dir = dircmd_dir(a, c->dir); break;
	case OPT_EXAMPLE: p->example = 1; break;
	case OPT_START: c->wait_ms = arg_msec(a, 1); break;
	case OPT_SYSTEM: c->system = a->value; break;
	case OPT_ACCEL: c->accel = (enum kvm_accel)arg_choice(a); break;
	case OPT_SYSFS: c->root = a->value; break;
	case 'n': c->dry = 1; break;
	case 'v': c->verbose = 1; break;
	case ARG_OPERAND: arg_push(a, p->w, &p->n, DIRCMD_WORDS); break;
	default: dircmd_option(&p->dir, a, id); break;
	}
}

static int
print_example(void)
{
	fputs(example, stdout);
	if (fflush(stdout) || ferror(stdout))
		die(1, "write to stdout:");
	return 0;
}

/* A path in border.conf starts where that lies. That of a kernel may be a
 * release's name instead. */
static void
from_file(const struct conf *c, const char **path)
{
	const char *slash = strrchr(c->file, '/');
	size_t n;
	char *p;

	if (!slash || !*path || **path == '/')
		return;
	n = (size_t)(slash - c->file) + strlen(*path) + 2;
	if (!(p = malloc(n)))
		die(1, "memory:");
	snprintf(p, n, "%.*s/%s", (int)(slash - c->file), c->file, *path);
	if (path != &c->b.kernel || strchr(*path, '/') || access(p, F_OK) == 0)
		*path = p;
	else
		free(p);
}

/* border.conf: its text stays, the values point into it */
static void
read_file(struct conf *c, const char *path)
{
	const char *why, *key;
	size_t len;
	char *text;
	int nr;

	if (!path && access(CONF_NAME, F_OK) < 0)
		return;
	c->file = path ? path : CONF_NAME;
	if (!(text = fd_slurp_path(c->file, FILE_MAX, &len)))
		die(1, "%s:", c->file);
	if (strlen(text) != len)
		die(1, "%s: has a NUL in it", c->file);
	if ((nr = border_parse(&c->b, text, &why, &key)))
		die(1, "%s:%d: %s%s%s", c->file, nr, key ? key : "",
		    key ? ": " : "", why);
	from_file(c, &c->b.share);
	from_file(c, &c->b.secret);
	from_file(c, &c->b.kernel);
	from_file(c, &c->b.modules);
	from_file(c, &c->b.busybox);
}

static void
set(struct conf *c, char *s, const struct arg *a)
{
	char *eq = strchr(s, '=');
	const char *why;

	if (!eq)
		arg_usage(a, "-o %s: not KEY=VALUE", s);
	*eq++ = 0;
	if ((why = border_set(&c->b, s, eq)))
		arg_usage(a, "-o %s: %s", s, why);
}

static void
settle(struct conf *c, const struct arg *a)
{
	if (c->bind && !c->b.pci)
		arg_usage(a, "--bind goes with a PCI card");
	if (!c->b.nic)
		return;
	c->net.text = c->b.nic;
	vmnet_parse(&c->net);
}

int
options(struct conf *c, char **argv)
{
	static struct parsed p; /* zeros need no room in the file */
	struct arg a;
	int id, i;

	p.dir.stop = vmask_stop;
	p.dir.tell = vmask_status;
	arg_init(&a, &tool, argv);
	defaults(c);
	while ((id = arg_next(&a)) != ARG_END)
		option(c, &p, &a, id);
	if (p.dir.id)
		return dircmd_run(&p.dir, &a, p.w, p.n);
	if (p.n)
		arg_usage(&a, "too many arguments: %s", p.w[0]);
	if (p.example)
		return print_example();
	read_file(c, p.file);
	for (i = 0; i < p.nset; i++)
		set(c, p.set[i], &a);
	if (p.busybox)
		c->b.busybox = p.busybox;
	settle(c, &a);
	return -1;
}
