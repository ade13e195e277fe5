/* limen: ISC licence, see LICENSE */
#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "kmod.h"
#include "kmod_list.h"
#include "modalias.h"
#include "unpack.h"

#define DEPTH 16	 /* of dependencies */
#define KOMAX (64 << 20) /* of a module */

int
kmod_open(struct kmod *k, const char *dir)
{
	int e;

	memset(k, 0, sizeof(*k));
	k->dir = strdup(dir);
	k->builtin = kmod_text(dir, "modules.builtin");
	k->aliases = kmod_text(dir, "modules.alias");
	k->paths = kmod_list(dir);
	if (k->dir && k->builtin && k->aliases && k->paths)
		return 0;
	e = errno;
	kmod_close(k);
	errno = e;
	return -1;
}

int
kmod_none(struct kmod *k, const char *builtin)
{
	memset(k, 0, sizeof(*k));
	k->dir = strdup("");
	k->paths = calloc(1, 2);
	k->builtin = strdup(builtin);
	k->aliases = strdup("");
	if (k->dir && k->paths && k->builtin && k->aliases)
		return 0;
	kmod_close(k);
	errno = ENOMEM;
	return -1;
}

void
kmod_close(struct kmod *k)
{
	while (k->n > 0)
		free(k->list[--k->n]);
	free(k->dir);
	free(k->paths);
	free(k->builtin);
	free(k->aliases);
	memset(k, 0, sizeof(*k));
}

/* is name the module of path ("kernel/fs/9p/9p.ko.xz")? '-' is '_' */
static int
same(const char *path, size_t len, const char *name)
{
	const char *end = path + len, *s;

	for (s = end; s > path && s[-1] != '/'; s--)
		;
	for (; s < end && *name && *s != '.'; s++, name++)
		if (*s != *name && !((*s == '-' || *s == '_') &&
				       (*name == '-' || *name == '_')))
			return 0;
	return !*name && s < end && *s == '.';
}

/* a list may name more than what is there: packages are split */
static const char *
find(const struct kmod *k, const char *name)
{
	char path[PATH_MAX];
	const char *p;

	for (p = k->paths + 1; *p; p += strlen(p) + 1) {
		if (!same(p, strlen(p), name))
			continue;
		if (snprintf(path, sizeof(path), "%s/%s", k->dir, p) <
			(int)sizeof(path) &&
		    access(path, F_OK) == 0)
			return p;
	}
	return NULL;
}

int
kmod_is_builtin(const struct kmod *k, const char *name)
{
	const char *p, *nl;

	for (p = k->builtin; (nl = strchr(p, '\n')); p = nl + 1)
		if (same(p, (size_t)(nl - p), name))
			return 1;
	return 0;
}

int
kmod_has(const struct kmod *k, const char *name)
{
	return find(k, name) || kmod_is_builtin(k, name);
}

char *
kmod_read(const char *path, size_t *len)
{
	char *raw, *ko;
	size_t n;

	if (!(raw = fd_slurp_path(path, KOMAX, &n)))
		return NULL;
	if (!unpack_program(raw, n)) {
		*len = n;
		return raw;
	}
	ko = unpack(raw, n, KOMAX, len);
	free(raw);
	return ko;
}

/* a section of a 64-bit ELF object of this host's byte order, or NULL */
static const char *
section(const char *o, size_t len, const char *name, size_t *size)
{
	Elf64_Ehdr h;
	Elf64_Shdr s, str;
	size_t i, at;

	if (len < sizeof(h) || memcmp(o, ELFMAG, SELFMAG))
		return NULL;
	memcpy(&h, o, sizeof(h));
	at = h.e_shoff + (size_t)h.e_shstrndx * sizeof(s);
	if (h.e_shoff > len || at > len || sizeof(s) > len - at)
		return NULL;
	memcpy(&str, o + at, sizeof(str));
	for (i = 0; i < h.e_shnum; i++) {
		at = h.e_shoff + i * sizeof(s);
		if (at > len || sizeof(s) > len - at)
			return NULL;
		memcpy(&s, o + at, sizeof(s));
		at = str.sh_offset + s.sh_name;
		if (at > len || len - at <= strlen(name) ||
		    strcmp(o + at, name) || s.sh_offset > len ||
		    s.sh_size > len - s.sh_offset)
			continue;
		*size = s.sh_size;
		return o + s.sh_offset;
	}
	return NULL;
}

/* a module that waits for what it needs, and the one that needs it */
struct waits {
	const char *path;
	const struct waits *by;
};

static int add(struct kmod *k, const char *name, const struct waits *by);

/* the names in a comma or blank separated list; soft ones may be missing */
static int
add_names(struct kmod *k, const char *s, const struct waits *by, int soft)
{
	char name[KMOD_NAME];
	size_t n;

	for (; *s; s += n) {
		s += strspn(s, ", ");
		n = strcspn(s, ", ");
		if (n == 0 || n >= sizeof(name))
			continue;
		memcpy(name, s, n);
		name[n] = 0;
		if (name[n - 1] == ':') {
			if (strcmp(name, "pre:"))
				return 0; /* "post:" is not needed first */
			continue;
		}
		if (add(k, name, by) < 0 && !soft)
			return -1;
	}
	return 0;
}

/* what a module names in its .modinfo */
static int
add_needed(struct kmod *k, const char *info, size_t len, const struct waits *by)
{
	const char *s = info, *end = info + len, *z;

	for (; s < end && (z = memchr(s, 0, (size_t)(end - s))); s = z + 1) {
		if (!strncmp(s, "depends=", 8) &&
		    add_names(k, s + 8, by, 0) < 0)
			return -1;
		if (!strncmp(s, "softdep=", 8))
			add_names(k, s + 8, by, 1);
	}
	return 0;
}

static int
listed(const struct kmod *k, const char *name)
{
	size_t i;

	for (i = 0; i < k->n; i++)
		if (same(k->list[i], strlen(k->list[i]), name))
			return 1;
	return 0;
}

static int
add_path(struct kmod *k, const char *path, const struct waits *by)
{
	const struct waits w = { path, by };
	const char *info;
	size_t len, n = 0;
	char *ko = kmod_read(path, &len);
	int bad;

	if (!ko)
		return -1;
	info = section(ko, len, ".modinfo", &n);
	bad = info ? add_needed(k, info, n, &w) : 0;
	free(ko);
	if (bad)
		return -1;
	if (k->n == KMOD_MAX) {
		errno = E2BIG;
		return -1;
	}
	if (!(k->list[k->n] = strdup(path)))
		return -1;
	k->n++;
	return 0;
}

/* does it need itself, or so many that it must be a mistake? */
static int
turns(const char *name, const struct waits *by)
{
	int depth = 0;

	for (; by; by = by->by)
		if (++depth > DEPTH || same(by->path, strlen(by->path), name))
			return 1;
	return 0;
}

static int
add(struct kmod *k, const char *name, const struct waits *by)
{
	const char *rel = find(k, name);
	char path[4096];

	if (listed(k, name) || (!rel && kmod_is_builtin(k, name)))
		return 0;
	if (!rel || turns(name, by)) {
		errno = rel ? ELOOP : ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s", k->dir, rel);
	return add_path(k, path, by);
}

int
kmod_add(struct kmod *k, const char *name)
{
	return add(k, name, NULL);
}

int
kmod_add_alias(struct kmod *k, const char *modalias)
{
	char pat[512], name[KMOD_NAME];
	const char *p = k->aliases, *e, *nl;
	int n = 0;

	/* "alias PATTERN NAME"; names hold no blanks, patterns may */
	for (; (nl = strchr(p, '\n')); p = nl + 1) {
		if (strncmp(p, "alias ", 6))
			continue;
		for (e = nl; e > p && e[-1] != ' '; e--)
			;
		if (e - p < 8 || (size_t)(e - p - 7) >= sizeof(pat) ||
		    (size_t)(nl - e) >= sizeof(name))
			continue;
		memcpy(pat, p + 6, (size_t)(e - p - 7));
		pat[e - p - 7] = 0;
		memcpy(name, e, (size_t)(nl - e));
		name[nl - e] = 0;
		if (modalias_match(pat, modalias) && kmod_add(k, name) == 0)
			n++;
	}
	return n;
}
