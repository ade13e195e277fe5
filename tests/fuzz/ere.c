/* limen: ISC licence, see LICENSE */
/* our expressions match what the C library's do, where both take them */
#include <regex.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "ere.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* an expression of few letters, so that it often matches, then a text */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char letter[] = "aab()|*+?.[]^$-{}12,";
	static struct ere e;
	char re[24], s[24];
	regex_t r;
	size_t i, n, times = 0;
	unsigned long copies = 1;
	int ours, theirs;

	if (len < 2 || len > 40)
		return 0;
	n = data[0] % (sizeof(re) - 1);
	if (n > len - 1)
		n = len - 1;
	for (i = 0; i < n; i++)
		re[i] = letter[data[1 + i] % (sizeof(letter) - 1)];
	re[n] = 0;
	for (i = 0; i < n; i++) {
		times += !!strchr("*+?", re[i]);
		if (strchr("12", re[i]) &&
		    (i == 0 || !strchr("12", re[i - 1])) && copies <= 4096)
			copies *= 1 + strtoul(re + i, NULL, 10);
	}
	for (i = 0; i + 1 + n < len && i < sizeof(s) - 1; i++)
		s[i] = "aab1-]"[data[1 + n + i] % 6];
	s[i] = 0;
	if (ere_compile(&e, re) < 0)
		return 0;
	ours = ere_match(&e, s, i);
	/* where POSIX leaves it open, or a library takes too long: glibc's
	 * doubles its memory with each + of "a+++", and copies what an interval
	 * repeats, so intervals of intervals multiply */
	if (times > 6 || copies > 4096 || strstr(re, "()") ||
	    strstr(re, "(|") || strstr(re, "|)") || strstr(re, "||") ||
	    re[0] == '|' || (n && re[n - 1] == '|') || strpbrk(re, "^$") ||
	    strstr(re, "[.") || strstr(re, "[="))
		return 0;
	if (regcomp(&r, re, REG_EXTENDED | REG_NOSUB))
		return 0;
	theirs = !regexec(&r, s, 0, NULL, 0);
	regfree(&r);
	if (ours != theirs)
		__builtin_trap();
	return 0;
}
