/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base.h"
#include "mem.h"
#include "root.h"

#define LINKS 40 /* as the kernel */

/* a path being resolved: cur has no links any more, rest is still to do */
struct way {
	struct mem_buf cur, rest;
	int links;
};

/* the base name when cur/rest lies in the store, else NULL */
static char *
in_store(const struct way *w, const char *store)
{
	struct mem_buf b = { NULL, 0, 0 };
	size_t n = strlen(store), k;
	char *s, *base = NULL;

	mem_add(&b, w->cur.p, w->cur.n);
	mem_str(&b, "/");
	mem_str(&b, w->rest.p);
	if (!strncmp(b.p, store, n) && b.p[n] == '/') {
		s = b.p + n + strspn(b.p + n, "/");
		k = strcspn(s, "/");
		if (base_ok(s, k))
			base = mem_dup(s, k);
	}
	free(b.p);
	return base;
}

/* puts target before the rest */
static void
prepend(struct way *w, const char *target, size_t n)
{
	struct mem_buf b = { NULL, 0, 0 };

	mem_add(&b, target, n);
	mem_str(&b, "/");
	mem_str(&b, w->rest.p);
	free(w->rest.p);
	w->rest = b;
	if (n && *target == '/')
		w->cur.n = 0;
}

/* takes the next component over to cur; 0, or -1 and errno */
static int
advance(struct way *w)
{
	char *s = w->rest.p + strspn(w->rest.p, "/"), b[PATH_MAX];
	size_t k = strcspn(s, "/"), old = w->cur.n;
	struct stat st;
	ssize_t n;

	mem_cstr(&w->cur);
	if (k == 2 && !memcmp(s, "..", 2)) {
		while (w->cur.n && w->cur.p[--w->cur.n] != '/')
			;
	} else if (k && !(k == 1 && *s == '.')) {
		mem_str(&w->cur, "/");
		mem_add(&w->cur, s, k);
	}
	w->rest.n -= (size_t)(s + k - w->rest.p);
	memmove(w->rest.p, s + k, w->rest.n + 1);
	if (w->cur.n <= old || lstat(mem_cstr(&w->cur), &st) < 0)
		return w->cur.n <= old || errno == ENOENT ? 0 : -1;
	if (!S_ISLNK(st.st_mode))
		return 0;
	errno = ELOOP;
	if (w->links++ >= LINKS || (n = readlink(w->cur.p, b, sizeof(b))) < 0)
		return -1;
	w->cur.n = old;
	prepend(w, b, (size_t)n);
	return 0;
}

static int
follow(struct root *r, struct way *w, const char *const *stores)
{
	const char *const *s;

	for (;;) {
		for (s = stores; *s; s++)
			if ((r->base = in_store(w, *s)))
				return 0;
		if (!w->rest.p[strspn(w->rest.p, "/")])
			break;
		if (advance(w) < 0)
			return -1;
	}
	if (access(mem_cstr(&w->cur), F_OK) == 0)
		r->file = mem_dup(w->cur.p, w->cur.n);
	else if (access(r->arg, F_OK) == 0) /* a pipe has no path */
		r->file = mem_dup(r->arg, strlen(r->arg));
	else
		return -1;
	return 0;
}

int
root_resolve(
    struct root *r, const char *arg, const char *const *stores, struct fault *f)
{
	struct way w;
	char cwd[PATH_MAX];
	int t = -1;

	memset(&w, 0, sizeof(w));
	memset(r, 0, sizeof(*r));
	r->arg = arg;
	mem_str(&w.cur, "");
	mem_str(&w.rest, "");
	errno = ENOENT;
	if (*arg == '/' || getcwd(cwd, sizeof(cwd))) {
		prepend(&w, arg, strlen(arg));
		if (*arg != '/')
			prepend(&w, cwd, strlen(cwd));
		if (*arg)
			t = follow(r, &w, stores);
	}
	if (t < 0)
		fault(f, "%s: %s", arg, strerror(errno));
	free(w.cur.p);
	free(w.rest.p);
	return t;
}

void
root_free(struct root *r)
{
	free(r->base);
	free(r->file);
}
