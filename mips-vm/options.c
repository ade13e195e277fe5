/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arg.h"
#include "conf.h"
#include "die.h"
#include "dircmd.h"
#include "num.h"
#include "tty.h"
#include "vmask.h"

#define WAIT_MS 60000 /* --wait without :SECONDS */

/* what is no option of the machine: the operands, a command on directories */
struct options_words {
	const char *w[DIRCMD_WORDS];
	int n;
	struct dircmd dir;
	const char *link; /* --link's */
};

enum {
	OPT_ACCEL = 256,
	OPT_ARCH,
	OPT_BACKGROUND,
	OPT_CAPTURE,
	OPT_CMDLINE,
	OPT_CPUS,
	OPT_DIR,
	OPT_DISK,
	OPT_DTB,
	OPT_FLAG,
	OPT_GDB,
	OPT_HALT,
	OPT_LAN,
	OPT_LINK,
	OPT_LOG,
	OPT_MACBASE,
	OPT_NIC,
	OPT_PERSIST,
	OPT_PHRAM,
	OPT_REBOOT,
	OPT_ROOT,
	OPT_STAMPS,
	OPT_TIMEOUT,
	OPT_UBOOT,
	OPT_WAIT,
	OPT_WAN,
};

static const struct arg_opt opts[] = {
	{ OPT_BACKGROUND, "background", "DIR",
	    "run in the background, with sockets in DIR" },
	{ OPT_DIR, "dir", "DIR", "the same sockets, in the foreground" },
	{ OPT_ARCH, "arch", "ARCH",
	    "mips, mipsel, mips64[el], arm, aarch64 or x86_64" },
	{ 'm', "memory", "SIZE", "memory for Linux in MiB (256)" },
	{ 'c', "cpus", "N", "processors (1)" },
	{ OPT_ACCEL, "accel", KVM_ACCEL, "how the guest's code is run" },
	{ OPT_WAN, "wan", "NET", "first network (access)" },
	{ OPT_LAN, "lan", "NET", "second network (lan)" },
	{ OPT_MACBASE, "mac-base", "MAC", "MAC address of lan; access + 1" },
	{ OPT_NIC, "nic", "MODEL", "the cards' model (virtio-net-pci)" },
	{ OPT_CMDLINE, "command-line", "TEXT", "for Linux's command line" },
	{ OPT_ROOT, "root-as", "flash|virtio|ide",
	    "what the root image is there (flash)" },
	{ OPT_PHRAM, "phram-address", "ADDR|auto",
	    "root image in RAM at ADDR, not on a disk" },
	{ 'i', "initrd", "FILE", "initramfs; the same as the third argument" },
	{ OPT_DTB, "dtb", "FILE", "device tree" },
	{ OPT_UBOOT, "u-boot", "FILE", "start this boot loader, not KERNEL" },
	{ OPT_DISK, "disk-image", "FILE", "a further disk" },
	{ OPT_PERSIST, "persist", "FILE",
	    "keep what the guest writes in FILE" },
	{ OPT_FLAG, "flag", "ARG", "an argument for QEMU; can be repeated" },
	{ OPT_GDB, "gdb", NULL, "gdb stub: DIR/gdb, or port 1234" },
	{ OPT_HALT, "halt", NULL, "do not start the guest's processor yet" },
	{ OPT_REBOOT, "reboot", NULL, "a reboot does not end the machine" },
	{ OPT_LOG, "log", "FILE", "write what the console says to FILE" },
	{ OPT_STAMPS, "timestamps", NULL, "with the time before each line" },
	{ OPT_CAPTURE, "capture", "[NET=]FILE",
	    "write a network's frames as pcap" },
	{ OPT_WAIT, "wait", "REGEX[:TIME]",
	    "background: return when the console says so" },
	{ OPT_TIMEOUT, "timeout", "TIME", "end it after TIME with status 124" },
	{ 'n', "dry-run", NULL, "print QEMU's command line only" },
	{ 'v', "verbose", NULL, "say what is decided" },
	DIRCMD_OPTS,
	{ OPT_LINK, "link", "DIR", "plug or pull a cable: NET up|down" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "mips-vm",
	"[--background DIR] [options] KERNEL ROOTFS [INITRAMFS]\n"
	"       mips-vm --stop DIR [TIME] | --status DIR | --list DIR...\n"
	"       mips-vm --link DIR NET up|down",
	opts, 0, 0 };

const char *
options_env(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

static void
defaults(struct conf *c)
{
	memset(c, 0, sizeof(*c));
	c->memory = 256;
	c->cpus = 1;
	c->init = options_env("INIT");
	c->net[NET_ACCESS].id = "access";
	c->net[NET_LAN].id = "lan";
	c->net[NET_ACCESS].text =
	    options_env("WAN") ? options_env("WAN") : "access";
	c->net[NET_LAN].text = options_env("LAN") ? options_env("LAN") : "lan";
	c->opts[0] = options_env("QEMU_OPTS");
	c->opts[1] = options_env("QEMU_OPTIONS");
	c->wait_ms = c->timeout_ms = -1;
}

static const char *
address(const struct arg *a)
{
	int64_t v;

	if (strcmp(a->value, "auto") &&
	    num_parse(a->value, 0, INT64_MAX, &v) < 0)
		arg_usage(a, "%s: not an address: %s", a->shown, a->value);
	return a->value;
}

/* REGEX[:SECONDS] */
static void
wait_for(struct conf *c, const struct arg *a)
{
	char *colon = strrchr(a->value, ':'), *copy;

	c->wait_ms = WAIT_MS;
	if (!(copy = strdup(a->value)))
		die(1, "--wait:");
	if (colon && num_msec(colon + 1, 1, 86400000, &c->wait_ms) == 0)
		copy[colon - a->value] = 0;
	c->wait = copy;
	c->live = tty_live(2);
	if (ere_compile(&c->waitre, copy) < 0)
		arg_usage(a, "--wait %s: %s", copy, c->waitre.err);
}

static void
option(struct conf *c, struct arg *a, int id)
{
	switch (id) {
	case OPT_BACKGROUND:
		c->background = 1;
		/* FALLTHROUGH */
	case OPT_DIR: c->dir = dircmd_dir(a, c->dir); break;
	case OPT_ARCH:
		if (!(c->arch = qemu_arch(a->value)))
			arg_usage(a, "--arch: no such machine: %s", a->value);
		break;
	case 'm': c->memory = arg_mib(a); break;
	case 'c': c->cpus = (int)arg_num(a, 1, 256); break;
	case OPT_ACCEL: c->accel = (enum kvm_accel)arg_choice(a); break;
	case OPT_WAN: c->net[NET_ACCESS].text = a->value; break;
	case OPT_LAN: c->net[NET_LAN].text = a->value; break;
	case OPT_MACBASE: c->macbase = a->value; break;
	case OPT_NIC: c->nic = a->value; break;
	case OPT_ROOT: c->as = (enum conf_root)arg_choice(a); break;
	case OPT_CMDLINE: c->cmdline = a->value; break;
	case OPT_PHRAM: c->phram = address(a); break;
	case 'i': c->initrd = a->value; break;
	case OPT_DTB: c->dtb = a->value; break;
	case OPT_UBOOT: c->uboot = a->value; break;
	case OPT_DISK: c->disk = a->value; break;
	case OPT_PERSIST: c->persist = a->value; break;
	case OPT_FLAG: arg_push(a, c->flag, &c->nflag, CONF_FLAGS); break;
	case OPT_CAPTURE:
		arg_push(a, c->capture, &c->ncapture, CONF_CAPTURES);
		break;
	case OPT_GDB: c->gdb = 1; break;
	case OPT_HALT: c->halt = 1; break;
	case OPT_REBOOT: c->reboot = 1; break;
	case OPT_LOG: c->log = a->value; break;
	case OPT_STAMPS: c->stamps = 1; break;
	case OPT_WAIT: wait_for(c, a); break;
	case OPT_TIMEOUT: c->timeout_ms = arg_msec(a, 1); break;
	case 'n': c->dry = 1; break;
	case 'v': c->verbose = 1; break;
	}
}

static void
parse(struct conf *c, struct options_words *o, struct arg *a)
{
	int id;

	while ((id = arg_next(a)) != ARG_END)
		if (id == ARG_OPERAND)
			arg_push(a, o->w, &o->n, DIRCMD_WORDS);
		else if (id == OPT_LINK)
			o->link = a->value;
		else if (!dircmd_option(&o->dir, a, id))
			option(c, a, id);
}

/* what the operands are, and what does not go together */
static void
settle(struct conf *c, const struct options_words *o, const struct arg *a)
{
	int i, third = o->n > 2;

	if (o->n > 3 || (third && c->initrd))
		arg_usage(a, "too many arguments: %s", o->w[o->n - 1]);
	if (o->n < 2 && !(c->uboot && !o->n))
		arg_usage(a, "a kernel and a root image are needed; "
			     "/dev/null is an empty one");
	c->kernel = o->n ? o->w[0] : NULL;
	c->root = o->n ? o->w[1] : NULL;
	if (third)
		c->initrd = o->w[2];
	for (i = 0; i < NETS; i++)
		if (vmnet_parse(&c->net[i]) < 0)
			arg_usage(a, "--%s: no such network: %s; " NETNAME_HINT,
			    i ? "lan" : "wan", c->net[i].text);
	if (c->wait && !c->background)
		arg_usage(a, "--wait goes with --background");
	if (c->stamps && !c->log)
		arg_usage(a, "--timestamps goes with --log");
	if (c->persist && !c->disk && (c->phram || !c->root))
		arg_usage(a, "--persist goes with a disk: the root image's, "
			     "without --phram-address, or --disk-image's");
	if (c->as != ROOT_FLASH && (c->phram || !c->root))
		arg_usage(a, "--root-as goes with a root image, "
			     "without --phram-address");
	if (c->phram && !c->root)
		arg_usage(a, "--phram-address goes with a root image");
}

int
options(struct conf *c, char **argv)
{
	static struct options_words o; /* zeros need no room in the file */
	struct arg a;

	o.dir.stop = vmask_stop;
	o.dir.tell = vmask_status;
	arg_init(&a, &tool, argv);
	defaults(c);
	parse(c, &o, &a);
	if (o.link && o.dir.id)
		arg_usage(&a, "one command at a time");
	if (o.dir.id)
		return dircmd_run(&o.dir, &a, o.w, o.n);
	if (o.link && o.n != 2)
		arg_usage(&a, "it is --link DIR NET up|down");
	if (o.link)
		return link_set(o.link, o.w[0], o.w[1]);
	settle(c, &o, &a);
	return -1;
}
