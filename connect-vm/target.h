/* limen: ISC licence, see LICENSE */
#ifndef TARGET_H
#define TARGET_H

#include "conf.h"
#include "tty.h"

enum target_kind {
	TARGET_SOCKET,	/* somebody's Unix socket */
	TARGET_CONSOLE, /* of a state directory: the last screenful, then live
			 */
	TARGET_MONITOR, /* QEMU's */
	TARGET_CONTROL, /* of bng or the relay: a command a line */
	TARGET_TTY,
};

struct target {
	enum target_kind kind;
	int fd;
	int replay; /* what to show before, or -1 */
	char name[256];
	struct tty tty;
};

/* opens what c names, or ends the program with the reason */
void target_open(struct target *t, const struct conf *c);

/* a serial port gets its settings back; async-signal-safe, may be repeated */
void target_close(struct target *t);

/* is the server too busy with another client to have taken this
 * connection? A socket stays so when its program serves one at a time. */
int target_busy(const struct target *t);

/* ends the program, saying so */
void target_die_busy(const struct target *t) __attribute__((noreturn));

#endif
