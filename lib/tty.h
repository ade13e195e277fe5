/* limen: ISC licence, see LICENSE */
#ifndef TTY_H
#define TTY_H

#include <termios.h>

/* does a person look at fd? It is a terminal, and the shell has not put us into
 * its background, where another program has it */
int tty_live(int fd);

/* how long a line there may be, 79 when it does not say; 0: no terminal */
int tty_cols(int fd);

/* a terminal whose settings are changed for a while; zero it first */
struct tty {
	int fd;
	int on;	 /* ours are in force: tty_restore() has something to do */
	int raw; /* by tty_raw() */
	struct termios saved;
};

/* saves fd's settings and makes it raw: every byte passes both ways as it
 * is, none raises a signal. 0, or -1 and errno (ENOTTY: not a terminal). */
int tty_raw(struct tty *t, int fd);

/* raw, 8N1, no flow control, modem lines ignored, at baud bits a second;
 * 0, or -1 and errno (EINVAL: not a speed that tty_speeds() names) */
int tty_serial(struct tty *t, int fd, long baud);

/* is it a speed that tty_serial() knows; and all of them, for a message */
int tty_known(long baud);
const char *tty_speeds(void);

/* puts back what was saved; does nothing a second time, nor in a background
 * process, whose terminal is somebody else's by now. Async-signal-safe. */
void tty_restore(struct tty *t);

/* raw again after tty_raw() and tty_restore(), for a stopped process that goes
 * on; nothing in the background, or when it never was. 0, or -1 and errno */
int tty_again(struct tty *t);

#endif
