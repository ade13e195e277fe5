/* limen: ISC licence, see LICENSE */
/*
 * Linked into the tools of the sanitizers' and the coverage build in place of
 * what confines them (ld --wrap): there a process writes files and asks the
 * system things at its end that the tool never does. So that /proc tells a
 * tool that is ready, as it does of the real one, the filter that is set here
 * lets everything through. The confinement itself is tested by
 * tests/unit/sandbox.c and tests/cli/escape.bats, on the real ones.
 */
#include <sys/prctl.h>

#include <linux/filter.h>
#include <linux/seccomp.h>

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
	struct sock_filter all = BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	const struct sock_fprog p = { 1, &all };

	(void)sets;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &p, 0, 0);
}
