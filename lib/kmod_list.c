/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "kmod_list.h"

#define DEPTH	16	   /* of the module tree */
#define TEXTMAX (16 << 20) /* of modules.dep and its kind */

char *
kmod_text(const char *dir, const char *name)
{
	char path[PATH_MAX], *t;
	size_t len;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	t = fd_slurp_path(path, TEXTMAX, &len);
	return t ? t : strdup("");
}

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
list(struct paths *p, const char *dir)
{
	char *dep = kmod_text(dir, "modules.dep"), *order = NULL;
	int bad = -1;

	if (dep && *dep)
		bad = from_dep(p, dep);
	else if (dep && (order = kmod_text(dir, "modules.order")))
		bad = is_order(dir, order) ? from_order(p, order)
					   : walk(p, dir, "", 0);
	free(dep);
	free(order);
	return bad;
}

char *
kmod_list(const char *dir)
{
	struct paths p = { NULL, 0, 0 };

	if (append(&p, "", 0) == 0 && list(&p, dir) == 0)
		return p.buf;
	free(p.buf);
	return NULL;
}
