/* limen: ISC licence, see LICENSE */
#ifndef JOB_H
#define JOB_H

#include <sys/types.h>

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "kmod.h"
#include "msg.h"
#include "netname.h"

/* What the user asked for, as options and environment say it. */
#define JOB_SHARES 24
#define JOB_DISKS  4
#define JOB_WORDS  32
#define JOB_FAIL   125 /* status of our own failures */
#define JOB_LATE   124 /* the time is up */

struct job_share {
	const char *host;  /* a directory, or an image file */
	const char *guest; /* where it is mounted; "/" is the root */
	enum msg_fs fs;
	int ro;
	int fd;	   /* an image or a socket of ours, -1 */
	pid_t fsd; /* its virtiofsd, 0: none */
	char tag[16];
};

struct job_disk {
	const char *path; /* NULL: scratch */
	int64_t size;
	int fd, qcow2;
};

struct job {
	/* the machine */
	const char *kernel, *moddir, *qemu, *name;
	const char *append[JOB_WORDS];
	size_t nappend;
	const char *qemu_opts;
	int cpus;
	int64_t memory; /* MiB */
	const char *net, *forward[JOB_WORDS];
	size_t nforward;
	const char *gdb, *gdb_socket; /* QEMU's words; a file or NULL */
	int accel; /* 0: KVM when it works, -1: never, 1: must */

	/* what is in it */
	const char *root, *init, *cwd;
	struct job_share share[JOB_SHARES];
	size_t nshares;
	struct job_disk disk[JOB_DISKS];
	size_t ndisks;
	const char *results;
	int keep_failed, persist;
	int fs;			     /* an enum msg_fs, or -1: the best */
	int store;		     /* the store alone */
	const char *want[JOB_WORDS]; /* whose closure is to be seen */
	size_t nwant;
	char **closure; /* its paths, NULL: all of the store */
	uint32_t nclosure;

	/* how it runs */
	char **argv;
	const char *env[JOB_WORDS];
	size_t nenv;
	uint32_t uid, gid;
	int64_t timeout; /* ms, 0: none */
	int64_t cache;	 /* bytes that saved guests may take */
	int cold, verbose, dry, notty, tty;
	const char *log;
};

/* found from a job before the machine starts */
struct plan {
	char file[PATH_MAX];   /* the kernel as the user has it */
	char kernel[PATH_MAX]; /* the form of it that QEMU gets */
	struct kernel kern;
	char modules[PATH_MAX]; /* "" without */
	struct kmod mods;
	int known;    /* what the kernel has; else all of it is believed in */
	size_t early; /* the first so many load before the ready mark */
	struct netname net;
	int kvm;
	const char *why_not; /* no KVM, in words */
	int kept;	     /* 1: the guest is to be saved */
	char qemu[PATH_MAX];
	char bios[PATH_MAX]; /* a firmware that only starts a kernel, or "" */
};

#endif
