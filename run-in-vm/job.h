/* limen: ISC licence, see LICENSE */
#ifndef JOB_H
#define JOB_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel.h"
#include "kmod.h"
#include "msg.h"
#include "netname.h"

/* What the user asked for, as options and environment say it. */
#define JOB_SHARES 24
#define JOB_WORDS  16

struct job_share {
	const char *host;  /* a directory, or an image or disk file */
	const char *guest; /* where it is mounted */
	enum msg_fs fs;
	int ro;
	char tag[16];
};

struct job {
	/* the machine */
	const char *kernel, *moddir, *qemu, *arch;
	const char *append[JOB_WORDS];
	size_t nappend;
	const char *qemu_opts[JOB_WORDS];
	size_t nqemu_opts;
	int cpus;
	int64_t memory; /* MiB */
	const char *net, *forward[JOB_WORDS];
	size_t nforward;
	const char *gdb;
	int accel; /* 0: KVM when it works, -1: never, 1: must */

	/* what is in it */
	const char *root, *init, *cwd, *hostname;
	struct job_share share[JOB_SHARES];
	size_t nshares;
	const char *results;
	int keep_failed;
	const char *fs; /* auto, 9p, virtiofs, image */
	const char *disk;
	int persist;

	/* how it runs */
	char **argv;
	const char *env[JOB_WORDS];
	size_t nenv;
	int uid, gid;
	int64_t timeout; /* ms, 0: none */
	int cold, verbose, dry;
	const char *log;
};

/* found from a job before the machine starts */
struct plan {
	struct kernel kern;
	char kernel[PATH_MAX];	/* what QEMU gets */
	char modules[PATH_MAX]; /* "" without */
	struct kmod early, late;
	struct netname net;
	int kvm;
	const char *why_not; /* no KVM, in words */
	char qemu[PATH_MAX];
};

#endif
