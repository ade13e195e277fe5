/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "guest.h"
#include "mach.h"
#include "proc.h"

/* cryptomgr.notests: 0.5 s of 2.5 s saved under emulation; panic=-1 with
 * -no-reboot: a panic ends QEMU at once */
#define CMDLINE                                             \
	"console=ttyS0 quiet panic=-1 cryptomgr.notests=1 " \
	"tsc=unstable no_timer_check mitigations=off noreplace-smp"

#define PORTS 5 /* of virtio-serial; number 0 is the console's */

int
mach_open(struct mach *m)
{
	int i, sv[2];

	memset(m, 0, sizeof(*m));
	m->ram = m->state = m->initrd = -1;
	if ((m->words = memfd_create("qemu", MFD_CLOEXEC)) < 0)
		return -1;
	for (i = 0; i < MACH_NFD; i++) {
		if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0)
			return -1;
		m->ours[i] = sv[0];
		m->theirs[i] = sv[1];
	}
	return 0;
}

/* a value that may differ between jobs of one template */
static const char *
free_text(struct mach *m, const char *s)
{
	return m->shape ? "" : qemu_path(&m->q, s);
}

static int
free_fd(const struct mach *m, int fd)
{
	return m->shape ? 0 : fd;
}

static void
port(struct mach *m, int which, int nr, const char *name)
{
	qemu_opt(
	    &m->q, "-chardev", "socket,id=c%d,fd=%d", which, m->theirs[which]);
	qemu_opt(&m->q, "-device", "virtserialport,chardev=c%d,nr=%d,name=%s",
	    which, nr, name);
}

static void
share(struct mach *m, const struct job_share *s)
{
	struct qemu *q = &m->q;

	switch (s->fs) {
	case MSG_9P:
		qemu_opt(q, "-fsdev",
		    "local,id=%s,path=%s,security_model=none,multidevs=remap%s",
		    s->tag, free_text(m, s->host), s->ro ? ",readonly=on" : "");
		qemu_opt(q, "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s",
		    s->tag, s->tag);
		break;
	case MSG_VIRTIOFS:
		qemu_opt(q, "-chardev", "socket,id=%s,fd=%d", s->tag,
		    free_fd(m, s->fd));
		qemu_opt(q, "-device", "vhost-user-fs-pci,chardev=%s,tag=%s",
		    s->tag, s->tag);
		break;
	case MSG_IMAGE:
		if (s->fd >= 0)
			qemu_opt(q, "-drive",
			    "if=none,id=%s,format=raw,read-only=on,file="
			    "/proc/self/fd/%d",
			    s->tag, free_fd(m, s->fd));
		else
			qemu_opt(q, "-drive",
			    "if=none,id=%s,format=raw,read-only=on,file=%s",
			    s->tag, free_text(m, s->host));
		qemu_opt(q, "-device", "virtio-blk-pci,drive=%s,serial=%s",
		    s->tag, s->tag);
		break;
	default: break;
	}
}

/* a write that finds no room is an error in the guest: QEMU would stop it
 * without a word */
static void
disk(struct mach *m, const struct job_disk *d, size_t i, int persist)
{
	struct qemu *q = &m->q;
	const char *fmt = d->qcow2 ? "qcow2" : "raw";

	if (d->path)
		qemu_opt(q, "-drive",
		    "if=none,id=disk%zu,werror=report,format=%s,file=%s%s", i,
		    fmt, free_text(m, d->path), persist ? "" : ",snapshot=on");
	else
		qemu_opt(q, "-drive",
		    "if=none,id=disk%zu,werror=report,format=raw,cache=unsafe,"
		    "file=/proc/self/fd/%d",
		    i, free_fd(m, d->fd));
	qemu_opt(
	    q, "-device", "virtio-blk-pci,drive=disk%zu,serial=disk%zu", i, i);
}

static void
net(struct mach *m, const struct job *j, const struct plan *p)
{
	char b[2048];
	size_t i, n;

	if (!j->net || p->net.kind == NETNAME_NONE)
		return;
	if (netname_qemu(&p->net, "n0", b, sizeof(b)) < 0)
		die(JOB_FAIL, "--net %s: QEMU has no such network", j->net);
	for (i = 0; i < j->nforward; i++) {
		n = strlen(b);
		snprintf(b + n, sizeof(b) - n, ",hostfwd=%s", j->forward[i]);
	}
	if (m->shape)
		b[strcspn(b, ",")] = 0;
	qemu_opt(&m->q, "-netdev", "%s", b);
	qemu_add(&m->q, "-device");
	qemu_add(&m->q, "virtio-net-pci,netdev=n0,romfile=");
}

static void
devices(struct mach *m, const struct job *j, const struct plan *p)
{
	struct qemu *q = &m->q;
	size_t i;

	qemu_opt(q, "-chardev", "socket,id=con,fd=%d", m->theirs[MACH_CON]);
	qemu_add(q, "-serial");
	qemu_add(q, "chardev:con");
	qemu_opt(q, "-chardev", "socket,id=qmp,fd=%d", m->theirs[MACH_QMP]);
	qemu_add(q, "-mon");
	qemu_add(q, "chardev=qmp,mode=control");
	/* a queue pair a port that could be costs the guest's driver time */
	qemu_opt(q, "-device", "virtio-serial-pci,max_ports=%d,vectors=0",
	    PORTS + 1);
	port(m, MACH_CTL, GUEST_CTL, "limen.ctl");
	port(m, MACH_IN, GUEST_IN, "limen.in");
	port(m, MACH_OUT, GUEST_OUT, "limen.out");
	port(m, MACH_ERR, GUEST_ERR, "limen.err");
	port(m, MACH_RES, GUEST_RES, "limen.res");
	for (i = 0; i < j->ndisks; i++)
		disk(m, &j->disk[i], i, j->persist);
	for (i = 0; i < j->nshares; i++)
		share(m, &j->share[i]);
	net(m, j, p);
}

static void
boot(struct mach *m, const struct job *j, const struct plan *p)
{
	struct qemu *q = &m->q;
	char line[4096] = CMDLINE;
	size_t i, n;

	for (i = 0; i < j->nappend; i++) {
		n = strlen(line);
		snprintf(line + n, sizeof(line) - n, " %s", j->append[i]);
	}
	if (strlen(line) >= 2047) /* COMMAND_LINE_SIZE of x86 */
		die(JOB_FAIL, "the kernel's command line is too long");
	qemu_opt(q, "-kernel", "%s", m->shape ? "" : p->kernel);
	if (m->initrd >= 0)
		qemu_opt(q, "-initrd", "/proc/self/fd/%d", m->initrd);
	qemu_opt(q, "-append", "%s", line);
}

static void
memory(struct mach *m, const struct job *j)
{
	struct qemu *q = &m->q;

	qemu_opt(q, "-m", "%lld", (long long)j->memory);
	if (m->ram < 0)
		return;
	qemu_opt(q, "-object",
	    "memory-backend-file,id=ram,size=%lldM,mem-path=/proc/self/fd/%d,"
	    "share=%s",
	    (long long)j->memory, free_fd(m, m->ram),
	    m->state < 0 || m->shape ? "on" : "off");
	if (m->state >= 0 && !m->shape) {
		qemu_add(q, "-incoming");
		qemu_add(q, "defer");
	}
}

void
mach_args(struct mach *m, const struct job *j, const struct plan *p)
{
	struct qemu *q = &m->q;

	qemu_init(q, m->mem, sizeof(m->mem));
	qemu_add(q, p->qemu);
	qemu_opt(q, "-M", "q35,accel=%s%s", p->kvm ? "kvm" : "tcg",
	    m->ram >= 0 ? ",memory-backend=ram" : "");
	qemu_opt(q, "-cpu", "%s",
	    p->kvm ? "host" : "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt");
	memory(m, j);
	qemu_opt(q, "-smp", "%d", j->cpus);
	qemu_add(q, "-nodefaults");
	qemu_add(q, "-no-user-config");
	qemu_add(q, "-no-reboot");
	qemu_add(q, "-display");
	qemu_add(q, "none");
	if (*p->bios)
		qemu_opt(q, "-bios", "%s", p->bios);
	devices(m, j, p);
	boot(m, j, p);
	if (j->gdb) {
		qemu_opt(q, "-gdb", "%s", j->gdb);
		qemu_add(q, "-S");
	}
	if (j->qemu_opts && qemu_words(q, j->qemu_opts) < 0)
		die(JOB_FAIL, "QEMU_OPTS: a quote does not end: %s",
		    j->qemu_opts);
	if (q->err)
		die(JOB_FAIL, "QEMU's command line is too long");
}

static int
inherited(const struct mach *m, const struct job *j, int *keep)
{
	const int one[] = { m->ram, m->initrd, m->state };
	int n = 0;
	size_t i;

	for (i = 0; i < MACH_NFD; i++)
		keep[n++] = m->theirs[i];
	for (i = 0; i < sizeof(one) / sizeof(*one); i++)
		if (one[i] >= 0)
			keep[n++] = one[i];
	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fd >= 0)
			keep[n++] = j->share[i].fd;
	for (i = 0; i < j->ndisks; i++)
		if (j->disk[i].fd >= 0)
			keep[n++] = j->disk[i].fd;
	return n;
}

int
mach_start(struct mach *m, const struct job *j)
{
	int keep[MACH_NFD + 3 + JOB_SHARES + JOB_DISKS], i, err;
	struct proc p;

	memset(&p, 0, sizeof(p));
	p.argv = m->q.argv;
	p.std[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	p.std[1] = p.std[2] = m->words;
	p.keep = keep;
	p.nkeep = (size_t)inherited(m, j, keep);
	p.deathsig = SIGKILL;
	p.session = 1;
	m->pid = proc_spawn(&p);
	err = m->pid < 0 ? errno : 0;
	close(p.std[0]);
	for (i = 0; i < MACH_NFD; i++)
		close(m->theirs[i]);
	if (m->initrd >= 0)
		close(m->initrd);
	if (m->state >= 0)
		close(m->state);
	errno = err;
	return err ? -1 : 0;
}

int
mach_resume(struct mach *m)
{
	char b[512];
	int n;

	n = snprintf(b, sizeof(b),
	    "{\"execute\":\"qmp_capabilities\"}\n" MACH_IGNORE "\n"
	    "{\"execute\":\"migrate-incoming\","
	    "\"arguments\":{\"uri\":\"fd:%d\"}}\n",
	    m->state);
	return write(m->ours[MACH_QMP], b, (size_t)n) == n ? 0 : -1;
}

void
mach_close(struct mach *m)
{
	int i;

	if (m->pid > 0)
		proc_end(m->pid, SIGKILL, 0);
	m->pid = 0;
	for (i = 0; i < MACH_NFD; i++)
		close(m->ours[i]);
	close(m->words);
}
