/* limen: ISC licence, see LICENSE */
/*
 * Any bytes as a manifest: refused with a place and a reason, or entries
 * that stand behind their parents, in byte order within each.
 * link: manifest-query/manifest.c
 * link: manifest-query/jin.c
 * link: manifest-query/mem.c
 * link: manifest-query/fault.c
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../manifest-query/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must(int good)
{
	if (!good)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct mem_text t = { "m", mem_dup((const char *)data, len), len };
	struct mem_buf b = { NULL, 0, 0 };
	const struct manifest_entry *e;
	struct fault f = { "" };
	struct manifest im;
	uint32_t i, *last;

	if (manifest_parse(&im, &t, &f)) {
		must(!strncmp(f.text, "m:", 2));
		manifest_free(&im);
		return 0;
	}
	last = mem_new(im.n + 1UL, sizeof(*last));
	for (i = 0; i < im.n; i++) {
		e = &im.entry[i];
		must(e->parent == MANIFEST_TOP || e->parent < i);
		if (last[e->parent + 1U])
			must(strcmp(im.entry[last[e->parent + 1U] - 1].name.s,
				 e->name.s) < 0);
		last[e->parent + 1U] = i + 1;
		must(manifest_size(e) <= len);
	}
	if (im.n) {
		manifest_path(&im, im.n - 1, &b);
		must(b.p[0] == '/' && strlen(b.p) == b.n);
	}
	free(b.p);
	free(last);
	manifest_free(&im);
	return 0;
}
