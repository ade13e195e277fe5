/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "die.h"
#include "fd.h"
#include "guest.h"
#include "initrd.h"
#include "kvm.h"
#include "plan.h"
#include "proc.h"
#include "siphash.h"

#define FAIL 125

/* makes b and its missing parents; 0 when it is a directory of ours */
static int
own_dir(char *b)
{
	struct stat st;
	char *s;

	for (s = b + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = 0;
		mkdir(b, 0700);
	}
	mkdir(b, 0700);
	if (stat(b, &st) < 0)
		return -1;
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() ||
	    (st.st_mode & 022)) {
		errno = EPERM;
		return -1;
	}
	return 0;
}

int
plan_cache(const char *sub, char *b, size_t cap)
{
	const char *x = getenv("XDG_CACHE_HOME"), *h = getenv("HOME");
	int n;

	if (x && *x == '/')
		n = snprintf(b, cap, "%s/limen/%s", x, sub);
	else if (h && *h == '/')
		n = snprintf(b, cap, "%s/.cache/limen/%s", h, sub);
	else
		n = -1;
	if (n < 0 || (size_t)n >= cap) {
		errno = ENOENT;
		return -1;
	}
	return own_dir(b);
}

/* the kernel that the host runs, else the last in byte order in /boot */
static int
newest(char *b, size_t cap)
{
	struct utsname u;
	struct dirent *e;
	char best[256] = "";
	DIR *d;

	uname(&u);
	snprintf(b, cap, "/boot/vmlinuz-%s", u.release);
	if (access(b, R_OK) == 0)
		return 0;
	if (!(d = opendir("/boot")))
		return -1;
	while ((e = readdir(d)))
		if (!strncmp(e->d_name, "vmlinuz-", 8) &&
		    strcmp(e->d_name, best) > 0)
			snprintf(best, sizeof(best), "%s", e->d_name);
	closedir(d);
	snprintf(b, cap, "/boot/%s", best);
	return *best ? 0 : -1;
}

/* a file, or the release of an installed kernel */
static void
find_kernel(struct plan *p, const struct job *j)
{
	const char *k = j->kernel ? j->kernel : getenv("RUN_IN_VM_KERNEL");
	char b[PATH_MAX];

	if (!k || !*k) {
		if (newest(p->kernel, sizeof(p->kernel)) < 0)
			die(FAIL,
			    "no kernel: none in /boot; give one with -k or "
			    "RUN_IN_VM_KERNEL");
		return;
	}
	snprintf(p->kernel, sizeof(p->kernel), "%s", k);
	if (strchr(k, '/') || access(k, F_OK) == 0)
		return;
	snprintf(b, sizeof(b), "/boot/vmlinuz-%.200s", k);
	if (access(b, F_OK) == 0)
		memcpy(p->kernel, b, sizeof(b));
}

/* a file's identity: a kernel or program that changes gets another */
static uint64_t
identity(const char *path)
{
	static const uint8_t key[16] = "limen file ident";
	struct stat st;
	uint64_t v[6];

	if (stat(path, &st) < 0)
		return 0;
	v[0] = (uint64_t)st.st_dev;
	v[1] = (uint64_t)st.st_ino;
	v[2] = (uint64_t)st.st_size;
	v[3] = (uint64_t)st.st_mtim.tv_sec;
	v[4] = (uint64_t)st.st_mtim.tv_nsec;
	v[5] = (uint64_t)st.st_ctim.tv_sec * 1000000000 +
	    (uint64_t)st.st_ctim.tv_nsec;
	return siphash(key, v, sizeof(v));
}

static int
save(const char *path, const char *data, size_t len)
{
	char tmp[PATH_MAX + 16];
	int fd, bad;

	snprintf(tmp, sizeof(tmp), "%s.%d", path, (int)getpid());
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	bad = fd_write_all(fd, data, len);
	if (close(fd) < 0 || bad || rename(tmp, path) < 0) {
		unlink(tmp);
		return -1;
	}
	return 0;
}

/* the ELF kernel inside a bzImage starts three times sooner: keep one */
static void
unpacked(struct plan *p)
{
	char dir[PATH_MAX - 64], path[PATH_MAX], *v;
	size_t len;

	if (p->kern.kind != KERNEL_BZIMAGE ||
	    plan_cache("kernel", dir, sizeof(dir)) < 0)
		return;
	snprintf(path, sizeof(path), "%s/%016llx", dir,
	    (unsigned long long)identity(p->kernel));
	if (access(path, R_OK) < 0) {
		if (!(v = kernel_unpack(&p->kern, p->kernel, &len)))
			return;
		if (save(path, v, len) < 0)
			path[0] = 0;
		free(v);
	}
	if (path[0])
		memcpy(p->kernel, path, sizeof(path));
}

static void
want(struct kmod *k, const char *name, const char *for_what)
{
	if (kmod_add(k, name) == 0)
		return;
	if (errno == ENOENT)
		die(FAIL, "the kernel has no %s, which %s needs", name,
		    for_what);
	die(FAIL, "module %s:", name);
}

static void
find_modules(struct plan *p, const struct job *j)
{
	const char *dir = j->moddir ? j->moddir : p->modules;
	size_t i;

	if (!*dir)
		return; /* a kernel with everything built in */
	if (kmod_open(&p->early, dir) < 0 || kmod_open(&p->late, dir) < 0)
		die(FAIL, "modules in %s:", dir);
	want(&p->early, "virtio_console", "the command's input and output");
	want(&p->late, "virtio_pci", "every device");
	if (!j->root)
		want(&p->early, "overlay", "the writable layer");
	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fs == MSG_9P) {
			want(&p->early, "9pnet_virtio", "a shared directory");
			want(&p->early, "9p", "a shared directory");
		} else if (j->share[i].fs == MSG_VIRTIOFS)
			want(&p->early, "virtiofs", "a shared directory");
		else
			want(&p->early, "virtio_blk", "a disk");
	if (j->net)
		want(&p->early, "virtio_net", "--net");
}

void
plan_make(struct plan *p, const struct job *j)
{
	memset(p, 0, sizeof(*p));
	find_kernel(p, j);
	if (kernel_look(&p->kern, p->kernel) < 0)
		die(FAIL, "kernel %s:", p->kernel);
	if (kernel_modules(&p->kern, p->kernel, p->modules,
		sizeof(p->modules)) < 0) {
		snprintf(p->modules, sizeof(p->modules), "/lib/modules/%s",
		    p->kern.release);
		if (!p->kern.release[0] || access(p->modules, R_OK) < 0)
			p->modules[0] = 0;
	}
	unpacked(p);
	find_modules(p, j);
	p->why_not = j->accel < 0 ? "not wanted" : kvm_probe(100);
	p->kvm = !p->why_not;
	if (j->accel > 0 && !p->kvm)
		die(FAIL, "KVM does not work here: %s", p->why_not);
	if (proc_find(j->qemu, p->qemu, sizeof(p->qemu)) < 0)
		die(FAIL, "no %s: install QEMU, or name it with QEMU=",
		    j->qemu);
}

void
plan_free(struct plan *p)
{
	kmod_close(&p->early);
	kmod_close(&p->late);
}

/* copies a module, uncompressed, and adds its place to the list */
static void
put_module(struct initrd *i, const char *path, char *list, size_t cap)
{
	const char *name = strrchr(path, '/') + 1;
	char at[300];
	size_t len, used = strlen(list);
	char *ko = kmod_read(path, &len);

	if (!ko)
		die(FAIL, "module %s:", path);
	snprintf(at, sizeof(at), "/mod/%.*s.ko", (int)strcspn(name, "."), name);
	initrd_bytes(i, at, ko, len);
	snprintf(list + used, cap - used, "%s\n", at);
	free(ko);
}

int
plan_initrd(struct plan *p)
{
	static char early[65536], late[65536];
	struct initrd i;
	size_t n, m;
	int fd;

	early[0] = late[0] = 0;
	initrd_init(&i);
	initrd_program(&i, "/init", "/proc/self/exe");
	initrd_dir(&i, "/proc", 0755);
	initrd_dir(&i, "/sys", 0755);
	initrd_dir(&i, "/dev", 0755);
	initrd_node(&i, "/dev/console", S_IFCHR | 0600, makedev(5, 1));
	for (n = 0; n < p->early.n; n++)
		put_module(&i, p->early.list[n], early, sizeof(early));
	for (n = 0; n < p->late.n; n++) {
		for (m = 0; m < p->early.n; m++)
			if (!strcmp(p->late.list[n], p->early.list[m]))
				break;
		if (m == p->early.n)
			put_module(&i, p->late.list[n], late, sizeof(late));
	}
	initrd_text(&i, GUEST_EARLY, 0644, early);
	initrd_text(&i, GUEST_LATE, 0644, late);
	if ((fd = initrd_finish(&i)) < 0)
		die(FAIL, "initramfs: %s:", i.what);
	return fd;
}
