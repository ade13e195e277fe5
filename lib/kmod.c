/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "kmod.h"
#include "unpack.h"

#define DEPTH	16	   /* of the module tree, and of dependencies */
#define TEXTMAX (16 << 20) /* of modules.dep and its kind */
#define KOMAX	(64 << 20) /* of a module */

struct paths {
	char *buf;
	size_t len, cap;
};

static int
append(struct paths *p, const char *s, size_t n)
{
	char *b;

	if (p->len + n + 2 > p->cap) {
		p->cap = (p->cap + n) * 2 + 4096;
		if (!(b = realloc(p->buf, p->cap)))
			return -1;
		p->buf = b;
	}
	memcpy(p->buf + p->len, s, n);
	p->len += n;
	p->buf[p->len++] = 0;
	p->buf[p->len] = 0;
	return 0;
}

/* depmod's own list: "kernel/a.ko: kernel/b.ko ..." a line a module */
static int
from_dep(struct paths *p, const char *text)
{
	const char *colon, *nl;

	for (; (colon = strchr(text, ':')); text = nl + 1) {
		if (append(p, text, (size_t)(colon - text)) < 0)
			return -1;
		if (!(nl = strchr(colon, '\n')))
			break;
	}
	return 0;
}

/* a package's list, a path a line, which is depmod's source too */
static int
from_order(struct paths *p, const char *text)
{
	const char *nl;

	for (; (nl = strchr(text, '\n')); text = nl + 1)
		if (append(p, text, (size_t)(nl - text)) < 0)
			return -1;
	return 0;
}

static int
is_module(const char *name)
{
	const char *s = memmem(name, strlen(name), ".ko", 3);

	return s && (!s[3] || !strcmp(s + 3, ".xz") || !strcmp(s + 3, ".zst") ||
			!strcmp(s + 3, ".gz"));
}

/* "a/b", or "b" where a is empty; a name that is too long names nothing */
static void
join(char b[PATH_MAX], const char *a, const char *rel)
{
	if (snprintf(b, PATH_MAX, "%s%s%s", a, *a ? "/" : "", rel) >= PATH_MAX)
		b[0] = 0;
}

static int walk(struct paths *p, const char *top, const char *rel, int depth);

static int
walk_entry(struct paths *p, const char *top, const char *rel, int depth)
{
	char path[PATH_MAX];
	struct stat st;

	if (!*rel)
		return 0;
	if (is_module(rel))
		return append(p, rel, strlen(rel));
	join(path, top, rel);
	if (lstat(path, &st) < 0 || !S_ISDIR(st.st_mode))
		return 0;
	return walk(p, top, rel, depth + 1);
}

static int
walk(struct paths *p, const char *top, const char *rel, int depth)
{
	char path[PATH_MAX];
	struct dirent *e;
	int bad = 0;
	DIR *d;

	join(path, top, rel);
	if (depth > DEPTH || !(d = opendir(path)))
		return depth ? 0 : -1;
	while (!bad && (e = readdir(d))) {
		if (e->d_name[0] == '.')
			continue;
		join(path, rel, e->d_name);
		bad = walk_entry(p, top, path, depth);
	}
	closedir(d);
	return bad;
}

/* the text of DIR/name, "" when it is not there */
static char *
text(const char *dir, const char *name)
{
	char path[4096], *t;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	t = fd_slurp_path(path, TEXTMAX, &len);
	return t ? t : strdup("");
}

/* Does the list name the files as they are here? A build tree's names
 * objects, and modules that were packed later have another suffix. */
static int
is_order(const char *dir, const char *order)
{
	char first[PATH_MAX], path[PATH_MAX];

	snprintf(
	    first, sizeof(first), "%.*s", (int)strcspn(order, "\n"), order);
	join(path, dir, first);
	return is_module(first) && access(path, R_OK) == 0;
}

static int
list_modules(struct paths *p, const char *dir, const char *dep)
{
	char *order;
	int bad;

	if (*dep)
		return from_dep(p, dep);
	if (!(order = text(dir, "modules.order")))
		return -1;
	bad = is_order(dir, order) ? from_order(p, order) : walk(p, dir, "", 0);
	free(order);
	return bad;
}

int
kmod_open(struct kmod *k, const char *dir)
{
	struct paths p = { NULL, 0, 0 };
	char *dep = text(dir, "modules.dep");
	int bad;

	memset(k, 0, sizeof(*k));
	k->dir = strdup(dir);
	k->builtin = text(dir, "modules.builtin");
	k->aliases = text(dir, "modules.alias");
	bad = !dep || !k->dir || !k->builtin || !k->aliases ||
	      append(&p, "", 0) < 0 || list_modules(&p, dir, dep) < 0;
	free(dep);
	k->paths = p.buf;
	if (!bad)
		return 0;
	bad = errno;
	kmod_close(k);
	errno = bad;
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
		join(path, k->dir, p);
		if (access(path, F_OK) == 0)
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

static int add(struct kmod *k, const char *name, int depth);

/* the names in a comma or blank separated list; soft ones may be missing */
static int
add_names(struct kmod *k, const char *s, int depth, int soft)
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
		if (add(k, name, depth + 1) < 0 && !soft)
			return -1;
	}
	return 0;
}

/* what a module names in its .modinfo */
static int
add_needed(struct kmod *k, const char *info, size_t len, int depth)
{
	const char *s = info, *end = info + len, *z;

	for (; s < end && (z = memchr(s, 0, (size_t)(end - s))); s = z + 1) {
		if (!strncmp(s, "depends=", 8) &&
		    add_names(k, s + 8, depth, 0) < 0)
			return -1;
		if (!strncmp(s, "softdep=", 8))
			add_names(k, s + 8, depth, 1);
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
add_path(struct kmod *k, const char *path, int depth)
{
	const char *info;
	size_t len, n = 0;
	char *ko = kmod_read(path, &len);
	int bad;

	if (!ko)
		return -1;
	info = section(ko, len, ".modinfo", &n);
	bad = info ? add_needed(k, info, n, depth) : 0;
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

static int
add(struct kmod *k, const char *name, int depth)
{
	const char *rel = find(k, name);
	char path[4096];

	if (listed(k, name) || (!rel && kmod_is_builtin(k, name)))
		return 0;
	if (!rel || depth > DEPTH) {
		errno = rel ? ELOOP : ENOENT;
		return -1;
	}
	snprintf(path, sizeof(path), "%s/%s", k->dir, rel);
	return add_path(k, path, depth);
}

int
kmod_add(struct kmod *k, const char *name)
{
	return add(k, name, 0);
}

/* one character of a pattern, "?", "[0-9A]" or itself; *p moves past it */
static int
alias_char(const char **p, char c)
{
	const char *s = *p, *e;
	int hit = 0;

	*p = s + 1;
	if (*s != '[' || !(e = strchr(s, ']')))
		return *s == '?' || *s == c;
	for (s++; s < e; s++) {
		if (s + 2 < e && s[1] == '-') {
			hit |= c >= s[0] && c <= s[2];
			s += 2;
		} else
			hit |= c == *s;
	}
	*p = e + 1;
	return hit;
}

/* modalias patterns as depmod writes them; a "*" is tried as short as it can
 * be, and only the last one is ever tried again */
static int
alias_match(const char *p, const char *s)
{
	const char *star = NULL, *from = NULL;

	while (*s) {
		if (*p == '*') {
			star = ++p;
			from = s;
		} else if (*p && alias_char(&p, *s))
			s++;
		else if (star) {
			p = star;
			s = ++from;
		} else
			return 0;
	}
	while (*p == '*')
		p++;
	return !*p;
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
		if (alias_match(pat, modalias) && kmod_add(k, name) == 0)
			n++;
	}
	return n;
}
