/* limen: ISC licence, see LICENSE */
#include <sys/random.h>

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arg.h"
#include "die.h"
#include "guest.h"
#include "host.h"
#include "num.h"
#include "plan.h"

#define FAIL 125

enum { OPT_SHARE = 256, OPT_RW, OPT_MODULES, OPT_APPEND, OPT_CPUS, OPT_NET };

static const struct arg_opt opts[] = {
	{ 'k', "kernel", "FILE", "kernel: bzImage, vmlinux, or a release" },
	{ OPT_MODULES, "modules", "DIR", "its modules (default beside it)" },
	{ OPT_SHARE, "share", "HOST[:GUEST]", "share a directory read-only" },
	{ OPT_RW, "share-rw", "HOST[:GUEST]", "share a directory" },
	{ OPT_APPEND, "append", "WORDS", "add to the kernel's command line" },
	{ OPT_CPUS, "cpus", "N", "processors (default 1)" },
	{ 'm', "memory", "SIZE", "memory (default 512M)" },
	{ OPT_NET, "net", "NET", "a network, as in limen(7)" },
	{ 't', "timeout", "TIME", "end it after TIME with status 124" },
	{ 'v', "verbose", NULL, "say what was found and chosen" },
	{ 'n', "dry-run", NULL, "print QEMU's command and do nothing" },
	{ 0, NULL, NULL, NULL },
};

static const struct arg_tool tool = { "run-in-vm",
	"[options] [--] [command [argument ...]]", opts, ARG_STRICT, FAIL };

static void
add_share(struct job *j, const char *text, int ro)
{
	struct job_share *s = &j->share[j->nshares];
	char *colon, *host = strdup(text), real[PATH_MAX];

	if (j->nshares == JOB_SHARES)
		die(FAIL, "more than %d shares", JOB_SHARES);
	if (!host)
		die(FAIL, "memory:");
	if ((colon = strchr(host, ':')))
		*colon++ = 0;
	if (!realpath(host, real))
		die(FAIL, "share %s:", host);
	s->host = strdup(real);
	s->guest = colon ? colon : s->host;
	if (s->guest[0] != '/')
		die(FAIL, "share %s: not an absolute path in the guest", text);
	s->ro = ro;
	s->fs = MSG_9P;
	snprintf(s->tag, sizeof(s->tag), "share%zu", j->nshares++);
}

static void
options(struct job *j, char **argv)
{
	struct arg a;
	int64_t v;
	int c;

	arg_init(&a, &tool, argv);
	while ((c = arg_next(&a)) != ARG_END) {
		if (c == ARG_OPERAND) {
			j->argv = a.v - 1;
			break;
		}
		switch (c) {
		case 'k': j->kernel = a.value; break;
		case OPT_MODULES: j->moddir = a.value; break;
		case OPT_SHARE: add_share(j, a.value, 1); break;
		case OPT_RW: add_share(j, a.value, 0); break;
		case OPT_APPEND: j->append[j->nappend++ % JOB_WORDS] = a.value; break;
		case OPT_CPUS: j->cpus = (int)arg_num(&a, 1, 255); break;
		case OPT_NET: j->net = a.value; break;
		case 'm':
			if (num_size(a.value, 1 << 20, 1LL << 40, &v) < 0)
				arg_usage(&a, "-m: not a size: %s", a.value);
			j->memory = v >> 20;
			break;
		case 't':
			if (num_msec(a.value, 1, INT64_MAX, &j->timeout) < 0)
				arg_usage(&a, "-t: not a time: %s", a.value);
			break;
		case 'v': j->verbose = 1; break;
		case 'n': j->dry = 1; break;
		}
	}
}

static void
message(struct msg_job *m, const struct job *j, char **env)
{
	static char cwd[PATH_MAX], host[256];
	struct timespec ts;
	size_t i;

	memset(m, 0, sizeof(*m));
	clock_gettime(CLOCK_REALTIME, &ts);
	m->sec = (uint64_t)ts.tv_sec;
	m->nsec = (uint32_t)ts.tv_nsec;
	if (getrandom(m->seed, sizeof(m->seed), 0) != sizeof(m->seed))
		die(FAIL, "getrandom:");
	if (!getcwd(cwd, sizeof(cwd)))
		snprintf(cwd, sizeof(cwd), "/");
	gethostname(host, sizeof(host) - 1);
	m->cwd = j->cwd ? j->cwd : cwd;
	m->init = j->init ? j->init : "";
	m->hostname = j->hostname ? j->hostname : host;
	m->flags = j->net ? MSG_NET : 0;
	for (i = 0; i < j->nshares; i++)
		m->mount[m->nmounts++] = (struct msg_mount){ j->share[i].fs,
			(uint32_t)j->share[i].ro, j->share[i].tag,
			j->share[i].guest };
	m->argv = (const char **)(uintptr_t)j->argv;
	while (m->argv[m->argc])
		m->argc++;
	m->env = (const char **)(uintptr_t)env;
	while (env[m->envc])
		m->envc++;
}

int
main(int argc, char **argv, char **env)
{
	static struct job j = { .cpus = 1, .memory = 512 };
	static struct plan p;
	static struct mach m;
	static struct msg_job mj;

	(void)argc;
	if (getpid() == 1 && !strcmp(argv[0], "/init"))
		guest_main();
	options(&j, argv);
	j.qemu = getenv("QEMU") ? getenv("QEMU") : "qemu-system-x86_64";
	add_share(&j, "/", 1);
	plan_make(&p, &j);
	if (mach_open(&m) < 0)
		die(FAIL, "sockets:");
	m.initrd = plan_initrd(&p);
	mach_args(&m, &j, &p);
	if (j.dry)
		return qemu_print(&m.q, stdout) < 0 ? FAIL : 0;
	message(&mj, &j, env);
	if (mach_start(&m) < 0)
		die(FAIL, "%s:", p.qemu);
	return host_run(&m, &j, &mj);
}
