/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "conf.h"
#include "die.h"
#include "fd.h"
#include "image.h"
#include "kvm.h"

#define MIB	    (1 << 20)
#define ERASE	    65536    /* the erase block of our flash */
#define SWAPPED	    0x3e0000 /* what QEMU's little-endian Malta swaps of it */
#define PROBE_MS    100
#define CMDLINE_MAX 255 /* what QEMU's Malta hands to Linux */

static const struct image_size rootsize = { 16 * MIB, ERASE };
static const struct image_size disksize = { MIB, 512 };

/* the first bytes of a file that must be readable */
static size_t
head_of(const char *path, uint8_t b[4096])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0)
		die(1, "%s:", path);
	if (fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		die(1, "%s:", path);
	}
	if ((n = fd_read_full(fd, b, 4096)) < 0)
		die(1, "%s:", path);
	close(fd);
	return (size_t)n;
}

static int
malta(const struct conf *c)
{
	return !strncmp(c->arch->name, "mips", 4);
}

/* is this a boot loader for a little-endian Malta as its compiler left it?
 * Its first instruction is a branch, 0x1000 and an offset. */
static int
little(const uint8_t *b, size_t n)
{
	return n > 4 && b[3] == 0x10 && b[2] == 0;
}

void
machine_probe(struct conf *c)
{
	uint8_t b[4096];
	const char *name = NULL;
	size_t n;

	if (c->kernel) {
		n = head_of(c->kernel, b);
		name = qemu_kernel_arch(b, n);
	}
	if (c->uboot) {
		n = head_of(c->uboot, b);
		name = little(b, n) ? "mipsel" : name; /* it is what runs */
	}
	if (c->root)
		head_of(c->root, b);
	if (c->initrd)
		head_of(c->initrd, b);
	if (c->dtb)
		head_of(c->dtb, b);
	if (c->disk)
		head_of(c->disk, b);
	if (!c->arch)
		c->arch = qemu_arch(name ? name : "mips");
}

/* KVM or TCG, and why */
static void
accelerator(struct conf *c, struct qemu *q)
{
	const char *why = NULL;
	struct utsname u;

	if (c->accel == ACCEL_TCG)
		why = "asked for";
	else if (!c->arch->native)
		why = "no KVM for this kind of guest";
	else if (uname(&u) < 0 || strcmp(u.machine, c->arch->native))
		why = "the host is of another kind";
	else
		why = kvm_probe(PROBE_MS);
	if (why && c->accel == ACCEL_KVM)
		die(1, "no KVM: %s", why);
	if (c->verbose && why)
		warn("TCG: %s", why);
	else if (c->verbose)
		warn("KVM");
	qemu_opt(q, "-accel", "%s", why ? "tcg" : "kvm");
	if (!why)
		qemu_opt(q, "-cpu", "host");
	else if (c->arch->cpu)
		qemu_opt(q, "-cpu", "%s", c->arch->cpu);
}

/* what every machine gets; a root in RAM lies above what Linux is given */
static void
board(struct conf *c, struct qemu *q)
{
	int64_t total = c->memory;

	if (c->phram)
		total += (int64_t)(c->phram_size / MIB);
	qemu_add(q, c->program);
	qemu_opt(q, "-M", "%s",
	    c->uboot && !c->arch->flash ? "pc" : c->arch->machine);
	accelerator(c, q);
	qemu_opt(q, "-m", "%lld", (long long)total);
	if (c->cpus > 1)
		qemu_opt(q, "-smp", "%d", c->cpus);
	qemu_opt(q, "-echr", "16");
	qemu_opt(q, "-display", "none");
	if (!c->reboot)
		qemu_add(q, "-no-reboot");
	qemu_add(q, "-S");
}

/* QEMU's Malta cuts it, its own words for the initramfs included, in silence */
static void
check_length(const struct conf *c, const struct qemu *q, const char *rd)
{
	size_t len = q->err ? 0 : strlen(q->argv[q->n - 1]);

	if (c->initrd && !*rd)
		len +=
		    sizeof("rd_start=0xffffffff80000000 rd_size=1000000 ") - 1;
	if (malta(c) && len > CMDLINE_MAX)
		die(1, "Linux's command line: %zu bytes, Malta passes on %d",
		    len, CMDLINE_MAX);
}

static void
append(struct conf *c, struct qemu *q, const char *rd)
{
	const char *extra = c->cmdline ? c->cmdline : "";
	char std[512];

	snprintf(std, sizeof(std),
	    "console=%s panic=10 oops=panic init=%s loglevel=8",
	    c->arch->console, c->init);
	qemu_add(q, "-append");
	if (c->phram)
		qemu_addf(q,
		    "root=/dev/mtdblock0 %s mem=%lldM liminix "
		    "mtdparts=phram0:%lluM(rootfs) "
		    "phram.phram=phram0,%s,%lluMi,65536%s",
		    c->cmdline ? extra : std, (long long)c->memory,
		    (unsigned long long)c->phram_size / MIB, c->phram,
		    (unsigned long long)c->phram_size / MIB, rd);
	else
		qemu_addf(q,
		    "liminix default %s root=/dev/mtdblock0 "
		    "block2mtd.block2mtd=/dev/vda,65536%s%s",
		    std, *extra ? " " : "", extra);
	check_length(c, q, rd);
}

/*
 * Malta gets its initramfs at the end of RAM, where the root image is, beyond
 * what Linux is told to use: then we put it below that ourselves, and say so
 * to Linux, in KSEG0.
 */
static void
low_initrd(struct conf *c, struct qemu *q, char b[80])
{
	const uint64_t top = c->memory > 256 ? 256 : (uint64_t)c->memory;
	struct stat st;
	uint64_t at;

	if (stat(c->initrd, &st) < 0)
		die(1, "%s:", c->initrd);
	if ((uint64_t)st.st_size + 2 * MIB >= top * MIB)
		die(1, "%s: does not fit into %lld MiB", c->initrd,
		    (long long)c->memory);
	at = (top * MIB - MIB - (uint64_t)st.st_size) & ~(uint64_t)(ERASE - 1);
	qemu_opt(q, "-device", "loader,file=%s,addr=0x%llx,force-raw=on",
	    qemu_value(q, c->initrd), (unsigned long long)at);
	snprintf(b, 80, " rd_start=0xffffffff%08llx rd_size=%llu",
	    (unsigned long long)at + 0x80000000,
	    (unsigned long long)st.st_size);
}

/* kernel or boot loader */
static void
boot(struct conf *c, struct qemu *q)
{
	char rd[80] = "";

	if (c->uboot && c->arch->flash)
		qemu_opt(q, "-drive",
		    "if=pflash,format=raw,file=/proc/self/fd/%d",
		    VMSUP_FD + GIVE_FLASH);
	else if (c->uboot)
		qemu_opt(q, "-bios", "%s", c->uboot);
	else {
		qemu_opt(q, "-kernel", "%s", c->kernel);
		if (c->initrd && c->phram && malta(c))
			low_initrd(c, q, rd);
		append(c, q, rd);
		if (c->initrd && !*rd)
			qemu_opt(q, "-initrd", "%s", c->initrd);
	}
	if (c->dtb)
		qemu_opt(q, "-dtb", "%s", c->dtb);
}

static int
is_empty(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && st.st_size == 0;
}

static void
disks(struct conf *c, struct qemu *q)
{
	const char *persist = c->persist ? qemu_value(q, c->persist) : NULL;

	if (c->root && c->phram) {
		/* RAM beyond the file is zero; an empty file is no image */
		if (!is_empty(c->root))
			qemu_opt(q, "-device",
			    "loader,file=%s,addr=%s,force-raw=on",
			    qemu_value(q, c->root), c->phram);
	} else if (c->root && persist && !c->disk)
		qemu_opt(q, "-drive",
		    "file=%s,format=qcow2,readonly=off,if=virtio,index=0",
		    persist);
	else if (c->root)
		qemu_opt(q, "-drive",
		    "file=/proc/self/fd/%d,format=qcow2,readonly=off,"
		    "if=virtio,index=0",
		    VMSUP_FD + GIVE_ROOT);
	if (!c->disk)
		return;
	if (persist)
		qemu_opt(q, "-drive", "file=%s,format=qcow2,if=none,id=disk",
		    persist);
	else
		qemu_opt(q, "-drive",
		    "file=/proc/self/fd/%d,format=qcow2,if=none,id=disk",
		    VMSUP_FD + GIVE_DISK);
	qemu_opt(q, "-device", "virtio-blk-pci,drive=disk");
}

static void
net(struct conf *c, struct qemu *q, int i)
{
	const struct conf_net *n = &c->net[i];
	const char *nic = c->uboot ? c->arch->bootnic : c->arch->nic;
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
	qemu_opt(q, "-device", "%s%s,netdev=%s,mac=%s,romfile=", nic,
	    !strcmp(nic, "pcnet") ? ""
				  : ",disable-legacy=on,disable-modern=off",
	    n->id, addr_macstr(mac, n->mac));
}

/* [NET=]FILE; the first network without */
static void
capture(struct conf *c, struct qemu *q, int nr)
{
	const char *s = c->capture[nr], *eq = strchr(s, '=');
	int i = NET_ACCESS;

	if (eq && !strncmp(s, "lan=", 4))
		i = NET_LAN, s = eq + 1;
	else if (!strncmp(s, "access=", 7) || !strncmp(s, "wan=", 4))
		s = eq + 1;
	if (c->net[i].name.kind == NETNAME_NONE)
		die(2, "--capture %s: there is no %s network", c->capture[nr],
		    c->net[i].id);
	qemu_opt(q, "-object", "filter-dump,id=capture%d,netdev=%s,file=%s", nr,
	    c->net[i].id, qemu_value(q, s));
}

static void
channel(struct qemu *q, const char *id, int give)
{
	qemu_opt(q, "-chardev", "socket,id=%s,fd=%d,server=on,wait=off", id,
	    VMSUP_FD + give);
}

/* the console, the monitors, our own connection */
static void
talk(struct conf *c, struct qemu *q)
{
	if (c->background) {
		qemu_opt(q, "-chardev", "stdio,id=console,signal=off");
		qemu_opt(q, "-serial", "chardev:console");
	} else
		qemu_opt(q, "-serial", "mon:stdio");
	if (c->dir) {
		channel(q, "monitor", GIVE_MONITOR);
		qemu_opt(q, "-mon", "chardev=monitor,mode=readline");
		channel(q, "qmp", GIVE_QMP);
		qemu_opt(q, "-mon", "chardev=qmp,mode=control");
		channel(q, "gdb", GIVE_GDB);
		qemu_opt(q, "-gdb", "chardev:gdb");
	} else if (c->gdb)
		qemu_opt(q, "-gdb", "tcp:127.0.0.1:1234");
	qemu_opt(q, "-chardev", "socket,id=limen,fd=%d", VMSUP_QMP_FD);
	qemu_opt(q, "-mon", "chardev=limen,mode=control");
}

/* the user's own arguments: the last word is theirs */
static void
theirs(struct conf *c, struct qemu *q)
{
	static const char *const name[] = { "QEMU_OPTS", "QEMU_OPTIONS" };
	int i, from = q->n;

	for (i = 0; i < c->nflag; i++)
		qemu_add(q, c->flag[i]);
	for (i = 0; i < 2; i++)
		if (c->opts[i] && qemu_words(q, c->opts[i]) < 0)
			die(2, "%s: a quote does not end, or it is too long",
			    name[i]);
	c->halted = c->halt;
	for (i = from; i < q->n; i++)
		if (!strcmp(q->argv[i], "-S"))
			c->halted = 1;
}

void
machine_args(struct conf *c, struct qemu *q)
{
	uint64_t size;
	int i;

	if (c->phram) {
		size = 16 * MIB;
		if (c->root &&
		    image_size(c->root, &(struct image_size){ 16 * MIB, MIB },
			&size) < 0)
			die(1, "%s:", c->root);
		c->phram_size = size;
		if (!strcmp(c->phram, "auto")) {
			qemu_addf(q, "0x%llx",
			    c->arch->ram + (uint64_t)c->memory * MIB);
			c->phram = q->argv[--q->n];
		}
	}
	board(c, q);
	boot(c, q);
	disks(c, q);
	for (i = 0; i < NETS; i++)
		net(c, q, i);
	if (c->net[0].name.kind == NETNAME_NONE &&
	    c->net[1].name.kind == NETNAME_NONE)
		qemu_opt(q, "-net", "none");
	for (i = 0; i < c->ncapture; i++)
		capture(c, q, i);
	talk(c, q);
	theirs(c, q);
	if (q->err)
		die(2, "QEMU's command line would be too long");
}

/* the boot loader in its flash; what QEMU will swap is swapped before */
static int
flash(struct conf *c)
{
	int fd = image_copy(c->uboot, c->arch->flash, malta(c) ? 0xff : 0);
	size_t i;
	uint8_t *b, t;

	if (fd < 0 && errno == EFBIG)
		die(1, "%s: larger than the boot flash, %u MiB", c->uboot,
		    c->arch->flash / MIB);
	if (fd < 0 || !malta(c) || !strstr(c->arch->name, "el"))
		return fd;
	b = mmap(NULL, SWAPPED, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (b == MAP_FAILED)
		return -1;
	if (little(b, SWAPPED))
		for (i = 0; i < SWAPPED; i += 4) {
			t = b[i], b[i] = b[i + 3], b[i + 3] = t;
			t = b[i + 1], b[i + 1] = b[i + 2], b[i + 2] = t;
		}
	munmap(b, SWAPPED);
	return fd;
}

static void
give(struct vmsup *s, int i, int fd, const char *what)
{
	if (fd < 0 || vmsup_give(s, i, fd) < 0)
		die(1, "%s:", what);
}

static void
store(struct conf *c, const char *image, const struct image_size *z)
{
	if (image_persist(c->persist, image, z) == 0)
		return;
	if (errno == ESTALE)
		die(1,
		    "%s: made over another image than %s, or that has "
		    "changed since",
		    c->persist, image);
	if (errno == EINVAL)
		die(1, "%s: not an image that --persist made", c->persist);
	die(1, "%s:", c->persist);
}

void
machine_open(struct conf *c, struct vmsup *s)
{
	if (c->root && !c->phram) {
		if (c->persist && !c->disk)
			store(c, c->root, &rootsize);
		else
			give(s, GIVE_ROOT, image_overlay(c->root, &rootsize),
			    c->root);
	}
	if (c->uboot && c->arch->flash)
		give(s, GIVE_FLASH, flash(c), c->uboot);
	if (!c->disk)
		return;
	if (c->persist)
		store(c, c->disk, &disksize);
	else
		give(s, GIVE_DISK, image_overlay(c->disk, &disksize), c->disk);
}
