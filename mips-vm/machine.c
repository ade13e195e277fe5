/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"
#include "fd.h"
#include "image.h"
#include "unpack.h"

#define MIB	    (1 << 20)
#define ERASE	    65536 /* the erase block of our flash */
#define CMDLINE_MAX 255	  /* what QEMU's Malta hands to Linux */
#define LOW	    2816  /* MiB that a PC has in one piece */

const struct vmstate_sock conf_socks[] = { { "monitor", GIVE_MONITOR },
	{ "qmp", GIVE_QMP }, { "gdb", GIVE_GDB }, { NULL, 0 } };

/* the first bytes of a file that must be readable, from any place on */
static size_t
head_of(const char *path, uint8_t b[4096])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		die(1, "%s:", path);
	if (S_ISFIFO(st.st_mode))
		die(1, "%s: not a regular file", path);
	if ((n = fd_read_full(fd, b, 4096)) < 0)
		die(1, "%s:", path);
	close(fd);
	return (size_t)n;
}

/* the bytes of a file or a disk */
static unsigned long long
length(const char *path)
{
	const int64_t n = image_length(path);

	if (n < 0)
		die(1, "%s:", path);
	return (unsigned long long)n;
}

int
machine_malta(const struct conf *c)
{
	return !strncmp(c->arch->name, "mips", 4);
}

/* of the same kind, and as wide as the kernel? */
static int
takes(const char *arch, const char *kernel)
{
	return !strncmp(arch, kernel, 3) &&
	       (strstr(arch, "64") || !strstr(kernel, "64"));
}

/* is a root image as it stands one that a kernel might mount? */
static void
mountable(const char *path, const uint8_t *b, size_t n)
{
	const char *program = unpack_program(b, n);

	if (program)
		die(1, "%s: compressed; %s -d it first", path, program);
	if (n > 4 && !memcmp(b, "QFI\xfb", 4))
		die(1, "%s: qcow2; qemu-img convert -O raw it first", path);
}

void
machine_probe(struct conf *c)
{
	uint8_t b[4096];
	const char *name = NULL, *runs = c->uboot ? c->uboot : c->kernel;
	int little = 0, elf = 0;
	size_t n;

	if (c->kernel) {
		n = head_of(c->kernel, b);
		name = qemu_kernel_arch(b, n);
		elf = n > 4 && !memcmp(b, "\177ELF", 4);
	}
	if (c->uboot) {
		n = head_of(c->uboot, b);
		little = disk_little(b, n);
		name = little ? "mipsel" : name; /* it is what runs */
	}
	if (c->root) {
		n = head_of(c->root, b);
		if (!c->uboot)
			mountable(c->root, b, n);
	}
	if (c->initrd)
		head_of(c->initrd, b);
	if (c->dtb)
		head_of(c->dtb, b);
	if (c->disk)
		head_of(c->disk, b);
	if (!c->arch)
		c->arch = qemu_arch(name ? name : "mips");
	/* QEMU tells of a kernel's byte order, and of nothing else */
	else if (c->uboot ? little && machine_malta(c) &&
				!strstr(c->arch->name, "el")
			  : name && !takes(c->arch->name, name))
		die(1, "%s: is for %s, not for %s", runs, name, c->arch->name);
	/* QEMU's hw/arm/boot.c takes what is ELF for something else than Linux,
	 * which gets no command line, no device tree and no initramfs */
	if (elf && !c->uboot && !strncmp(c->arch->machine, "virt", 4))
		die(1, "%s: an ELF file; Linux for %s is an Image or zImage",
		    c->kernel, c->arch->name);
	if (c->phram && c->initrd && !c->arch->ram)
		die(2,
		    "--phram-address: not with an initramfs on %s, "
		    "which would lie there too",
		    c->arch->name);
}

/* KVM or TCG, and why */
static void
accelerator(struct conf *c, struct qemu *q)
{
	const char *why = kvm_choose(c->accel, c->arch->native);

	if (why && c->accel == KVM_ONLY)
		die(1, "no KVM: %s", why);
	if (c->verbose)
		warn("%s%s", why ? "TCG, no KVM: " : "KVM", why ? why : "");
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
	/* where a kernel with a driver, as Debian's, draws its console, too */
	qemu_opt(q, "-vga", "none");
	if (!c->reboot)
		qemu_add(q, "-no-reboot");
	if (!q->plain || c->halt)
		qemu_add(q, "-S");
}

/* QEMU's Malta cuts it, its own words for the initramfs included, in silence */
static void
check_length(const struct conf *c, const struct qemu *q, const char *rd)
{
	size_t len = q->err ? 0 : strlen(q->argv[q->n - 1]);

	if (c->initrd && !*rd)
		len += (size_t)snprintf(NULL, 0,
		    "rd_start=0xffffffff80000000 rd_size=%llu ",
		    length(c->initrd));
	if (machine_malta(c) && len > CMDLINE_MAX)
		die(1, "Linux's command line: %zu bytes, Malta passes on %d",
		    len, CMDLINE_MAX);
}

static void
append(struct conf *c, struct qemu *q, const char *rd)
{
	static const char *const disk[] = { NULL, "vda", "sda" };
	const char *extra = c->cmdline ? c->cmdline : "";
	const char *sep = *extra ? " " : "";
	/* a kernel whose root is a disk knows where its init is */
	const char *init = c->init ? c->init : c->as ? NULL : "/bin/init";
	char std[512];

	snprintf(std, sizeof(std),
	    "console=%s panic=10 oops=panic%s%s loglevel=8", c->arch->console,
	    init ? " init=" : "", init ? init : "");
	qemu_add(q, "-append");
	if (c->phram)
		qemu_addf(q,
		    "root=/dev/mtdblock0 %s mem=%lldM liminix "
		    "mtdparts=phram0:%lluM(rootfs) "
		    "phram.phram=phram0,%s,%lluMi,65536%s",
		    c->cmdline ? extra : std, (long long)c->memory,
		    (unsigned long long)c->phram_size / MIB, c->phram,
		    (unsigned long long)c->phram_size / MIB, rd);
	else if (c->as)
		qemu_addf(
		    q, "%s root=/dev/%s%s%s", std, disk[c->as], sep, extra);
	else
		qemu_addf(q,
		    "liminix default %s root=/dev/mtdblock0 "
		    "block2mtd.block2mtd=/dev/vda,65536%s%s",
		    std, sep, extra);
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
	const unsigned long long len = length(c->initrd);
	uint64_t at;

	if (len + 2 * MIB >= top * MIB)
		die(1,
		    "%s: does not fit into %lld MiB of memory; -m gives more",
		    c->initrd, (long long)c->memory);
	at = (top * MIB - MIB - len) & ~(uint64_t)(ERASE - 1);
	qemu_opt(q, "-device", "loader,file=%s,addr=0x%llx,force-raw=on",
	    qemu_path(q, c->initrd), (unsigned long long)at);
	snprintf(b, 80, " rd_start=0xffffffff%08llx rd_size=%llu",
	    (unsigned long long)at + 0x80000000, len);
}

/* kernel or boot loader */
static void
boot(struct conf *c, struct qemu *q)
{
	char rd[80] = "";

	if (c->uboot && c->arch->flash && q->plain)
		qemu_opt(q, "-drive",
		    "if=pflash,format=raw,snapshot=on,file=%s",
		    qemu_path(q, c->uboot));
	else if (c->uboot && c->arch->flash)
		qemu_opt(q, "-drive",
		    "if=pflash,format=raw,file=/proc/self/fd/%d",
		    VMSUP_FD + GIVE_FLASH);
	else if (c->uboot)
		qemu_opt(q, "-bios", "%s", c->uboot);
	else {
		qemu_opt(q, "-kernel", "%s", c->kernel);
		if (c->initrd && c->phram && machine_malta(c))
			low_initrd(c, q, rd);
		append(c, q, rd);
		if (c->initrd && !*rd)
			qemu_opt(q, "-initrd", "%s", c->initrd);
	}
	if (c->dtb)
		qemu_opt(q, "-dtb", "%s", c->dtb);
}

/* a disk whose writes go to the file persist, or are thrown away; one that
 * finds no room is the guest's error, for which QEMU would stop it */
static void
disk(struct qemu *q, const char *how, const char *path, const char *persist,
    int give)
{
	if (persist)
		qemu_opt(q, "-drive", "file=%s,format=qcow2,werror=report,%s",
		    qemu_path(q, persist), how);
	else if (q->plain)
		qemu_opt(q, "-drive",
		    "file=%s,format=raw,snapshot=on,werror=report,%s",
		    qemu_path(q, path), how);
	else
		qemu_opt(q, "-drive",
		    "file=/proc/self/fd/%d,format=qcow2,werror=report,%s",
		    VMSUP_FD + give, how);
}

/* a virtio disk, on Malta in this place */
static void
plug(const struct conf *c, struct qemu *q, const char *id, const char *place)
{
	qemu_opt(q, "-device", "virtio-blk-pci,drive=%s%s", id,
	    machine_malta(c) ? place : "");
}

/* The guest numbers what is virtio in the order of its places. The root image
 * is to be /dev/vda, before the other disk, but for a boot loader that other
 * one is the first, as with Liminix' scripts. On Malta, where Linux has
 * interrupts for the places 0xb, 0xc and 0x12 to 0x15 only, a disk that is
 * alone comes after the cards. */
static void
disks(struct conf *c, struct qemu *q)
{
	const int ide = c->as == ROOT_IDE;
	const int root = c->root && !c->phram;

	if (ide && !strncmp(c->arch->machine, "virt", 4))
		die(2, "--root-as ide: %s has no IDE", c->arch->name);
	/* RAM beyond the file is zero; an empty file is no image */
	if (c->root && c->phram && length(c->root) > 0)
		qemu_opt(q, "-device", "loader,file=%s,addr=%s,force-raw=on",
		    qemu_path(q, c->root), c->phram);
	if (root)
		disk(q,
		    ide ? "readonly=off,if=ide,index=0"
			: "readonly=off,if=none,id=virtio0",
		    c->root, c->disk ? NULL : c->persist, GIVE_ROOT);
	if (c->disk)
		disk(q, ide ? "if=ide,index=1" : "if=none,id=disk", c->disk,
		    c->persist, GIVE_DISK);
	if (ide)
		return;
	if (c->disk && c->uboot)
		plug(c, q, "disk", root ? ",addr=0xb" : ",addr=0x15");
	if (root)
		plug(c, q, "virtio0",
		    c->disk && !c->uboot ? ",addr=0xb" : ",addr=0x15");
	if (c->disk && !c->uboot)
		plug(c, q, "disk", ",addr=0x15");
}

static void
nets(struct conf *c, struct qemu *q)
{
	/* Liminix' images for Malta know their cards by these places, behind
	 * that of the graphics card which QEMU adds by itself */
	static const char *const place[NETS] = { VMNET_VIRTIO ",addr=0x13",
		VMNET_VIRTIO ",addr=0x14" };
	const char *nic = c->nic ? c->nic : c->uboot ? c->arch->bootnic : NULL;
	const int pcnet = nic && !strcmp(nic, "pcnet");
	int i, none = 0;

	for (i = 0; i < NETS; i++) {
		if (pcnet)
			vmnet_fill(&c->net[i]);
		vmnet_args(q, &c->net[i], GIVE_NET + i,
		    nic		       ? nic
		    : machine_malta(c) ? place[i]
				       : VMNET_VIRTIO);
		none += c->net[i].name.kind == NETNAME_NONE;
	}
	if (none == NETS)
		qemu_opt(q, "-net", "none");
}

/* [NET=]FILE; the first network without */
static void
capture(struct conf *c, struct qemu *q, int nr)
{
	const char *s = c->capture[nr], *lacks = NULL;
	int i = NET_ACCESS, n = (int)strspn(s, "abcdefghijklmnopqrstuvwxyz");

	if (s[n] == '=') {
		if (!strncmp(s, "lan=", 4))
			i = NET_LAN;
		else if (strncmp(s, "access=", 7) && strncmp(s, "wan=", 4))
			lacks = s;
		s += n + 1;
	}
	if (!lacks && c->net[i].name.kind == NETNAME_NONE) {
		lacks = c->net[i].id;
		n = (int)strlen(lacks);
	}
	if (lacks)
		die(2, "--capture %s: there is no %.*s network", c->capture[nr],
		    n, lacks);
	qemu_opt(q, "-object", "filter-dump,id=capture%d,netdev=%s,file=%s", nr,
	    c->net[i].id, qemu_path(q, s));
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
		if (!c->arch->ram && c->memory + (int64_t)(size / MIB) > LOW)
			die(2,
			    "--phram-address: on %s at most %d MiB of memory, "
			    "the root image's included",
			    c->arch->name, LOW);
		if (!strcmp(c->phram, "auto")) {
			qemu_addf(q, "0x%llx",
			    c->arch->ram + (uint64_t)c->memory * MIB);
			c->phram = q->argv[--q->n];
		}
	}
	board(c, q);
	boot(c, q);
	nets(c, q);
	disks(c, q);
	for (i = 0; i < c->ncapture; i++)
		capture(c, q, i);
	if (c->gdb && !c->dir)
		qemu_opt(q, "-gdb", "tcp:127.0.0.1:1234");
	vmstate_args(q, c->background ? VMSTATE_BACKGROUND : VMSTATE_TERMINAL,
	    c->dir, conf_socks);
	theirs(c, q);
	if (q->err)
		die(2, "QEMU's command line would be too long");
}
