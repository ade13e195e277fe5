/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fd.h"
#include "manifest.h"
#include "jin.h"

#define TEXT_MAX (1UL << 30)

struct parse {
	struct jin in;
	struct manifest *im;
	uint32_t cur; /* the entry whose object or contents we are in */
};

/* the last string, kept by the image */
static struct manifest_str
keep(struct parse *p)
{
	struct manifest *im = p->im;
	struct manifest_str s;
	char *own;

	own = jin_dup(&p->in, &s.n);
	s.s = own;
	im->own =
	    mem_grow(im->own, &im->owncap, im->nown + 1, sizeof(*im->own));
	im->own[im->nown++] = own;
	return s;
}

static int
string(struct parse *p, struct manifest_str *s)
{
	if (jin_next(&p->in) != JSON_STRING)
		return jin_wrong(&p->in, "a string must stand here");
	*s = keep(p);
	return 0;
}

static int
owner(struct parse *p, int64_t *id)
{
	if (jin_next(&p->in) != JSON_NUMBER || json_int(&p->in.j, id) < 0 ||
	    *id < 0 || *id > UINT32_MAX)
		return jin_wrong(&p->in, "a whole number from 0 to 4294967295 "
					 "must stand here");
	return 0;
}

static int
type(struct parse *p, struct manifest_entry *e)
{
	if (jin_next(&p->in) != JSON_STRING || p->in.j.n != 1 ||
	    !strchr("fdcbsli", p->in.j.buf[p->in.j.off]))
		return jin_wrong(&p->in, "a type must be one of f d c b s l i");
	e->type = p->in.j.buf[p->in.j.off];
	return 0;
}

/* the value of a key of an entry; contents are not read here */
static int
member(struct parse *p, struct manifest_entry *e)
{
	static const struct {
		const char *key;
		size_t at;
	} str[] = {
		{ "mode", offsetof(struct manifest_entry, mode) },
		{ "file", offsetof(struct manifest_entry, file) },
		{ "target", offsetof(struct manifest_entry, target) },
		{ "major", offsetof(struct manifest_entry, major) },
		{ "minor", offsetof(struct manifest_entry, minor) },
	};
	struct manifest_str key;
	size_t i;

	for (i = 0; i < sizeof(str) / sizeof(*str); i++)
		if (json_is(&p->in.j, str[i].key))
			return string(p, (void *)((char *)e + str[i].at));
	if (json_is(&p->in.j, "type"))
		return type(p, e);
	if (json_is(&p->in.j, "uid"))
		return owner(p, &e->uid);
	if (json_is(&p->in.j, "gid"))
		return owner(p, &e->gid);
	key = keep(p);
	if (!e->unknown.s)
		e->unknown = key;
	return jin_skip(&p->in, jin_next(&p->in)) == JSON_ERROR ? -1 : 0;
}

/* an entry must have what its type needs */
static int
complete(struct parse *p, const struct manifest_entry *e)
{
	const char *lacks = NULL;

	if (e->type == 'f' && !e->file.s)
		lacks = "file";
	else if (e->type == 'd' && !e->has_contents)
		lacks = "contents";
	else if ((e->type == 's' || e->type == 'l') && !e->target.s)
		lacks = "target";
	else if ((e->type == 'c' || e->type == 'b') &&
		 (!e->major.s || !e->minor.s))
		lacks = "major and minor";
	if (!lacks)
		return 0;
	return jin_fault(
	    &p->in, e->off, "an entry of type %c needs %s", e->type, lacks);
}

/* a key of a contents object, and the beginning of its entry */
static int
begin(struct parse *p)
{
	struct manifest *im = p->im;
	struct manifest_entry *e;
	struct manifest_str name = keep(p);

	if (im->n >= MANIFEST_TOP - 1)
		return jin_wrong(&p->in, "too many entries");
	if (!name.n || memchr(name.s, 0, name.n) ||
	    memchr(name.s, '/', name.n) || !strcmp(name.s, ".") ||
	    !strcmp(name.s, ".."))
		return jin_wrong(&p->in, "not the name of a file");
	im->entry =
	    mem_grow(im->entry, &im->cap, im->n + 1UL, sizeof(*im->entry));
	e = &im->entry[im->n];
	memset(e, 0, sizeof(*e));
	e->parent = p->cur;
	e->type = 'f';
	e->name = name;
	e->off = p->in.j.off - 1;
	if (jin_next(&p->in) != JSON_OBJECT)
		return jin_wrong(&p->in, "an entry must be an object");
	p->cur = im->n++;
	return 0;
}

/* within an entry's object: its members up to contents, which are left to
 * in_contents(), or to its end. 1: contents; 0: ended; -1 */
static int
in_entry(struct parse *p)
{
	struct manifest_entry *e = &p->im->entry[p->cur];
	int t;

	while ((t = jin_next(&p->in)) == JSON_KEY) {
		if (json_is(&p->in.j, "contents")) {
			e->has_contents = 1;
			if (jin_next(&p->in) != JSON_OBJECT)
				return jin_wrong(
				    &p->in, "contents must be an object");
			return 1;
		}
		if (member(p, e) < 0)
			return -1;
	}
	if (t == JSON_ERROR || complete(p, e) < 0)
		return -1;
	p->cur = e->parent;
	return 0;
}

static int
whole(struct parse *p)
{
	int t, inside = 1; /* 1: in a contents object, 0: in an entry's */

	p->cur = MANIFEST_TOP;
	if (jin_next(&p->in) != JSON_OBJECT)
		return jin_wrong(&p->in, "a manifest must be an object");
	for (;;) {
		if (!inside) {
			if (in_entry(p) < 0)
				return -1;
			inside = 1; /* its own contents, or its parent's */
			continue;
		}
		if ((t = jin_next(&p->in)) == JSON_KEY) {
			if (begin(p) < 0)
				return -1;
		} else if (t == JSON_ERROR)
			return -1;
		else if (p->cur == MANIFEST_TOP)
			break;
		inside = 0;
	}
	return jin_next(&p->in) == JSON_END ? 0 : -1;
}

/* sorting: the old number beside what it is sorted by */
struct item {
	const struct manifest_entry *e;
	uint32_t old;
};

static int
by_parent(const void *a, const void *b)
{
	const struct manifest_entry *x = ((const struct item *)a)->e;
	const struct manifest_entry *y = ((const struct item *)b)->e;

	if (x->parent != y->parent)
		return x->parent < y->parent ? -1 : 1;
	return strcmp(x->name.s, y->name.s);
}

/* first[p] is the place of p's first entry in items; top's comes last */
static uint32_t *
first_items(const struct manifest *im, const struct item *item)
{
	uint32_t *first = mem_new(im->n + 2UL, sizeof(*first)), i, p = 0;

	for (i = 0; i < im->n; i++)
		for (; p <= item[i].e->parent; p++)
			first[p] = i;
	for (; p <= im->n + 1; p++)
		first[p] = im->n;
	return first;
}

/* puts the entries into the order that the header promises */
static void
arrange(struct manifest *im)
{
	struct item *item = mem_new(im->n, sizeof(*item));
	struct manifest_entry *to = mem_new(im->n, sizeof(*to));
	uint32_t *first, *next, *up, i, n = 0, at = im->n;

	for (i = 0; i < im->n; i++) {
		item[i].e = &im->entry[i];
		item[i].old = i;
		if (im->entry[i].parent == MANIFEST_TOP)
			im->entry[i].parent = im->n;
	}
	if (im->n)
		qsort(item, im->n, sizeof(*item), by_parent);
	first = first_items(im, item);
	next = mem_new(im->n + 1UL, sizeof(*next));
	up = mem_new(im->n + 1UL, sizeof(*up)); /* new numbers */
	memcpy(next, first, (im->n + 1UL) * sizeof(*next));
	up[im->n] = MANIFEST_TOP;
	while (n < im->n) {
		if (next[at] == first[at + 1]) {
			at = im->entry[at].parent;
			continue;
		}
		i = item[next[at]++].old;
		to[n] = im->entry[i];
		to[n].parent = up[at];
		up[i] = n++;
		at = i;
	}
	free(first);
	free(next);
	free(up);
	free(item);
	free(im->entry);
	im->entry = to;
	im->cap = im->n;
}

int
manifest_parse(struct manifest *im, const struct mem_text *t, struct fault *f)
{
	struct parse *p = mem_new(1, sizeof(*p));
	int r;

	memset(im, 0, sizeof(*im));
	im->text = t->s;
	p->im = im;
	jin_init(&p->in, t->name, f);
	jin_text(&p->in, t->s, t->n);
	r = whole(p);
	jin_free(&p->in);
	free(p);
	if (r == 0)
		arrange(im);
	return r;
}

int
manifest_read(struct manifest *im, const char *path, struct fault *f)
{
	struct mem_text t = { path, NULL, 0 };

	memset(im, 0, sizeof(*im));
	if (!(t.s = fd_slurp_path(path, TEXT_MAX, &t.n)))
		return fault(f, "%s: %s", path, strerror(errno));
	return manifest_parse(im, &t, f);
}

void
manifest_free(struct manifest *im)
{
	while (im->nown)
		free(im->own[--im->nown]);
	free(im->own);
	free(im->entry);
	free(im->text);
	memset(im, 0, sizeof(*im));
}

void
manifest_path(const struct manifest *im, uint32_t e, struct mem_buf *b)
{
	size_t n = 0;
	uint32_t i;
	char *p;

	for (i = e; i != MANIFEST_TOP; i = im->entry[i].parent)
		n += im->entry[i].name.n + 1;
	b->p = mem_grow(b->p, &b->cap, n + 1, 1);
	b->n = n;
	p = b->p + n;
	*p = 0;
	for (i = e; i != MANIFEST_TOP; i = im->entry[i].parent) {
		p -= im->entry[i].name.n;
		memcpy(p, im->entry[i].name.s, im->entry[i].name.n);
		*--p = '/';
	}
}

const char *
manifest_mode(const struct manifest_entry *e)
{
	if (e->mode.s)
		return e->mode.s;
	return e->type == 'd' ? "0755" : "0644";
}

size_t
manifest_size(const struct manifest_entry *e)
{
	return e->type == 'f' ? e->file.n : 0;
}

struct manifest_str
manifest_refs(const struct manifest_entry *e)
{
	static const struct manifest_str none = { "", 0 };

	if (e->type == 'f')
		return e->file;
	return e->type == 's' || e->type == 'l' ? e->target : none;
}
