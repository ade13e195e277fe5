/* limen: ISC licence, see LICENSE */
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "fd.h"
#include "tap.h"
#include "vmdir.h"

static int
exists(const char *dir, const char *name)
{
	char p[512];

	snprintf(p, sizeof(p), "%s/%s", dir, name);
	return access(p, F_OK) == 0;
}

/* a process that owns dir and waits to be killed; *end closes with it */
static pid_t
owner(const char *dir)
{
	struct vmdir d;
	int p[2];
	pid_t pid;
	char c;

	if (pipe(p) < 0)
		abort();
	fflush(stdout);
	if ((pid = fork()) == 0) {
		if (vmdir_open(&d, dir) < 0 || vmdir_pid(&d, getpid()) < 0 ||
		    vmdir_listen(&d, "console") < 0 || write(p[1], "x", 1) != 1)
			_exit(1);
		pause();
		_exit(0);
	}
	close(p[1]);
	OK_MSG(read(p[0], &c, 1) == 1, "another owner has it");
	close(p[0]);
	return pid;
}

static void
foreign(const char *dir)
{
	struct vmdir d;
	pid_t pid = owner(dir);

	OK(vmdir_owner(dir) == pid);
	OK(vmdir_open(&d, dir) < 0 && errno == EBUSY);
	OK(exists(dir, "console"));
	kill(pid, SIGSTOP);
	waitpid(pid, NULL, WUNTRACED);
	OK_MSG(vmdir_stop(dir, 20) < 0 && errno == ETIMEDOUT,
	    "an owner that does not end");
	kill(pid, SIGCONT);
	OK_MSG(vmdir_stop(dir, 10000) == 0 || errno == ESRCH,
	    "it ends by the first signal or by the second");
	waitpid(pid, NULL, 0);
	OK(vmdir_stop(dir, 0) < 0 && errno == ESRCH);
	OK_MSG(vmdir_owner(dir) == 0, "a killed owner is seen as gone");
	OK(exists(dir, "pid") && exists(dir, "console"));
	OK(vmdir_open(&d, dir) == 0);
	OK_MSG(!exists(dir, "pid") && !exists(dir, "console"),
	    "what a dead owner left goes");
	vmdir_close(&d);
}

static void
own(const char *dir)
{
	struct vmdir d;
	struct stat st;
	int l, c, a;
	char b[8] = "", tool[VMDIR_TOOL];

	OK(vmdir_owner(dir) < 0 && errno == ENOENT);
	OK(vmdir_open(&d, dir) == 0);
	OK(stat(dir, &st) == 0 && (st.st_mode & 0777) == 0700);
	OK_MSG(vmdir_owner(dir) == getpid(), "an owner that is starting");
	OK(vmdir_pid(&d, 1) == 0 && vmdir_owner(dir) == 1);
	vmdir_tool(dir, tool);
	STREQ(tool, "limen");
	OK((l = vmdir_listen(&d, "console")) >= 0);
	OK(vmdir_listen(&d, "console") < 0 && errno == EADDRINUSE);
	OK((c = vmdir_connect(dir, "console")) >= 0);
	OK((a = accept(l, NULL, NULL)) >= 0 && write(a, "hi", 2) == 2);
	OK(fd_read_full(c, b, 2) == 2 && !strcmp(b, "hi"));
	close(a);
	close(c);
	close(l);
	OK(vmdir_connect(dir, "console") < 0 && errno == ECONNREFUSED);
	OK_MSG(vmdir_keeper(dir) == getpid(), "whatever is in DIR/pid");
	OK(vmdir_put(&d, "status", "running\n") == 0);
	OK(exists(dir, "status") && !exists(dir, ".new"));
	vmdir_close(&d);
	OK(!exists(dir, "pid") && !exists(dir, "console") &&
	    !exists(dir, "lock") && exists(dir, "status"));
}

/* files that others put there: none is removed, none is written to by another
 * name; and a directory that was made for it goes with it */
static void
files(const char *dir)
{
	char p[512], other[512], name[110];
	struct vmdir d;
	struct stat st;
	int l;

	OK(vmdir_open(&d, dir) == 0);
	OK((l = vmdir_listen(&d, "control")) >= 0);
	snprintf(p, sizeof(p), "%s/control", dir);
	OK(stat(p, &st) == 0 && (st.st_mode & 0777) == 0600);
	close(l);
	memset(name, 'x', sizeof(name));
	name[108] = 0;
	OK(vmdir_listen(&d, name) < 0 && errno == ENAMETOOLONG);
	vmdir_close(&d);
	OK_MSG(access(dir, F_OK) < 0, "nothing of it is left");
	OK(mkdir(dir, 0700) == 0);
	snprintf(p, sizeof(p), "%s/monitor", dir);
	OK((l = open(p, O_WRONLY | O_CREAT, 0600)) >= 0 && close(l) == 0);
	snprintf(p, sizeof(p), "%s/lock", dir);
	snprintf(other, sizeof(other), "%s/other", dir);
	OK(symlink("other", p) == 0);
	OK(vmdir_open(&d, dir) < 0 && errno == ELOOP && unlink(p) == 0);
	OK(access(other, F_OK) < 0 && vmdir_open(&d, dir) == 0);
	snprintf(p, sizeof(p), "%s/.new", dir);
	OK(symlink("other", p) == 0);
	OK(vmdir_put(&d, "status", "x") < 0 && access(other, F_OK) < 0);
	vmdir_close(&d);
	OK(exists(dir, "monitor"));
	unlink(p);
	snprintf(p, sizeof(p), "%s/monitor", dir);
	unlink(p);
	OK(rmdir(dir) == 0);
}

/* whoever asked and has gone again is still in the queue of one that is
 * stopped: that must not be for ever */
static void
full(const char *dir)
{
	struct vmdir d;
	int l = -1, c, n = 0;

	OK(vmdir_open(&d, dir) == 0 && (l = vmdir_listen(&d, "control")) >= 0);
	alarm(VMDIR_CONNECT + 10);
	for (; n < 100 && (c = vmdir_connect(dir, "control")) >= 0; n++)
		close(c);
	OK_MSG(n > 1 && n < 100 && errno == EAGAIN, "a full queue is told");
	alarm(0);
	close(l);
	vmdir_close(&d);
}

/* a FIFO of that name is nobody's lock, and nobody waits for its writer */
static void
fifo(const char *dir)
{
	char p[512], tool[VMDIR_TOOL] = "x";

	snprintf(p, sizeof(p), "%s/lock", dir);
	OK(mkfifo(p, 0600) == 0);
	alarm(10);
	OK(vmdir_owner(dir) == 0);
	vmdir_tool(dir, tool);
	STREQ(tool, "");
	alarm(0);
	unlink(p);
}

int
main(void)
{
	char dir[400] = "/tmp/vmdir.XXXXXX", deep[300], p[500];
	size_t n;

	if (!mkdtemp(dir))
		return 1;
	/* deeper than sun_path can say */
	for (n = strlen(dir); n < 200; n += 40) {
		snprintf(dir + n, sizeof(dir) - n, "/%039d", 0);
		mkdir(dir, 0700);
	}
	snprintf(deep, sizeof(deep), "%.290s/vm", dir);
	files(deep);
	own(deep);
	foreign(deep);
	full(deep);
	fifo(deep);
	snprintf(p, sizeof(p), "%s/console", deep);
	OK(vmdir_connect_path(p) < 0 && errno == ENOENT);
	snprintf(p, sizeof(p), "%s/status", deep);
	unlink(p);
	for (rmdir(deep); strlen(dir) > 4; *strrchr(dir, '/') = 0)
		rmdir(dir);
	return tap_done();
}
