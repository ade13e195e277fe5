/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ask.h"
#include "base.h"
#include "die.h"
#include "scan.h"
#include "walk.h"

/* type mode uid gid size path; never what is in a file */
static void
entry(struct ask *a, uint32_t e)
{
	const struct manifest_entry *en = &a->image->entry[e];
	struct mem_buf b = { NULL, 0, 0 };

	out_text(a->o, "type", &en->type, 1);
	out_word(a->o, "mode", manifest_mode(en));
	out_num(a->o, "uid", (uint64_t)en->uid);
	out_num(a->o, "gid", (uint64_t)en->gid);
	if (en->type == 'c' || en->type == 'b') {
		mem_add(&b, en->major.s, en->major.n);
		mem_str(&b, ",");
		mem_add(&b, en->minor.s, en->minor.n);
		out_text(a->o, "device", b.p, b.n);
	} else
		out_size(a->o, "size", manifest_size(en));
	manifest_path(a->image, e, &b);
	out_text(a->o, "path", b.p, b.n);
	free(b.p);
}

int
ask_list(struct ask *a)
{
	const struct manifest_entry *en;
	uint32_t e;

	for (e = 0; e < a->image->n; e++) {
		en = &a->image->entry[e];
		entry(a, e);
		if (en->type == 's' || en->type == 'l')
			out_text(a->o, "target", en->target.s, en->target.n);
		out_end(a->o);
	}
	return 0;
}

/* a file of a store path as the image will have it: owned by root */
static void
store_file(struct ask *a, const struct walk *w, const char *base)
{
	mode_t m = w->st.st_mode;
	struct mem_buf b = { NULL, 0, 0 };
	char mode[8];

	out_word(a->o, "type",
	    S_ISDIR(m)	 ? "d"
	    : S_ISLNK(m) ? "s"
	    : S_ISREG(m) ? "f"
			 : "i");
	snprintf(mode, sizeof(mode), "%04o", (unsigned)m & 07777);
	out_word(a->o, "mode", mode);
	out_num(a->o, "uid", 0);
	out_num(a->o, "gid", 0);
	out_size(a->o, "size", S_ISREG(m) ? (uint64_t)w->st.st_size : 0);
	mem_path(&b, a->g->store, base);
	mem_add(&b, w->path.p + w->root, w->path.n - w->root);
	out_text(a->o, "path", b.p, b.n);
	out_end(a->o);
	free(b.p);
}

int
ask_files(struct ask *a)
{
	struct fault f;
	struct walk w;
	char *disk;
	uint32_t v;
	int r;

	for (v = 0; v < a->image->n; v++) {
		entry(a, v);
		out_end(a->o);
	}
	for (v = 0; v < a->g->n; v++) {
		if (a->g->node[v].kind != GRAPH_STORE)
			continue;
		disk = ask_disk(a->g, v);
		walk_init(&w, disk, &f);
		while ((r = walk_next(&w)) > 0)
			store_file(a, &w, graph_text(a->g, v));
		walk_free(&w);
		free(disk);
		if (r < 0) {
			out_flush(a->o);
			die(2, "%s", f.text);
		}
	}
	return 0;
}

/* the file path names the store path that begins at base[0..left) */
static void
mapped(struct ask *a, const struct mem_buf *path, const char *base, size_t left)
{
	struct mem_buf b = { NULL, 0, 0 };
	size_t len = base_namelen(base + BASE_HASH + 1, left - (BASE_HASH + 1));
	uint32_t v = graph_find(a->g, base, BASE_HASH + 1 + len);

	out_text(a->o, "path", path->p, path->n);
	if (v != GRAPH_NONE)
		out_path(a->o, "store", a->g, v);
	else {
		if (!a->o->strip) {
			mem_str(&b, a->g->store);
			mem_str(&b, "/");
			mem_add(&b, base, BASE_HASH + 1 + len);
		} else
			mem_add(&b, base + BASE_HASH + 1, len);
		out_text(a->o, "store", b.p, b.n);
	}
	out_end(a->o);
	free(b.p);
}

/* did entry e name this hash before? Who named a hash last is its size. */
static int
repeated(struct graph *seen, uint32_t e, const char *hash)
{
	char base[BASE_HASH + 2];
	struct fault f;
	uint32_t v;

	memcpy(base, hash, BASE_HASH);
	base[BASE_HASH] = '-';
	base[BASE_HASH + 1] = 'x';
	v = graph_base(seen, base, sizeof(base), &f);
	if (seen->node[v].size == (int64_t)e + 1)
		return 1;
	seen->node[v].size = (int64_t)e + 1;
	return 0;
}

int
ask_map(struct ask *a)
{
	struct mem_buf b = { NULL, 0, 0 };
	struct manifest_str s;
	struct graph seen;
	const char *hash;
	uint32_t e;
	size_t i, k;

	graph_init(&seen);
	for (e = 0; e < a->image->n; e++) {
		s = manifest_refs(&a->image->entry[e]);
		b.n = 0;
		for (i = 0; (hash = base_scan(s.s, s.n, &i));) {
			k = (size_t)(s.s + s.n - hash);
			if (k < BASE_HASH + 2 || hash[BASE_HASH] != '-' ||
			    hash == s.s || hash[-1] != '/' ||
			    !base_namelen(hash + BASE_HASH + 1, 1) ||
			    repeated(&seen, e, hash))
				continue;
			if (!b.n)
				manifest_path(a->image, e, &b);
			mapped(a, &b, hash, k);
		}
	}
	graph_free(&seen);
	free(b.p);
	return 0;
}
