/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arg.h"
#include "clock.h"
#include "conf.h"
#include "die.h"
#include "num.h"
#include "proc.h"
#include "tty.h"
#include "words.h"

#define START_MS 60000 /* QEMU's own time to come up, on the worst host */
#define WAIT_MS	 60000 /* --wait without :SECONDS */

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
	OPT_LIST,
	OPT_LOG,
	OPT_MACBASE,
	OPT_PERSIST,
	OPT_PHRAM,
	OPT_REBOOT,
	OPT_STAMPS,
	OPT_STATUS,
	OPT_STOP,
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
	{ OPT_ACCEL, "accel", "auto|kvm|tcg", "how the guest's code is run" },
	{ OPT_WAN, "wan", "NET", "first network (access)" },
	{ OPT_LAN, "lan", "NET", "second network (lan)" },
	{ OPT_MACBASE, "mac-base", "MAC", "MAC address of lan; access + 1" },
	{ OPT_CMDLINE, "command-line", "TEXT", "for Linux's command line" },
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
	{ OPT_CAPTURE, "capture", "[NET=]FILE", "pcap file of a network" },
	{ OPT_WAIT, "wait", "REGEX[:SECS]",
	    "background: return when the console says so" },
	{ OPT_TIMEOUT, "timeout", "SECS", "end the machine then; status 124" },
	{ 'n', "dry-run", NULL, "print QEMU's command line only" },
	{ 'v', "verbose", NULL, "say what is decided" },
	{ OPT_STOP, "stop", "DIR", "end the machine of DIR [in SECONDS]" },
	{ OPT_LIST, "list", NULL, "what runs in each DIR" },
	{ OPT_STATUS, "status", "DIR", "the same of one; 0 when it runs" },
	{ OPT_LINK, "link", "DIR", "plug or pull a cable: NET up|down" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "mips-vm",
	"[--background DIR] [options] KERNEL ROOTFS [INITRAMFS]\n"
	"       mips-vm --stop DIR [SECONDS] | --status DIR | --list DIR...\n"
	"       mips-vm --link DIR NET up|down",
	opts, 0, 0 };

/* a command on directories instead of a machine: which, and on what */
struct dircmd {
	int id;
	const char *dir;
};

#define WORDS 64

struct words_of {
	const char *w[WORDS];
	int n;
};

static const char *
env(const char *name)
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
	c->init = getenv("INIT") ? getenv("INIT") : "/bin/init";
	c->net[NET_ACCESS].id = "access";
	c->net[NET_LAN].id = "lan";
	c->net[NET_ACCESS].text = env("WAN") ? env("WAN") : "access";
	c->net[NET_LAN].text = env("LAN") ? env("LAN") : "lan";
	c->opts[0] = env("QEMU_OPTS");
	c->opts[1] = env("QEMU_OPTIONS");
	c->wait_ms = c->timeout_ms = -1;
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
	char *colon = strrchr(a->value, ':'), *copy, why[128];
	int r;

	c->wait_ms = WAIT_MS;
	if (!(copy = strdup(a->value)))
		die(1, "--wait:");
	if (colon && num_msec(colon + 1, 1, 86400000, &c->wait_ms) == 0)
		copy[colon - a->value] = 0;
	c->wait = copy;
	if ((r = regcomp(&c->waitre, copy, REG_EXTENDED | REG_NOSUB))) {
		regerror(r, &c->waitre, why, sizeof(why));
		arg_usage(a, "--wait %s: %s", copy, why);
	}
}

static void
accel(struct conf *c, const struct arg *a)
{
	static const char *const name[] = { "auto", "kvm", "tcg" };
	int i;

	for (i = 0; i < 3; i++)
		if (!strcmp(a->value, name[i])) {
			c->accel = (enum conf_accel)i;
			return;
		}
	arg_usage(a, "--accel: auto, kvm or tcg, not %s", a->value);
}

static void
push(const struct arg *a, const char **list, int *n, int max)
{
	if (*n == max)
		arg_usage(a, "%s: too many", a->shown);
	list[(*n)++] = a->value;
}

static int
option(struct conf *c, struct arg *a, int id)
{
	switch (id) {
	case OPT_BACKGROUND:
		c->background = 1;
		c->dir = a->value;
		break;
	case OPT_DIR: c->dir = a->value; break;
	case OPT_ARCH:
		if (!(c->arch = qemu_arch(a->value)))
			arg_usage(a, "--arch: no such machine: %s", a->value);
		break;
	case 'm': c->memory = memory(a); break;
	case 'c': c->cpus = (int)arg_num(a, 1, 256); break;
	case OPT_ACCEL: accel(c, a); break;
	case OPT_WAN: c->net[NET_ACCESS].text = a->value; break;
	case OPT_LAN: c->net[NET_LAN].text = a->value; break;
	case OPT_MACBASE: c->macbase = a->value; break;
	case OPT_CMDLINE: c->cmdline = a->value; break;
	case OPT_PHRAM: c->phram = address(a); break;
	case 'i': c->initrd = a->value; break;
	case OPT_DTB: c->dtb = a->value; break;
	case OPT_UBOOT: c->uboot = a->value; break;
	case OPT_DISK: c->disk = a->value; break;
	case OPT_PERSIST: c->persist = a->value; break;
	case OPT_FLAG: push(a, c->flag, &c->nflag, CONF_FLAGS); break;
	case OPT_CAPTURE:
		push(a, c->capture, &c->ncapture, CONF_CAPTURES);
		break;
	case OPT_GDB: c->gdb = 1; break;
	case OPT_HALT: c->halt = 1; break;
	case OPT_REBOOT: c->reboot = 1; break;
	case OPT_LOG: c->log = a->value; break;
	case OPT_STAMPS: c->stamps = 1; break;
	case OPT_WAIT: wait_for(c, a); break;
	case OPT_TIMEOUT:
		if (num_msec(a->value, 1, INT32_MAX, &c->timeout_ms) < 0)
			arg_usage(a, "--timeout: not a time: %s", a->value);
		break;
	case 'n': c->dry = 1; break;
	case 'v': c->verbose = 1; break;
	default: return -1;
	}
	return 0;
}

static void
parse(struct conf *c, struct dircmd *d, struct words_of *o, struct arg *a)
{
	int id;

	while ((id = arg_next(a)) != ARG_END) {
		if (id == ARG_OPERAND)
			push(a, o->w, &o->n, WORDS);
		else if (option(c, a, id) < 0) {
			if (d->id && d->id != id)
				arg_usage(
				    a, "%s: one command at a time", a->shown);
			d->id = id;
			d->dir = a->value;
		}
	}
}

static int
dircmd(const struct dircmd *d, const struct words_of *o, const struct arg *a)
{
	static const struct {
		int id, min, max;
		const char *want;
	} t[] = {
		{ OPT_STOP, 0, 1, "--stop DIR [SECONDS]" },
		{ OPT_LIST, 1, WORDS, "--list DIR..." },
		{ OPT_STATUS, 0, 0, "--status DIR" },
		{ OPT_LINK, 2, 2, "--link DIR NET up|down" },
	};
	int i, r = 0;

	for (i = 0; t[i].id != d->id; i++)
		;
	if (o->n < t[i].min || o->n > t[i].max)
		arg_usage(a, "it is %s", t[i].want);
	switch (d->id) {
	case OPT_STOP: return dircmd_stop(d->dir, o->n ? o->w[0] : NULL);
	case OPT_STATUS: r = dircmd_status(d->dir); break;
	case OPT_LINK: return dircmd_link(d->dir, o->w[0], o->w[1]);
	default:
		for (i = 0; i < o->n; i++)
			if (vmdir_owner(o->w[i]) < 0) {
				warn("%s:", o->w[i]);
				r = 1;
			} else
				dircmd_status(o->w[i]);
	}
	if (fflush(stdout) || ferror(stdout))
		die(1, "write:");
	return r;
}

/* what the operands are, and what does not go together */
static void
settle(struct conf *c, const struct words_of *o, const struct arg *a)
{
	int i, third = o->n > 2;

	if (o->n > 3 || (third && c->initrd))
		arg_usage(a, "too many arguments: %s", o->w[o->n - 1]);
	if (o->n < 2 && !(c->uboot && !o->n))
		arg_usage(a, "a kernel and a root image are needed");
	c->kernel = o->n ? o->w[0] : NULL;
	c->root = o->n ? o->w[1] : NULL;
	if (third)
		c->initrd = o->w[2];
	for (i = 0; i < NETS; i++)
		if (netname_parse(&c->net[i].name, c->net[i].text) < 0)
			arg_usage(a, "--%s: no such network: %s",
			    i ? "lan" : "wan", c->net[i].text);
	if (c->wait && !c->background)
		arg_usage(a, "--wait goes with --background");
	if (c->stamps && !c->log)
		arg_usage(a, "--timestamps goes with --log");
	if (c->persist && !c->disk && (c->phram || !c->root))
		arg_usage(a, "--persist goes with a disk: the root image's, "
			     "without --phram-address, or --disk-image's");
	if (c->phram && c->initrd && c->arch && !c->arch->flash)
		arg_usage(a,
		    "--phram-address: not with an initramfs on %s, "
		    "which would lie there too",
		    c->arch->name);
	if (c->phram && !c->root)
		arg_usage(a, "--phram-address goes with a root image");
}

static void
find_program(struct conf *c)
{
	const char *own = env("QEMU");
	char b[4096];

	c->program = own ? own : c->arch->program;
	if (proc_find(c->program, b, sizeof(b)) == 0)
		return;
	die(1, "%s: not found%s", c->program,
	    own ? " (the QEMU variable names it)" : "; is QEMU installed?");
}

/* DIR/args: the command, to be run again */
static int
write_args(struct vmdir *d, char **argv)
{
	char b[16384];
	size_t n = 0;
	int k;

	for (; *argv; argv++) {
		k = words_quote(*argv, b + n, sizeof(b) - n - 2);
		if (k < 0)
			break;
		n += (size_t)k;
		b[n++] = argv[1] ? ' ' : '\n';
	}
	b[n] = 0;
	if (vmdir_put(d, "args", b) == 0)
		return 0;
	warn("%s/args:", d->path);
	return -1;
}

/* the sockets and files of DIR; -1: a message was given */
static int
fill_dir(struct vmdir *d, struct vmsup *s)
{
	static const struct {
		const char *name;
		int give; /* to QEMU as this one, or -1 */
	} t[] = { { "console", -1 }, { "console.all", -1 }, { "control", -1 },
		{ "monitor", GIVE_MONITOR }, { "qmp", GIVE_QMP },
		{ "gdb", GIVE_GDB } };
	int fd[6], i;

	for (i = 0; i < 6; i++)
		if ((fd[i] = vmdir_listen(d, t[i].name)) < 0 ||
		    (t[i].give >= 0 && vmsup_give(s, t[i].give, fd[i]) < 0)) {
			warn("%s/%s:", d->path, t[i].name);
			return -1;
		}
	s->con.listen[0] = fd[0];
	s->con.listen[1] = fd[1];
	vmsup_control(s, fd[2]);
	if ((s->con.log = vmdir_create(d, "console.log")) < 0) {
		warn("%s/console.log:", d->path);
		return -1;
	}
	return 0;
}

static void
open_dir(struct conf *c, struct vmdir *d, struct vmsup *s, char **argv)
{
	if (vmdir_open(d, c->dir) < 0) {
		if (errno == EBUSY)
			die(1, "%s: a machine runs there already (pid %ld)",
			    c->dir, (long)vmdir_owner(c->dir));
		die(1, "%s:", c->dir);
	}
	if (fill_dir(d, s) == 0 && write_args(d, argv) == 0)
		return;
	vmdir_close(d);
	exit(1);
}

static void
open_log(struct conf *c, struct vmsup *s)
{
	if (!c->log)
		return;
	s->con.note = open(
	    c->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
	if (s->con.note < 0)
		die(1, "%s:", c->log);
	s->con.stamps = c->stamps;
}

/* the multicast wires, free of the guest's own frames */
static void
wires(struct conf *c, struct vmsup *s)
{
	int i;

	for (i = 0; i < NETS; i++)
		if (unecho_able(&c->net[i].name) == 0) {
			s->net[s->nnet].net = c->net[i].name;
			memcpy(s->net[s->nnet].mac, c->net[i].mac, 6);
			s->nnet++;
		}
}

static void
last_lines(struct vmsup *s)
{
	char b[1025];
	size_t n = conserver_tail(&s->con, b, sizeof(b) - 1);

	if (n && write(2, b, n) == (ssize_t)n && b[n - 1] != '\n')
		(void)!write(2, "\n", 1);
}

/* the end before readiness: one line (after a wait also the console's last
 * ones), and nothing left */
static void
give_up(struct vmsup *s, int code)
{
	last_lines(s);
	vmsup_end(s);
	if (s->dir)
		vmdir_close(s->dir);
	exit(code);
}

/* until the console says what is waited for; or ends here */
static void
await_console(struct conf *c, struct vmsup *s)
{
	int64_t deadline = clock_ms() + c->wait_ms;
	char b[128];

	while (!s->con.matched) {
		if (s->con.panic) {
			warn("the guest panicked before it said \"%s\"; "
			     "the console's last lines are",
			    c->wait);
			give_up(s, 1);
		}
		if (clock_ms() >= deadline) {
			warn("the console did not say \"%s\" in %lld s; its "
			     "last lines are",
			    c->wait, (long long)c->wait_ms / 1000);
			give_up(s, 1);
		}
		if (vmsup_turn(s, deadline) == 0 && !s->con.matched) {
			if (proc_signal)
				give_up(s, 128 + (int)proc_signal);
			warn("the machine ended (%s) before it said \"%s\"",
			    vmsup_words(s, b, sizeof(b)), c->wait);
			give_up(s, 1);
		}
	}
	s->con.wait = NULL;
}

static void
loop(struct conf *c, struct vmsup *s)
{
	int64_t deadline = c->timeout_ms < 0 ? -1 : s->started + c->timeout_ms;

	while (vmsup_turn(s, deadline) > 0)
		if (deadline >= 0 && clock_ms() >= deadline) {
			if (!c->background)
				warn("timed out after %lld s",
				    (long long)c->timeout_ms / 1000);
			vmsup_stop(s, VMSUP_TIMEOUT, 0);
			deadline = -1;
		}
}

/* from QEMU's start to its end: the exit status */
static int
run(struct conf *c, struct vmsup *s, struct qemu *q, struct proc_bg *bg)
{
	struct tty tty = { 0 };
	int status;

	if (c->wait)
		s->con.wait = &c->waitre;
	s->quiet = c->background;
	if (vmsup_start(s, q->argv) < 0 ||
	    vmsup_go(s, c->halted, clock_ms() + START_MS) < 0) {
		/* in the foreground QEMU has said it itself */
		if (c->background || s->pid || !s->qmp.eof)
			warn("%s", s->err);
		status = vmsup_end(s);
		return c->background || !status ? 1 : status;
	}
	if (s->err[0] && c->verbose)
		warn("the guest will hear its own frames: %s", s->err);
	if (s->dir && (vmdir_pid(s->dir, s->pid) < 0 ||
			  vmdir_put(s->dir, "status", "running\n") < 0)) {
		warn("%s/pid:", c->dir);
		give_up(s, 1);
	}
	if (c->wait)
		await_console(c, s);
	if (c->verbose)
		warn(
		    "started in %lld ms", (long long)(clock_ms() - s->started));
	proc_ready(bg);
	if (!c->background) {
		s->con.term[0] = 0;
		s->con.term[1] = 1;
		tty_raw(&tty, 0);
	}
	loop(c, s);
	status = vmsup_end(s);
	tty_restore(&tty);
	return status;
}

int
main(int argc, char **argv)
{
	static struct conf c;
	static struct qemu q;
	static struct vmsup s;
	static char mem[1 << 18];
	struct proc_bg bg = { -1, 0 };
	struct dircmd d = { 0, NULL };
	struct words_of o = { { NULL }, 0 };
	struct vmdir dir;
	struct arg a;
	int status;

	(void)argc;
	arg_init(&a, &tool, argv);
	defaults(&c);
	parse(&c, &d, &o, &a);
	if (d.id)
		return dircmd(&d, &o, &a);
	settle(&c, &o, &a);
	machine_probe(&c);
	if (!c.dry)
		find_program(&c);
	if (!c.program)
		c.program = env("QEMU") ? env("QEMU") : c.arch->program;
	if (c.background && !c.dry) {
		if ((status = proc_background(&bg)) < 0)
			die(1, "fork:");
		if (status == PROC_PARENT)
			return bg.status;
	}
	mac_choose(&c, !c.dry);
	qemu_init(&q, mem, sizeof(mem));
	machine_args(&c, &q);
	if (c.dry) {
		if (qemu_print(&q, stdout) < 0 || fflush(stdout))
			die(1, "write:");
		return 0;
	}
	vmsup_init(&s, c.dir ? &dir : NULL);
	if (!strncmp(c.arch->name, "mips", 4))
		s.grace = 1000; /* a Malta has no power button */
	machine_open(&c, &s);
	open_log(&c, &s);
	if (c.dir)
		open_dir(&c, &dir, &s, argv);
	wires(&c, &s);
	status = run(&c, &s, &q, &bg);
	if (c.dir)
		vmdir_close(&dir);
	return status;
}
