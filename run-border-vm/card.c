/* limen: ISC licence, see LICENSE */
#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "fd.h"
#include "num.h"

#define PCI "/sys/bus/pci/devices"
#define USB "/sys/bus/usb/devices"

char *
card_path(
    const struct conf *c, const char *addr, const char *name, char b[CONF_PATH])
{
	snprintf(b, CONF_PATH, "%s" PCI "/%.60s%s%.100s", c->root, addr,
	    *name ? "/" : "", name);
	return b;
}

/* the last part of where a link leads, "" when it is none */
static char *
leads(const char *path, char b[256])
{
	char t[CONF_PATH], *s;
	ssize_t n = readlink(path, t, sizeof(t) - 1);

	t[n > 0 ? n : 0] = 0;
	s = strrchr(t, '/');
	snprintf(b, 256, "%.255s", s ? s + 1 : t);
	return b;
}

char *
card_link(const struct conf *c, const char *addr, const char *name, char b[256])
{
	char p[CONF_PATH];

	return leads(card_path(c, addr, name, p), b);
}

/* a short file's text without its newline, "" when it is not there */
static char *
content(const char *path, char *b, size_t cap)
{
	if (fd_first_line(path, b, cap) <= 0)
		*b = 0;
	return b;
}

static char *
attribute(const struct conf *c, const char *addr, const char *name, char b[64])
{
	char p[CONF_PATH];

	return content(card_path(c, addr, name, p), b, 64);
}

/* does a network interface below dir/net run here? Its name in b. Some cards
 * have several ports in one function. */
static int
in_use(const char *dir, char b[256])
{
	char p[CONF_PATH], state[64];
	struct dirent *e;
	int up = 0;
	DIR *d;

	snprintf(p, sizeof(p), "%.3000s/net", dir);
	if (!(d = opendir(p)))
		return 0;
	while (!up && (e = readdir(d))) {
		snprintf(b, 256, "%s", e->d_name);
		snprintf(p, sizeof(p), "%.3000s/net/%s/operstate", dir, b);
		up = !strcmp(content(p, state, sizeof(state)), "up");
	}
	closedir(d);
	return up;
}

/* does a directory hold anything? */
static int
holds(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += e->d_name[0] != '.';
	if (d)
		closedir(d);
	return n;
}

/* calls fn for each device of the same IOMMU group that is no bridge */
static void
each_member(
    struct conf *c, void (*fn)(struct conf *, const char *, void *), void *arg)
{
	char p[CONF_PATH], addr[13], group[256], class[64];
	struct dirent *e;
	DIR *d;

	border_pci(c->b.pci, addr);
	if (!*card_link(c, addr, "iommu_group", group))
		return;
	snprintf(p, sizeof(p), "%s/sys/kernel/iommu_groups/%s/devices", c->root,
	    group);
	if (!(d = opendir(p)))
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.' &&
		    strncmp(
			attribute(c, e->d_name, "class", class), "0x0604", 6))
			fn(c, e->d_name, arg);
	closedir(d);
}

/* a device of the group: is its driver vfio-pci? */
static void
member(struct conf *c, const char *addr, void *arg)
{
	struct report *r = arg;
	char own[13], driver[256], p[CONF_PATH], net[256];

	border_pci(c->b.pci, own);
	card_link(c, addr, "driver", driver);
	if (in_use(card_path(c, addr, "", p), net))
		report(r, 0,
		    "pci %s: its interface %s is up here: \"ip link "
		    "set %s down\", if you do not need it",
		    addr, net, net);
	/* pci-stub does nothing but to keep other drivers away */
	if (!strcmp(driver, "vfio-pci") ||
	    (strcmp(addr, own) && (!*driver || !strcmp(driver, "pci-stub"))))
		return;
	if (!strcmp(addr, own) && c->bind)
		report(r, 1, "pci %s: --bind takes it from %s", addr,
		    *driver ? driver : "no driver");
	else if (!strcmp(addr, own))
		report(r, 0,
		    "pci %s: %s%s has it, not vfio-pci: give it over "
		    "with --bind",
		    addr, *driver ? "the driver " : "no driver", driver);
	else
		report(r, 0,
		    "pci %s: its IOMMU group also holds %s, which "
		    "the driver %s has: both must be given over, or "
		    "the card put into another slot",
		    own, addr, driver);
}

static void
node(struct conf *c, struct report *r, const char *name, const char *what)
{
	char p[CONF_PATH];

	snprintf(p, sizeof(p), "%s/dev/%s", c->root, name);
	if (access(p, R_OK | W_OK) == 0)
		return;
	if (errno == ENOENT)
		report(r, 0, "%s: not there%s", p, what);
	else
		report(r, 0,
		    "%s: %s: give your user access to it, as in "
		    "\"chown %ld %s\"",
		    p, strerror(errno), (long)getuid(), p);
}

static void
locked_memory(struct conf *c, struct report *r)
{
	/* what the card may reach is locked, and a little more */
	rlim_t want = ((rlim_t)c->b.memory + 64) << 20;
	struct rlimit l;

	if (geteuid() == 0 || getrlimit(RLIMIT_MEMLOCK, &l) < 0 ||
	    l.rlim_cur == RLIM_INFINITY || l.rlim_cur >= want)
		return;
	report(r, 0,
	    "only %llu MiB of memory may be locked, a card given to "
	    "a machine of %lld MiB needs %llu: raise memlock in "
	    "/etc/security/limits.conf",
	    (unsigned long long)l.rlim_cur >> 20, (long long)c->b.memory,
	    (unsigned long long)want >> 20);
}

void
card_pci(struct conf *c, struct report *r)
{
	char p[CONF_PATH], addr[13], b[256], class[64], name[300];
	int before = r->bad;

	border_pci(c->b.pci, addr);
	if (access(card_path(c, addr, "", p), F_OK) < 0) {
		report(r, 0, "pci %s: no such device: see lspci", addr);
		return;
	}
	if (strncmp(attribute(c, addr, "class", class), "0x02", 4))
		report(r, 0, "pci %s: no network card: its class is %s", addr,
		    class);
	if (!*card_link(c, addr, "iommu_group", b)) {
		snprintf(p, sizeof(p), "%s/sys/class/iommu", c->root);
		report(r, 0, "pci %s: it has no IOMMU group: %s", addr,
		    holds(p) ? "the IOMMU does not cover it"
			     : "switch the IOMMU on in the firmware (VT-d, "
			       "AMD-Vi) and boot with intel_iommu=on");
		return;
	}
	snprintf(p, sizeof(p), "%s/sys/bus/pci/drivers/vfio-pci", c->root);
	if (access(p, F_OK) < 0)
		report(r, 0,
		    "pci %s: the module vfio-pci is not loaded: "
		    "\"modprobe vfio-pci\"",
		    addr);
	each_member(c, member, r);
	node(c, r, "vfio/vfio", ": \"modprobe vfio-pci\"");
	if (!c->bind) {
		snprintf(name, sizeof(name), "vfio/%s", b);
		node(c, r, name, ": no device of that group is with vfio-pci");
	}
	locked_memory(c, r);
	if (r->bad == before)
		report(r, 1, "card: pci %s, IOMMU group %s", addr, b);
}

struct usb_found {
	char name[256]; /* in /sys/bus/usb/devices */
	int n;
};

static void
usb_match(struct conf *c, const struct border_usb *u, const char *name,
    struct usb_found *f)
{
	char p[CONF_PATH], b[64], want[8];

	if (u->where && strcmp(name, u->where))
		return;
	snprintf(p, sizeof(p), "%s" USB "/%s/idVendor", c->root, name);
	snprintf(want, sizeof(want), "%04x", u->vendor & 0xffff);
	if (strcmp(content(p, b, sizeof(b)), want))
		return;
	snprintf(p, sizeof(p), "%s" USB "/%s/idProduct", c->root, name);
	snprintf(want, sizeof(want), "%04x", u->product & 0xffff);
	if (strcmp(content(p, b, sizeof(b)), want))
		return;
	if (!f->n++)
		snprintf(f->name, sizeof(f->name), "%s", name);
}

static void
usb_find(struct conf *c, const struct border_usb *u, struct usb_found *f)
{
	char p[CONF_PATH];
	struct dirent *e;
	DIR *d;

	memset(f, 0, sizeof(*f));
	snprintf(p, sizeof(p), "%s" USB, c->root);
	if (!(d = opendir(p)))
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.')
			usb_match(c, u, e->d_name, f);
	closedir(d);
}

/* who has its interfaces now: QEMU takes them away, if nobody needs them */
static void
usb_drivers(struct conf *c, struct report *r, const char *name)
{
	char p[CONF_PATH], driver[256], net[256], told[256] = "";
	struct dirent *e;
	size_t n = strlen(name);
	DIR *d;

	snprintf(p, sizeof(p), "%s" USB, c->root);
	if (!(d = opendir(p)))
		return;
	while ((e = readdir(d))) {
		if (strncmp(e->d_name, name, n) || e->d_name[n] != ':')
			continue;
		snprintf(p, sizeof(p), "%s" USB "/%s", c->root, e->d_name);
		if (in_use(p, net))
			report(r, 0,
			    "usb %s: its interface %s is up here: "
			    "\"ip link set %s down\", if you do not "
			    "need it",
			    c->b.usb, net, net);
		snprintf(
		    p, sizeof(p), "%s" USB "/%s/driver", c->root, e->d_name);
		/* each of its interfaces has one, often the same */
		if (!*leads(p, driver) || !strcmp(driver, told))
			continue;
		memcpy(told, driver, sizeof(told));
		report(r, 1,
		    "usb %s: the driver %s has it until the machine starts",
		    c->b.usb, driver);
	}
	closedir(d);
}

static int
usb_number(const struct conf *c, const char *name, const char *attr)
{
	char p[CONF_PATH], b[64];
	int64_t v = 0;

	snprintf(p, sizeof(p), "%s" USB "/%s/%s", c->root, name, attr);
	num_parse(content(p, b, sizeof(b)), 0, 999, &v);
	return (int)v;
}

void
card_usb(struct conf *c, struct report *r)
{
	char p[CONF_PATH];
	struct border_usb u;
	struct usb_found f;
	int before = r->bad;

	border_usb(c->b.usb, &u);
	usb_find(c, &u, &f);
	if (!f.n) {
		report(r, 0, "usb %s: not plugged in: see lsusb", c->b.usb);
		return;
	}
	if (f.n > 1) {
		report(r, 0,
		    "usb %s: %d of them are plugged in: name one as "
		    "%04x:%04x@%s",
		    c->b.usb, f.n, u.vendor, u.product, f.name);
		return;
	}
	snprintf(p, sizeof(p), "%s/dev/bus/usb/%03d/%03d", c->root,
	    usb_number(c, f.name, "busnum"), usb_number(c, f.name, "devnum"));
	if (access(p, R_OK | W_OK) < 0)
		report(r, 0,
		    "%s: %s: a udev rule gives it to the group kvm: "
		    "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"%04x\", "
		    "ATTR{idProduct}==\"%04x\", MODE=\"0660\", "
		    "GROUP=\"kvm\"",
		    p, strerror(errno), u.vendor, u.product);
	usb_drivers(c, r, f.name);
	if (r->bad == before)
		report(r, 1, "card: usb %s at %s", c->b.usb, f.name);
}
