/* limen: ISC licence, see LICENSE */
#ifndef HEX_H
#define HEX_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static int
hex_digit(int c)
{
	static const char digits[] = "0123456789abcdef";
	const char *p = c ? strchr(digits, c) : NULL;

	return p ? (int)(p - digits) : -1;
}

/* bytes of a line of hex digits; blanks do not count; those after '#' do not
 * either */
static size_t
hex_line(const char *s, uint8_t *out, size_t cap)
{
	size_t n = 0;
	int hi = -1, d;

	for (; *s && *s != '#'; s++) {
		if ((d = hex_digit(*s)) < 0)
			continue;
		if (hi < 0) {
			hi = d;
			continue;
		}
		if (n < cap)
			out[n++] = (uint8_t)(hi << 4 | d);
		hi = -1;
	}
	return n;
}

/* the packet that follows the line "= NAME" in tests/vectors/FILE; its
 * length, 0 when it is not there */
static inline size_t
hex_load(const char *file, const char *name, uint8_t *out, size_t cap)
{
	char path[256], line[1024];
	size_t n = 0, found = 0;
	FILE *fp;

	snprintf(path, sizeof(path), "tests/vectors/%s", file);
	if (!(fp = fopen(path, "r")))
		return 0;
	while (fgets(line, sizeof(line), fp)) {
		line[strcspn(line, "\n")] = 0;
		if (line[0] == '=')
			found = !strcmp(line + 2, name);
		else if (found)
			n += hex_line(line, out + n, cap - n);
	}
	fclose(fp);
	return n;
}

#endif
