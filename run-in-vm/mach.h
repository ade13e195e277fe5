/* limen: ISC licence, see LICENSE */
#ifndef MACH_H
#define MACH_H

#include <sys/types.h>

#include "job.h"
#include "qemu.h"

/* The machine: QEMU's arguments and the descriptors between it and us. */
enum {
	MACH_CON,
	MACH_QMP,
	MACH_CTL,
	MACH_IN,
	MACH_OUT,
	MACH_ERR,
	MACH_RES, /* what --results brings home */
	MACH_NFD
};

struct mach {
	pid_t pid;
	int ours[MACH_NFD], theirs[MACH_NFD];
	int shape;  /* arguments without what may differ from job to job */
	int ram;    /* file that is the guest's memory, -1: QEMU's own */
	int state;  /* saved device state to start from, -1: boot */
	int initrd; /* -1 with a saved state */
	int words;  /* memfd with what QEMU said on stderr */
	struct qemu q;
	char mem[65536];
};

/* socket pairs; 0 or -1 */
int mach_open(struct mach *m);

/* puts the command line together */
void mach_args(struct mach *m, const struct job *j, const struct plan *p);

/* starts it; 0, or -1 and errno */
int mach_start(struct mach *m, const struct job *j);

/* the guest's memory is in a file already and not in the saved state */
#define MACH_IGNORE                                                \
	"{\"execute\":\"migrate-set-capabilities\",\"arguments\":" \
	"{\"capabilities\":[{\"capability\":\"x-ignore-shared\","  \
	"\"state\":true}]}}"

/* tells a machine that was started with a saved state to take it, then to go
 * on; 0 or -1 */
int mach_resume(struct mach *m);

/* ends it and closes all that mach_open() made */
void mach_close(struct mach *m);

#endif
