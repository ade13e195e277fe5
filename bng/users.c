/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "fd.h"
#include "ppp.h"
#include "users.h"

static int
add(struct users *us, const char *name, const char *secret, uint32_t addr,
    unsigned line)
{
	const size_t cap = us->cap ? us->cap * 2 : 16;
	struct user *u, new = { .addr = addr, .line = line };

	if (strlen(name) >= PPP_NAMELEN) { /* no peer could tell it */
		errno = ENAMETOOLONG;
		return -1;
	}
	if (us->n == us->cap) {
		u = realloc(us->u, cap * sizeof(*u));
		if (!u)
			return -1;
		us->u = u;
		us->cap = cap;
	}
	new.name = strdup(name);
	new.secret = strdup(secret);
	if (!new.name || !new.secret) {
		free(new.name);
		free(new.secret);
		return -1;
	}
	us->u[us->n++] = new; /* NOLINT: gcc 12 loses what an array holds */
	return 0;
}

int
users_add(struct users *us, const char *spec)
{
	const char *colon = strchr(spec, ':'), *last = strrchr(spec, ':');
	char name[256], secret[256];
	uint32_t addr = 0;
	size_t len;
	int r;

	if (!colon || (size_t)(colon - spec) >= sizeof(name)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(name, spec, (size_t)(colon - spec));
	name[colon - spec] = '\0';
	len = strlen(colon + 1);
	if (last != colon && addr_ip4(last + 1, &addr) == 0)
		len = (size_t)(last - colon - 1);
	if (len >= sizeof(secret)) {
		errno = EINVAL;
		return -1;
	}
	memcpy(secret, colon + 1, len);
	secret[len] = '\0';
	r = add(us, name, secret, addr, 0);
	explicit_bzero(secret, sizeof(secret));
	return r;
}

/* is there no word any more? */
static int
at_end(const char *line)
{
	line += strspn(line, " \t\r");
	return !*line || *line == '#';
}

/* the next word of a line, unquoted in place; NULL at its end, and when a quote
 * does not end */
static char *
word(char **line)
{
	char *s = *line + strspn(*line, " \t\r"), *w = s, *to = s;
	char quote = 0;

	if (at_end(s))
		return NULL;
	for (; *s && (quote || !strchr(" \t\r", *s)); s++) {
		if (*s == '\\' && s[1])
			*to++ = *++s;
		else if (quote ? *s == quote : *s == '"' || *s == '\'')
			quote = quote ? 0 : *s;
		else
			*to++ = *s;
	}
	*line = *s ? s + 1 : s;
	*to = '\0';
	return quote ? NULL : w;
}

/* a line of len bytes, and a NUL behind it; -1 and ENOMEM, or EINVAL */
static int
entry(struct users *us, char *line, size_t len, unsigned nr)
{
	char *client, *secret, *addr;
	uint32_t a = 0;

	errno = EINVAL;
	if (memchr(line, '\0', len))
		return -1;
	if (at_end(line))
		return 0;
	if (!(client = word(&line)) || !word(&line) || !(secret = word(&line)))
		return -1;
	if (at_end(line))
		return add(us, client, secret, 0, nr);
	/* "*" and "-": any address, which here is the pool's */
	if (!(addr = word(&line)) ||
	    (strcmp(addr, "*") != 0 && strcmp(addr, "-") != 0 &&
		addr_ip4(addr, &a) < 0))
		return -1;
	return add(us, client, secret, a, nr);
}

static int
readable(int fd, char *why)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		snprintf(why, 128, "%s", strerror(errno));
		return -1;
	}
	/* nobody should close /dev/null to others; nor is a directory read */
	if (st.st_mode & 077 && !S_ISDIR(st.st_mode) && !S_ISCHR(st.st_mode)) {
		snprintf(why, 128, "others can read it: chmod 600 it");
		return -1;
	}
	return 0;
}

int
users_file(struct users *us, const char *path, char *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), bad = 0;
	char *text = NULL, *line, *next;
	size_t len = 0, n;
	unsigned nr = 0;

	if (fd >= 0 && readable(fd, why) < 0) {
		close(fd);
		return -1;
	}
	if (fd < 0 || !(text = fd_slurp(fd, 64 << 20, &len))) {
		snprintf(why, 128, "%s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	close(fd);
	for (line = text; line && !bad; line = next) {
		if ((next = memchr(line, '\n', (size_t)(text + len - line))))
			*next++ = '\0';
		n = (size_t)((next ? next - 1 : text + len) - line);
		bad = entry(us, line, n, ++nr) < 0;
	}
	if (bad)
		snprintf(why, 128, "line %u: %s", nr,
		    errno == EINVAL ? "not: client server secret [address]"
		    : errno == ENAMETOOLONG ? "a name of more than 127 bytes"
					    : strerror(errno));
	explicit_bzero(text, len);
	free(text);
	return bad ? -1 : 0;
}

static int
by_name(const void *a, const void *b)
{
	return strcmp(
	    ((const struct user *)a)->name, ((const struct user *)b)->name);
}

/* of one name, as they were read */
static int
in_order(const void *a, const void *b)
{
	const struct user *x = a, *y = b;
	int d = by_name(a, b);

	return d ? d : (x->line > y->line) - (x->line < y->line);
}

const struct user *
users_done(struct users *us)
{
	size_t i;

	if (us->n)
		qsort(us->u, us->n, sizeof(*us->u), in_order);
	for (i = 1; i < us->n; i++)
		if (!by_name(&us->u[i - 1], &us->u[i]))
			return &us->u[i];
	return NULL;
}

const struct user *
users_find(const struct users *us, const char *name)
{
	struct user key = { (char *)(uintptr_t)name, NULL, 0, 0 };

	return us->n ? bsearch(&key, us->u, us->n, sizeof(*us->u), by_name)
		     : NULL;
}

void
users_free(struct users *us)
{
	size_t i;

	for (i = 0; i < us->n; i++) {
		explicit_bzero(us->u[i].secret, strlen(us->u[i].secret));
		free(us->u[i].secret);
		free(us->u[i].name);
	}
	free(us->u);
	memset(us, 0, sizeof(*us));
}
