/* limen: ISC licence, see LICENSE */
#include "cntrl.h"

size_t
cntrl_len(const char *p, size_t left)
{
	const unsigned char *s = (const void *)p;

	if (*s == 0xc2 && left > 1 && (s[1] & 0xe0) == 0x80)
		return 2;
	return *s < ' ' || *s == 0x7f;
}
