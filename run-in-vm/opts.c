/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "arg.h"
#include "die.h"
#include "image.h"
#include "kvm.h"
#include "num.h"
#include "opts.h"
#include "user.h"

#define FAIL	 JOB_FAIL
#define DISK_MIN (1 << 20)

enum {
	OPT_SHARE = 256,
	OPT_RW,
	OPT_MODULES,
	OPT_APPEND,
	OPT_CPUS,
	OPT_NET,
	OPT_RESULTS,
	OPT_KEEP,
	OPT_CWD,
	OPT_USER,
	OPT_FS,
	OPT_STORE,
	OPT_CLOSURE,
	OPT_ROOT,
	OPT_INIT,
	OPT_DISK,
	OPT_PERSIST,
	OPT_FORWARD,
	OPT_GDB,
	OPT_LOG,
	OPT_ARCH,
	OPT_COLD,
	OPT_NAME,
	OPT_NOTTY,
	OPT_ACCEL,
	OPT_KVM,
	OPT_NOKVM,
};

static const struct arg_opt opts[] = {
	{ 'k', "kernel", "FILE",
	    "kernel: bzImage, vmlinux, a release, or an "
	    "unpacked package" },
	{ OPT_MODULES, "modules", "DIR", "its modules (default beside it)" },
	{ OPT_APPEND, "append", "WORDS", "add to the kernel's command line" },
	{ OPT_CPUS, "cpus", "N", "processors (default 1)" },
	{ 'm', "memory", "SIZE", "memory (default 512M)" },
	{ OPT_ARCH, "arch", "ARCH", "the guest's machine: x86_64" },
	{ OPT_ACCEL, "accel", KVM_ACCEL, "how the guest's code is run" },
	{ OPT_KVM, "kvm", NULL, NULL },
	{ OPT_NOKVM, "no-kvm", NULL, NULL },
	{ OPT_COLD, "cold", NULL, "boot, do not start from a saved guest" },
	{ OPT_SHARE, "share", "HOST[:GUEST]", "share a directory read-only" },
	{ OPT_RW, "share-rw", "HOST[:GUEST]", "share a directory" },
	{ OPT_FS, "fs", "auto|9p|virtiofs|image|cpio", "how to share" },
	{ OPT_ROOT, "root", "DIR|IMAGE", "the guest's root (default /)" },
	{ OPT_STORE, "store", NULL, "of the host share /nix/store alone" },
	{ OPT_CLOSURE, "closure", "PATH",
	    "of the host share PATH's closure "
	    "alone" },
	{ OPT_INIT, "init", "PATH", "hand over to a system's own init" },
	{ OPT_RESULTS, "results", "DIR", "bring $out (/results) back as DIR" },
	{ OPT_KEEP, "keep-failed", NULL,
	    "bring results of a failed command "
	    "too" },
	{ OPT_DISK, "disk", "FILE|SIZE", "add a disk; changes are dropped" },
	{ OPT_PERSIST, "persist", NULL, "keep the changes to disks" },
	{ OPT_NET, "net", "NET", "none, user, or a network as in limen(7)" },
	{ OPT_FORWARD, "forward", "PORT:PORT",
	    "forward a host's port "
	    "(implies --net user)" },
	{ OPT_CWD, "cwd", "DIR", "directory to start in (default this one)" },
	{ 'e', "env", "NAME[=VALUE]", "set a variable" },
	{ 'u', "user", "USER[:GROUP]", "run as that user (default root)" },
	{ OPT_NAME, "name", "NAME", "the guest's host name" },
	{ OPT_NOTTY, "no-tty", NULL, "no terminal in the guest" },
	{ 't', "timeout", "TIME", "end it after TIME with status 124" },
	{ OPT_LOG, "log", "FILE", "write the guest's console to FILE" },
	{ OPT_GDB, "gdb", "PORT", "wait for a debugger of the kernel there" },
	{ 'v', "verbose", NULL, "say what was found and chosen" },
	{ 'n', "dry-run", NULL, "print QEMU's command and do nothing" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "run-in-vm",
	"[options] [--] [command [argument ...]]", opts, ARG_STRICT, FAIL };

char *
opts_copy(const char *s)
{
	char *c = strdup(s);

	if (!c)
		die(FAIL, "memory:");
	return c;
}

struct job_share *
opts_share(struct job *j)
{
	struct job_share *s = &j->share[j->nshares];

	if (j->nshares == JOB_SHARES)
		die(FAIL, "more than %d shares", JOB_SHARES);
	s->fs = MSG_9P;
	s->fd = -1;
	s->ro = 1;
	snprintf(s->tag, sizeof(s->tag), "share%zu", j->nshares++);
	return s;
}

/* a directory of the host for the guest: "HOST[:GUEST]" */
static void
share(struct job *j, const char *text, int ro)
{
	struct job_share *s = opts_share(j);
	char *host = opts_copy(text), *colon = NULL, *real;

	/* a path with a colon in it is taken as it is when it is there */
	if (access(host, F_OK) < 0 && (colon = strrchr(host, ':')))
		*colon++ = 0;
	if (!(real = realpath(host, NULL)))
		die(FAIL, "share %s:", host);
	s->host = real;
	s->guest = colon ? opts_copy(colon) : real;
	free(host);
	if (s->guest[0] != '/' || !s->guest[1])
		die(FAIL, "share %s: %s", text,
		    s->guest[0] == '/' ? "/ is the root: see --root"
				       : "not an absolute path in the guest");
	s->ro = ro;
}

void
opts_word(const char **v, size_t *n, const char *s, const char *what)
{
	if (*n == JOB_WORDS)
		die(FAIL, "more than %d %s", JOB_WORDS, what);
	v[(*n)++] = s;
}

static void
add_disk(struct job *j, const char *text)
{
	struct job_disk *d = &j->disk[j->ndisks];

	if (j->ndisks++ == JOB_DISKS)
		die(FAIL, "more than %d disks", JOB_DISKS);
	d->fd = -1;
	if (num_size(text, DISK_MIN, INT64_MAX, &d->size) == 0 &&
	    access(text, F_OK) < 0)
		return;
	if (!(d->path = realpath(text, NULL)) ||
	    (d->qcow2 = image_qcow2(d->path)) < 0)
		die(FAIL, "disk %s:", text);
}

/* scratch disks are files without a name */
static void
open_disks(struct job *j)
{
	const char *tmp = getenv("TMPDIR");
	struct job_disk *d;

	for (d = j->disk; d < j->disk + j->ndisks; d++) {
		if (d->path)
			continue;
		d->fd = open(tmp && *tmp ? tmp : "/var/tmp",
		    O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
		if (d->fd < 0)
			d->fd =
			    open("/tmp", O_RDWR | O_TMPFILE | O_CLOEXEC, 0600);
		if (d->fd < 0 || ftruncate(d->fd, d->size) < 0)
			die(FAIL, "a scratch disk:");
	}
}

static void
add_env(struct job *j, const char *text)
{
	const char *v;
	char *b;
	size_t n;

	if (strchr(text, '=')) {
		opts_word(j->env, &j->nenv, text, "variables");
		return;
	}
	if (!(v = getenv(text)))
		return;
	n = strlen(text) + strlen(v) + 2;
	if (!(b = malloc(n)))
		die(FAIL, "memory:");
	snprintf(b, n, "%s=%s", text, v);
	opts_word(j->env, &j->nenv, b, "variables");
}

/* [ADDR:]PORT:PORT[/udp] to QEMU's words */
static void
add_forward(struct job *j, const char *text)
{
	char b[128], out[160], *host, *guest, *slash;
	int64_t p;

	snprintf(b, sizeof(b), "%s", text);
	if ((slash = strchr(b, '/')))
		*slash++ = 0;
	if ((guest = strrchr(b, ':')))
		*guest++ = 0;
	host = strrchr(b, ':') ? strrchr(b, ':') + 1 : b;
	if (!guest || num_parse(guest, 1, 65535, &p) < 0 ||
	    num_parse(host, 1, 65535, &p) < 0 || strchr(b, ',') ||
	    (slash && strcmp(slash, "udp") && strcmp(slash, "tcp")))
		die(FAIL, "--forward %s: not [ADDRESS:]PORT:PORT[/udp]", text);
	snprintf(out, sizeof(out), "%s:%s%s-:%s", slash ? slash : "tcp",
	    host == b ? "127.0.0.1:" : "", b, guest);
	opts_word(j->forward, &j->nforward, opts_copy(out), "forwards");
}

void
opts_memory(struct job *j, const char *s, const char *what)
{
	int64_t v;

	/* so few bytes are no memory: they are MiB, as in the other tools */
	if (num_parse(s, 32, 1 << 20, &j->memory) == 0)
		return;
	if (num_size(s, 32 << 20, OPTS_MEMORY, &v) < 0)
		die(FAIL, "%s: not a size from 32M: %s", what, s);
	j->memory = v >> 20;
}

static void
set_time(struct job *j, const char *s)
{
	if (num_msec(s, 1, INT64_MAX / 2, &j->timeout) < 0)
		die(FAIL, "--timeout: not a time: %s", s);
}

static void
set_arch(const char *s)
{
	if (strcmp(s, "x86_64") && strcmp(s, "amd64"))
		die(FAIL,
		    "--arch %s: only x86_64 guests run a command here; "
		    "mips-vm(1) boots the others",
		    s);
}

static void
set_gdb(struct job *j, const char *s)
{
	static char b[300];
	struct stat st;
	int64_t p;

	if (num_parse(s, 1, 65535, &p) == 0)
		snprintf(b, sizeof(b), "tcp:127.0.0.1:%s", s);
	else if (!strncmp(s, "unix:", 5) && s[5])
		snprintf(b, sizeof(b), "%s,server=on,wait=off", s);
	else
		die(FAIL, "--gdb: neither a port nor unix:PATH: %s", s);
	j->gdb = b;
	j->gdb_socket = strncmp(s, "unix:", 5) ? NULL : s + 5;
	/* QEMU would remove it, whatever it is */
	if (j->gdb_socket && lstat(j->gdb_socket, &st) == 0 &&
	    !S_ISSOCK(st.st_mode))
		die(FAIL, "--gdb %s: is there and no socket", s);
	j->cold = 1;
	opts_word(j->append, &j->nappend, "nokaslr", "words");
}

static void
what_is_in_it(struct job *j, int c, const struct arg *a)
{
	switch (c) {
	case OPT_SHARE: share(j, a->value, 1); break;
	case OPT_RW: share(j, a->value, 0); break;
	case OPT_FS: j->fs = arg_choice(a) - 1; break;
	case OPT_ROOT: j->root = a->value; break;
	case OPT_STORE: j->store = 1; break;
	case OPT_CLOSURE:
		j->store = 1;
		opts_word(j->want, &j->nwant, a->value, "closures");
		break;
	case OPT_INIT: j->init = a->value; break;
	case OPT_RESULTS: j->results = a->value; break;
	case OPT_KEEP: j->keep_failed = 1; break;
	case OPT_DISK: add_disk(j, a->value); break;
	case OPT_PERSIST: j->persist = 1; break;
	case OPT_NET: j->net = a->value; break;
	case OPT_FORWARD: add_forward(j, a->value); break;
	default: break;
	}
}

static void
option(struct job *j, int c, const struct arg *a)
{
	static const int kvm[] = { 0, 1, -1 };

	switch (c) {
	case 'k': j->kernel = a->value; break;
	case OPT_MODULES: j->moddir = a->value; break;
	case OPT_APPEND:
		opts_word(j->append, &j->nappend, a->value, "words");
		break;
	case OPT_CPUS: j->cpus = (int)arg_num(a, 1, 255); break;
	case 'm': opts_memory(j, a->value, "--memory"); break;
	case OPT_ARCH: set_arch(a->value); break;
	case OPT_ACCEL: j->accel = kvm[arg_choice(a)]; break;
	case OPT_KVM: j->accel = 1; break;
	case OPT_NOKVM: j->accel = -1; break;
	case OPT_COLD: j->cold = 1; break;
	case OPT_CWD: j->cwd = a->value; break;
	case 'e': add_env(j, a->value); break;
	case 'u': user_set(j, a->value); break;
	case OPT_NAME: j->name = a->value; break;
	case OPT_NOTTY: j->notty = 1; break;
	case 't': set_time(j, a->value); break;
	case OPT_LOG: j->log = a->value; break;
	case OPT_GDB: set_gdb(j, a->value); break;
	case 'v': j->verbose = 1; break;
	case 'n': j->dry = 1; break;
	default: what_is_in_it(j, c, a); break;
	}
}

void
opts_read(struct job *j, char **argv)
{
	struct arg a;
	int c;

	j->fs = -1;
	arg_init(&a, &tool, argv);
	while ((c = arg_next(&a)) != ARG_END) {
		if (c == ARG_OPERAND) {
			j->argv = a.v - 1;
			break;
		}
		option(j, c, &a);
	}
	if (j->root && j->store)
		arg_usage(&a, "--root does not go with --store or --closure");
	if (j->init && (j->results || j->notty))
		arg_usage(&a, "--init does not go with --results or --no-tty");
	if (j->nforward && !j->net)
		j->net = "user";
	if (j->nforward && strncmp(j->net, "user", 4) != 0)
		arg_usage(&a, "--forward goes with --net user");
	opts_environment(j);
	j->cpus = j->cpus ? j->cpus : 1;
	j->memory = j->memory ? j->memory : 512;
	if (!j->dry)
		open_disks(j);
}
