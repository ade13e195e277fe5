/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "b64.h"

void
b64_put(struct wr *w, const void *p, size_t n)
{
	static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *s = p;
	uint32_t v;
	size_t k;

	for (; n > 0; s += k, n -= k) {
		k = n < 3 ? n : 3;
		v = (uint32_t)s[0] << 16 | (k > 1 ? (uint32_t)s[1] << 8 : 0) |
		    (k > 2 ? s[2] : 0);
		wr_u8(w, (unsigned char)digit[v >> 18]);
		wr_u8(w, (unsigned char)digit[v >> 12 & 63]);
		wr_u8(w, k > 1 ? (unsigned char)digit[v >> 6 & 63] : '=');
		wr_u8(w, k > 2 ? (unsigned char)digit[v & 63] : '=');
	}
}

static int
value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	return c == '+' ? 62 : c == '/' ? 63 : -1;
}

int
b64_get(void *dst, const char *s, size_t n, size_t *len)
{
	uint8_t *d = dst;
	size_t i, pad = 0, out = 0;
	uint32_t v = 0;
	int k;

	if (n % 4)
		return -1;
	while (pad < 2 && n > pad && s[n - 1 - pad] == '=')
		pad++;
	for (i = 0; i < n; i++) {
		k = i >= n - pad ? 0 : value(s[i]);
		if (k < 0)
			return -1;
		v = v << 6 | (uint32_t)k;
		if (i % 4 != 3)
			continue;
		d[out++] = (uint8_t)(v >> 16);
		d[out++] = (uint8_t)(v >> 8);
		d[out++] = (uint8_t)v;
		v = 0;
	}
	*len = out - pad;
	return 0;
}
