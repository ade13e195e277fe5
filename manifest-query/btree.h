/* limen: ISC licence, see LICENSE */
#ifndef BTREE_H
#define BTREE_H

#include "page.h"

/* a value of a row */
enum btree_type { BTREE_NULL, BTREE_INT, BTREE_TEXT, BTREE_OTHER };
struct btree_value {
	enum btree_type type;
	int64_t i;
	const char *s; /* in place, n bytes, no NUL */
	size_t n;
};

/* a row: its id and its record */
struct btree_row {
	int64_t id;
	const uint8_t *record;
	size_t len;
};

/* column c, from 0, of a row (fileformat2.html section 2.1); BTREE_NULL also
 * when the record has fewer. 0, or -1: damaged */
int btree_column(
    const struct btree_row *row, unsigned c, struct btree_value *v);

/* calls each->row for all rows of the table that begins at page root, in order
 * of their ids; 0, or -1 and f, also when that returned -1 */
struct btree_each {
	int (*row)(void *arg, const struct btree_row *row, struct fault *f);
	void *arg;
};
int btree_rows(const struct page_set *p, uint32_t root,
    const struct btree_each *each, struct fault *f);

#endif
