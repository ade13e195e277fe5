/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "tty.h"

static const struct {
	long baud;
	speed_t code;
} speed[] = { { 300, B300 }, { 600, B600 }, { 1200, B1200 }, { 2400, B2400 },
	{ 4800, B4800 }, { 9600, B9600 }, { 19200, B19200 }, { 38400, B38400 },
	{ 57600, B57600 }, { 115200, B115200 }, { 230400, B230400 },
	{ 460800, B460800 }, { 500000, B500000 }, { 576000, B576000 },
	{ 921600, B921600 }, { 1000000, B1000000 }, { 1152000, B1152000 },
	{ 1500000, B1500000 }, { 2000000, B2000000 }, { 2500000, B2500000 },
	{ 3000000, B3000000 }, { 3500000, B3500000 }, { 4000000, B4000000 } };

#define SPEEDS (sizeof(speed) / sizeof(*speed))

static size_t
find(long baud)
{
	size_t i;

	for (i = 0; i < SPEEDS && speed[i].baud != baud; i++)
		;
	return i;
}

int
tty_known(long baud)
{
	return find(baud) < SPEEDS;
}

const char *
tty_speeds(void)
{
	return "300 600 1200 2400 4800 9600 19200 38400 57600 115200 230400 "
	       "460800 500000 576000 921600 1000000 1152000 1500000 2000000 "
	       "2500000 3000000 3500000 4000000";
}

int
tty_live(int fd)
{
	return isatty(fd) && tcgetpgrp(fd) == getpgrp();
}

int
tty_cols(int fd)
{
	struct winsize ws;

	if (ioctl(fd, TIOCGWINSZ, &ws) < 0)
		return 0;
	return ws.ws_col > 1 ? ws.ws_col - 1 : 79;
}

/* what cfmakeraw() does, one byte at a time, 8 bits, no parity */
static void
make_raw(struct termios *tio)
{
	tio->c_iflag &= ~(tcflag_t)(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR |
				    IGNCR | ICRNL | IXON | IXOFF | INPCK);
	tio->c_oflag &= ~(tcflag_t)OPOST;
	tio->c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
	tio->c_cflag &= ~(tcflag_t)(CSIZE | PARENB);
	tio->c_cflag |= CS8;
	tio->c_cc[VMIN] = 1;
	tio->c_cc[VTIME] = 0;
}

/* over the EINTR of a signal that only asks to be looked at */
static int
apply(int fd, const struct termios *tio)
{
	int r;

	while ((r = tcsetattr(fd, TCSADRAIN, tio)) < 0 && errno == EINTR)
		;
	return r;
}

int
tty_raw(struct tty *t, int fd)
{
	struct termios tio;

	if (tcgetattr(fd, &t->saved) < 0)
		return -1;
	t->fd = fd;
	tio = t->saved;
	make_raw(&tio);
	t->on = t->raw = 1;
	return apply(fd, &tio);
}

int
tty_serial(struct tty *t, int fd, long baud)
{
	struct termios tio;
	size_t i = find(baud);

	if (i == SPEEDS) {
		errno = EINVAL;
		return -1;
	}
	if (tcgetattr(fd, &t->saved) < 0)
		return -1;
	t->fd = fd;
	tio = t->saved;
	make_raw(&tio);
	tio.c_cflag &= ~(tcflag_t)(CSTOPB | CRTSCTS);
	tio.c_cflag |= CLOCAL | CREAD;
	cfsetispeed(&tio, speed[i].code);
	cfsetospeed(&tio, speed[i].code);
	t->on = 1;
	return tcsetattr(fd, TCSANOW, &tio);
}

void
tty_restore(struct tty *t)
{
	pid_t fg;

	if (!t->on)
		return;
	fg = tcgetpgrp(t->fd);
	if (fg < 0 || fg == getpgrp())
		while (
		    tcsetattr(t->fd, TCSANOW, &t->saved) < 0 && errno == EINTR)
			;
	t->on = 0;
}

int
tty_again(struct tty *t)
{
	struct termios tio = t->saved;
	pid_t fg = tcgetpgrp(t->fd);

	if (!t->raw || (fg >= 0 && fg != getpgrp()))
		return 0;
	make_raw(&tio);
	t->on = 1;
	return apply(t->fd, &tio);
}
