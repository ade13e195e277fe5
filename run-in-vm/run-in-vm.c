/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/time.h>

#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "die.h"
#include "guest.h"
#include "host.h"
#include "opts.h"
#include "plan.h"
#include "proc.h"
#include "share.h"

#define FAIL JOB_FAIL

/*
 * While the guest runs its loop keeps the time. Before that an alarm does, for
 * whatever takes long: to find a closure, to make an image.
 */
static char late[128];

static void
on_alarm(int sig)
{
	(void)sig;
	if (write(2, late, strlen(late)) < 0)
		_exit(FAIL);
	_exit(JOB_LATE);
}

/* until deadline, -1: no alarm */
static void
alarm_at(int64_t deadline)
{
	struct itimerval t = { { 0, 0 }, { 0, 0 } };
	struct sigaction sa;
	int64_t ms = deadline - clock_ms();

	if (deadline >= 0) {
		memset(&sa, 0, sizeof(sa));
		sa.sa_handler = on_alarm;
		sigaction(SIGALRM, &sa, NULL);
		ms = ms > 0 ? ms : 1;
		t.it_value.tv_sec = ms / 1000;
		t.it_value.tv_usec = (suseconds_t)(ms % 1000 * 1000);
	}
	setitimer(ITIMER_REAL, &t, NULL);
}

static void
too_long(void)
{
	die(FAIL, "arguments and environment are too long");
}

/* the command's environment: ours, then --env, which comes last and wins */
static void
environment(struct msg_job *m, const struct job *j, char **env)
{
	static const char *v[MSG_WORDS + 1];
	uint32_t n = 0;
	size_t i, len;
	uint32_t k;

	for (; *env; env++) {
		if (n == MSG_WORDS - JOB_WORDS - 1)
			too_long();
		v[n++] = *env;
	}
	if (j->results)
		v[n++] = "out=" GUEST_RESULTS;
	for (i = 0; i < j->nenv; i++) {
		len = strcspn(j->env[i], "=") + 1;
		for (k = 0; k < n && strncmp(v[k], j->env[i], len); k++)
			;
		v[k] = j->env[i];
		n += k == n;
	}
	v[n] = NULL;
	m->env = v;
	m->envc = n;
}

static void
arguments(struct msg_job *m, const struct job *j)
{
	static const char *shell[2];

	shell[0] = getenv("SHELL");
	if (!shell[0] || shell[0][0] != '/' || j->root || j->store)
		shell[0] = "/bin/sh";
	m->argv = (const char **)(uintptr_t)j->argv;
	if (!m->argv)
		m->argv = shell;
	if (j->init) { /* the command's words are the init's arguments */
		static const char *v[MSG_WORDS + 1];
		size_t i;

		v[0] = j->init;
		for (i = 0; j->argv && j->argv[i] && i < MSG_WORDS - 1; i++)
			v[i + 1] = j->argv[i];
		if (j->argv && j->argv[i])
			too_long();
		m->argv = v;
	}
	for (m->argc = 0; m->argv[m->argc];)
		m->argc++;
	if (m->argc > MSG_WORDS)
		too_long();
}

/* Where the host is the guest's root, a command is found in the guest where it
 * is found here, but with a question to the host for each directory of PATH.
 * What is hidden there (/run) is looked for again. */
static const char *
program(const struct job *j, const char *name)
{
	static char b[PATH_MAX];
	size_t i;

	for (i = 0; i < j->nenv; i++)
		if (!strncmp(j->env[i], "PATH=", 5))
			return "";
	if (j->nshares > 1 || strcmp(j->share[0].host, "/") ||
	    strchr(name, '/') || proc_find(name, b, sizeof(b)) < 0 || *b != '/')
		return "";
	return b;
}

/* One of its own, for guests on a wire collide with one address. The guest
 * sets it: a saved one comes with the address that it was saved with. */
static void
new_mac(uint8_t mac[6])
{
	static const uint8_t qemus[3] = { 0x52, 0x54, 0 };

	memcpy(mac, qemus, 3);
	if (getrandom(mac + 3, 3, 0) != 3)
		die(FAIL, "getrandom:");
	mac[3] |= 0x80; /* see unecho_source() */
}

/* do stdout and stderr lead to one place? */
static int
one_place(const struct job *j)
{
	struct stat a, b;

	if (j->tty && isatty(2))
		return 1;
	return fstat(1, &a) == 0 && fstat(2, &b) == 0 && a.st_dev == b.st_dev &&
	       a.st_ino == b.st_ino;
}

static void
message(struct msg_job *m, const struct job *j, char **env)
{
	static char cwd[PATH_MAX], host[256];
	static const char *no_binds[1];
	const mode_t mask = umask(0);
	struct winsize ws;
	size_t i;

	umask(mask);
	memset(m, 0, sizeof(*m));
	if (getrandom(m->seed, sizeof(m->seed), 0) != sizeof(m->seed))
		die(FAIL, "getrandom:");
	if (!getcwd(cwd, sizeof(cwd)))
		snprintf(cwd, sizeof(cwd), "/");
	gethostname(host, sizeof(host) - 1);
	if (j->net)
		new_mac(m->mac);
	m->cwd = j->cwd ? j->cwd : cwd;
	m->init = j->init ? j->init : "";
	m->hostname = j->name ? j->name : host;
	m->uid = j->uid;
	m->gid = j->gid;
	m->flags = (j->net && !strncmp(j->net, "user", 4) ? MSG_NET : 0) |
		   (j->results ? MSG_RESULTS : 0) |
		   (j->keep_failed ? MSG_KEEP : 0) | (j->cwd ? MSG_CWD : 0) |
		   (j->tty ? MSG_TTY : 0) | (geteuid() ? MSG_USER : 0) |
		   (one_place(j) ? MSG_ONE : 0) | mask << MSG_UMASK;
	if (j->tty && ioctl(0, TIOCGWINSZ, &ws) == 0) {
		m->rows = ws.ws_row;
		m->cols = ws.ws_col;
	}
	for (i = 0; i < j->nshares; i++)
		m->mount[m->nmounts++] = (struct msg_mount){ j->share[i].fs,
			(uint32_t)j->share[i].ro, j->share[i].tag,
			j->share[i].guest };
	m->nbinds = j->nclosure;
	m->binds = j->closure ? (const char **)(uintptr_t)j->closure : no_binds;
	arguments(m, j);
	m->prog = program(j, m->argv[0]);
	environment(m, j, env);
}

static void
say(const struct job *j, const struct plan *p, const struct tmpl *t)
{
	static const char *const how[] = { [MSG_9P] = "9p",
		[MSG_VIRTIOFS] = "virtiofs",
		[MSG_IMAGE] = "image",
		[MSG_CPIO] = "cpio" };
	size_t i;

	if (!j->verbose)
		return;
	warn("kernel %s", p->kernel);
	if (t->fd < 0)
		warn("modules: %zu of %s", p->mods.n,
		    *p->modules ? p->modules : "none");
	for (i = 0; i < j->nshares; i++)
		warn("%s is %s here, by %s%s", j->share[i].guest,
		    j->share[i].host, how[j->share[i].fs],
		    j->share[i].ro ? ", read-only" : "");
	if (p->kvm)
		warn("KVM");
	else
		warn("emulation, no KVM: %s", p->why_not);
	warn(t->fd >= 0 ? "starts from %s" : "boots", t->path);
}

/* one machine, from a saved guest or from its boot */
static int
once(struct host_run *r, struct job *j, struct plan *p, char **env)
{
	static struct msg_job mj;
	static struct mach m;
	int status;

	if (mach_open(&m) < 0)
		die(FAIL, "sockets:");
	if (r->tmpl->fd >= 0) {
		m.ram = r->tmpl->fd;
		m.state = tmpl_state(r->tmpl);
	} else {
		if (!j->dry && p->kern.kind == KERNEL_OTHER)
			die(FAIL, "kernel %s: neither a bzImage nor a vmlinux",
			    p->file);
		m.initrd = plan_initrd(p, j);
		if (r->save || share_needs_memory(j))
			m.ram = memfd_create("guest", MFD_CLOEXEC);
	}
	mach_args(&m, j, p);
	if (j->dry) {
		if (qemu_print(&m.q, stdout) < 0 || fflush(stdout) == EOF)
			die(FAIL, "write to stdout:");
		return 0;
	}
	say(j, p, r->tmpl);
	message(&mj, j, env);
	r->m = &m;
	r->mj = &mj;
	if (mach_start(&m, j) < 0)
		die(FAIL, "%s:", p->qemu);
	alarm_at(-1);
	status = host_run(r);
	mach_close(&m);
	if (status == HOST_AGAIN)
		alarm_at(r->deadline);
	if (j->gdb_socket)
		unlink(j->gdb_socket);
	return status;
}

static int
run(struct host_run *r, struct job *j, struct plan *p, char **env)
{
	struct tmpl *t = r->tmpl;
	int status = HOST_AGAIN, warm;

	tmpl_init(t, j, p);
	warm = !j->cold && !j->dry && share_templates(j) && t->path[0];
	if (warm && tmpl_find(t, p) == 0) {
		status = once(r, j, p, env);
		if (status != HOST_AGAIN)
			return status;
		if (j->verbose)
			warn("the saved guest is broken: removed");
		tmpl_drop(t);
	}
	memcpy(p->kernel, p->file, sizeof(p->kernel));
	p->kept = warm || j->dry;
	plan_kernel(p, j);
	share_open(j, p);
	plan_modules(p, j);
	/* see plan_modules(): a built-in driver has read a disk's size already
	 */
	r->save = warm && share_templates(j) &&
		  (!plan_disks(j) || p->early < p->mods.n);
	p->kept = r->save;
	return once(r, j, p, env);
}

int
main(int argc, char **argv, char **env)
{
	static struct job j;
	static struct plan p;
	static struct tmpl t;
	static struct results res;
	struct host_run r = {
		.job = &j, .plan = &p, .tmpl = &t, .deadline = -1, .log = -1
	};
	int status;

	(void)argc;
	if (getpid() == 1 && !strcmp(argv[0], "/init"))
		guest_main();
	opts_read(&j, argv);
	if (j.timeout) {
		r.deadline = clock_ms() + j.timeout;
		snprintf(late, sizeof(late),
		    "%s: not done after %g s; there is no machine yet\n", argv0,
		    (double)j.timeout / 1000);
		alarm_at(r.deadline);
	}
	j.tty = !j.notty && !j.init && isatty(0) && isatty(1);
	share_roots(&j);
	plan_find(&p, &j);
	if (j.log && !j.dry &&
	    (r.log = open(
		 j.log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)) < 0)
		die(FAIL, "log %s:", j.log);
	if (j.results && !j.dry) {
		if (results_open(&res, j.results) < 0) {
			results_close(&res);
			die(FAIL, "%s", res.err);
		}
		r.results = &res;
	}
	status = run(&r, &j, &p, env);
	if (r.results && res.ended && (!status || j.keep_failed) &&
	    results_done(&res) < 0) {
		warn("%s", res.err);
		status = FAIL;
	}
	if (r.results)
		results_close(&res);
	share_close(&j);
	plan_free(&p);
	return status;
}
