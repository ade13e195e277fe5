/* limen: ISC licence, see LICENSE */
/*
 * link: bng/users.c
 */
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <stdio.h>
#include <unistd.h>

#include "../../bng/users.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* a secrets file: whatever is in it, who is found has a name and a secret */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct users us = { 0 };
	char path[64], why[128] = "";
	int fd = memfd_create("users", 0);
	const struct user *twice;
	size_t i;

	if (fd < 0)
		return 0;
	fchmod(fd, 0600);
	if (write(fd, data, len) == (ssize_t)len) {
		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		if (users_file(&us, path, why) < 0 && !why[0])
			__builtin_trap();
		twice = users_done(&us);
		if (twice && (twice[-1].line >= twice->line ||
				 strcmp(twice[-1].name, twice->name) != 0))
			__builtin_trap();
		for (i = 0; i < us.n; i++)
			if (!users_find(&us, us.u[i].name) || !us.u[i].secret)
				__builtin_trap();
	}
	users_free(&us);
	close(fd);
	return 0;
}
