/* limen: ISC licence, see LICENSE */
#ifndef DIRCMD_H
#define DIRCMD_H

#include <stddef.h>
#include <stdint.h>

#include "arg.h"
#include "vmdir.h"

/*
 * The commands on state directories, the same in every tool that has one:
 * --stop DIR [TIME], --status DIR, --list DIR... A tool puts
 * DIRCMD_OPTS into its table of options, gives each option to dircmd_option()
 * first, and when one of them was there lets dircmd_run() have the operands.
 */
#define DIRCMD_WORDS 1024 /* operands, of --list */

enum {
	DIRCMD_STOP = 1024,
	DIRCMD_STATUS,
	DIRCMD_LIST,
};

/* clang-format off */
#define DIRCMD_OPTS                                                         \
	{ DIRCMD_STOP, "stop", "DIR", "end what runs in DIR" },             \
	{ DIRCMD_STATUS, "status", "DIR", "what runs in DIR; 0 when it does" }, \
	{ DIRCMD_LIST, "list", NULL, "the same of each DIR" }
/* clang-format on */

struct dircmd {
	/* for a machine vmask_stop() and vmask_status(); NULL: what runs there
	 * ends on SIGTERM */
	int (*stop)(const char *dir, int64_t ms);
	int (*tell)(const char *dir, char *b, size_t cap);
	int id; /* 0: none was given */
	const char *dir;
};

/* 1 when the option is one of them, else 0; a second one is a usage error */
int dircmd_option(struct dircmd *d, const struct arg *a, int id);

/* the value of --background or --dir, when had is NULL: that of neither */
const char *dircmd_dir(const struct arg *a, const char *had);

/* ends the tool with status 1 and a line when a program runs in dir */
void dircmd_idle(const char *dir);

/* vmdir_open(), or the same end */
void dircmd_take(struct vmdir *d, const char *dir);

/* 1 when another tool runs in dir, which is said */
int dircmd_other(const char *dir);

/* runs it on its directory, or on the operands w: the exit status */
int dircmd_run(
    const struct dircmd *d, const struct arg *a, const char *const *w, int n);

#endif
