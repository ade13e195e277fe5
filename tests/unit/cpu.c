/* limen: ISC licence, see LICENSE */
/*
 * link: run-in-vm/cpu.c
 */
#include <stdlib.h>
#include <string.h>

#include "../../run-in-vm/cpu.h"
#include "tap.h"

static const char two[] = "processor\t: 0\n"
			  "vendor_id\t: GenuineIntel\n"
			  "model\t\t: 207\n"
			  "model name\t: Intel(R) Xeon(R) Processor\n"
			  "stepping\t: 2\n"
			  "microcode\t: 0x1\n"
			  "cpu MHz\t\t: 2100.000\n"
			  "flags\t\t: fpu vme avx2\n"
			  "bogomips\t: 4200.00\n"
			  "\n"
			  "processor\t: 1\n"
			  "microcode\t: 0x7\n";

/* is the key of two another one with new in the place of old? */
static int
differs(const char *old, const char *new)
{
	const char *at = strstr(two, old);
	char b[sizeof(two) + 64];

	if (!at)
		abort();
	snprintf(b, sizeof(b), "%.*s%s%s", (int)(at - two), two, new,
	    at + strlen(old));
	return cpu_key(b) != cpu_key(two);
}

int
main(void)
{
	OK(cpu_key(two) == cpu_key(two));
	OK(cpu_key("") != cpu_key(two));
	OK(differs("GenuineIntel", "AuthenticAMD"));
	OK(differs("207", "208"));
	OK(differs("Xeon(R) P", "Xeon(R) CPU p"));
	OK(differs("stepping\t: 2", "stepping\t: 3"));
	OK(differs("microcode\t: 0x1", "microcode\t: 0x2"));
	OK(differs(" avx2", ""));
	OK(differs(" avx2", " avx2 amx_tile"));
	/* what changes by itself, and other processors */
	OK(!differs("2100.000", "800.000"));
	OK(!differs("4200.00", "4199.99"));
	OK(!differs("processor\t: 1\nmicrocode\t: 0x7\n", ""));
	return tap_done();
}
