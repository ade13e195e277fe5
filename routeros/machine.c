/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "conf.h"
#include "die.h"

const struct vmstate_sock conf_socks[] = { { "monitor", GIVE_MONITOR },
	{ "qmp", GIVE_QMP }, { "qga", GIVE_QGA }, { NULL, 0 } };

static void
accelerator(const struct conf *c, struct qemu *q)
{
	const char *why = c->tcg;

	if (why && c->accel == KVM_ONLY)
		die(1, "no KVM: %s", why);
	if (c->verbose)
		warn("%s%s", why ? "TCG, no KVM: " : "KVM", why ? why : "");
	qemu_opt(q, "-accel", "%s", why ? "tcg" : "kvm");
	qemu_opt(q, "-cpu", "%s", why ? "max" : "host");
}

static void
disk(struct conf *c, struct qemu *q)
{
	if (!strcmp(c->format, "qcow2") ||
	    (q->plain && !strcmp(c->format, "raw")))
		qemu_opt(q, "-drive",
		    "file=%s,format=%s,if=virtio,werror=report,snapshot=on",
		    qemu_path(q, c->image), c->format);
	else
		qemu_opt(q, "-drive",
		    "file=/proc/self/fd/%d,format=%s,if=virtio,werror=report",
		    VMSUP_FD + GIVE_DISK,
		    !strcmp(c->format, "raw") ? "qcow2" : "raw");
}

void
machine_args(struct conf *c, struct qemu *q)
{
	int i, none = 0;

	qemu_add(q, c->program);
	qemu_opt(q, "-M", "q35");
	accelerator(c, q);
	qemu_opt(q, "-m", "%lld", (long long)c->memory);
	qemu_opt(q, "-display", "none");
	if (!q->plain)
		qemu_add(q, "-S");
	disk(c, q);
	for (i = 0; i < NETS; i++) {
		vmnet_args(q, &c->net[i], GIVE_NET + i, VMNET_VIRTIO);
		none += c->net[i].name.kind == NETNAME_NONE;
	}
	if (none == NETS)
		qemu_opt(q, "-net", "none");
	vmstate_args(q, VMSTATE_BACKGROUND, c->dir, conf_socks);
	qemu_opt(q, "-device", "virtio-serial-pci");
	qemu_opt(q, "-device",
	    "virtserialport,chardev=qga,name=org.qemu.guest_agent.0");
	if (c->opts && qemu_words(q, c->opts) < 0)
		die(2, "QEMU_OPTS: a quote does not end, or it is too long");
	if (q->err)
		die(2, "QEMU's command line would be too long");
}
