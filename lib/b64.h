/* limen: ISC licence, see LICENSE */
#ifndef B64_H
#define B64_H

#include <stddef.h>

#include "wr.h"

/* RFC 4648 section 4, with padding and without line breaks. */

/* n bytes encoded: 4 characters for every 3 begun */
void b64_put(struct wr *w, const void *p, size_t n);

/* decodes s[0..n) into dst, which may be s itself and holds n / 4 * 3 bytes;
 * the length in *len. 0, or -1: not base64 */
int b64_get(void *dst, const char *s, size_t n, size_t *len);

#endif
