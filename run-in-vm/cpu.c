/* limen: ISC licence, see LICENSE */
#include <stddef.h>
#include <string.h>

#include "cache.h"
#include "cpu.h"

/* "name" of a line "name<tabs>: value"? */
static int
is_named(const char *line, const char *name)
{
	const size_t n = strlen(name);

	return !strncmp(line, name, n) &&
	       line[n + strspn(line + n, " \t")] == ':';
}

uint64_t
cpu_key(const char *cpuinfo)
{
	static const char *const names[] = { "vendor_id", "cpu family", "model",
		"model name", "stepping", "microcode", "flags", "vmx flags",
		"bugs", "address sizes" };
	const char *s, *e;
	uint64_t key = 1;
	size_t i;

	for (s = cpuinfo; *s && *s != '\n'; s = *e ? e + 1 : e) {
		e = s + strcspn(s, "\n");
		for (i = 0; i < sizeof(names) / sizeof(*names); i++)
			if (is_named(s, names[i]))
				key = cache_mix_text(key, s, (size_t)(e - s));
	}
	return key;
}
