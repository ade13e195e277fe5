/* limen: ISC licence, see LICENSE */
#include "tmpl.h"

void
tmpl_save(struct mach *m, const struct job *j)
{
	(void)m;
	(void)j;
}
