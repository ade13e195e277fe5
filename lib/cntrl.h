/* limen: ISC licence, see LICENSE */
#ifndef CNTRL_H
#define CNTRL_H

#include <stddef.h>

/* the bytes, of left, of the control character at p, or 0: DEL is one, and in
 * UTF-8 U+0080 to U+009f are, two bytes each, which command terminals, too */
size_t cntrl_len(const char *p, size_t left);

#endif
