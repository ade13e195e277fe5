/* limen: ISC licence, see LICENSE */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "mem.h"

void *
mem_new(size_t n, size_t each)
{
	void *p = calloc(n ? n : 1, each);

	if (!p)
		die(2, "out of memory");
	return p;
}

void *
mem_grow(void *p, size_t *cap, size_t need, size_t each)
{
	size_t n = *cap;

	if (need <= n)
		return p;
	n = n + n / 2 + 16;
	if (n < need)
		n = need;
	if (n > SIZE_MAX / each || !(p = realloc(p, n * each)))
		die(2, "out of memory");
	*cap = n;
	return p;
}

char *
mem_dup(const char *s, size_t n)
{
	char *p = mem_new(n + 1, 1);

	memcpy(p, s, n);
	return p;
}

int
mem_cmp(const char *a, size_t n, const char *b, size_t m)
{
	int c = memcmp(a, b, n < m ? n : m);

	return c ? c : (n > m) - (n < m);
}

void
mem_add(struct mem_buf *b, const void *s, size_t n)
{
	b->p = mem_grow(b->p, &b->cap, b->n + n + 1, 1);
	if (n)
		memcpy(b->p + b->n, s, n);
	b->n += n;
	b->p[b->n] = 0;
}

void
mem_str(struct mem_buf *b, const char *s)
{
	mem_add(b, s, strlen(s));
}

void
mem_path(struct mem_buf *b, const char *dir, const char *name)
{
	mem_str(b, dir);
	mem_str(b, "/");
	mem_str(b, name);
}

const char *
mem_cstr(struct mem_buf *b)
{
	mem_add(b, "", 0);
	return b->p;
}
