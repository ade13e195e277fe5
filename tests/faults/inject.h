/* limen: ISC licence, see LICENSE */
#ifndef INJECT_H
#define INJECT_H

#include <sys/types.h>

#include <limits.h>

enum {
	SHORT = -1, /* not an errno: one byte only */
	NCALL = 109,
	NPROC = 256,
	NSTAT = 16,
	TEXT = 65536,
	GRACE = 1000, /* ms that children have to end after the script */
};

/* a system call and what it may fail with; the last has no name */
struct call {
	const char *name;
	int nr;
	int errs[5];
};
extern const struct call calls[];

struct fault {
	int call; /* index in calls, -1: none */
	int nr;	  /* its occurrence, from 1; 0: each */
	int err;
	int given; /* of those only whose first argument is arg */
	long arg;
};

struct proc {
	pid_t pid; /* 0: free */
	int fresh; /* its first stop is still to come */
	int early; /* that came before its parent told of it */
	int hot;   /* runs TOOL */
	int main;  /* started as TOOL, not forked by it */
	int in;	   /* within a call */
	int hit;   /* the fault is due at the end of this call */
	unsigned long long rdx;
};

/* one run of the script */
struct run {
	struct fault f;
	pid_t script;
	struct proc p[NPROC];
	int count[NCALL]; /* of calls[] */
	int status[NSTAT], nstatus;
	int sig;  /* of a process of TOOL that crashed */
	int late; /* the deadline has passed */
	int left; /* processes that outlived the script */
	char out[TEXT], err[TEXT], files[TEXT];
};

struct conf {
	const char *tool, *script, *ok;
	int ms, max, verbose;
	struct fault one; /* with -1 */
	char dir[PATH_MAX];
};

/* inject_calls.c: the name of an error; a fault from "CALL[=ARG]:N:ERROR", -1:
 * none such */
const char *errname(int err);
int fault_parse(struct fault *f, char *s);

/* inject_trace.c: runs the script, with the fault, in the current directory,
 * which it empties before */
void run(const struct conf *c, const struct fault *f, struct run *r);

/* removes what is in a directory */
void empty(const char *dir);

/* inject_judge.c: what is wrong with a run, or NULL */
const char *verdict(
    const struct conf *c, const struct run *base, const struct run *r);

/* ends us, with the words of errno */
void fail(const char *what);

#endif
