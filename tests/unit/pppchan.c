/* limen: ISC licence, see LICENSE */
#include <netinet/in.h>
#include <sys/socket.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "owndev.h"
#include "pppchan.h"
#include "tap.h"

/* what the kernel of this test knows: a channel is a descriptor, its index
 * that descriptor's number and 100 */
static int bridges, attached, bridged, refusal;

static int
channel(int fd, int *index)
{
	if (fcntl(fd, F_GETFD) < 0)
		return -1;
	*index = fd + 100;
	return 0;
}

static int
bridge(int to)
{
	errno = !bridges ? ENOTTY : to < 0 ? ENXIO : refusal;
	if (errno)
		return -1;
	bridged = to;
	return 0;
}

static int
stats(struct pppol2tp_ioc_stats *s)
{
	s->tx_packets = 1;
	s->tx_bytes = 2;
	s->rx_packets = 3;
	s->rx_bytes = 4;
	return 0;
}

/* ioctl() of all of this program, the kernel that it asks: under another name
 * here, because libcs declare it differently */
int kernel(int fd, unsigned long req, ...) __asm__("ioctl");
/* glibc's, where time_t is longer than long */
int kernel_time64(int fd, unsigned long req, ...) __asm__("__ioctl_time64")
    __attribute__((alias("ioctl")));
int
kernel(int fd, unsigned long req, ...)
{
	va_list ap;
	void *arg;

	va_start(ap, req);
	arg = va_arg(ap, void *);
	va_end(ap);
	switch ((unsigned)req) {
	case (unsigned)PPPIOCGCHAN: return channel(fd, arg);
	case (unsigned)PPPIOCATTCHAN:
		attached = *(int *)arg;
		errno = ENXIO;
		return attached == 99 + 100 ? -1 : 0;
	case (unsigned)PPPIOCBRIDGECHAN: return bridge(*(int *)arg);
	case (unsigned)PPPIOCGL2TPSTATS: return fd < 0 ? -1 : stats(arg);
	default: errno = ENOTTY; return -1;
	}
}

/* as many descriptors as there were? */
static int
lowest(void)
{
	const int fd = dup(0);

	close(fd);
	return fd;
}

static void
bridging(int a, int b)
{
	const int fd = lowest();

	bridges = 0;
	OK_MSG(pppchan_bridge(a, -1) < 0 && errno == ENOTTY,
	    "a kernel before 5.11 knows no bridges");
	bridges = 1;
	OK_MSG(pppchan_bridge(a, -1) == 0 && !bridged, "this one does");
	OK(pppchan_bridge(a, b) == 0);
	OK(attached == a + 100 && bridged == b + 100);
	refusal = EALREADY;
	OK(pppchan_bridge(a, b) < 0 && errno == EALREADY);
	refusal = ENXIO;
	OK_MSG(pppchan_bridge(a, b) < 0 && errno == ENXIO,
	    "with two channels ENXIO is a failure");
	OK(pppchan_bridge(a, 1000) < 0 && errno == EBADF);
	OK(pppchan_bridge(1000, b) < 0 && errno == EBADF);
	OK_MSG(lowest() == fd, "no descriptor is left");
}

static void
watching(int a)
{
	const int fd = pppchan_watch(a), low = lowest();

	OK(fd >= 0 && attached == a + 100);
	OK(fcntl(fd, F_GETFD) == FD_CLOEXEC);
	OK(dup2(a, 99) == 99);
	OK(pppchan_watch(99) < 0 && errno == ENXIO);
	OK_MSG(lowest() == low, "no descriptor is left");
	close(99);
	close(fd);
	OK(unlink("/dev/ppp") == 0);
	OK(pppchan_watch(a) < 0 && errno == ENOENT);
}

/* sessions on what is not there: this kernel may know PPP or not */
static void
sessions(void)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct pppchan_l2tp l = { -1, 1, 2, 0, 0 };
	const int low = lowest();
	int fd;

	OK(pppchan_pppoe("a-name-that-no-interface-has", 1, mac) < 0 &&
	    errno == ENODEV);
	OK(pppchan_pppoe("nosuch0", 1, mac) < 0 &&
	    (errno == ENODEV || errno == EAFNOSUPPORT ||
		errno == EPROTONOSUPPORT || errno == EPERM));
	fd = pppchan_l2tp(&l);
	OK(fd >= 0 || errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT);
	if (fd >= 0)
		close(fd);
	l.udp = 0;
	OK_MSG(pppchan_l2tp(&l) < 0, "no tunnel from what is no socket");
	OK_MSG(lowest() == low, "no descriptor is left");
}

static void
counts(void)
{
	struct pppchan_count n;

	OK(pppchan_count(0, &n) == 0 && n.tx == 1 && n.tx_bytes == 2 &&
	    n.rx == 3 && n.rx_bytes == 4);
	OK(pppchan_count(-1, &n) < 0);
}

int
main(void)
{
	sessions();
	counts();
	if (owndev() < 0)
		OK_MSG(1, "channels # SKIP no namespace here");
	else {
		owndev_put("/dev/ppp");
		bridging(0, 1);
		watching(0);
	}
	return tap_done();
}
