/* limen: ISC licence, see LICENSE */
/*
 * That KVM crawls is remembered for an hour, whichever way the clock is set.
 *
 * link: run-in-vm/plan.c
 */
#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../../run-in-vm/guest.h"
#include "../../run-in-vm/job.h"
#include "../../run-in-vm/plan.h"
#include "../../run-in-vm/share.h"
#include "../../run-in-vm/tree.h"
#include "kvm.h"
#include "rmtree.h"
#include "tap.h"

static int probes;

const char *
kvm_probe(int ms)
{
	(void)ms;
	probes++;
	return "its guests hang or crawl";
}

int
share_closed(const struct job *j, const struct job_share *s)
{
	(void)j;
	(void)s;
	return 0;
}

void
tree_put(struct initrd *i, const char *at, const char *host, uint64_t *left)
{
	(void)i;
	(void)at;
	(void)host;
	(void)left;
}

/* how often it is looked at KVM for another job */
static int
looks(void)
{
	static struct job j = { .kernel = "/bin/sh", .qemu = "/bin/sh" };
	static struct plan p;

	probes = 0;
	plan_find(&p, &j);
	OK(!p.kvm && !strcmp(p.why_not, "its guests hang or crawl"));
	return probes;
}

/* what is remembered is so many seconds old; below 0: of the future */
static void
aged(const char *dir, long s)
{
	struct timespec t[2] = { { time(NULL) - s, 0 }, { 0, 0 } };
	DIR *d = opendir(dir);
	struct dirent *e;

	t[1] = t[0];
	while (d && (e = readdir(d)))
		if (e->d_name[0] == 's')
			utimensat(dirfd(d), e->d_name, t, 0);
	if (d)
		closedir(d);
}

int
main(void)
{
	char dir[] = "/tmp/kvm-XXXXXX", kvm[64];

	if (!mkdtemp(dir))
		return 1;
	snprintf(kvm, sizeof(kvm), "%s/limen/kvm", dir);
	setenv("XDG_CACHE_HOME", dir, 1);
	OK(looks() == 1);
	OK(looks() == 0);
	aged(kvm, 3000);
	OK(looks() == 0);
	aged(kvm, 3700);
	OK(looks() == 1);
	OK(looks() == 0);
	aged(kvm, -7200);
	OK_MSG(looks() == 1, "the clock was set back");
	OK(looks() == 0);
	OK(rmtree(dir) == 0);
	return tap_done();
}
