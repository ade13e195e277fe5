/* limen: ISC licence, see LICENSE */
#ifndef MANIFEST_H
#define MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "mem.h"

#define MANIFEST_TOP UINT32_MAX

/*
 * The manifest: an entry for each file of the image, as Liminix writes
 * builtins.toJSON config.filesystem.contents. Parents come before their
 * entries, which stand in byte order of names, directory by directory.
 */
struct manifest_str {
	const char *s; /* NUL-ended, of n bytes; NULL: the key is not there */
	size_t n;
};

struct manifest_entry {
	uint32_t parent; /* MANIFEST_TOP: none */
	char type;	 /* f d c b s l i */
	int has_contents;
	struct manifest_str name, mode, file, target, major, minor;
	struct manifest_str unknown; /* the first key that has no meaning */
	int64_t uid, gid;
	size_t off; /* of its key in the text */
};

struct manifest {
	char *text; /* of the whole manifest */
	struct manifest_entry *entry;
	uint32_t n;
	size_t cap;
	char **own; /* the strings */
	size_t nown, owncap;
};

/* reads the manifest at path; 0, or -1 and f */
int manifest_read(struct manifest *im, const char *path, struct fault *f);

/* the same from text, whose bytes (malloc) are then owned by im */
int manifest_parse(
    struct manifest *im, const struct mem_text *t, struct fault *f);
void manifest_free(struct manifest *im);

/* the entry's path, "/etc/passwd", NUL-ended in b */
void manifest_path(const struct manifest *im, uint32_t e, struct mem_buf *b);

/* the mode as the manifest has it, or the default */
const char *manifest_mode(const struct manifest_entry *e);

/* bytes of content */
size_t manifest_size(const struct manifest_entry *e);

/* what may name store paths: the file's bytes or the link's target */
struct manifest_str manifest_refs(const struct manifest_entry *e);

#endif
