/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <net/if.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "addr.h"
#include "die.h"
#include "fd.h"
#include "guest.h"

static void
modules(void)
{
	char *text, *s, *save = NULL;
	size_t len;
	int fd;

	if (!(text = fd_slurp_path(GUEST_LIST, 1 << 20, &len)))
		return; /* the kernel has all of them built in */
	for (s = strtok_r(text, "\n", &save); s;
	     s = strtok_r(NULL, "\n", &save)) {
		fd = open(s, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) < 0 &&
				  errno != EEXIST && errno != ENODEV))
			warn("%s:", s);
		if (fd >= 0)
			close(fd);
	}
	free(text);
}

static void
lo_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	memcpy(r.ifr_name, "lo", 3);
	r.ifr_flags = IFF_UP | IFF_RUNNING;
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		warn("lo:");
	if (fd >= 0)
		close(fd);
}

/* the first process: all that needs no program, then the script */
void
guest_start(void)
{
	static const char fs[][2][9] = { { "proc", "/proc" },
		{ "sysfs", "/sys" }, { "devtmpfs", "/dev" },
		{ "devpts", "/dev/pts" }, { "tmpfs", "/run" } };
	size_t i;

	for (i = 0; i < sizeof(fs) / sizeof(*fs); i++) {
		mkdir(fs[i][1], 0755); /* in the new /dev, too */
		if (mount(fs[i][0], fs[i][1], fs[i][0], 0, NULL) < 0 &&
		    errno != EBUSY)
			warn("%s:", fs[i][1]);
	}
	modules();
	sethostname("border", 6);
	lo_up();
	execl("/bin/busybox", "busybox", "sh", GUEST_SCRIPT, (char *)NULL);
	die(1, "/bin/busybox:");
}

void
guest_run(char *const *argv)
{
	signal(SIGINT, SIG_DFL);
	signal(SIGQUIT, SIG_DFL);
	execvp(argv[0], argv);
	die(127, "%s:", argv[0]);
}

/* an address, not a name: the configuration says so */
static int
dial(const char *to)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	if (addr_sock(to, 0, &ss, &len) < 0)
		die(2, "%s: not ADDRESS:PORT", to);
	fd = socket(ss.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&ss, len) < 0)
		die(1, "%s:", to);
	return fd;
}

/* one direction; 0 at its end */
static int
pass(int from, int to)
{
	char b[65536];
	ssize_t n = read(from, b, sizeof(b));

	return n > 0 && fd_write_all(to, b, (size_t)n) == 0;
}

void
guest_connect(const char *to)
{
	struct pollfd p[2] = { { 0, POLLIN, 0 }, { -1, POLLIN, 0 } };

	p[1].fd = dial(to);
	while (p[1].fd >= 0 && poll(p, 2, -1) > 0) {
		if (p[0].revents && !pass(0, p[1].fd)) {
			shutdown(p[1].fd, SHUT_WR);
			p[0].fd = -1;
		}
		if (p[1].revents && !pass(p[1].fd, 1))
			break;
	}
}
