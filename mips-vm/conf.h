/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <stdint.h>

#include "ere.h"
#include "kvm.h"
#include "vmnet.h"
#include "vmstate.h"

#define CONF_FLAGS    128
#define CONF_CAPTURES 4

/* the descriptors that QEMU is given: see vmsup_give() */
enum {
	GIVE_ROOT,
	GIVE_FLASH,
	GIVE_DISK,
	GIVE_MONITOR,
	GIVE_QMP,
	GIVE_GDB,
	GIVE_NET, /* and the next */
};

enum { NET_ACCESS, NET_LAN, NETS };

/* what the root image is for the guest */
enum conf_root {
	ROOT_FLASH, /* /dev/mtdblock0, by block2mtd over virtio, or by phram */
	ROOT_VIRTIO,
	ROOT_IDE,
};

/* those that are sockets in DIR */
extern const struct vmstate_sock conf_socks[];

/* what the command line and the environment say */
struct conf {
	const struct qemu_arch *arch;
	const char *program; /* QEMU */
	const char *kernel, *root, *initrd, *dtb;
	const char *uboot, *disk, *persist;
	const char *cmdline;
	const char *init; /* NULL: the default */
	const char *nic;  /* QEMU's name of the cards' model, or NULL */
	enum conf_root as;
	const char *phram; /* its address, "auto", or NULL: block2mtd */
	uint64_t phram_size;
	struct vmnet net[NETS];
	const char *capture[CONF_CAPTURES]; /* [NET=]FILE */
	int ncapture;
	int64_t memory; /* MiB */
	int cpus;
	enum kvm_accel accel;
	const char *macbase;
	const char *flag[CONF_FLAGS];
	int nflag;
	const char *opts[2]; /* QEMU_OPTS, QEMU_OPTIONS, or NULL */
	const char *dir;
	const char *log;
	const char *wait; /* without its :SECONDS */
	struct ere waitre;
	int64_t wait_ms, timeout_ms; /* -1: none */
	int background, dry, verbose;
	int live; /* see struct vmrun */
	int gdb, halt, reboot, stamps;
	int halted; /* by halt or by a -S of the user's */
};

/* options.c: the command line and the environment to c; -1, or the exit
 * status after a command on state directories */
int options(struct conf *c, char **argv);

/* a variable that is set and not empty, or NULL */
const char *options_env(const char *name);

/* machine.c: the QEMU command line of c; with the words of flags and
 * environment. Ends the program on a mistake in them. */
void machine_args(struct conf *c, struct qemu *q);

/* machine.c: looks at kernel and boot loader: readable? for which machine? */
void machine_probe(struct conf *c);

/* machine.c: is it a Malta? */
int machine_malta(const struct conf *c);

/* disk.c: opens or makes the images and hands them to s */
void disk_open(struct conf *c, struct vmsup *s);

/* disk.c: says in a line each what the command of --dry-run cannot do */
void disk_plain(const struct conf *c);

/* disk.c: is this the head of a boot loader for a little-endian Malta as its
 * compiler left it? */
int disk_little(const uint8_t *b, size_t n);

/* mac.c: gives each network its MAC address; holds them while we live. With
 * hold 0 it only says what they would be. */
void mac_choose(struct conf *c, int hold);

/* link.c: --link on a state directory; the exit status */
int link_set(const char *dir, const char *net, const char *updown);

#endif
