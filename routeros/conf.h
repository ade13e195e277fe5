/* limen: ISC licence, see LICENSE */
#ifndef CONF_H
#define CONF_H

#include <stddef.h>
#include <stdint.h>

#include "kvm.h"
#include "vmnet.h"
#include "vmstate.h"

/* the descriptors that QEMU is given: see vmsup_give() */
enum {
	GIVE_DISK,
	GIVE_MONITOR,
	GIVE_QMP,
	GIVE_QGA,
	GIVE_NET, /* and the next */
};

enum { NET_ACCESS, NET_WORLD, NETS };

/* those that are sockets in DIR */
extern const struct vmstate_sock conf_socks[];

struct conf {
	const char *program; /* QEMU */
	const char *image, *dir;
	const char *config; /* a file, NULL: the built-in one */
	const char *exec;   /* --exec: the file */
	const char *path;   /* --path, or NULL */
	struct vmnet net[NETS];
	int64_t memory;		 /* MiB */
	int64_t wait_ms, run_ms; /* for the agent, for the script */
	enum kvm_accel accel;
	const char *tcg;  /* why the guest runs without KVM, or NULL */
	const char *opts; /* QEMU_OPTS or NULL */
	int keep, dry, verbose;
	const char *format; /* of the disk, by disk_look() */
};

/* what is run in the guest unless --config says otherwise */
extern const char conf_builtin[];

/* options.c: -1, or the exit status after another command than booting */
int options(struct conf *c, char **argv);

/* disk.c: finds out what the image is; ends the program with a line when it
 * is missing or is none */
void disk_look(struct conf *c);

/* disk.c: the disk as a descriptor whose writes stay in memory, or -1: QEMU
 * is to open the image itself, with snapshot=on */
int disk_open(const struct conf *c);

/* machine.c: the QEMU command line of c */
void machine_args(struct conf *c, struct qemu *q);

/* boot.c: boots c in the background and returns once it runs: the exit
 * status */
int boot(struct conf *c, char **argv);

#endif
