/* limen: ISC licence, see LICENSE */
/* every word that is split off a text comes back from its quoted form */
#include <stdint.h>
#include <string.h>

#include "words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char s[512], w[512], q[2100], again[512];
	const char *p = s, *qp, *was;
	int r;

	if (len >= sizeof(s))
		return 0;
	memcpy(s, data, len);
	s[len] = 0;
	for (was = p; (r = words_next(&p, w, sizeof(w))) > 0; was = p) {
		if (p <= was || strlen(w) > (size_t)(p - was))
			__builtin_trap();
		if (words_quote(w, q, sizeof(q)) < 0)
			__builtin_trap();
		qp = q;
		if (words_next(&qp, again, sizeof(again)) != 1 ||
		    strcmp(w, again) ||
		    words_next(&qp, again, sizeof(again)) != 0)
			__builtin_trap();
	}
	return 0;
}
