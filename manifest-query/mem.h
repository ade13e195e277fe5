/* limen: ISC licence, see LICENSE */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

/* Memory that is there or ends the program with status 2; free() releases. */

/* n zeroed elements */
void *mem_new(size_t n, size_t each);

/* makes room for at least need elements, of which *cap exist; returns the
 * array, moved or not, with *cap updated */
void *mem_grow(void *p, size_t *cap, size_t need, size_t each);

char *mem_dup(const char *s, size_t n);

/* which of a and b is first in byte order: below 0, 0, above 0 */
int mem_cmp(const char *a, size_t n, const char *b, size_t m);

/* a file: its name, for messages, and its bytes */
struct mem_text {
	const char *name;
	char *s;
	size_t n;
};

/* bytes that grow */
struct mem_buf {
	char *p;
	size_t n, cap;
};
void mem_add(struct mem_buf *b, const void *s, size_t n);
void mem_str(struct mem_buf *b, const char *s); /* without its NUL */
/* DIR/NAME */
void mem_path(struct mem_buf *b, const char *dir, const char *name);
const char *mem_cstr(struct mem_buf *b); /* NUL-ended, in place */

#endif
