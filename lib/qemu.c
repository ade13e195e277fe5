/* limen: ISC licence, see LICENSE */
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "qemu.h"
#include "rd.h"
#include "words.h"

static const struct qemu_arch arches[] = {
	{ "mips", "qemu-system-mips", "malta", NULL, "ttyS0,38400n8",
	    0x80000000, NULL, "pcnet", 4 << 20 },
	{ "mipsel", "qemu-system-mipsel", "malta", NULL, "ttyS0,38400n8",
	    0x80000000, NULL, "pcnet", 4 << 20 },
	{ "mips64", "qemu-system-mips64", "malta", "MIPS64R2-generic",
	    "ttyS0,38400n8", 0x80000000, NULL, "pcnet", 4 << 20 },
	{ "mips64el", "qemu-system-mips64el", "malta", "MIPS64R2-generic",
	    "ttyS0,38400n8", 0x80000000, NULL, "pcnet", 4 << 20 },
	{ "aarch64", "qemu-system-aarch64", "virt", "cortex-a72", "ttyAMA0",
	    0x40000000, "aarch64", NULL, 64 << 20 },
	{ "arm", "qemu-system-arm", "virt,highmem=off", "cortex-a15", "ttyAMA0",
	    0x40000000, NULL, NULL, 64 << 20 },
	{ "x86_64", "qemu-system-x86_64", "q35", NULL, "ttyS0", 0, "x86_64",
	    NULL, 0 },
};
#define NARCH (sizeof(arches) / sizeof(*arches))

const struct qemu_arch *
qemu_arch(const char *name)
{
	size_t i;

	for (i = 0; i < NARCH; i++)
		if (!strcmp(arches[i].name, name))
			return &arches[i];
	return NULL;
}

const char *
qemu_kernel_arch(const void *head, size_t len)
{
	const uint8_t *p = head;
	struct rd r;
	unsigned m;
	int le, wide;

	rd_init(&r, head, len);
	if (rd_u32(&r) == 0x7f454c46 && len >= 20) { /* ELF */
		wide = p[4] == 2;
		le = p[5] == 1;
		rd_skip(&r, 14);
		m = le ? rd_le16(&r) : rd_u16(&r);
		switch (m) {
		case 8:
			if (wide)
				return le ? "mips64el" : "mips64";
			return le ? "mipsel" : "mips";
		case 40: return "arm";
		case 62: return "x86_64";
		case 183: return "aarch64";
		default: return NULL;
		}
	}
	if (len >= 0x206 && !memcmp(p + 0x202, "HdrS", 4))
		return "x86_64"; /* the x86 boot protocol's header */
	if (len >= 60 && !memcmp(p + 56, "ARM\x64", 4))
		return "aarch64"; /* Documentation/arm64/booting */
	if (len >= 40 && !memcmp(p + 36, "\x18\x28\x6f\x01", 4))
		return "arm"; /* a zImage */
	return NULL;
}

void
qemu_init(struct qemu *q, char *mem, size_t cap)
{
	memset(q, 0, sizeof(*q));
	q->mem = mem;
	q->cap = cap;
}

void
qemu_add(struct qemu *q, const char *s)
{
	if (q->n >= QEMU_ARGS) {
		q->err = 1;
		return;
	}
	q->argv[q->n++] = s;
	q->argv[q->n] = NULL;
}

/* takes the n bytes and NUL that were written at the free end */
static const char *
keep(struct qemu *q, int n)
{
	char *s = q->mem + q->used;

	if (n < 0 || (size_t)n >= q->cap - q->used) {
		q->err = 1;
		return "";
	}
	q->used += (size_t)n + 1;
	return s;
}

static void
vaddf(struct qemu *q, const char *fmt, va_list ap)
{
	int n = vsnprintf(q->mem + q->used, q->cap - q->used, fmt, ap);

	qemu_add(q, keep(q, n));
}

void
qemu_addf(struct qemu *q, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vaddf(q, fmt, ap);
	va_end(ap);
}

void
qemu_opt(struct qemu *q, const char *opt, const char *fmt, ...)
{
	va_list ap;

	qemu_add(q, opt);
	va_start(ap, fmt);
	vaddf(q, fmt, ap);
	va_end(ap);
}

const char *
qemu_path(struct qemu *q, const char *s)
{
	char *d = q->mem + q->used;
	size_t room = q->cap - q->used, n = 0;

	if (s[strcspn(s, ":/")] == ':')
		for (; n < 2 && n < room; n++)
			d[n] = "./"[n];
	for (; *s && n + 2 < room; s++) {
		d[n++] = *s;
		if (*s == ',')
			d[n++] = ',';
	}
	if (n < room)
		d[n] = 0;
	return keep(q, *s ? -1 : (int)n);
}

int
qemu_words(struct qemu *q, const char *text)
{
	char *w;
	int r;

	for (;;) {
		w = q->mem + q->used;
		r = words_next(&text, w, q->cap - q->used);
		if (r <= 0)
			return r;
		qemu_add(q, keep(q, (int)strlen(w)));
	}
}

int
qemu_print(const struct qemu *q, FILE *fp)
{
	static char b[512 << 10]; /* execve(2) takes words of 128 KiB */
	int i;

	for (i = 0; i < q->n; i++) {
		if (words_quote(q->argv[i], b, sizeof(b)) < 0)
			return -1;
		fprintf(fp, "%s%s\n", b, i + 1 < q->n ? " \\" : "");
	}
	return ferror(fp) ? -1 : 0;
}

void
qemu_qboot(const char *qemu, char *b, size_t cap)
{
	char dir[PATH_MAX], *s;
	int up;

	b[0] = 0;
	if (!realpath(qemu, dir))
		return;
	for (up = 0; up < 2 && (s = strrchr(dir, '/')); up++)
		*s = 0;
	if ((size_t)snprintf(b, cap, "%s/share/qemu/qboot.rom", dir) >= cap ||
	    access(b, R_OK) < 0)
		b[0] = 0;
}
