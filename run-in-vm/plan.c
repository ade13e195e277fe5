/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "die.h"
#include "fd.h"
#include "guest.h"
#include "initmod.h"
#include "kfind.h"
#include "kvm.h"
#include "plan.h"
#include "proc.h"
#include "qemu.h"
#include "share.h"
#include "tree.h"

#define FAIL	  JOB_FAIL
#define LIST	  65536
#define KVM_WAIT  100  /* ms */
#define KVM_AGAIN 3600 /* seconds that a slow KVM is believed to stay */

/* a file, an unpacked package, or the release of an installed kernel */
static void
find_kernel(struct plan *p, const struct job *j)
{
	const char *k = j->kernel && *j->kernel ? j->kernel : NULL;

	if (kfind(k, p->file, sizeof(p->file)) == 0)
		return;
	if (!k)
		die(FAIL,
		    "no kernel: none in /boot; give one, or the directory "
		    "of an unpacked kernel package, with -k or "
		    "RUN_IN_VM_KERNEL");
	if (errno == EISDIR)
		die(FAIL, "kernel %s: no boot/vmlinuz-* in it", k);
	die(FAIL, "kernel %s:", k);
}

/* A KVM that crawls costs the probe's full time; that it does is remembered
 * for this boot of the host, an hour at most. */
static const char *
probe(void)
{
	static const char slow[] = "its guests hang or crawl";
	char dir[PATH_MAX - 64], path[PATH_MAX], *boot;
	const char *why;
	struct stat st, now;
	int64_t age;
	size_t len;
	int fd;

	boot = fd_slurp_path("/proc/sys/kernel/random/boot_id", 64, &len);
	if (!boot || cache_dir("kvm", dir, sizeof(dir)) < 0) {
		free(boot);
		return kvm_probe(KVM_WAIT);
	}
	snprintf(path, sizeof(path), "%s/slow-%016llx", dir,
	    (unsigned long long)cache_mix_str(
		cache_identity("/dev/kvm"), boot));
	free(boot);
	if (stat(path, &st) == 0 && (fd = cache_new(dir)) >= 0) {
		fstat(fd, &now);
		close(fd);
		/* it is not of the future, unless the clock was set back */
		age = now.st_mtim.tv_sec - st.st_mtim.tv_sec;
		if (age >= 0 && age < KVM_AGAIN)
			return slow;
	}
	unlink(path);
	why = kvm_probe(KVM_WAIT);
	if (why && !strcmp(why, slow) && (fd = cache_new(dir)) >= 0) {
		cache_name(fd, path);
		close(fd);
	}
	return why;
}

void
plan_find(struct plan *p, const struct job *j)
{
	memset(p, 0, sizeof(*p));
	find_kernel(p, j);
	memcpy(p->kernel, p->file, sizeof(p->kernel));
	if (proc_find(j->qemu, p->qemu, sizeof(p->qemu)) < 0)
		die(FAIL,
		    "no %s: install QEMU, or name it with QEMU=", j->qemu);
	qemu_qboot(p->qemu, p->bios, sizeof(p->bios));
	if (j->net && netname_parse(&p->net, j->net) < 0)
		die(FAIL, "--net %s: not a network", j->net);
	p->why_not = j->accel < 0 ? "not wanted" : probe();
	p->kvm = !p->why_not;
	if (j->accel > 0 && !p->kvm)
		die(FAIL, "KVM does not work here: %s", p->why_not);
}

static void
want(struct kmod *k, const char *name, const char *for_what)
{
	if (kmod_add(k, name) == 0)
		return;
	if (errno == ENOENT)
		die(FAIL, "the kernel has no %s, which %s needs%s", name,
		    for_what, *k->dir ? "" : "; no modules were found for it");
	die(FAIL, "module %s:", name);
}

/* kernels that lack a driver may still start; these are wanted if there */
static void
like(struct kmod *k, const char *name)
{
	if (kmod_has(k, name))
		want(k, name, "a job");
}

/* file systems of disks that others made */
static void
like_disks(struct kmod *k)
{
	like(k, "crc32c_generic"); /* asked for by another name */
	like(k, "ext4");
}

static void
share_modules(struct plan *p, const struct job_share *s)
{
	switch (s->fs) {
	case MSG_9P:
		want(&p->mods, "9pnet_virtio", "a shared directory");
		want(&p->mods, "9p", "a shared directory");
		break;
	case MSG_VIRTIOFS:
		want(&p->mods, "virtiofs", "a shared directory");
		break;
	case MSG_IMAGE:
		want(&p->mods, "virtio_blk", "an image");
		like(&p->mods, "crc32c_generic"); /* erofs */
		like(&p->mods, "erofs");
		like(&p->mods, "squashfs");
		if (s->fd >= 0) /* made here, else it may be any */
			break;
		like_disks(&p->mods);
		like(&p->mods, "isofs");
		break;
	default: break;
	}
}

int
plan_disks(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fs == MSG_IMAGE)
			return 1;
	return j->ndisks > 0;
}

/* a root that needs a layer to be written to */
static int
is_layered(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->nshares; i++)
		if (!strcmp(j->share[i].guest, "/"))
			return j->share[i].fs != MSG_CPIO;
	return 0;
}

void
plan_modules(struct plan *p, const struct job *j)
{
	size_t i;

	if (!p->known)
		return;
	want(&p->mods, "virtio_console", "the command's input and output");
	if (is_layered(j))
		want(&p->mods, "overlay", "the writable layer");
	for (i = 0; i < j->nshares; i++)
		share_modules(p, &j->share[i]);
	if (j->ndisks) {
		want(&p->mods, "virtio_blk", "--disk");
		like_disks(&p->mods);
	}
	if (j->net)
		want(&p->mods, "virtio_net", "--net");
	/* a disk's size is read when its driver finds it, so that has to wait
	 * for the job; nothing else differs from job to job */
	p->early = p->mods.n;
	want(&p->mods, "virtio_pci", "every device");
	if (!plan_disks(j))
		p->early = p->mods.n;
}

int
plan_mounts(const struct plan *p, const char *name)
{
	return !p->known || kmod_has(&p->mods, name);
}

int
plan_has(const struct plan *p, enum msg_fs fs)
{
	const struct kmod *k = &p->mods;

	if (!p->known)
		return fs == MSG_9P || fs == MSG_IMAGE;
	switch (fs) {
	case MSG_9P: return kmod_has(k, "9p") && kmod_has(k, "9pnet_virtio");
	case MSG_VIRTIOFS: return kmod_has(k, "virtiofs");
	case MSG_IMAGE:
		return kmod_has(k, "virtio_blk") &&
		       (kmod_has(k, "erofs") || kmod_has(k, "squashfs"));
	default: return 1;
	}
}

/* Which way the shares get in. A saved guest is worth more than a quick file
 * system and cannot have virtiofs; for others than root virtiofsd runs in a
 * user namespace, where owners are not what they are. */
static enum msg_fs
best(const struct plan *p)
{
	const int fit = plan_has(p, MSG_VIRTIOFS);

	if (plan_has(p, MSG_9P) && (p->kept || !fit || geteuid()))
		return MSG_9P;
	if (fit)
		return MSG_VIRTIOFS;
	return plan_has(p, MSG_IMAGE) ? MSG_IMAGE : MSG_CPIO;
}

static void
choose_fs(struct plan *p, struct job *j)
{
	const enum msg_fs fs = j->fs < 0 ? best(p) : (enum msg_fs)j->fs;
	size_t i;

	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fs == MSG_9P)
			j->share[i].fs = fs;
}

/* modules, or what is built into a kernel without */
static void
find_modules(struct plan *p, const struct job *j)
{
	char builtin[1024];

	if (j->moddir)
		snprintf(p->modules, sizeof(p->modules), "%s", j->moddir);
	else
		kfind_modules(
		    &p->kern, p->file, p->modules, sizeof(p->modules));
	if (*p->modules) {
		if (kmod_open(&p->mods, p->modules) < 0)
			die(FAIL, "modules in %s:", p->modules);
		p->known = 1;
	} else if (kernel_builtin(
		       &p->kern, p->file, builtin, sizeof(builtin)) == 0) {
		if (kmod_none(&p->mods, builtin) < 0)
			die(FAIL, "memory:");
		p->known = 1;
	}
}

void
plan_kernel(struct plan *p, struct job *j)
{
	if (kernel_look(&p->kern, p->file) < 0)
		die(FAIL, "kernel %s:", p->file);
	kfind_quick(&p->kern, p->file, p->kernel, sizeof(p->kernel));
	find_modules(p, j);
	choose_fs(p, j);
}

void
plan_free(struct plan *p)
{
	kmod_close(&p->mods);
}

/* of the store only the closure, where that is all that is wanted */
static void
put_share(struct initrd *i, const struct job *j, const struct job_share *s)
{
	/* the archive and what is unpacked of it are there at once */
	uint64_t left = ((uint64_t)j->memory << 20) / 3;
	char at[PATH_MAX];
	uint32_t n;

	snprintf(at, sizeof(at), GUEST_CPIO "/%s", s->tag);
	if (!share_closed(j, s))
		tree_put(i, at, s->host, &left);
	for (n = 0; share_closed(j, s) && n < j->nclosure; n++) {
		snprintf(at, sizeof(at), GUEST_CPIO "/%s%s", s->tag,
		    strrchr(j->closure[n], '/'));
		tree_put(i, at, j->closure[n], &left);
	}
	if (i->err == EFBIG)
		die(FAIL, "share %s: too large for the guest's memory",
		    s->host);
}

int
plan_initrd(struct plan *p, const struct job *j)
{
	static char early[LIST], late[LIST], self[PATH_MAX];
	const int bare = initmod_unsigned(&p->kern, p->file);
	struct initrd i;
	size_t n;
	int fd;

	early[0] = late[0] = 0;
	/* the loader of a dynamic program has an exe of its own */
	if (!realpath("/proc/self/exe", self))
		snprintf(self, sizeof(self), "/proc/self/exe");
	initrd_init(&i);
	initrd_program(&i, "/init", self);
	initrd_dir(&i, "/proc", 0755);
	initrd_dir(&i, "/sys", 0755);
	initrd_dir(&i, "/dev", 0755);
	initrd_node(&i, "/dev/console", S_IFCHR | 0600, makedev(5, 1));
	for (n = 0; n < p->mods.n; n++)
		if (initmod_put(&i, p->mods.list[n], bare,
			n < p->early ? early : late, LIST) < 0)
			die(FAIL, "module %s:", p->mods.list[n]);
	initrd_text(&i, GUEST_EARLY, 0644, early);
	if (*late)
		initrd_text(&i, GUEST_LATE, 0644, late);
	if (p->kept)
		initrd_text(&i, GUEST_WAIT, 0644, "");
	for (n = 0; n < j->nshares; n++)
		if (j->share[n].fs == MSG_CPIO)
			put_share(&i, j, &j->share[n]);
	if ((fd = initrd_finish(&i)) < 0)
		die(FAIL, "initramfs: %s:", i.what);
	return fd;
}
