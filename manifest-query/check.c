/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ask.h"
#include "base.h"
#include "lookup.h"

#define PSEUDO_MAX 16384 /* of a pseudo file, as mksquashfs reads it */

struct check {
	struct ask *a;
	struct lookup *l;
	uint32_t e;
	int findings;
};

static void
finding(struct check *c, const char *what, const char *detail)
{
	struct mem_buf b = { NULL, 0, 0 };

	manifest_path(c->a->image, c->e, &b);
	out_word(c->a->o, "finding", what);
	out_text(c->a->o, "path", b.p, b.n);
	out_word(c->a->o, "detail", detail);
	out_end(c->a->o);
	free(b.p);
	c->findings = 1;
}

/* the length of the line that Liminix' pseudo file gives to a file: its
 * bytes within echo -n "...", some of them as =XX, then |qprint -d */
static size_t
line_length(const struct check *c, const struct manifest_entry *en)
{
	struct mem_buf b = { NULL, 0, 0 };
	size_t n, i;
	char ids[64];

	manifest_path(c->a->image, c->e, &b);
	n = b.n + strlen(manifest_mode(en)) +
	    (size_t)snprintf(ids, sizeof(ids), " f  %lld %lld ",
		(long long)en->uid, (long long)en->gid) +
	    strlen("echo -n \"\" |qprint -d");
	free(b.p);
	for (i = 0; i < en->file.n; i++)
		n += strchr("\n=\"$", en->file.s[i]) && en->file.s[i] ? 3 : 1;
	return n;
}

static void
check_file(struct check *c, const struct manifest_entry *en)
{
	size_t n = line_length(c, en);
	char b[80];

	if (memchr(en->file.s, '`', en->file.n))
		finding(c, "backtick",
		    "the shell that writes the file runs "
		    "what stands between backticks");
	if (memchr(en->file.s, '\\', en->file.n))
		finding(c, "backslash",
		    "the shell that writes the file "
		    "takes backslashes away");
	if (n <= PSEUDO_MAX)
		return;
	snprintf(b, sizeof(b), "%zu bytes in the pseudo file, %d can be read",
	    n, PSEUDO_MAX);
	finding(c, "long-line", b);
}

/* bits, or -1 for what is no mode */
static int
mode_bits(const char *s)
{
	int v = 0;

	if (!*s || strlen(s) > 5)
		return -1;
	for (; *s; s++) {
		if (*s < '0' || *s > '7')
			return -1;
		v = v * 8 + *s - '0';
	}
	return v <= 07777 ? v : -1;
}

static void
check_owner(struct check *c, const struct manifest_entry *en)
{
	int mode = mode_bits(manifest_mode(en));

	if (mode < 0)
		finding(c, "bad-mode", manifest_mode(en));
	else if (en->type == 'f' && mode & 06000)
		finding(c, "set-id", manifest_mode(en));
	if (en->uid == UINT32_MAX)
		finding(c, "bad-uid", "4294967295 means: leave it as it is");
	if (en->gid == UINT32_MAX)
		finding(c, "bad-gid", "4294967295 means: leave it as it is");
}

static void
check_link(struct check *c, const struct manifest_entry *en)
{
	switch (lookup_link(c->l, c->e)) {
	case LOOKUP_LOOP: finding(c, "link-loop", en->target.s); break;
	case LOOKUP_NOWHERE: finding(c, "dead-link", en->target.s); break;
	case LOOKUP_THERE: break;
	}
}

static void
check_entry(struct check *c)
{
	const struct manifest_entry *en = &c->a->image->entry[c->e];

	if (en->unknown.s)
		finding(c, "unknown-key", en->unknown.s);
	if (en->name.s[strcspn(en->name.s, " \t\n\v\f\r")])
		finding(c, "blank", "a blank in a name ends it");
	check_owner(c, en);
	if (en->type == 'f')
		check_file(c, en);
	else if (en->type == 's')
		check_link(c, en);
	else if (en->type == 'l')
		finding(c, "hard-link", en->target.s);
}

int
ask_check(struct ask *a)
{
	struct lookup *l = lookup_new(a->image, a->g);
	struct check c = { a, l, 0, 0 };

	for (; c.e < a->image->n; c.e++)
		check_entry(&c);
	lookup_free(l);
	return c.findings;
}
