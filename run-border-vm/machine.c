/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "conf.h"
#include "die.h"
#include "guest.h"
#include "words.h"

const struct vmstate_sock conf_socks[] = { { "monitor", GIVE_MONITOR },
	{ "qmp", GIVE_QMP }, { "gdb", GIVE_GDB }, { NULL, 0 } };

/* the guest's way out: QEMU's user network with the forwarded ports, and what
 * of the host the guest may reach at addresses of that network */
static void
wan(struct conf *c, struct qemu *q)
{
	const struct border *b = &c->b;
	const char *more = c->system ? getenv("QEMU_NET_OPTS") : NULL, *self;
	char s[16384], word[4 * CONF_PATH + 3], *to;
	size_t n = 0;
	int i;

	/* a word for QEMU, which splits that as a shell does */
	words_quote(c->self, word, sizeof(word));
	self = qemu_path(q, word);
#define W(...) (n += (size_t)snprintf(s + n, sizeof(s) - n, __VA_ARGS__))
	W("user,id=wan");
	if (b->ssh && (*c->dropbear || c->system))
		W(",hostfwd=tcp:127.0.0.1:%lld-:22", (long long)b->ssh);
	for (i = 0; i < b->nforward; i++)
		W(",hostfwd=%s:127.0.0.1:%lld-:%lld", b->forward[i].proto,
		    (long long)b->forward[i].host,
		    (long long)b->forward[i].guest);
	for (i = 0; i < b->nreach; i++) {
		to = strchr(b->reach[i], 0) + 1;
		to += strspn(to, " \t");
		W(",guestfwd=tcp:%s-cmd:%s " GUEST_CONNECT " %s", b->reach[i],
		    self, to);
		if (n >= sizeof(s))
			break;
	}
	if (more && *more && n < sizeof(s))
		W(",%s", more);
#undef W
	if (n >= sizeof(s))
		die(1, "too many forwards");
	qemu_opt(q, "-netdev", "%s", s);
	qemu_opt(
	    q, "-device", "virtio-net-pci,netdev=wan,mac=%s,romfile=", WAN_MAC);
}

static void
card(struct conf *c, struct qemu *q)
{
	char addr[13];
	struct border_usb u;
	const char *dash;

	if (c->b.pci) {
		border_pci(c->b.pci, addr);
		qemu_opt(q, "-device", "vfio-pci,host=%s", addr);
		return;
	}
	if (c->b.usb) {
		border_usb(c->b.usb, &u);
		qemu_opt(q, "-device", "qemu-xhci");
		dash = u.where ? strchr(u.where, '-') : NULL;
		if (dash)
			qemu_opt(q, "-device",
			    "usb-host,hostbus=%.*s,hostport=%s",
			    (int)(dash - u.where), u.where, dash + 1);
		else
			qemu_opt(q, "-device",
			    "usb-host,vendorid=0x%04x,productid=0x%04x",
			    u.vendor, u.product);
		return;
	}
	vmnet_args(q, &c->net, GIVE_NET, VMNET_VIRTIO);
}

static void
shared(struct qemu *q, const char *id, const char *path, int writable)
{
	qemu_opt(q, "-fsdev", "local,id=%s,path=%s,security_model=none%s", id,
	    qemu_path(q, path), writable ? "" : ",readonly=on");
	qemu_opt(q, "-device", "virtio-9p-pci,fsdev=%s,mount_tag=%s", id, id);
}

static void
own(struct conf *c, struct qemu *q)
{
	char bios[CONF_PATH];

	qemu_qboot(c->qemu, bios, sizeof(bios));
	if (*bios)
		qemu_opt(q, "-bios", "%s", bios);
	qemu_opt(q, "-kernel", "%s", c->quick);
	qemu_opt(q, "-initrd", "/proc/self/fd/%d", VMSUP_FD + GIVE_INITRD);
	/* a slow emulation's clock is not to be taken for a broken one */
	qemu_opt(q, "-append",
	    "console=ttyS0 quiet panic=-1 cryptomgr.notests=1 mitigations=off"
	    "%s",
	    c->why_tcg ? " tsc=unstable no_timer_check noreplace-smp" : "");
	shared(q, "share", c->share, c->b.writable);
	if (c->store)
		shared(q, "store", CONF_STORE, 0);
}

void
machine_args(struct conf *c, struct qemu *q)
{
	qemu_add(q, c->program);
	qemu_opt(q, "-M", "q35");
	qemu_add(q, "-nodefaults");
	qemu_opt(q, "-accel", "%s", c->why_tcg ? "tcg" : "kvm");
	if (!c->why_tcg)
		qemu_opt(q, "-cpu", "host");
	qemu_opt(q, "-m", "%lld", (long long)c->b.memory);
	if (c->b.cpus > 1)
		qemu_opt(q, "-smp", "%lld", (long long)c->b.cpus);
	qemu_opt(q, "-display", "none");
	qemu_opt(q, "-echr", "16");
	qemu_add(q, "-no-reboot");
	if (!q->plain)
		qemu_add(q, "-S");
	if (c->system)
		system_args(c, q);
	else
		own(c, q);
	wan(c, q);
	card(c, q);
	qemu_opt(q, "-device", "virtio-rng-pci");
	vmstate_args(q, c->background ? VMSTATE_BACKGROUND : VMSTATE_TERMINAL,
	    c->dir, conf_socks);
	if (c->opts && qemu_words(q, c->opts) < 0)
		die(2, "QEMU_OPTS: a quote does not end, or it is too long");
	if (q->err)
		die(2, "QEMU's command line would be too long");
}
