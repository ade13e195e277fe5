/* limen: ISC licence, see LICENSE */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "vmctl.h"
#include "vmstate.h"
#include "words.h"

static int
fail(struct vmsup *s, const char *path, const char *name)
{
	snprintf(s->err, sizeof(s->err), "%.200s%s%s: %s", path,
	    *name ? "/" : "", name, strerror(errno));
	return -1;
}

/* DIR/args: the command, to be run again */
static int
write_args(struct vmdir *d, char **argv)
{
	size_t n = 0, cap = 1;
	char *b;
	int i, r;

	/* a quote is quoted by four bytes, a word by two */
	for (i = 0; argv[i]; i++)
		cap += 4 * strlen(argv[i]) + 4;
	if (!(b = malloc(cap)))
		return -1;
	for (; *argv; argv++) {
		n += (size_t)words_quote(*argv, b + n, cap - n);
		b[n++] = argv[1] ? ' ' : '\n';
	}
	b[n] = 0;
	r = vmdir_put(d, "args", b);
	free(b);
	return r;
}

static int
fill(struct vmsup *s, const struct vmstate_sock *t, char **argv)
{
	static const char *const own[] = { "console", "console.all",
		"control" };
	struct vmdir *d = s->dir;
	int fd[3], i;

	for (i = 0; i < 3; i++)
		if ((fd[i] = vmdir_listen(d, own[i])) < 0)
			return fail(s, d->path, own[i]);
	s->con.listen[0] = fd[0];
	s->con.listen[1] = fd[1];
	vmctl_serve(s, fd[2]);
	for (; t->name; t++)
		if ((i = vmdir_listen(d, t->name)) < 0 ||
		    vmsup_give(s, t->give, i) < 0)
			return fail(s, d->path, t->name);
	if ((s->con.log = vmdir_create(d, "console.log")) < 0)
		return fail(s, d->path, "console.log");
	return write_args(d, argv) < 0 ? fail(s, d->path, "args") : 0;
}

int
vmstate_open(struct vmsup *s, const char *path, const struct vmstate_sock *t,
    char **argv)
{
	char busy[VMDIR_BUSY];

	if (vmdir_open(s->dir, path) < 0) {
		if (errno != EBUSY)
			return fail(s, path, "");
		snprintf(s->err, sizeof(s->err), "%.200s: %s", path,
		    vmdir_busy(path, busy));
		return -1;
	}
	if (fill(s, t, argv) == 0)
		return 0;
	if (s->con.log >= 0) /* what comes last did not fit */
		unlinkat(s->dir->fd, "console.log", 0);
	vmdir_close(s->dir);
	return -1;
}

/* -chardev socket,id=NAME for one of them, in the directory path; "gdb" is the
 * name that QEMU gives to what a user's own -s or -gdb makes */
static void
chardev(struct qemu *q, const char *path, const struct vmstate_sock *t)
{
	const char *id = strcmp(t->name, "gdb") ? t->name : "stub";

	if (q->plain)
		qemu_opt(q, "-chardev",
		    "socket,id=%s,path=%s/%s,server=on,wait=off", id,
		    qemu_path(q, path), t->name);
	else
		qemu_opt(q, "-chardev", "socket,id=%s,fd=%d,server=on,wait=off",
		    id, VMSUP_FD + t->give);
}

void
vmstate_args(struct qemu *q, enum vmstate_term term, const char *path,
    const struct vmstate_sock *t)
{
	static const struct {
		const char *name, *opt, *value;
	} use[] = { { "monitor", "-mon", "chardev=monitor,mode=readline" },
		{ "qmp", "-mon", "chardev=qmp,mode=control" },
		{ "gdb", "-gdb", "chardev:stub" } };
	size_t i;

	if (term == VMSTATE_BACKGROUND) {
		qemu_opt(q, "-chardev", "stdio,id=console,signal=off");
		qemu_opt(q, "-serial", "chardev:console");
	} else
		qemu_opt(q, "-serial", "mon:stdio");
	for (; path && t->name; t++) {
		chardev(q, path, t);
		for (i = 0; i < sizeof(use) / sizeof(*use); i++)
			if (!strcmp(t->name, use[i].name))
				qemu_opt(q, use[i].opt, "%s", use[i].value);
	}
	if (q->plain)
		return;
	qemu_opt(q, "-chardev", "socket,id=limen,fd=%d", VMSUP_QMP_FD);
	qemu_opt(q, "-mon", "chardev=limen,mode=control");
}

int
vmstate_runs(struct vmsup *s)
{
	if (vmdir_pid(s->dir, s->pid) == 0 &&
	    vmdir_put(s->dir, "status", "running\n") == 0)
		return 0;
	return fail(s, s->dir->path, "pid");
}
