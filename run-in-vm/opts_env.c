/* limen: ISC licence, see LICENSE */
#include <stdlib.h>
#include <string.h>

#include "die.h"
#include "num.h"
#include "opts.h"
#include "share.h"
#include "words.h"

#define FAIL	  JOB_FAIL
#define CACHE	  (1 << 30)
#define CMDLINE_W 4096

/* Words of CH_CMDLINE: what tvix's init takes, else the kernel's own. */
static void
command_line(struct job *j, const char *text)
{
	static char *find[] = { (char *)(uintptr_t) "find", NULL, NULL };
	static char *run[2];
	char w[CMDLINE_W];
	int r;

	while ((r = words_next(&text, w, sizeof(w))) > 0) {
		if (!strncmp(w, "init=", 5))
			j->init = j->init ? j->init : opts_copy(w + 5);
		else if (!strncmp(w, "tvix.run=", 9)) {
			run[0] = opts_copy(w + 9);
			j->argv = j->argv ? j->argv : run;
		} else if (!strcmp(w, "tvix.find")) {
			find[1] = (char *)(uintptr_t)share_store();
			j->argv = j->argv ? j->argv : find;
		} else if (strcmp(w, "tvix.shell"))
			opts_word(
			    j->append, &j->nappend, opts_copy(w), "words");
	}
	if (r < 0)
		die(FAIL, "CH_CMDLINE: a quote does not end: %s", text);
}

/* qemu-vm.nix: NIXPKGS_QEMU_KERNEL_ and the system's name, in which all but
 * letters and digits is '_'; without --name any of them */
static const char *
nixpkgs_kernel(const struct job *j)
{
	static const char prefix[] = "NIXPKGS_QEMU_KERNEL_";
	const size_t n = sizeof(prefix) - 1;
	extern char **environ;
	char name[256] = "";
	char **e;
	size_t i;

	for (i = 0; j->name && j->name[i] && i < sizeof(name) - 1; i++)
		name[i] = strchr("0123456789"
				 "abcdefghijklmnopqrstuvwxyz"
				 "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
			      j->name[i])
			      ? j->name[i]
			      : '_';
	for (e = environ; *e; e++) {
		if (strncmp(*e, prefix, n) || !strchr(*e, '='))
			continue;
		if (!j->name || !strncmp(*e + n, name, strlen(name)))
			if (!j->name || (*e)[n + strlen(name)] == '=')
				return strchr(*e, '=') + 1;
	}
	return NULL;
}

static const char *
full(const char *name)
{
	const char *s = getenv(name);

	return s && *s ? s : NULL;
}

void
opts_environment(struct job *j)
{
	const char *s;
	int64_t v;

	if (!j->kernel && !(j->kernel = full("RUN_IN_VM_KERNEL")))
		j->kernel = nixpkgs_kernel(j);
	if ((s = full("memSize")) && !j->memory) {
		if (num_parse(s, 32, OPTS_MEMORY >> 20, &v) < 0)
			die(FAIL, "memSize: not a number of MiB: %s", s);
		j->memory = v;
	} else if ((s = full("CH_MEM_SIZE")) && !j->memory)
		opts_memory(j, s, "CH_MEM_SIZE");
	if ((s = full("CH_NUM_CPUS")) && !j->cpus) {
		if (num_parse(s, 1, 255, &v) < 0)
			die(FAIL, "CH_NUM_CPUS: not a number: %s", s);
		j->cpus = (int)v;
	}
	if ((s = full("CH_CMDLINE")))
		command_line(j, s);
	j->cache = CACHE;
	if ((s = full("RUN_IN_VM_CACHE_SIZE")) &&
	    num_size(s, 0, INT64_MAX, &j->cache) < 0)
		die(FAIL, "RUN_IN_VM_CACHE_SIZE: not a size: %s", s);
	j->qemu_opts = full("QEMU_OPTS");
	j->qemu = full("QEMU") ? full("QEMU") : "qemu-system-x86_64";
}
