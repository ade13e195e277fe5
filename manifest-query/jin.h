/* limen: ISC licence, see LICENSE */
#ifndef JIN_H
#define JIN_H

#include "fault.h"
#include "json.h"

/* JSON that refuses an object's second key of one name */
struct jin {
	struct json j;
	const char *name; /* the file, for messages */
	struct jin_key *key;
	size_t nkey, keycap;
	size_t *level; /* where each open object's keys begin */
	size_t nlevel, levelcap;
	struct fault *f;
};

/* name, text and f stay the caller's; jin_free() releases the rest */
void jin_init(struct jin *in, const char *name, struct fault *f);
void jin_text(struct jin *in, const void *text, size_t len);
void jin_free(struct jin *in);

/* as json_next(), and JSON_ERROR leaves "FILE:LINE:COL: why" in f */
int jin_next(struct jin *in);

/* as json_skip() */
int jin_skip(struct jin *in, int t);

/* a fault at offset off; returns JSON_ERROR, which is -1 */
int jin_fault(struct jin *in, size_t off, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* the same at the last token, unless jin_next() has told of it already */
int jin_wrong(struct jin *in, const char *why);

/* the last string unescaped, NUL-ended, which the caller frees; *n is its
 * length (it may hold NULs) */
char *jin_dup(const struct jin *in, size_t *n);

#endif
