/* limen: ISC licence, see LICENSE */
#include <stdio.h>
#include <string.h>

#include "hex.h"
#include "num.h"

/* magnitude of the leading number; returns what follows it, NULL: none */
static const char *
scan(const char *s, unsigned base, uint64_t *v)
{
	const char *p = s;
	unsigned d;

	for (*v = 0; (d = (unsigned)hex_digit(*p)) < base; p++) {
		if (*v > (UINT64_MAX - d) / base)
			return NULL;
		*v = *v * base + d;
	}
	return p == s ? NULL : p;
}

static int
bound(uint64_t u, int neg, const int64_t lim[2], int64_t *v)
{
	int64_t n;

	if (u > (uint64_t)INT64_MAX)
		return -1;
	n = neg ? -(int64_t)u : (int64_t)u;
	if (n < lim[0] || n > lim[1])
		return -1;
	*v = n;
	return 0;
}

int
num_parse(const char *s, int64_t min, int64_t max, int64_t *v)
{
	const int64_t lim[2] = { min, max };
	int neg = *s == '-', hex;
	uint64_t u;
	const char *e;

	s += neg;
	hex = s[0] == '0' && (s[1] | 32) == 'x';
	e = scan(s + 2 * hex, hex ? 16 : 10, &u);
	return e && !*e ? bound(u, neg, lim, v) : -1;
}

int
num_size(const char *s, int64_t min, int64_t max, int64_t *v)
{
	static const char unit[] = "kmgt";
	const int64_t lim[2] = { min, max };
	const char *e, *k;
	uint64_t u;
	int shift = 0;

	if (!(e = scan(s, 10, &u)))
		return -1;
	if (*e && (k = strchr(unit, *e | 32))) {
		shift = 10 * (int)(k - unit + 1);
		e++;
		if (e[0] == 'i' && e[1] == 'B')
			e++;
	}
	if (*e == 'B')
		e++;
	if (*e || u > (uint64_t)INT64_MAX >> shift)
		return -1;
	return bound(u << shift, 0, lim, v);
}

int
num_rate(const char *s, int64_t min, int64_t max, int64_t *v)
{
	const int64_t lim[2] = { min, max };
	uint64_t u, unit = 1;
	const char *e = scan(s, 10, &u), *k;

	if (e && *e && (k = strchr("GMk", *e)))
		for (e++; *k; k++)
			unit *= 1000;
	return !e || *e || u > INT64_MAX / unit ? -1
						: bound(u * unit, 0, lim, v);
}

int
num_msec(const char *s, int64_t min, int64_t max, int64_t *v)
{
	static const struct {
		const char *name;
		int64_t ms;
	} unit[] = { { "", 1000 }, { "s", 1000 }, { "ms", 1 }, { "m", 60000 },
		{ "h", 3600000 } };
	const int64_t lim[2] = { min, max };
	uint64_t u, frac = 0, div = 1;
	const char *e;
	size_t i;

	if (!(e = scan(s, 10, &u)) || u > INT64_MAX / 3600001)
		return -1;
	if (*e == '.') {
		for (e++; *e >= '0' && *e <= '9'; e++)
			if (div < 1000000) {
				frac = frac * 10 + (uint64_t)(*e - '0');
				div *= 10;
			}
		if (div == 1)
			return -1;
	}
	for (i = 0; i < sizeof(unit) / sizeof(*unit); i++)
		if (!strcmp(e, unit[i].name))
			return bound(u * (uint64_t)unit[i].ms +
					 frac * (uint64_t)unit[i].ms / div,
			    0, lim, v);
	return -1;
}

char *
num_human(char *b, uint64_t n)
{
	static const char unit[] = "KMGTPE";
	int i = -1;
	uint64_t rem = 0;

	for (; n >= 1000; i++) {
		rem = n % 1024;
		n /= 1024;
	}
	if (i < 0)
		snprintf(b, 8, "%u", (unsigned)n % 1000);
	else if (n < 10)
		snprintf(b, 8, "%u.%u%c", (unsigned)n,
		    (unsigned)(rem * 10 / 1024), unit[i]);
	else
		snprintf(b, 8, "%u%c", (unsigned)n % 1000, unit[i]);
	return b;
}
