/* limen: ISC licence, see LICENSE */
#ifndef QEMU_H
#define QEMU_H

#include <stddef.h>
#include <stdio.h>

/*
 * QEMU's command line, put together a piece at a time. What does not fit
 * sets err, which is looked at once at the end. With plain the line is for
 * people to read and to run: without what only our own process can supply,
 * as far as there is something to stand for it.
 */
#define QEMU_ARGS 512

struct qemu {
	const char *argv[QEMU_ARGS + 1]; /* NULL after the last */
	int n;
	char *mem; /* where formatted arguments are put */
	size_t cap, used;
	int err, plain;
};

void qemu_init(struct qemu *q, char *mem, size_t cap);

/* one argument: the string itself (it must outlive q), or formatted */
void qemu_add(struct qemu *q, const char *s);
void qemu_addf(struct qemu *q, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* an option and its formatted value */
void qemu_opt(struct qemu *q, const char *opt, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* a file's path as a value among others needs it, kept in q: commas doubled,
 * and "./" before what would be a protocol's name ("a:b") */
const char *qemu_path(struct qemu *q, const char *s);

/* the words of text, as sh(1) splits them; -1: a quote does not end */
int qemu_words(struct qemu *q, const char *text);

/* the arguments quoted for sh(1), each on a line with " \" between: 0 or -1 */
int qemu_print(const struct qemu *q, FILE *fp);

/* The machines that we know. */
struct qemu_arch {
	const char *name;
	const char *program;
	const char *machine;	/* -M */
	const char *cpu;	/* -cpu under TCG, or NULL */
	const char *console;	/* console= for Linux */
	unsigned long long ram; /* where RAM is that lies above -m's part */
	const char *native;	/* uname -m of hosts whose KVM runs it, NULL */
	const char *bootnic;	/* network device of its U-Boot, NULL: virtio */
	unsigned flash;		/* bytes of boot flash, 0: none */
};

/* NULL: no such name */
const struct qemu_arch *qemu_arch(const char *name);

/* the name of the machine that a kernel file is for, from its first bytes;
 * NULL when they do not tell */
const char *qemu_kernel_arch(const void *head, size_t len);

/* a firmware that does no more than to start a kernel, which the QEMU that has
 * this path brings along; b is "" when it has none */
void qemu_qboot(const char *qemu, char *b, size_t cap);

#endif
