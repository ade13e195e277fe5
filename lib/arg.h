/* limen: ISC licence, see LICENSE */
#ifndef ARG_H
#define ARG_H

#include <stdint.h>
#include <stdio.h>

/*
 * Options from a table, the same in every tool: "-v", "-vq", "-p 69", "-p69",
 * "--port 69", "--port=69", "--" ends them. Options and operands may stand in
 * any order unless ARG_STRICT. -h, --help and --version come of themselves,
 * so does --options, which prints the table for the shell completions.
 *
 *	static const struct arg_opt opts[] = {
 *		{ 'p', "port", "PORT", "listen on PORT (default 69)" },
 *		{ 'v', "verbose", NULL, "log each packet" },
 *		{ OPT_READY, "ready", "FILE", "..." },       (an enum from 256)
 *		{ 0 }
 *	};
 *	static const struct arg_tool tool = { "tufted", "[options] DIR", opts };
 *
 *	arg_init(&a, &tool, argv);
 *	while ((c = arg_next(&a)) != ARG_END)
 *		switch (c) { case 'p': port = a.value; ... case ARG_OPERAND: ...
 *}
 *
 * A wrong option ends the program with one line and status 2 (or tool->usage
 * when that is not 0).
 */
struct arg_opt {
	int id;		  /* the short letter, or any number from 256 on */
	const char *name; /* long name, or NULL */
	const char *meta; /* what its value is called, NULL: takes none */
	const char *help; /* one line, lower case; NULL keeps it out of sight */
};

enum {
	ARG_END = -1,
	ARG_OPERAND = 1, /* a.value is the operand */
};

enum {
	ARG_STRICT = 1, /* the first operand ends the options */
};

struct arg_tool {
	const char *name;
	const char *synopsis; /* what follows the name in the usage line */
	const struct arg_opt *opts;
	int flags;
	int usage; /* exit status for usage errors, 0: 2 */
};

struct arg {
	const struct arg_tool *tool;
	char **v;	   /* next word */
	const char *flags; /* rest of a word of short options, or NULL */
	const char *value;
	const char *shown; /* the option as the user typed it */
	const char *meta;  /* what the option's value is called */
	char shortopt[3];
	int nomore;
};

/* argv must outlive a; a standard descriptor that is closed is filled, so that
 * no other becomes it: before any is opened; SIGCHLD is no longer ignored */
void arg_init(struct arg *a, const struct arg_tool *tool, char **argv);

/* the next option's id, ARG_OPERAND or ARG_END; values point into argv */
int arg_next(struct arg *a);

/* ends the program with "tool: text" and a hint at --help */
void arg_usage(const struct arg *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), noreturn));

/* an option's value as a whole number within min..max, else a usage error */
long long arg_num(const struct arg *a, long long min, long long max);

/* a time of at least min ms: "90", "1.5s", "10m", see num_msec(); in ms */
int64_t arg_msec(const struct arg *a, int64_t min);

/* an amount of memory in MiB: a plain number is MiB, else "1G" */
int64_t arg_mib(const struct arg *a);

/* which of the words of its meta, "auto|kvm|tcg", the value is, from 0 */
int arg_choice(const struct arg *a);

/* one more value in the caller's list of max */
void arg_push(const struct arg *a, const char **list, int *n, int max);

#endif
