/* limen: ISC licence, see LICENSE */
#ifndef IMAGE_H
#define IMAGE_H

#include <stddef.h>
#include <stdint.h>

#include "fault.h"
#include "mem.h"

#define IMAGE_TOP UINT32_MAX

/*
 * The manifest: an entry for each file of the image, as Liminix writes
 * builtins.toJSON config.filesystem.contents. Parents come before their
 * entries, which stand in byte order of names, directory by directory.
 */
struct image_str {
	const char *s; /* NUL-ended, of n bytes; NULL: the key is not there */
	size_t n;
};

struct image_entry {
	uint32_t parent; /* IMAGE_TOP: none */
	char type;	 /* f d c b s l i */
	int has_contents;
	struct image_str name, mode, file, target, major, minor;
	struct image_str unknown; /* the first key that has no meaning */
	int64_t uid, gid;
	size_t off; /* of its key in the text */
};

struct image {
	char *text; /* of the whole manifest */
	size_t len;
	struct image_entry *entry;
	uint32_t n;
	size_t cap;
	char **own; /* the strings */
	size_t nown, owncap;
};

/* reads the manifest at path; 0, or -1 and f */
int image_read(struct image *im, const char *path, struct fault *f);

/* the same from text, which the image then owns (malloc) */
int image_parse(struct image *im, const char *name, char *text, size_t len,
    struct fault *f);
void image_free(struct image *im);

/* the entry's path, "/etc/passwd", NUL-ended in b */
void image_path(const struct image *im, uint32_t e, struct mem_buf *b);

/* the mode as the manifest has it, or the default */
const char *image_mode(const struct image_entry *e);

/* bytes of content */
size_t image_size(const struct image_entry *e);

/* what may name store paths: the file's bytes or the link's target */
struct image_str image_refs(const struct image_entry *e);

#endif
