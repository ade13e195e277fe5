/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "conf.h"
#include "die.h"
#include "fd.h"
#include "guest.h"
#include "initmod.h"
#include "kfind.h"
#include "kmod.h"
#include "words.h"

#define TEXT 32768
#define LEASES                                                      \
	65536 /* udhcpd keeps a table of so many: those of a /8 are \
	       * more than its memory */

/* a text that grows line by line; too long is fatal */
struct lines {
	char b[TEXT];
	size_t n;
};

static void say(struct lines *l, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void
say(struct lines *l, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(l->b + l->n, TEXT - l->n, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= TEXT - l->n)
		die(1, "the configuration is too long for the guest");
	l->n += (size_t)n;
}

/* s quoted for sh(1) */
static const char *
quoted(const char *s, char b[1024])
{
	if (words_quote(s, b, 1024) < 0)
		die(1, "%.40s...: too long", s);
	return b;
}

static void
assign(struct lines *l, const char *name, const char *value)
{
	char q[1024];

	say(l, "%s=%s\n", name, quoted(value ? value : "", q));
}

/* the words of the relay or the BNG, themselves one word of the assignment */
static void
command(struct conf *c, struct lines *l)
{
	static struct lines w;
	static char all[TEXT];
	char q[1024];
	struct border *b = &c->b;
	int i;

	if (b->lns && b->secret)
		say(&w, "--secret-file /etc/secret ");
	if (b->service)
		say(&w, "-s %s ", quoted(b->service, q));
	if (b->lns)
		say(&w, "packet:eth1 %s", quoted(b->lns, q));
	else
		say(&w, "--access packet:eth1 --dns %s", quoted(b->dns, q));
	for (i = 0; !b->lns && i < b->nuser; i++)
		say(&w, " -u %s", quoted(b->user[i], q));
	if (!b->lns && !b->nuser)
		say(&w, " -u db123@a.1:NotReallyTheSecret");
	if (words_quote(w.b, all, sizeof(all)) < 0)
		die(1, "the configuration is too long for the guest");
	say(l, "%s=%s\n", b->lns ? "relay" : "bng", all);
}

/* /etc/border */
static void
settings(struct conf *c, struct initrd *in)
{
	static struct lines l;
	struct border *b = &c->b;
	char ip[16];

	say(&l, "wanmac=%s\naddress=%s/%d\n", WAN_MAC,
	    addr_ip4str(ip, b->address), b->prefix);
	assign(&l, "background", c->background ? "yes" : NULL);
	assign(&l, "nat", b->nat ? "yes" : "no");
	assign(&l, "tftp", b->tftp);
	assign(&l, "http", b->http);
	command(c, &l);
	say(&l, "tags='share%s'\n", c->store ? " store" : "");
	assign(&l, "at_share", b->mount);
	say(&l, "how_share=%s\n", b->writable ? "rw" : "ro");
	say(&l, "at_store=" CONF_STORE "\nhow_store=ro,cache=loose\n");
	initrd_text(in, "/etc/border", 0600, l.b);
}

static void
dhcp(struct conf *c, struct initrd *in)
{
	char ip[3][16], mask[16], b[512];
	const struct border *o = &c->b;
	uint32_t leases = o->dhcp[1] - o->dhcp[0];

	if (!o->dhcp[0])
		return;
	if (leases >= LEASES)
		leases = LEASES - 1;
	snprintf(b, sizeof(b),
	    "interface eth1\nstart %s\nend %s\nmax_leases %lu\n"
	    "lease_file /run/leases\noption subnet %s\noption router %s\n"
	    "option dns %.60s\noption lease 3600\n",
	    addr_ip4str(ip[0], o->dhcp[0]), addr_ip4str(ip[1], o->dhcp[1]),
	    (unsigned long)leases + 1,
	    addr_ip4str(mask, 0xffffffffU << (32 - o->prefix)),
	    addr_ip4str(ip[2], o->address), o->dns);
	initrd_text(in, "/etc/udhcpd.conf", 0644, b);
}

static void
login(struct conf *c, struct initrd *in)
{
	static struct lines l;
	int i;

	initrd_text(in, "/etc/passwd", 0644,
	    "root:x:0:0:root:/root:/bin/sh\n"
	    "liminix:x:0:0:root:/root:/bin/sh\n"
	    "nobody:x:65534:65534:nobody:/:/bin/false\n");
	initrd_text(in, "/etc/group", 0644, "root:x:0:\nnogroup:x:65534:\n");
	initrd_text(in, "/etc/hosts", 0644, "127.0.0.1 localhost\n");
	initrd_text(in, "/etc/shells", 0644, "/bin/sh\n");
	if (!*c->dropbear)
		return;
	for (i = 0; i < c->b.nkey; i++)
		say(&l, "%s\n", c->b.key[i]);
	initrd_dir(in, "/root", 0700);
	initrd_dir(in, "/root/.ssh", 0700);
	initrd_dir(in, "/etc/dropbear", 0700);
	initrd_text(in, "/root/.ssh/authorized_keys", 0600, l.b);
	initrd_program(in, "/bin/dropbear", c->dropbear);
}

/* the driver that the card's modalias asks for, or, as a package that was only
 * unpacked has no modules.alias, the one that it has on this host */
static void
pci_driver(struct conf *c, struct kmod *k)
{
	char p[CONF_PATH], addr[13], name[256], alias[256];

	border_pci(c->b.pci, addr);
	if (fd_first_line(
		card_path(c, addr, "modalias", p), alias, sizeof(alias)) > 0 &&
	    kmod_add_alias(k, alias))
		return;
	if (!*card_link(c, addr, "driver/module", name))
		card_link(c, addr, "driver", name);
	if (!strncmp(name, "vfio", 4) || !kmod_has(k, name) ||
	    kmod_add(k, name) < 0)
		warn("pci %s: found no module that drives it", addr);
}

/* for the card; a USB one's interfaces have their own */
static void
drivers(struct conf *c, struct kmod *k)
{
	size_t n;

	if (c->b.usb) {
		/* any card may be plugged in again later: the common ones */
		static const char usb[][13] = { "xhci_pci", "r8152",
			"cdc_ether", "cdc_ncm", "ax88179_178a", "asix",
			"smsc95xx", "rndis_host" };
		for (n = 0; n < sizeof(usb) / sizeof(*usb); n++)
			if (kmod_has(k, usb[n]))
				kmod_add(k, usb[n]);
	}
	if (c->b.pci)
		pci_driver(c, k);
}

static void
modules(struct conf *c, struct initrd *in)
{
	static const char names[][15] = { "crc32c_generic", "virtio_pci",
		"virtio_net", "9pnet_virtio", "9p", "nf_tables",
		"nft_chain_nat", "nft_masq", "af_packet", "virtio_rng" };
	const int bare = initmod_unsigned(c->kern, c->kernel);
	static char list[TEXT];
	struct kmod k;
	size_t i;

	if (!*c->modules)
		return;
	if (kmod_open(&k, c->modules) < 0)
		die(1, "modules %s:", c->modules);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (kmod_has(&k, names[i]) && kmod_add(&k, names[i]) < 0)
			die(1, "module %s:", names[i]);
	drivers(c, &k);
	for (i = 0; i < k.n; i++)
		if (initmod_put(in, k.list[i], bare, list, sizeof(list)) < 0)
			die(1, "module %s:", k.list[i]);
	initrd_text(in, GUEST_LIST, 0644, list);
	kmod_close(&k);
}

int
pack(struct conf *c)
{
	static const char dirs[][6] = { "/proc", "/sys", "/dev", "/run", "/tmp",
		"/var", "/home" };
	struct initrd in;
	size_t i;
	int fd;

	initrd_init(&in);
	for (i = 0; i < sizeof(dirs) / sizeof(*dirs); i++)
		initrd_dir(&in, dirs[i], 0755);
	initrd_dir(&in, c->b.mount, 0755);
	if (c->store)
		initrd_dir(&in, CONF_STORE, 0755);
	initrd_node(&in, "/dev/console", S_IFCHR | 0600, makedev(5, 1));
	initrd_node(&in, "/dev/null", S_IFCHR | 0666, makedev(1, 3));
	initrd_program(&in, GUEST_INIT, c->self);
	initrd_symlink(&in, "/bin/border", GUEST_INIT);
	initrd_text(&in, GUEST_SCRIPT, 0644, guest_script);
	initrd_program(&in, "/bin/busybox", c->busybox);
	if (*c->tufted)
		initrd_program(&in, "/bin/tufted", c->tufted);
	initrd_program(
	    &in, c->b.lns ? "/bin/pppoe-l2tp-relay" : "/bin/bng", c->ppp);
	if (c->b.secret)
		initrd_copy(&in, "/etc/secret", c->b.secret);
	initrd_text(&in, GUEST_LIST, 0644, "");
	modules(c, &in);
	settings(c, &in);
	dhcp(c, &in);
	login(c, &in);
	if ((fd = initrd_finish(&in)) < 0)
		die(1, "%s:", in.what);
	return fd;
}
