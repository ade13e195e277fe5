/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "base.h"

/* 1: a digit of Nix' base 32; 2: may stand in a name; 3: both */
static const unsigned char class[256] = {
	['0'] = 3,
	3,
	3,
	3,
	3,
	3,
	3,
	3,
	3,
	3, /* 0-9 */
	['a'] = 3,
	3,
	3,
	3,
	['e'] = 2,
	['f'] = 3,
	3,
	3,
	3,
	3,
	3,
	3,
	3,
	3,
	['o'] = 2,
	['p'] = 3,
	3,
	3,
	3,
	['t'] = 2,
	2,
	['v'] = 3,
	3,
	3,
	3,
	3,
	['A'] = 2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	2,
	['+'] = 2,
	['-'] = 2,
	['.'] = 2,
	['_'] = 2,
	['?'] = 2,
	['='] = 2,
};

size_t
base_namelen(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n && class[(unsigned char)s[i]] & 2; i++)
		;
	return i;
}

int
base_ok(const char *s, size_t n)
{
	size_t i;

	if (n < BASE_HASH + 2 || n > BASE_MAX || s[BASE_HASH] != '-')
		return 0;
	for (i = 0; i < BASE_HASH; i++)
		if (!(class[(unsigned char)s[i]] & 1))
			return 0;
	return base_namelen(s + i, n - i) == n - i;
}

static int
letter(int c)
{
	return (c | 32) >= 'a' && (c | 32) <= 'z';
}

const char *
base_version(const char *s, size_t n, size_t *len)
{
	size_t i;

	for (i = 0; i + 1 < n; i++)
		if (s[i] == '-' && !letter((unsigned char)s[i + 1])) {
			*len = n - i - 1;
			return s + i + 1;
		}
	*len = 0;
	return NULL;
}

const char *
base_scan(const char *s, size_t n, size_t *pos)
{
	size_t i = *pos, k;

	while (n >= BASE_HASH && i <= n - BASE_HASH) {
		/* from the end, so that most bytes are never looked at */
		for (k = BASE_HASH; k > 0; k--)
			if (!(class[(unsigned char)s[i + k - 1]] & 1))
				break;
		if (!k) {
			*pos = i + 1;
			return s + i;
		}
		i += k;
	}
	*pos = n;
	return NULL;
}
