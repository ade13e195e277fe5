/* limen: ISC licence, see LICENSE */
#ifndef TMPL_H
#define TMPL_H

#include <limits.h>
#include <stdint.h>

#include "job.h"
#include "mach.h"

/*
 * Guests that wait at the ready mark, kept for the next job of their kind. An
 * entry is one file, so that it appears and goes as a whole: the guest's
 * memory, and behind it what the file was made from, which parts of the
 * memory hold anything, and QEMU's state of the devices. Its name is the key:
 * kernel, QEMU, this program and the machine's shape.
 */
struct tmpl_head;

struct tmpl {
	char dir[PATH_MAX - 64], path[PATH_MAX];
	uint64_t key;
	uint64_t ram; /* bytes */
	uint64_t max; /* bytes that all entries may take */
	int fd;	      /* the entry, -1: none */
	struct tmpl_head *head;
};

/* where the entry of this machine is or would be; path is "" where nothing
 * can be kept */
void tmpl_init(struct tmpl *t, const struct job *j, const struct plan *p);

/* path is not ""; opens the entry when it is there, ours, whole and not stale,
 * and puts the kernel that it names into p; 0 or -1 */
int tmpl_find(struct tmpl *t, struct plan *p);

/* a descriptor that stands at the state of the devices, or -1 */
int tmpl_state(const struct tmpl *t);

/* does the memory in the file have its checksum? 1 or 0 */
int tmpl_intact(const struct tmpl *t);

/* keeps the guest of m, which has reached the ready mark, and lets it go on,
 * for which QEMU has until end; 0, or -1 and what failed in words. */
int tmpl_save(struct tmpl *t, struct mach *m, const struct plan *p, int64_t end,
    const char **why);

/* removes the entry */
void tmpl_drop(struct tmpl *t);

#endif
