/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "fd.h"
#include "fsd.h"
#include "opts.h"
#include "plan.h"
#include "proc.h"
#include "share.h"

#define FAIL	    JOB_FAIL
#define CLOSURE_MAX (16 << 20)
#define CLOSURES    (2 * MSG_WORDS) /* with what they have in common */

const char *
share_store(void)
{
	const char *s = getenv("NIX_STORE_DIR");

	return s && *s == '/' ? s : "/nix/store";
}

static int
by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* each path once: closures have much in common */
static void
unite(struct job *j)
{
	uint32_t i, n = 0;

	qsort(j->closure, j->nclosure, sizeof(*j->closure), by_text);
	for (i = 0; i < j->nclosure; i++)
		if (!n || strcmp(j->closure[n - 1], j->closure[i]))
			j->closure[n++] = j->closure[i];
	if (n > MSG_WORDS)
		die(FAIL, "closure: more than %d paths", MSG_WORDS);
	j->nclosure = n;
	j->closure[n] = NULL;
}

static void
add_path(struct job *j, char *path)
{
	const char *store = share_store();
	const size_t n = strlen(store);

	if (strncmp(path, store, n) || path[n] != '/' || !path[n + 1] ||
	    strchr(path + n + 1, '/'))
		die(FAIL, "closure: not a path of %s: %s", store, path);
	if (j->nclosure == CLOSURES)
		unite(j);
	j->closure[j->nclosure++] = path;
}

/* the paths that PATH needs: by Nix, else by manifest-query */
static void
closure_of(struct job *j, const char *path)
{
	char top[PATH_MAX], *real = realpath(path, NULL), *text, *s;
	const char *nix[] = { "nix-store", "-qR", top, NULL };
	const char *own[] = { "manifest-query", "-R", top, NULL };
	const char *store = share_store();
	const size_t n = strlen(store);

	if (!real)
		die(FAIL, "closure %s:", path);
	if (strncmp(real, store, n) || real[n] != '/')
		die(FAIL, "closure: not in %s: %s", store, path);
	snprintf(top, sizeof(top), "%.*s",
	    (int)(n + 1 + strcspn(real + n + 1, "/")), real);
	free(real);
	if (!(text = proc_output(nix, CLOSURE_MAX, -1)) &&
	    !(text = proc_output(own, CLOSURE_MAX, -1)))
		die(FAIL,
		    "closure %s: neither nix-store nor manifest-query gives it",
		    path);
	while ((s = strsep(&text, "\n")))
		if (*s)
			add_path(j, s);
}

static void
root_share(struct job *j, const char *host, const char *guest)
{
	struct job_share *s = opts_share(j);
	struct stat st;

	if (!(s->host = realpath(host, NULL)) || stat(s->host, &st) < 0)
		die(FAIL, "root %s:", host);
	s->guest = guest;
	if (!S_ISDIR(st.st_mode))
		s->fs = MSG_IMAGE;
	snprintf(s->tag, sizeof(s->tag), strcmp(guest, "/") ? "store" : "root");
}

void
share_roots(struct job *j)
{
	size_t i;

	if (!j->store) {
		root_share(j, j->root ? j->root : "/", "/");
		return;
	}
	root_share(j, share_store(), share_store());
	if (!j->nwant)
		return;
	if (!(j->closure = calloc(CLOSURES + 1, sizeof(char *))))
		die(FAIL, "memory:");
	for (i = 0; i < j->nwant; i++)
		closure_of(j, j->want[i]);
	unite(j);
}

int
share_closed(const struct job *j, const struct job_share *s)
{
	return j->closure && !strcmp(s->tag, "store");
}

int
share_templates(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fs == MSG_VIRTIOFS ||
		    j->share[i].fs == MSG_CPIO)
			return 0;
	return j->fs < 0 || j->fs == MSG_9P;
}

int
share_needs_memory(const struct job *j)
{
	size_t i;

	for (i = 0; i < j->nshares; i++)
		if (j->share[i].fs == MSG_VIRTIOFS)
			return 1;
	return 0;
}

/* the words of mksquashfs, for all of the share or the paths of the closure */
static const char **
squash(const struct job *j, const struct job_share *s, const char *to)
{
	static const char *const opts[] = { "-noappend", "-no-progress",
		"-quiet", "-no-xattrs", "-noI", "-noD", "-noF",
		"-one-file-system" };
	const size_t nopts = sizeof(opts) / sizeof(*opts);
	const uint32_t nfrom = share_closed(j, s) ? j->nclosure : 1;
	const char **v = calloc(nfrom + nopts + 4, sizeof(*v));
	size_t i, n = 0;

	if (!v)
		die(FAIL, "memory:");
	v[n++] = "mksquashfs";
	for (i = 0; i < nfrom; i++)
		v[n++] = share_closed(j, s) ? j->closure[i] : s->host;
	v[n++] = to;
	for (i = 0; i < nopts; i++)
		v[n++] = opts[i];
	if (share_closed(j, s))
		v[n] = "-keep-as-directory"; /* when there is one alone, too */
	return v;
}

/* An image lies in memory, of which it may have half: mkfs.erofs writes out the
 * holes of sparse files. What is begun under the limit inherits it. */
static pid_t
spawn_limited(const struct proc *p)
{
	struct rlimit old, half;
	struct sysinfo si;
	pid_t pid;

	if (sysinfo(&si) < 0 || getrlimit(RLIMIT_FSIZE, &old) < 0)
		return -1;
	half = old;
	if (half.rlim_cur > (rlim_t)si.totalram * si.mem_unit / 2)
		half.rlim_cur = (rlim_t)si.totalram * si.mem_unit / 2;
	if (setrlimit(RLIMIT_FSIZE, &half) < 0)
		return -1;
	pid = proc_spawn(p);
	return setrlimit(RLIMIT_FSIZE, &old) < 0 ? -1 : pid;
}

/* runs one that makes an image in fd; 0 or -1 */
static int
make_image(const char *const *argv, int fd)
{
	struct proc p;
	pid_t pid;
	int st;

	memset(&p, 0, sizeof(p));
	p.argv = argv;
	p.std[0] = p.std[1] = p.std[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
	p.keep = &fd;
	p.nkeep = 1;
	p.deathsig = SIGKILL;
	pid = ftruncate(fd, 0) < 0 ? -1 : spawn_limited(&p);
	close(p.std[0]);
	return pid > 0 && proc_wait(pid, -1, &st) == 0 && st == 0 ? 0 : -1;
}

/* an image of the share by one of the programs that make one, in memory;
 * mkfs.erofs takes one directory whole */
static int
image(const struct job *j, const struct plan *p, const struct job_share *s)
{
	char to[64];
	const char *erofs[] = { "mkfs.erofs", "--quiet", to, s->host, NULL };
	const char **sq;
	int fd = memfd_create("image", MFD_CLOEXEC), bad = 1;

	if (fd < 0)
		die(FAIL, "memory:");
	snprintf(to, sizeof(to), "/proc/self/fd/%d", fd);
	sq = squash(j, s, to);
	if (plan_mounts(p, "erofs") && !share_closed(j, s))
		bad = make_image(erofs, fd);
	if (bad && plan_mounts(p, "squashfs"))
		bad = make_image(sq, fd);
	free(sq);
	if (!bad)
		return fd;
	close(fd);
	return -1;
}

/* a copy of the directory, as an image or with the initramfs */
static void
make_copy(const struct job *j, const struct plan *p, struct job_share *s)
{
	if (!strcmp(s->host, "/"))
		die(FAIL, "the kernel has neither 9p nor a virtiofs that works "
			  "here, and / is too large for a copy: name a --root, "
			  "or --store");
	if (!s->ro)
		die(FAIL, "--share-rw %s: a copy cannot be written to",
		    s->host);
	if (s->fs == MSG_CPIO || !plan_has(p, MSG_IMAGE)) {
		s->fs = MSG_CPIO;
		return;
	}
	s->fs = MSG_IMAGE;
	if ((s->fd = image(j, p, s)) >= 0)
		return;
	if (j->fs == MSG_IMAGE)
		die(FAIL,
		    "image of %s: mkfs.erofs and mksquashfs are missing, "
		    "failed, or made more than half of the memory here",
		    s->host);
	s->fs = MSG_CPIO;
}

static void
start_fsd(const struct job *j, const struct plan *p, struct job_share *s)
{
	const char *why;

	if ((s->fd = fsd_start(s, &why)) >= 0)
		return;
	if (j->fs == MSG_VIRTIOFS)
		die(FAIL, "virtiofsd for %s: %s", s->host, why);
	if (j->verbose)
		warn("no virtiofs for %s: %s", s->host, why);
	s->fs = plan_has(p, MSG_9P) ? MSG_9P : MSG_IMAGE;
}

void
share_open(struct job *j, const struct plan *p)
{
	struct job_share *s;
	struct stat st;

	for (s = j->share; s < j->share + j->nshares && !j->dry; s++) {
		if (s->fs == MSG_VIRTIOFS)
			start_fsd(j, p, s);
		if ((s->fs == MSG_IMAGE || s->fs == MSG_CPIO) &&
		    stat(s->host, &st) == 0 && S_ISDIR(st.st_mode))
			make_copy(j, p, s);
	}
}

void
share_close(struct job *j)
{
	size_t i;

	for (i = 0; i < j->nshares; i++) {
		if (j->share[i].fd >= 0)
			close(j->share[i].fd);
		fsd_end(&j->share[i]);
	}
}
