/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/stat.h>
#include <net/if.h>
#include <netinet/in.h>

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "conf.h"
#include "die.h"
#include "kfind.h"
#include "kmod.h"
#include "proc.h"

#define LIST_MS 10000

void
report(struct report *r, int good, const char *fmt, ...)
{
	char b[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(b, sizeof(b), fmt, ap);
	va_end(ap);
	r->bad += !good;
	if (!r->quiet)
		printf("%s %s\n", good ? "ok " : "BAD", b);
	else if (!good)
		warn("%s", b);
}

/* a program beside our own, else on PATH; 0 or -1 */
static int
beside(const struct conf *c, const char *name, char b[CONF_PATH])
{
	const char *slash = strrchr(c->self, '/');
	struct stat st;

	if (slash) {
		snprintf(b, CONF_PATH, "%.*s/%.100s", (int)(slash - c->self),
		    c->self, name);
		if (access(b, X_OK) == 0 && stat(b, &st) == 0 &&
		    S_ISREG(st.st_mode))
			return 0;
	}
	return proc_find(name, b, CONF_PATH);
}

static void
kernel(struct conf *c, struct report *r)
{
	static struct kernel k;
	const char *spec = c->b.kernel;

	c->kern = &k;
	if (!spec)
		spec = getenv("RUN_BORDER_VM_KERNEL");
	if (kfind(spec, c->kernel, sizeof(c->kernel)) < 0 ||
	    kernel_look(&k, c->kernel) < 0) {
		if (!spec || !*spec)
			report(r, 0,
			    "kernel: none in /boot; name one, or the "
			    "directory of an unpacked kernel package, by "
			    "\"kernel = FILE\" or RUN_BORDER_VM_KERNEL");
		else
			report(r, 0, "kernel %s: %s", spec,
			    errno == EISDIR ? "no boot/vmlinuz-* in it"
					    : strerror(errno));
		c->kernel[0] = 0;
		return;
	}
	if (k.kind == KERNEL_OTHER) {
		report(r, 0, "kernel %s: neither a bzImage nor a vmlinux",
		    c->kernel);
		return;
	}
	kfind_modules(&k, c->kernel, c->modules, sizeof(c->modules));
	if (c->b.modules)
		snprintf(c->modules, sizeof(c->modules), "%s", c->b.modules);
	report(r, 1, "kernel %s%s%s", c->kernel,
	    *c->modules ? ", modules in " : ", no modules", c->modules);
}

/* the modules that must be there, else the kernel does not do */
static void
lacks(struct conf *c, struct report *r)
{
	static const char *const need[] = { "virtio_pci", "virtio_net", "9p",
		"9pnet_virtio", "nf_tables", "nft_chain_nat", "nft_masq" };
	struct kmod k;
	size_t i;

	if (!*c->kernel || !*c->modules)
		return;
	if (kmod_open(&k, c->modules) < 0) {
		report(r, 0, "modules %s: %s", c->modules, strerror(errno));
		return;
	}
	for (i = 0; i < sizeof(need) / sizeof(*need); i++)
		if (!kmod_has(&k, need[i]))
			report(r, 0, "kernel %s: has no %s: use another",
			    c->kernel, need[i]);
	kmod_close(&k);
}

static void
program(struct conf *c, struct report *r, const char *name, char *b)
{
	if (beside(c, name, b) == 0)
		report(r, 1, "%s: %s", name, b);
	else
		report(
		    r, 0, "%s: neither beside %s nor on PATH", name, c->self);
}

/* is name a line of text? */
static int
listed(const char *text, const char *name)
{
	const size_t n = strlen(name);

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (!strncmp(text, name, n) && (!text[n] || text[n] == '\n'))
			return 1;
	return 0;
}

/* what init.c's script runs, apart from what every ash has in itself */
static void
applets(struct conf *c, struct report *r)
{
	static const char need[][9] = { "sh", "cttyhack", "ip", "mkdir",
		"mkfifo", "mount", "poweroff", "reboot", "setsid", "sleep",
		"sync", "udhcpd", "httpd" };
	char path[CONF_PATH + 2], without[200] = "", *text;
	const char *argv[] = { path, "--list", NULL };
	size_t i, n = 0;

	/* not one of that name in PATH */
	snprintf(path, sizeof(path), "%s%s",
	    strchr(c->busybox, '/') ? "" : "./", c->busybox);
	text = proc_output(argv, 1 << 20, LIST_MS);
	for (i = 0; i < sizeof(need) / sizeof(*need); i++) {
		if ((!strcmp(need[i], "udhcpd") && !c->b.dhcp[0]) ||
		    (!strcmp(need[i], "httpd") && !c->b.http) ||
		    (text && listed(text, need[i])))
			continue;
		n += (size_t)snprintf(
		    without + n, sizeof(without) - n, " %s", need[i]);
	}
	if (!text)
		report(
		    r, 0, "busybox: %s --list fails: is it one?", c->busybox);
	else if (*without)
		report(r, 0, "busybox: %s lacks%s", c->busybox, without);
	else
		report(r, 1, "busybox: %s", c->busybox);
	free(text);
}

static void
busybox(struct conf *c, struct report *r)
{
	static const char *const place[] = { "/bin/busybox", "/usr/bin/busybox",
		"/bin/busybox.static", "/sbin/busybox" };
	const char *want = c->b.busybox;
	size_t i;

	for (i = 0; !want && i < sizeof(place) / sizeof(*place); i++)
		if (access(place[i], X_OK) == 0)
			want = place[i];
	if (!want && proc_find("busybox", c->busybox, CONF_PATH) == 0)
		want = c->busybox;
	if (want && access(want, X_OK) == 0) {
		memmove(c->busybox, want, strlen(want) + 1);
		applets(c, r);
	} else
		report(r, 0,
		    "busybox: %s%s: install busybox-static, or name "
		    "one by \"busybox = FILE\"",
		    want ? want : "not found", want ? " cannot be run" : "");
}

static void
share(struct conf *c, struct report *r)
{
	const char *b = c->b.share;
	struct stat st;

	c->store = access(CONF_STORE, R_OK) == 0;
	if (!realpath(b, c->share) || stat(c->share, &st) < 0)
		report(r, 0, "share %s: %s", b, strerror(errno));
	else if (!S_ISDIR(st.st_mode))
		report(r, 0, "share %s: not a directory", b);
	else if (access(c->share,
		     c->b.writable ? R_OK | W_OK | X_OK : R_OK | X_OK) < 0)
		report(r, 0, "share %s: %s", c->share, strerror(errno));
	else
		report(r, 1, "share: %s at %s, %s", c->share, c->b.mount,
		    c->b.writable ? "writable" : "read-only");
}

/* is this port of the host free? */
static void
port(struct report *r, const char *what, const char *proto, int64_t nr)
{
	int type = *proto == 'u' ? SOCK_DGRAM : SOCK_STREAM;
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;
	struct sockaddr_in in;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_port = htons((uint16_t)nr);
	in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&in, sizeof(in)) < 0)
		report(r, 0, "%s: %s port %lld of the host: %s", what, proto,
		    (long long)nr, strerror(errno));
	close(fd);
}

static void
ssh(struct conf *c, struct report *r)
{
	if (!c->b.ssh)
		return;
	if (!c->b.nkey)
		report(r, 1, "ssh: off, as there is no \"key = ...\"");
	else if (proc_find("dropbear", c->dropbear, CONF_PATH) < 0 &&
		 access("/usr/sbin/dropbear", X_OK) == 0)
		snprintf(c->dropbear, CONF_PATH, "/usr/sbin/dropbear");
	if (!c->b.nkey)
		return;
	if (*c->dropbear) {
		report(r, 1, "ssh: port %lld of the host, %s",
		    (long long)c->b.ssh, c->dropbear);
		port(r, "ssh", "tcp", c->b.ssh);
	} else
		report(r, 1, "ssh: off, as dropbear is not installed");
}

static void
accelerator(struct conf *c, struct report *r)
{
	c->why_tcg = kvm_choose(c->accel, "x86_64");
	if (c->why_tcg && c->accel == KVM_ONLY)
		report(r, 0, "no KVM: %s", c->why_tcg);
	else
		report(r, 1, "%s%s", c->why_tcg ? "TCG, no KVM: " : "KVM",
		    c->why_tcg ? c->why_tcg : "");
}

/* what single lines of border.conf cannot tell */
static void
network(struct conf *c, struct report *r)
{
	const struct border *b = &c->b;
	const uint32_t mask = 0xffffffffU << (32 - b->prefix);
	const uint32_t wan = 0x0a000200; /* a /24 */
	char ip[2][16];

	if (!((b->address ^ wan) & mask & 0xffffff00))
		report(r, 0, "address %s/%d: 10.0.2.0/24 is eth0's",
		    addr_ip4str(ip[0], b->address), b->prefix);
	if (b->dhcp[0] && (((b->dhcp[0] ^ b->address) & mask) ||
			      ((b->dhcp[1] ^ b->address) & mask)))
		report(r, 0, "dhcp %s-%s: not in the network of address",
		    addr_ip4str(ip[0], b->dhcp[0]),
		    addr_ip4str(ip[1], b->dhcp[1]));
	if (b->secret && access(b->secret, R_OK) < 0)
		report(r, 0, "secret %s: %s", b->secret, strerror(errno));
}

static void
card(struct conf *c, struct report *r)
{
	if (c->b.pci)
		card_pci(c, r);
	else if (c->b.usb)
		card_usb(c, r);
	else if (c->net.name.kind == NETNAME_PACKET &&
		 !if_nametoindex(c->net.name.arg))
		report(r, 0, "nic %s: %s", c->b.nic, strerror(errno));
	else
		report(r, 1, "card: on the network %s", c->b.nic);
}

void
find_all(struct conf *c, struct report *r)
{
	int i;

	if (proc_find(c->program, c->qemu, sizeof(c->qemu)) < 0)
		report(r, 0, "%s: not found; is QEMU installed?", c->program);
	accelerator(c, r);
	if (!c->system) {
		network(c, r);
		kernel(c, r);
		lacks(c, r);
		busybox(c, r);
		if (c->b.tftp)
			program(c, r, "tufted", c->tufted);
		program(c, r, c->b.lns ? "pppoe-l2tp-relay" : "bng", c->ppp);
		ssh(c, r);
	} else if (c->check || !c->dry) /* else it is what -n says */
		system_find(c, r);
	share(c, r);
	for (i = 0; i < c->b.nforward; i++)
		port(r, "forward", c->b.forward[i].proto, c->b.forward[i].host);
	card(c, r);
}
