/* limen: ISC licence, see LICENSE */
/*
 * Whatever the bytes are: the tokenizer ends, its tokens lie within the text
 * and nest, a string it takes is taken again after json_str_put() has written
 * it anew, and json_text() keeps to its buffer.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "json_str.h"
#include "wr.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int good)
{
	if (!good)
		abort();
}

static void
text(const struct json *j)
{
	size_t n = json_text(j, NULL, 0), cap = 6 * n + 2;
	char *b = malloc(n + 1), *q = malloc(cap);
	static struct json k;
	struct wr w;

	must(b && q && n <= j->n);
	must(json_text(j, b, n) == n);
	b[n] = 0;
	must(json_is(j, b) == (strlen(b) == n));
	wr_init(&w, q, cap);
	json_str_put(&w, b, n);
	must(!w.err);
	json_init(&k, q, wr_len(&w));
	must(json_next(&k) == JSON_STRING && json_text(&k, NULL, 0) == n);
	must(json_next(&k) == JSON_END);
	free(b);
	free(q);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct json j;
	unsigned long line, col;
	unsigned depth = 0;
	int64_t v;
	size_t seen = 0;
	int t;

	json_init(&j, data, len);
	while ((t = json_next(&j)) > JSON_END) {
		must(j.off >= seen && j.off + j.n <= len && j.pos <= len);
		seen = j.off;
		if (t == JSON_OBJECT || t == JSON_ARRAY)
			depth++;
		if (t == JSON_OBJECT_END || t == JSON_ARRAY_END)
			depth--;
		must(depth == j.depth);
		if (t == JSON_KEY || t == JSON_STRING)
			text(&j);
		if (t == JSON_NUMBER)
			json_int(&j, &v);
	}
	must(t == JSON_ERROR ? j.err && j.off <= len : depth == 0);
	json_where(&j, j.off, &line, &col);
	must(line >= 1 && col >= 1);
	return 0;
}
