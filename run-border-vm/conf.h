/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <stdio.h>

#include "border.h"
#include "kvm.h"
#include "vmnet.h"
#include "vmstate.h"

/* the descriptors that QEMU is given: see vmsup_give() */
enum {
	GIVE_INITRD,
	GIVE_MONITOR,
	GIVE_QMP,
	GIVE_GDB,
	GIVE_NET,
};

/* those that are sockets in DIR */
extern const struct vmstate_sock conf_socks[];

#define CONF_PATH  4096
#define CONF_STORE "/nix/store"
#define WAN_MAC	   "52:54:00:b0:4d:01"

/* what the command line, the environment and border.conf say, and what was
 * found for it */
struct conf {
	struct border b;
	const char *file;    /* border.conf, or NULL: there is none */
	const char *program; /* QEMU */
	enum kvm_accel accel;
	const char *opts;   /* QEMU_OPTS or NULL */
	const char *root;   /* --sysfs: in front of /sys and /dev */
	const char *system; /* --system */
	const char *dir;
	int background, bind, check, dry, verbose;
	int live; /* see struct vmrun */
	int64_t wait_ms;

	char qemu[CONF_PATH];  /* program's path */
	char share[CONF_PATH]; /* absolute */
	int store;	       /* 1: this host has CONF_STORE */
	char kernel[CONF_PATH], quick[CONF_PATH], modules[CONF_PATH];
	char busybox[CONF_PATH], tufted[CONF_PATH], ppp[CONF_PATH],
	    dropbear[CONF_PATH], self[CONF_PATH];
	struct kernel *kern;
	struct vmnet net;    /* with nic */
	const char *why_tcg; /* NULL: KVM */
};

/* options.c: -1, or the exit status after a command on a directory */
int options(struct conf *c, char **argv);

/* find.c: kernel, modules, programs, the share; each line of report() */
struct report {
	int bad;   /* how many lines were */
	int quiet; /* 1: only those */
};
void report(struct report *r, int good, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
void find_all(struct conf *c, struct report *r);

/* card.c: the checks of a card of the host's */
void card_pci(struct conf *c, struct report *r);
void card_usb(struct conf *c, struct report *r);

/* bind.c: gives the card's IOMMU group to vfio-pci, and back; each writes
 * one line when it cannot. 0 or -1 */
int bind_take(struct conf *c);
void bind_undo(struct conf *c);

/* card.c: R/sys/bus/pci/devices/ADDR/NAME as a path */
char *card_path(const struct conf *c, const char *addr, const char *name,
    char b[CONF_PATH]);

/* where the link R/sys/bus/pci/devices/ADDR/NAME leads, its last part, ""
 * when there is none */
char *card_link(
    const struct conf *c, const char *addr, const char *name, char b[256]);

/* pack.c: the initramfs; a descriptor */
int pack(struct conf *c);

/* machine.c: the QEMU command line of c */
void machine_args(struct conf *c, struct qemu *q);

/* system.c: is what --system names there? And the same for it, which replaces
 * the program by it */
void system_find(const struct conf *c, struct report *r);
void system_args(struct conf *c, struct qemu *q);

/* boot.c: runs it: the exit status */
int boot(struct conf *c, char **argv);

#endif
