/* limen: ISC licence, see LICENSE */
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include <linux/capability.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "fd.h"
#include "guest.h"

#define NEWROOT "/new"
#define LOWER	"/lower"
#define LAYER	"/layer"
#define STORE	"/store"
#define PLAIN	"/plain"

/* 9p: measured, 64 MiB read in 0.05 s against 3.3 s with the default msize;
 * what is shared read-only does not change under us, so it may be cached */
#define P9_OPTS	  "trans=virtio,version=9p2000.L,msize=512000,"
#define P9_RO	  P9_OPTS "cache=loose"
#define P9_RW	  P9_OPTS "cache=mmap"
#define DISK_WAIT 2000 /* ms */

static void
make_dirs(const char *path)
{
	char b[PATH_MAX], *s;

	snprintf(b, sizeof(b), "%s", path);
	for (s = b + 1; (s = strchr(s, '/')); *s++ = '/') {
		*s = 0;
		mkdir(b, 0755);
	}
	mkdir(b, 0755);
}

/* is the disk NAME the one with this serial number? */
static int
has_serial(const char *name, const char *serial)
{
	char path[PATH_MAX], b[64];

	snprintf(path, sizeof(path), "/sys/block/%.200s/serial", name);
	return fd_first_line(path, b, sizeof(b)) > 0 && !strcmp(b, serial);
}

/* /dev/vdX of the disk with this serial number; 0, or -1 */
static int
find_disk(const char *serial, char *b, size_t cap)
{
	const struct timespec pause = { 0, 1000000 };
	struct dirent *e;
	int i, found = 0;
	DIR *d;

	for (i = 0; i < DISK_WAIT && !found; i++) {
		if (!(d = opendir("/sys/block")))
			return -1;
		while (!found && (e = readdir(d)))
			if (e->d_name[0] != '.' &&
			    has_serial(e->d_name, serial)) {
				snprintf(b, cap, "/dev/%.200s", e->d_name);
				found = 1;
			}
		closedir(d);
		if (!found)
			nanosleep(&pause, NULL);
	}
	return found ? 0 : -1;
}

static int
mount_image(const struct msg_mount *m, const char *at)
{
	static const char *const kind[] = { "erofs", "squashfs", "ext4", "ext2",
		"iso9660" };
	char dev[300];
	size_t i;

	if (find_disk(m->tag, dev, sizeof(dev)) < 0) {
		errno = ENODEV;
		return -1;
	}
	for (i = 0; i < sizeof(kind) / sizeof(*kind); i++)
		if (mount(dev, at, kind[i], m->ro ? MS_RDONLY : 0, "") == 0)
			return 0;
	return -1;
}

/* what came with the initramfs appears where it is wanted */
static int
bind_cpio(const struct msg_mount *m, const char *at)
{
	char from[PATH_MAX];

	snprintf(from, sizeof(from), GUEST_CPIO "/%s", m->tag);
	if (mount(from, at, NULL, MS_BIND, NULL) < 0)
		return -1;
	return m->ro ? mount(NULL, at, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY,
			   NULL)
		     : 0;
}

/* at is a directory, or a file where a file is shared */
static void
mount_one(struct guest *g, const struct msg_mount *m, const char *at)
{
	unsigned long flags = m->ro ? MS_RDONLY : 0;
	int bad = 0;

	make_dirs(at);
	if (m->fs == MSG_9P)
		bad = mount(m->tag, at, "9p", flags, m->ro ? P9_RO : P9_RW);
	else if (m->fs == MSG_VIRTIOFS)
		bad = mount(m->tag, at, "virtiofs", flags, "");
	else if (m->fs == MSG_IMAGE)
		bad = mount_image(m, at);
	else if (m->fs == MSG_CPIO)
		bad = bind_cpio(m, at);
	if (bad)
		guest_fail(
		    g, 125, "mount %s at %s in the guest:", m->tag, m->path);
}

static const struct msg_mount *
root_of(const struct msg_job *j)
{
	uint32_t i;

	for (i = 0; i < j->nmounts; i++)
		if (!strcmp(j->mount[i].path, "/"))
			return &j->mount[i];
	return NULL;
}

/* with or without the rights of a file's owner where it is somebody else */
static void
owner_rights(struct guest *g, uint32_t rights)
{
	struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &h, d) == 0) {
		d[0].effective &= ~(1U << CAP_FOWNER);
		d[0].effective |= rights;
		if (syscall(SYS_capset, &h, d) == 0)
			return;
	}
	guest_fail(g, 125, "capabilities in the guest:");
}

/* Overlays open what is below them with O_NOATIME where they may; a virtiofsd
 * that is not root's cannot do that with the files of others. Whether they
 * may is settled when they are mounted: here is one that may not, below the
 * one that writes. */
static void
plain_layer(struct guest *g)
{
	make_dirs(LAYER "/empty");
	make_dirs(PLAIN);
	owner_rights(g, 0);
	if (mount("plain", PLAIN, "overlay", MS_RDONLY,
		"lowerdir=" LOWER ":" LAYER "/empty") < 0)
		guest_fail(g, 125, "the kernel has no overlay:");
	owner_rights(g, 1U << CAP_FOWNER);
}

static void
mount_root(struct guest *g)
{
	static const char layer[] =
	    ",upperdir=" LAYER "/upper,workdir=" LAYER "/work";
	const struct msg_mount *m = root_of(&g->job);
	char opts[128];
	int plain;

	make_dirs(NEWROOT);
	if (!m) { /* an empty one */
		if (mount("root", NEWROOT, "tmpfs", 0, "size=75%,mode=755") < 0)
			guest_fail(g, 125, "tmpfs for the root:");
		return;
	}
	if (m->fs == MSG_CPIO) { /* it is memory: it needs no layer */
		const struct msg_mount rw = { m->fs, 0, m->tag, m->path };

		mount_one(g, &rw, NEWROOT);
		return;
	}
	mount_one(g, m, LOWER);
	make_dirs(LAYER);
	if (mount("layer", LAYER, "tmpfs", 0, "size=75%,mode=755") < 0)
		guest_fail(g, 125, "tmpfs for the writable layer:");
	make_dirs(LAYER "/upper");
	make_dirs(LAYER "/work");
	plain = m->fs == MSG_VIRTIOFS && g->job.flags & MSG_USER;
	if (plain)
		plain_layer(g);
	snprintf(
	    opts, sizeof(opts), "lowerdir=%s%s", plain ? PLAIN : LOWER, layer);
	if (mount("root", NEWROOT, "overlay", 0, opts) < 0)
		guest_fail(g, 125, "the kernel has no overlay:");
}

static void
kernel_mounts(struct guest *g)
{
	static const struct {
		const char *fs, *at, *opts;
		int must;
	} m[] = {
		{ "proc", "/proc", "", 1 },
		{ "sysfs", "/sys", "", 1 },
		{ "devtmpfs", "/dev", "", 1 },
		{ "devpts", "/dev/pts", "ptmxmode=666,gid=5,mode=620", 1 },
		{ "tmpfs", "/dev/shm", "mode=1777", 0 },
		{ "tmpfs", "/run", "mode=755", 0 },
	};
	char at[64];
	size_t i;

	for (i = 0; i < sizeof(m) / sizeof(*m); i++) {
		snprintf(at, sizeof(at), NEWROOT "%s", m[i].at);
		make_dirs(at);
		if (mount(m[i].fs, at, m[i].fs, 0, m[i].opts) < 0 && m[i].must)
			guest_fail(g, 125, "mount %s in the guest:", m[i].at);
	}
	symlink("/proc/self/fd", NEWROOT "/dev/fd");
	symlink("/proc/self/fd/0", NEWROOT "/dev/stdin");
	symlink("/proc/self/fd/1", NEWROOT "/dev/stdout");
	symlink("/proc/self/fd/2", NEWROOT "/dev/stderr");
	mount("cgroup2", NEWROOT "/sys/fs/cgroup", "cgroup2", 0, "");
}

/* QEMU's user network answers names at 10.0.2.3 */
static void
resolv(void)
{
	static const char text[] = "nameserver 10.0.2.3\n";
	int fd;

	unlink(NEWROOT "/etc/resolv.conf");
	fd = open(NEWROOT "/etc/resolv.conf",
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return;
	fd_write_all(fd, text, sizeof(text) - 1);
	close(fd);
}

/* of the store, at dir, only the closure is to be seen: binds from the whole
 * of it, which is mounted out of sight */
static void
bind_closure(struct guest *g, const char *dir)
{
	const char *const *v = g->job.binds;
	char from[PATH_MAX], at[PATH_MAX];
	struct stat st;
	int fd;

	make_dirs(dir);
	if (mount("store", dir, "tmpfs", 0, "mode=755") < 0)
		guest_fail(g, 125, "tmpfs for the store:");
	for (; *v; v++) {
		snprintf(from, sizeof(from), STORE "/%s", strrchr(*v, '/') + 1);
		snprintf(at, sizeof(at), NEWROOT "%s", *v);
		if (lstat(from, &st) < 0)
			guest_fail(g, 125, "closure: %s:", *v);
		if (S_ISLNK(st.st_mode)) {
			char to[PATH_MAX] = "";

			if (readlink(from, to, sizeof(to) - 1) < 0 ||
			    symlink(to, at) < 0)
				guest_fail(g, 125, "closure: %s:", *v);
			continue;
		}
		if (S_ISDIR(st.st_mode))
			mkdir(at, 0755);
		else if ((fd = open(at, O_CREAT | O_CLOEXEC, 0644)) >= 0)
			close(fd);
		if (mount(from, at, NULL, MS_BIND, NULL) < 0)
			guest_fail(g, 125, "closure: %s:", *v);
	}
}

/* programs look for these: an empty root has none */
static void
bare_files(void)
{
	static const struct {
		const char *path, *text;
	} f[] = {
		{ NEWROOT "/etc/passwd",
		    "root:x:0:0:root:/root:/bin/sh\n"
		    "nobody:x:65534:65534:nobody:/:/bin/false\n" },
		{ NEWROOT "/etc/group", "root:x:0:\nnogroup:x:65534:\n" },
		{ NEWROOT "/etc/hosts",
		    "127.0.0.1 localhost\n::1 localhost\n" },
	};
	size_t i;
	int fd;

	make_dirs(NEWROOT "/etc");
	make_dirs(NEWROOT "/root");
	make_dirs(NEWROOT "/tmp");
	chmod(NEWROOT "/tmp", 01777);
	for (i = 0; i < sizeof(f) / sizeof(*f); i++) {
		fd = open(f[i].path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
		if (fd < 0)
			continue;
		if (fd_write_all(fd, f[i].text, strlen(f[i].text)) < 0)
			unlink(f[i].path);
		close(fd);
	}
}

static void
mount_shares(struct guest *g)
{
	const struct msg_mount *m = g->job.mount;
	char at[PATH_MAX];
	uint32_t i;

	for (i = 0; i < g->job.nmounts; i++, m++) {
		if (!strcmp(m->path, "/"))
			continue;
		snprintf(at, sizeof(at), NEWROOT "%s", m->path);
		if (g->job.nbinds && !strcmp(m->tag, "store")) {
			mount_one(g, m, STORE);
			bind_closure(g, at);
		} else
			mount_one(g, m, at);
	}
}

void
guest_mounts(struct guest *g)
{
	mount_root(g);
	if (!root_of(&g->job))
		bare_files();
	kernel_mounts(g);
	mount_shares(g);
	if (g->job.flags & MSG_RESULTS) {
		make_dirs(NEWROOT GUEST_RESULTS);
		chown(NEWROOT GUEST_RESULTS, g->job.uid, g->job.gid);
	}
	if (g->job.flags & MSG_NET)
		resolv();
	if (chdir(NEWROOT) < 0 || mount(".", "/", NULL, MS_MOVE, NULL) < 0 ||
	    chroot(".") < 0 || chdir("/") < 0)
		guest_fail(g, 125, "switch to the new root:");
}
