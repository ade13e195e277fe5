/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "conf.h"
#include "die.h"
#include "fd.h"
#include "image.h"

/* a file of the closure, with its links followed */
static const char *
part(struct conf *c, struct qemu *q, const char *name)
{
	char p[CONF_PATH], real[PATH_MAX];

	snprintf(p, sizeof(p), "%.3000s/%s", c->system, name);
	if (!realpath(p, real))
		die(1, "%s:", p);
	qemu_addf(q, "%s", real);
	return q->argv[--q->n];
}

/* NIXPKGS_QEMU_KERNEL_NAME, NAME being the system's with all but letters and
 * digits as _ */
static const char *
other_kernel(void)
{
	extern char **environ;
	static const char prefix[] = "NIXPKGS_QEMU_KERNEL_";
	char **e, *v;

	for (e = environ; *e; e++)
		if (!strncmp(*e, prefix, sizeof(prefix) - 1) &&
		    (v = strchr(*e, '=')) && v[1])
			return v + 1;
	return NULL;
}

void
system_find(const struct conf *c, struct report *r)
{
	static const char *const part[] = { "initrd", "init", "kernel" };
	const int n = other_kernel() ? 2 : 3, bad = r->bad;
	char p[CONF_PATH];
	int i;

	for (i = 0; i < n; i++) {
		snprintf(p, sizeof(p), "%.3000s/%s", c->system, part[i]);
		if (access(p, R_OK) < 0)
			report(r, 0, "%s: %s", p, strerror(errno));
	}
	if (r->bad == bad)
		report(r, 1, "system %s", c->system);
}

static void
share(struct qemu *q, const char *tag, const char *path, const char *how)
{
	qemu_opt(q, "-virtfs",
	    "local,path=%s,security_model=none,mount_tag=%s%s",
	    qemu_path(q, path), tag, how);
}

/* QEMU, left to guess, lets a guest not write a raw disk's first block */
static void
disk(struct qemu *q, const char *path)
{
	const int qcow2 = image_qcow2(path);

	if (qcow2 < 0)
		die(1, "disk %s:", path);
	qemu_opt(q, "-drive",
	    "file=%s,format=%s,if=virtio,cache=writeback,werror=report",
	    qemu_path(q, path), qcow2 ? "qcow2" : "raw");
}

/* qemu-vm.nix' scripts and systems meet in a directory of that name; not all
 * of TMPDIR, which others use too: nor what one of them put there */
static void
exchange(struct conf *c, struct qemu *q, const char *tmp)
{
	char p[CONF_PATH];
	struct stat st;

	snprintf(p, sizeof(p), "%.4000s/xchg", tmp);
	share(q, "xchg", p, "");
	if (c->dry)
		return;
	if (mkdir(p, 0700) < 0 && errno != EEXIST)
		die(1, "%s:", p);
	if (lstat(p, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != geteuid())
		die(1, "%s: not a directory of yours", p);
}

void
system_args(struct conf *c, struct qemu *q)
{
	const char *params = getenv("QEMU_KERNEL_PARAMS"), *init, *kernel;
	const char *image = getenv("NIX_DISK_IMAGE"), *tmp = getenv("TMPDIR");
	const char *xchg = getenv("SHARED_DIR");
	char p[CONF_PATH], *text;
	size_t n;

	kernel = other_kernel();
	qemu_opt(q, "-kernel", "%s", kernel ? kernel : part(c, q, "kernel"));
	qemu_opt(q, "-initrd", "%s", part(c, q, "initrd"));
	init = part(c, q, "init");
	snprintf(p, sizeof(p), "%.3000s/kernel-params", c->system);
	text = fd_slurp_path(p, 65536, &n);
	if (text)
		text[strcspn(text, "\n")] = 0;
	qemu_opt(q, "-append", "%s init=%s console=ttyS0%s%s", text ? text : "",
	    init, params ? " " : "", params ? params : "");
	free(text);
	if (image && *image)
		disk(q, image);
	if (c->store) /* a system may lie elsewhere */
		share(q, "nix-store", CONF_STORE, ",readonly=on");
	share(q, "liminix", c->share, c->b.writable ? "" : ",readonly=on");
	if (xchg && *xchg) {
		share(q, "shared", xchg, "");
		share(q, "xchg", xchg, "");
	} else if (tmp && *tmp)
		exchange(c, q, tmp);
}
