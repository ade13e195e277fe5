/* limen: ISC licence, see LICENSE */
#include <stdarg.h>
#include <stdio.h>

#include "fault.h"

int
fault(struct fault *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(f->text, sizeof(f->text), fmt, ap);
	va_end(ap);
	return -1;
}
