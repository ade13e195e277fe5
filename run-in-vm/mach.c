/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/socket.h>

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
#define CMDLINE \
	"console=ttyS0 quiet panic=-1 cryptomgr.notests=1 " \
	"tsc=unstable no_timer_check mitigations=off noreplace-smp"

int
mach_open(struct mach *m)
{
	int i, sv[2];

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

static void
port(struct mach *m, int which, const char *name)
{
	qemu_opt(&m->q, "-chardev", "socket,id=c%d,fd=%d", which,
	    m->theirs[which]);
	qemu_opt(&m->q, "-device", "virtserialport,chardev=c%d,name=%s", which,
	    name);
}

static void
share(struct mach *m, const struct job_share *s)
{
	struct qemu *q = &m->q;

	if (s->fs == MSG_9P) {
		qemu_opt(q, "-fsdev",
		    "local,id=%s,path=%s,security_model=none,multidevs=remap%s",
		    s->tag, qemu_value(q, s->host),
		    s->ro ? ",readonly=on" : "");
		qemu_opt(q, "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s",
		    s->tag, s->tag);
	} else {
		qemu_opt(q, "-drive",
		    "if=none,id=%s,format=raw,file=%s,read-only=%s", s->tag,
		    qemu_value(q, s->host), s->ro ? "on" : "off");
		qemu_opt(q, "-device", "virtio-blk-pci,drive=%s,serial=%s",
		    s->tag, s->tag);
	}
}

static void
devices(struct mach *m, const struct job *j, const struct plan *p)
{
	struct qemu *q = &m->q;
	char b[1024];
	size_t i;

	qemu_opt(q, "-chardev", "socket,id=con,fd=%d", m->theirs[MACH_CON]);
	qemu_add(q, "-serial");
	qemu_add(q, "chardev:con");
	qemu_opt(q, "-chardev", "socket,id=qmp,fd=%d", m->theirs[MACH_QMP]);
	qemu_add(q, "-mon");
	qemu_add(q, "chardev=qmp,mode=control");
	qemu_add(q, "-device");
	qemu_add(q, "virtio-serial-pci");
	port(m, MACH_CTL, GUEST_CTL);
	port(m, MACH_IN, GUEST_IN);
	port(m, MACH_OUT, GUEST_OUT);
	port(m, MACH_ERR, GUEST_ERR);
	for (i = 0; i < j->nshares; i++)
		share(m, &j->share[i]);
	if (!j->net)
		return;
	if (netname_qemu(&p->net, "n0", b, sizeof(b)) < 0)
		die(125, "--net %s: QEMU has no such network", j->net);
	qemu_opt(q, "-netdev", "%s", b);
	qemu_add(q, "-device");
	qemu_add(q, "virtio-net-pci,netdev=n0,romfile=");
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
	qemu_opt(q, "-kernel", "%s", p->kernel);
	qemu_opt(q, "-initrd", "/proc/self/fd/%d", m->initrd);
	qemu_opt(q, "-append", "%s", line);
}

void
mach_args(struct mach *m, const struct job *j, const struct plan *p)
{
	struct qemu *q = &m->q;
	size_t i;

	qemu_init(q, m->mem, sizeof(m->mem));
	qemu_add(q, p->qemu);
	qemu_opt(q, "-M", "q35,accel=%s%s", p->kvm ? "kvm" : "tcg",
	    m->ram >= 0 ? ",memory-backend=ram" : "");
	qemu_opt(q, "-cpu", "%s",
	    p->kvm ? "host" : "qemu64,+ssse3,+sse4.1,+sse4.2,+popcnt");
	qemu_opt(q, "-m", "%lld", (long long)j->memory);
	qemu_opt(q, "-smp", "%d", j->cpus);
	qemu_add(q, "-nodefaults");
	qemu_add(q, "-no-user-config");
	qemu_add(q, "-no-reboot");
	qemu_add(q, "-display");
	qemu_add(q, "none");
	if (m->ram >= 0)
		qemu_opt(q, "-object",
		    "memory-backend-file,id=ram,size=%lldM,mem-path=/proc/"
		    "self/fd/%d,share=%s",
		    (long long)j->memory, m->ram, m->state < 0 ? "on" : "off");
	devices(m, j, p);
	boot(m, j, p);
	if (m->state >= 0) {
		qemu_add(q, "-incoming");
		qemu_add(q, "defer");
	}
	for (i = 0; i < j->nqemu_opts; i++)
		if (qemu_words(q, j->qemu_opts[i]) < 0)
			die(2, "QEMU_OPTS: a quote does not end: %s",
			    j->qemu_opts[i]);
	if (q->err)
		die(125, "QEMU's command line is too long");
}

int
mach_start(struct mach *m)
{
	int keep[MACH_NFD + 3], n = 0, i, err;
	struct proc p;

	for (i = 0; i < MACH_NFD; i++)
		keep[n++] = m->theirs[i];
	if (m->ram >= 0)
		keep[n++] = m->ram;
	if (m->initrd >= 0)
		keep[n++] = m->initrd;
	if (m->state >= 0)
		keep[n++] = m->state;
	memset(&p, 0, sizeof(p));
	p.argv = m->q.argv;
	p.std[0] = open("/dev/null", O_RDWR | O_CLOEXEC);
	p.std[1] = p.std[2] = m->words;
	p.keep = keep;
	p.nkeep = (size_t)n;
	p.deathsig = SIGKILL;
	p.session = 1;
	m->pid = proc_spawn(&p);
	err = m->pid < 0;
	close(p.std[0]);
	for (i = 0; i < MACH_NFD; i++)
		close(m->theirs[i]);
	return err ? -1 : 0;
}
