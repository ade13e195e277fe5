/* limen: ISC licence, see LICENSE */
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <linux/if_pppox.h>
#include <linux/ppp-ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "pppchan.h"

/* the kernel's address structs are packed: their pointers go as void */
static int
connected(int type, int proto, const void *a, socklen_t len)
{
	const int fd = socket(AF_PPPOX, type | SOCK_CLOEXEC, proto);

	if (fd < 0 || connect(fd, a, len) < 0)
		return fd_discard(fd);
	return fd;
}

int
pppchan_pppoe(const char *dev, unsigned sid, const uint8_t mac[6])
{
	struct sockaddr_pppox a;

	memset(&a, 0, sizeof(a));
	if (strlen(dev) >= sizeof(a.sa_addr.pppoe.dev)) {
		errno = ENODEV;
		return -1;
	}
	a.sa_family = AF_PPPOX;
	a.sa_protocol = PX_PROTO_OE;
	a.sa_addr.pppoe.sid = htons((uint16_t)sid);
	memcpy(a.sa_addr.pppoe.remote, mac, 6);
	memcpy(a.sa_addr.pppoe.dev, dev, strlen(dev));
	return connected(SOCK_STREAM, PX_PROTO_OE, &a, sizeof(a));
}

/* a tunnel is made from its UDP socket; the peer's address in the struct is
 * not read, so that the form for IPv4 serves both */
int
pppchan_l2tp(const struct pppchan_l2tp *l)
{
	struct sockaddr_pppol2tp a;

	if (l->udp < 0)
		return socket(
		    AF_PPPOX, SOCK_DGRAM | SOCK_CLOEXEC, PX_PROTO_OL2TP);
	memset(&a, 0, sizeof(a));
	a.sa_family = AF_PPPOX;
	a.sa_protocol = PX_PROTO_OL2TP;
	a.pppol2tp.fd = l->udp;
	a.pppol2tp.s_tunnel = l->tid;
	a.pppol2tp.d_tunnel = l->ptid;
	a.pppol2tp.s_session = l->sid;
	a.pppol2tp.d_session = l->psid;
	return connected(SOCK_DGRAM, PX_PROTO_OL2TP, &a, sizeof(a));
}

int
pppchan_watch(int a)
{
	int index, fd;

	if (ioctl(a, PPPIOCGCHAN, &index) < 0 ||
	    (fd = open("/dev/ppp", O_RDWR | O_CLOEXEC)) < 0)
		return -1;
	return ioctl(fd, PPPIOCATTCHAN, &index) < 0 ? fd_discard(fd) : fd;
}

/* the bridge stays when the device is closed; a channel that is not there is
 * refused with ENXIO by a kernel that knows bridges */
int
pppchan_bridge(int a, int b)
{
	int to = -1, fd;

	if ((b >= 0 && ioctl(b, PPPIOCGCHAN, &to) < 0) ||
	    (fd = pppchan_watch(a)) < 0)
		return -1;
	if (ioctl(fd, PPPIOCBRIDGECHAN, &to) < 0 && (b >= 0 || errno != ENXIO))
		return fd_discard(fd);
	close(fd);
	return 0;
}

int
pppchan_count(int l2tp, struct pppchan_count *n)
{
	struct pppol2tp_ioc_stats s;

	memset(&s, 0, sizeof(s));
	if (ioctl(l2tp, PPPIOCGL2TPSTATS, &s) < 0)
		return -1;
	n->tx = s.tx_packets;
	n->tx_bytes = s.tx_bytes;
	n->rx = s.rx_packets;
	n->rx_bytes = s.rx_bytes;
	return 0;
}
