/* limen: ISC licence, see LICENSE */
#include <sys/utsname.h>

#include <string.h>

#include "addr.h"
#include "conf.h"
#include "die.h"
#include "kvm.h"
#include "vmstate.h"

#define PROBE_MS 100

static void
accelerator(struct conf *c, struct qemu *q)
{
	const char *why = NULL;
	struct utsname u;

	if (c->accel && !strcmp(c->accel, "tcg"))
		why = "asked for";
	else if (uname(&u) < 0 || strcmp(u.machine, "x86_64"))
		why = "the host is of another kind";
	else
		why = kvm_probe(PROBE_MS);
	if (why && c->accel && !strcmp(c->accel, "kvm"))
		die(1, "no KVM: %s", why);
	if (c->verbose)
		warn("%s%s%s", why ? "TCG" : "KVM", why ? ": " : "",
		    why ? why : "");
	qemu_opt(q, "-accel", "%s", why ? "tcg" : "kvm");
	qemu_opt(q, "-cpu", "%s", why ? "max" : "host");
}

static void
disk(struct conf *c, struct qemu *q)
{
	if (!strcmp(c->format, "qcow2"))
		qemu_opt(q, "-drive",
		    "file=%s,format=qcow2,if=virtio,snapshot=on",
		    qemu_value(q, c->image));
	else
		qemu_opt(q, "-drive",
		    "file=/proc/self/fd/%d,format=%s,if=virtio",
		    VMSUP_FD + GIVE_DISK,
		    !strcmp(c->format, "raw") ? "qcow2" : "raw");
}

static void
net(struct conf *c, struct qemu *q, int i)
{
	const struct conf_net *n = &c->net[i];
	char spec[1024], mac[ADDR_MACLEN];

	if (n->name.kind == NETNAME_NONE)
		return;
	if (n->relayed)
		qemu_opt(q, "-netdev", "dgram,id=%s,local.type=fd,local.str=%d",
		    n->id, VMSUP_FD + GIVE_NET + i);
	else if (netname_qemu(&n->name, n->id, spec, sizeof(spec)) == 0)
		qemu_opt(q, "-netdev", "%s", spec);
	else
		q->err = 1;
	qemu_opt(q, "-device",
	    "virtio-net-pci,disable-legacy=on,disable-modern=off,netdev=%s,"
	    "mac=%s,romfile=",
	    n->id, addr_macstr(mac, n->mac));
}

/* the console on our pipe, the monitors, the agent, our own connection */
static void
talk(struct qemu *q)
{
	qemu_opt(q, "-chardev", "stdio,id=console,signal=off");
	qemu_opt(q, "-serial", "chardev:console");
	vmstate_chardev(q, "monitor", GIVE_MONITOR);
	qemu_opt(q, "-mon", "chardev=monitor,mode=readline");
	vmstate_chardev(q, "qmp", GIVE_QMP);
	qemu_opt(q, "-mon", "chardev=qmp,mode=control");
	vmstate_chardev(q, "qga", GIVE_QGA);
	qemu_opt(q, "-device", "virtio-serial-pci");
	qemu_opt(q, "-device",
	    "virtserialport,chardev=qga,name=org.qemu.guest_agent.0");
	qemu_opt(q, "-chardev", "socket,id=limen,fd=%d", VMSUP_QMP_FD);
	qemu_opt(q, "-mon", "chardev=limen,mode=control");
}

void
machine_args(struct conf *c, struct qemu *q)
{
	int i;

	qemu_add(q, c->program);
	qemu_opt(q, "-M", "q35");
	accelerator(c, q);
	qemu_opt(q, "-m", "%lld", (long long)c->memory);
	qemu_opt(q, "-display", "none");
	qemu_add(q, "-S");
	disk(c, q);
	for (i = 0; i < NETS; i++)
		net(c, q, i);
	if (c->net[0].name.kind == NETNAME_NONE &&
	    c->net[1].name.kind == NETNAME_NONE)
		qemu_opt(q, "-net", "none");
	talk(q);
	if (c->opts && qemu_words(q, c->opts) < 0)
		die(2, "QEMU_OPTS: a quote does not end, or it is too long");
	if (q->err)
		die(2, "QEMU's command line would be too long");
}
