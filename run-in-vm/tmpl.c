/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache.h"
#include "cpu.h"
#include "fd.h"
#include "state.h"
#include "tmpl.h"

#define MAGIC	  "limen vm 1\n"
#define DEPS	  96
#define EXTENTS	  8192
#define GAP	  (64 << 10) /* a smaller hole is copied as zeros */
#define STATE_MAX (64 << 20)

struct dep {
	uint64_t identity;
	char path[512];
};

struct extent {
	uint64_t off, len;
};

struct tmpl_head {
	char magic[16];
	uint64_t key, ram, ram_sum, state_len, state_sum, ndeps, nextents;
	uint64_t head_sum; /* of this struct, itself being 0 */
	char kernel[PATH_MAX];
	struct dep dep[DEPS];
	struct extent extent[EXTENTS];
};

static uint64_t
head_sum(const struct tmpl_head *head)
{
	static struct tmpl_head h;

	h = *head;
	h.head_sum = 0;
	return cache_sum(0, &h, sizeof(h));
}

static uint64_t
shape(const struct job *j, const struct plan *p)
{
	static struct mach m;
	uint64_t key = 7;
	int i;

	memset(&m, 0, sizeof(m));
	m.shape = 1;
	m.ram = m.state = 0;
	mach_args(&m, j, p);
	for (i = 0; i < m.q.n; i++)
		key = cache_mix_str(key, m.q.argv[i]);
	return key;
}

/* what a guest sees of the host under KVM: its processor, as its kernel lets
 * it */
static uint64_t
host_key(uint64_t key)
{
	char b[16384] = "";
	struct utsname u;
	ssize_t n = -1;
	int fd = open("/proc/cpuinfo", O_RDONLY | O_CLOEXEC);

	if (fd >= 0) {
		n = fd_read_full(fd, b, sizeof(b) - 1);
		close(fd);
	}
	b[n < 0 ? 0 : n] = 0;
	if (uname(&u) == 0)
		key = cache_mix_str(cache_mix_str(key, u.release), u.version);
	return cache_mix(key, cpu_key(b));
}

void
tmpl_init(struct tmpl *t, const struct job *j, const struct plan *p)
{
	memset(t, 0, sizeof(*t));
	t->fd = -1;
	t->ram = (uint64_t)j->memory << 20;
	t->max = (uint64_t)j->cache;
	if (cache_dir("vm", t->dir, sizeof(t->dir)) < 0 ||
	    !(t->head = calloc(1, sizeof(*t->head))))
		return;
	t->key = shape(j, p);
	t->key = cache_mix(t->key, cache_identity(p->file));
	t->key = cache_mix(t->key, cache_identity(p->qemu));
	t->key = cache_mix(t->key, cache_identity("/proc/self/exe"));
	t->key = cache_mix_str(t->key, j->moddir ? j->moddir : "");
	if (p->kvm)
		t->key = host_key(t->key);
	snprintf(t->path, sizeof(t->path), "%s/%016llx.vm", t->dir,
	    (unsigned long long)t->key);
}

static int
fresh(const struct tmpl *t)
{
	const struct tmpl_head *h = t->head;
	uint64_t i;

	if (memcmp(h->magic, MAGIC, sizeof(MAGIC)) || h->key != t->key ||
	    h->ram != t->ram || h->ndeps > DEPS || h->nextents > EXTENTS ||
	    h->state_len > STATE_MAX || h->head_sum != head_sum(h) ||
	    memchr(h->kernel, 0, sizeof(h->kernel)) == NULL)
		return 0;
	for (i = 0; i < h->ndeps; i++)
		if (!memchr(h->dep[i].path, 0, sizeof(h->dep[i].path)) ||
		    cache_identity(h->dep[i].path) != h->dep[i].identity)
			return 0;
	return 1;
}

static int
state_good(const struct tmpl *t)
{
	const struct tmpl_head *h = t->head;
	char *b = malloc(h->state_len + 1);
	int good;

	good = b &&
	       pread(t->fd, b, h->state_len, (off_t)(t->ram + sizeof(*h))) ==
		   (ssize_t)h->state_len &&
	       cache_sum(0, b, h->state_len) == h->state_sum;
	free(b);
	return good;
}

int
tmpl_find(struct tmpl *t, struct plan *p)
{
	const struct timespec now[2] = { { 0, UTIME_NOW }, { 0, UTIME_NOW } };

	if ((t->fd = cache_open(t->path, O_RDWR)) < 0) {
		if (errno != ENOENT)
			tmpl_drop(t);
		return -1;
	}
	if (pread(t->fd, t->head, sizeof(*t->head), (off_t)t->ram) !=
		sizeof(*t->head) ||
	    !fresh(t) || !state_good(t)) {
		tmpl_drop(t);
		return -1;
	}
	futimens(t->fd, now);
	memcpy(p->kernel, t->head->kernel, sizeof(p->kernel));
	return 0;
}

int
tmpl_state(const struct tmpl *t)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", t->fd);
	if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return -1;
	if (lseek(fd, (off_t)(t->ram + sizeof(*t->head)), SEEK_SET) >= 0)
		return fd;
	close(fd);
	return -1;
}

static uint64_t
extents_sum(const struct tmpl_head *h, const uint8_t *ram)
{
	uint64_t sum = 0, i;

	for (i = 0; i < h->nextents; i++)
		sum = cache_sum(sum ^ h->extent[i].off, ram + h->extent[i].off,
		    h->extent[i].len);
	return sum;
}

int
tmpl_intact(const struct tmpl *t)
{
	const struct tmpl_head *h = t->head;
	uint64_t i, sum;
	uint8_t *ram;

	for (i = 0; i < h->nextents; i++)
		if (h->extent[i].off > t->ram ||
		    h->extent[i].len > t->ram - h->extent[i].off)
			return 0;
	ram = mmap(NULL, t->ram, PROT_READ, MAP_SHARED, t->fd, 0);
	if (ram == MAP_FAILED)
		return 0;
	sum = extents_sum(h, ram);
	munmap(ram, t->ram);
	return sum == h->ram_sum;
}

/* the parts of the guest's memory that hold something; 0 or -1 */
static int
find_extents(struct tmpl_head *h, int ram)
{
	struct extent *x = h->extent;
	off_t at = 0, end;

	h->nextents = 0;
	while ((at = lseek(ram, at, SEEK_DATA)) >= 0) {
		if ((end = lseek(ram, at, SEEK_HOLE)) < 0)
			return -1;
		if (h->nextents && (uint64_t)at - x->off - x->len < GAP) {
			x->len = (uint64_t)end - x->off;
		} else {
			if (h->nextents++ == EXTENTS)
				return -1;
			x = h->extent + h->nextents - 1;
			x->off = (uint64_t)at;
			x->len = (uint64_t)(end - at);
		}
		at = end;
	}
	return errno == ENXIO && h->nextents ? 0 : -1;
}

static int
write_at(int fd, const uint8_t *p, uint64_t len, uint64_t at)
{
	ssize_t n;

	for (; len > 0; p += n, len -= (uint64_t)n, at += (uint64_t)n)
		if ((n = pwrite(fd, p, len, (off_t)at)) <= 0)
			return -1;
	return 0;
}

static int
copy_ram(struct tmpl_head *h, int fd, int ram)
{
	uint8_t *p;
	uint64_t i;
	int bad;

	if (find_extents(h, ram) < 0)
		return -1;
	p = mmap(NULL, h->ram, PROT_READ, MAP_SHARED, ram, 0);
	if (p == MAP_FAILED)
		return -1;
	h->ram_sum = extents_sum(h, p);
	bad = 0;
	for (i = 0; i < h->nextents && !bad; i++)
		bad = write_at(fd, p + h->extent[i].off, h->extent[i].len,
		    h->extent[i].off);
	munmap(p, h->ram);
	return bad;
}

static int
copy_state(struct tmpl_head *h, int fd, int state)
{
	size_t len = 0;
	char *b;
	int bad;

	if (lseek(state, 0, SEEK_SET) < 0 ||
	    !(b = fd_slurp(state, STATE_MAX, &len)))
		return -1;
	h->state_len = len;
	h->state_sum = cache_sum(0, b, len);
	bad = write_at(fd, (uint8_t *)b, len, h->ram + sizeof(*h));
	free(b);
	return bad;
}

static int
add_dep(struct tmpl_head *h, const char *path)
{
	struct dep *d = &h->dep[h->ndeps];
	const size_t len = strlen(path);

	if (h->ndeps == DEPS || len >= sizeof(d->path))
		return -1;
	memcpy(d->path, path, len + 1);
	d->identity = cache_identity(path);
	h->ndeps++;
	return 0;
}

static int
fill_head(struct tmpl *t, const struct plan *p)
{
	struct tmpl_head *h = t->head;
	size_t i;
	int bad = 0;

	memset(h, 0, sizeof(*h));
	memcpy(h->magic, MAGIC, sizeof(MAGIC));
	h->key = t->key;
	h->ram = t->ram;
	memcpy(h->kernel, p->kernel, sizeof(h->kernel));
	bad |= add_dep(h, p->kernel);
	if (*p->modules)
		bad |= add_dep(h, p->modules);
	for (i = 0; i < p->mods.n; i++)
		bad |= add_dep(h, p->mods.list[i]);
	return bad;
}

static int
keep(struct tmpl *t, struct mach *m, int state)
{
	int fd = cache_new(t->dir), bad;
	struct tmpl_head *h = t->head;

	if (fd < 0)
		return -1;
	bad = copy_ram(h, fd, m->ram) < 0 || copy_state(h, fd, state) < 0;
	if (!bad) {
		h->head_sum = head_sum(h);
		bad = write_at(fd, (uint8_t *)h, sizeof(*h), h->ram) < 0 ||
		      cache_name(fd, t->path) < 0;
	}
	close(fd);
	if (!bad)
		cache_trim(t->dir, t->max);
	return bad ? -1 : 0;
}

int
tmpl_save(struct tmpl *t, struct mach *m, const struct plan *p, int64_t end,
    const char **why)
{
	int state = memfd_create("state", MFD_CLOEXEC), bad = 1;

	*why = "its state could not be saved";
	if (state >= 0 && fill_head(t, p) == 0) {
		if (state_save(m->ours[MACH_QMP], state, end) == 0) {
			bad = keep(t, m, state) < 0;
			*why = "the cache directory does not take it";
		}
		state_go_on(m->ours[MACH_QMP], end);
	}
	if (state >= 0)
		close(state);
	return bad ? -1 : 0;
}

void
tmpl_drop(struct tmpl *t)
{
	unlink(t->path);
	if (t->fd >= 0)
		close(t->fd);
	t->fd = -1;
}
