/* limen: ISC licence, see LICENSE */
/*
 * A real manifest cut off at every byte is refused, each time.
 * link: manifest-query/manifest.c
 * link: manifest-query/jin.c
 * link: manifest-query/mem.c
 * link: manifest-query/fault.c
 */
#include <stdint.h>
#include <stdlib.h>

#include "../../manifest-query/manifest.h"
#include "fd.h"
#include "tap.h"

static int
parse(struct manifest *im, const char *s, size_t n, struct fault *f)
{
	struct mem_text t = { "m", mem_dup(s, n), n };

	return manifest_parse(im, &t, f);
}

int
main(void)
{
	static const char name[] = "tests/samples/manifest/min/manifest.json";
	size_t len, n;
	char *text = fd_slurp_path(name, 1 << 20, &len);
	struct fault f;
	struct manifest im;
	int refused = 1, placed = 1;

	OK(text);
	if (!text)
		return tap_done();
	OK(parse(&im, text, len, &f) == 0);
	OK(im.n == 194);
	manifest_free(&im);
	while (text[len - 1] == '\n')
		len--;
	for (n = 0; n < len; n++) {
		f.text[0] = 0;
		refused &= parse(&im, text, n, &f) == -1;
		placed &= !strncmp(f.text, "m:1:", 4);
		manifest_free(&im);
	}
	OK_MSG(refused, "refused at every length");
	OK_MSG(placed, "with the place");
	free(text);
	return tap_done();
}
