/* limen: ISC licence, see LICENSE */
/*
 * Linked into the tools of the sanitizers' and the coverage build in place of
 * what confines them (ld --wrap): there a process writes files and asks the
 * system things at its end that the tool never does. The confinement itself
 * is tested by tests/unit/sandbox.c and tests/cli/escape.bats, on the real
 * ones.
 */
#include "sandbox.h"

int __wrap_sandbox_files(const char *const *, const char *const *);
int __wrap_sandbox_calls(unsigned);

int
__wrap_sandbox_files(const char *const *read, const char *const *write)
{
	(void)read;
	(void)write;
	return 0;
}

int
__wrap_sandbox_calls(unsigned sets)
{
	(void)sets;
	return 0;
}
