/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "kernel.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* whatever the image, the release is a short printable word */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct kernel k;
	size_t i;

	kernel_parse(&k, data, len);
	if (!memchr(k.release, 0, sizeof(k.release)))
		__builtin_trap();
	for (i = 0; k.release[i]; i++)
		if (k.release[i] <= ' ' && k.release[i] >= 0)
			__builtin_trap();
	return 0;
}
