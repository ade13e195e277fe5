/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "nth.h"

const char *
nth(const char *words, unsigned n)
{
	for (; n && *words; n--)
		words += strlen(words) + 1;
	return *words ? words : "unknown";
}
