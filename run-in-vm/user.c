/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "fd.h"
#include "num.h"
#include "opts.h"
#include "user.h"

#define FAIL JOB_FAIL

/* the line of NAME in a file like /etc/passwd: its third and fourth fields;
 * 0 or -1 */
static int
find_id(const char *file, const char *name, uint32_t *id, uint32_t *gid)
{
	const size_t n = strlen(name);
	char *t, *line, *rest, *f[4] = { NULL, NULL, NULL, NULL };
	int64_t u, g = 0;
	size_t len;
	int i, found = -1;

	if (!(rest = t = fd_slurp_path(file, 16 << 20, &len)))
		return -1;
	while (found < 0 && (line = strsep(&rest, "\n"))) {
		if (strncmp(line, name, n) || line[n] != ':')
			continue;
		for (i = 0; i < 4; i++)
			f[i] = strsep(&line, ":");
		if (!f[2] || num_parse(f[2], 0, UINT32_MAX - 1, &u) < 0 ||
		    (gid &&
			(!f[3] || num_parse(f[3], 0, UINT32_MAX - 1, &g) < 0)))
			continue;
		*id = (uint32_t)u;
		if (gid)
			*gid = (uint32_t)g;
		found = 0;
	}
	free(t);
	return found;
}

void
user_set(struct job *j, const char *text)
{
	char *u = opts_copy(text), *g = strchr(u, ':');
	int64_t v;

	if (g)
		*g++ = 0;
	if (num_parse(u, 0, UINT32_MAX - 1, &v) == 0)
		j->uid = j->gid = (uint32_t)v;
	else if (find_id("/etc/passwd", u, &j->uid, &j->gid) < 0)
		die(FAIL, "user %s: there is none", u);
	if (g && num_parse(g, 0, UINT32_MAX - 1, &v) == 0)
		j->gid = (uint32_t)v;
	else if (g && find_id("/etc/group", g, &j->gid, NULL) < 0)
		die(FAIL, "group %s: there is none", g);
	free(u);
}
