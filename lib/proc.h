/* limen: ISC licence, see LICENSE */
#ifndef PROC_H
#define PROC_H

#include <sys/types.h>

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The signal that asked the program to end (SIGTERM, SIGINT or SIGHUP), 0
 * while there was none; set after proc_signals().
 */
extern volatile sig_atomic_t proc_signal;

/*
 * Catches SIGTERM, SIGINT and SIGHUP (each into proc_signal) and SIGCHLD
 * (ignored but for waking up), ignores SIGPIPE, and blocks all of them:
 * *during is the mask to give ppoll() or epoll_pwait(), where they are let in.
 * A signal that was ignored at the start (nohup) stays ignored.
 */
void proc_signals(sigset_t *during);

/*
 * Going to the background. proc_background() forks. In the child it returns
 * PROC_CHILD: a session of its own, *bg to be handed to proc_ready() once
 * everything is in place; until then stdin, stdout and stderr are as they
 * were, so that the child's one line of error reaches the user. In the parent
 * it returns PROC_PARENT as soon as that has happened or the child ended;
 * bg->status is what to exit with: 0 when ready, else the child's own status
 * (1 when a signal killed it). -1 and errno: no
 * child lives.
 * When the parent is killed while it waits, the child gets SIGTERM. What comes
 * later waits in the parent, too, for what proc_signals() is for.
 */
enum { PROC_CHILD = 0, PROC_PARENT = 1 };
struct proc_bg {
	int fd; /* to the parent, -1: not in the background */
	int status;
};
int proc_background(struct proc_bg *bg);

/* tells the parent that all is well; stdin, stdout, stderr become /dev/null,
 * or stderr the file log, which is closed (-1: none). Without a parent
 * (bg->fd is -1) stderr stays. 0, or -1 and errno (EPIPE: the parent is gone),
 * stderr as it was. */
int proc_ready(struct proc_bg *bg, int log);

/* a program to run */
struct proc {
	const char *const *argv; /* argv[0] is looked for in PATH */
	int std[3];		 /* its stdin, stdout, stderr; -1: ours */
	const int *keep; /* further descriptors that it gets, same numbers */
	size_t nkeep;
	int deathsig; /* what it gets when we die, 0: nothing */
	int session;  /* 1: a session of its own (no signals from the tty) */
};

/* runs p with default signals and nothing blocked; its pid, or -1 and errno,
 * exec's own errno included (ENOENT: no such program) */
pid_t proc_spawn(const struct proc *p);

/* waits until clock_ms() is deadline (-1: for ever); 0 with the wait status,
 * 1 when it still runs, -1 and errno */
int proc_wait(pid_t pid, int64_t deadline, int *wstatus);

/* sends sig (0: nothing), waits ms for the end, then SIGKILLs; reaps. The
 * wait status. */
int proc_end(pid_t pid, int sig, int ms);

/* what a shell would show for a wait status: exit status, or 128 + signal */
int proc_status(int wstatus);

/* all that a program prints, at most max bytes, within ms (-1: for ever), in
 * memory that the caller frees, with a NUL behind; its stderr is passed over.
 * NULL: it cannot be run, failed, or took longer */
char *proc_output(const char *const *argv, size_t max, int ms);

/* the full path of a program as execvp() would find it, in b; 0 or -1 */
int proc_find(const char *name, char *b, size_t cap);

#endif
