/* limen: ISC licence, see LICENSE */
/*
 * Drives a fuzz target over its corpus without a fuzzer: every file of
 * tests/corpus/NAME, its prefixes, and boundary sizes; NAME is argv[0]'s.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
feed(const uint8_t *p, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1); /* exact, for the sanitizer */

	if (!copy)
		abort();
	if (n)
		memcpy(copy, p, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int
one(const char *path)
{
	static uint8_t b[1 << 20];
	FILE *fp = fopen(path, "rb");
	size_t n, i, step;

	if (!fp)
		return -1;
	n = fread(b, 1, sizeof(b), fp);
	fclose(fp);
	step = n / 64 + 1;
	for (i = 0; i <= n; i += step)
		feed(b, i);
	feed(b, n);
	return 0;
}

int
main(int argc, char **argv)
{
	static uint8_t edge[70000];
	static const size_t sizes[] = { 0, 1, 2, 7, 8, 20, 511, 512, 513, 1492,
		1500, 65535, 65536 };
	const char *name = strrchr(argv[0], '/');
	char dir[512], path[1024];
	struct dirent *e;
	DIR *d;
	size_t i, files = 0;

	(void)argc;
	name = name ? name + 1 : argv[0];
	for (i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
		memset(edge, 0, sizes[i]);
		feed(edge, sizes[i]);
		memset(edge, 0xff, sizes[i]);
		feed(edge, sizes[i]);
	}
	snprintf(dir, sizeof(dir), "tests/corpus/%s", name);
	if ((d = opendir(dir))) {
		while ((e = readdir(d))) {
			snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
			if (e->d_name[0] != '.' && one(path) == 0)
				files++;
		}
		closedir(d);
	}
	printf("%sok 1 %s: %zu files of its corpus replayed\n1..1\n",
	    files ? "" : "not ", name, files);
	return files == 0;
}
