/* limen: ISC licence, see LICENSE */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pump.h"
#include "tap.h"
#include "tty.h"

static void
buffer(void)
{
	uint8_t b[8];
	struct pump p;
	int io[2];
	char c[8];

	if (pipe(io) < 0)
		exit(1);
	pump_init(&p, b, sizeof(b));
	OK(pump_room(&p) == 8 && pump_held(&p) == 0);
	OK(pump_write(&p, io[1], 8) == 0);
	OK(pump_put(&p, "abcdef", 6) == 0 && pump_held(&p) == 6);
	OK_MSG(pump_put(&p, "xyz", 3) < 0 && pump_held(&p) == 6,
	    "all or nothing goes in");
	OK(!pump_full(&p));
	OK(pump_put(&p, "gh", 2) == 0 && pump_room(&p) == 0 && pump_full(&p));
	OK_MSG(pump_read(&p, io[0]) < 0 && errno == EAGAIN,
	    "a full one does not read");
	OK(pump_write(&p, io[1], 3) == 3);
	OK_MSG(pump_full(&p) && pump_room(&p) == 0, "less than half: not yet");
	OK(pump_write(&p, io[1], 2) == 2 && !pump_full(&p));
	OK_MSG(pump_room(&p) == 5, "half empty: what is left moves up");
	OK(pump_read(&p, io[0]) == 5 && pump_held(&p) == 8);
	MEMEQ(p.buf + p.off, "fghabcde", 8);
	OK(pump_write(&p, io[1], 99) == 8 && pump_room(&p) == 8);
	OK(read(io[0], c, 8) == 8);
	MEMEQ(c, "fghabcde", 8);
	close(io[1]);
	OK_MSG(pump_read(&p, io[0]) == 0, "the end");
	close(io[0]);
}

static void
own(void)
{
	int io[2], fd, share = -1;
	char path[] = "/tmp/limen-pump.XXXXXX";

	if (pipe(io) < 0)
		exit(1);
	fd = pump_own(io[0], O_RDONLY, &share);
	OK_MSG(share == 0 && fd != io[0] &&
		   !(fcntl(io[0], F_GETFL) & O_NONBLOCK) &&
		   fcntl(fd, F_GETFL) & O_NONBLOCK,
	    "a pipe gets a description of its own");
	close(fd);
	close(io[0]);
	close(io[1]);
	if ((fd = mkstemp(path)) < 0)
		exit(1);
	unlink(path);
	OK_MSG(pump_own(fd, O_WRONLY, &share) == fd && share == 1,
	    "a file, whose offset is shared, does not");
	close(fd);
}

static void
terminal(void)
{
	int m = posix_openpt(O_RDWR | O_NOCTTY), s;
	struct termios before, raw, after;
	struct tty t = { 0 }, port = { 0 };

	if (m < 0 || grantpt(m) < 0 || unlockpt(m) < 0 ||
	    (s = open(ptsname(m), O_RDWR | O_NOCTTY)) < 0)
		exit(1);
	tcgetattr(s, &before);
	OK(tty_again(&t) == 0 && !t.on);
	OK(tty_raw(&t, s) == 0 && t.on && tcgetattr(s, &raw) == 0);
	OK(!(raw.c_lflag & (ICANON | ECHO | ISIG | IEXTEN)) &&
	    !(raw.c_iflag & (ICRNL | IXON)) && !(raw.c_oflag & OPOST));
	tty_restore(&t);
	OK(tcgetattr(s, &after) == 0 && after.c_lflag == before.c_lflag &&
	    after.c_iflag == before.c_iflag && after.c_oflag == before.c_oflag);
	OK(tty_again(&t) == 0 && t.on);
	OK_MSG(tty_again(&t) == 0 && (t.saved.c_lflag & ICANON),
	    "what was saved first is what comes back");
	tty_restore(&t);
	OK(tty_known(115200) && !tty_known(115201) && !tty_known(0));
	OK(tty_serial(&port, s, 57600) == 0 && tcgetattr(s, &raw) == 0 &&
	    cfgetospeed(&raw) == B57600 && (raw.c_cflag & CLOCAL) &&
	    !(raw.c_cflag & CRTSCTS));
	tty_restore(&port);
	OK(tcgetattr(s, &after) == 0 &&
	    cfgetospeed(&after) == cfgetospeed(&before));
	OK(tty_serial(&port, s, 1) < 0 && errno == EINVAL);
	close(s);
	close(m);
	s = open("/dev/null", O_RDWR);
	OK(tty_raw(&t, s) < 0 && errno == ENOTTY);
	close(s);
}

int
main(void)
{
	buffer();
	own();
	terminal();
	return tap_done();
}
