/* limen: ISC licence, see LICENSE */
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <arpa/inet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "guestnet.h"

static void
set(struct sockaddr *sa, uint32_t ip)
{
	struct sockaddr_in in;

	memset(&in, 0, sizeof(in));
	in.sin_family = AF_INET;
	in.sin_addr.s_addr = htonl(ip);
	memcpy(sa, &in, sizeof(in));
}

static int
up(int fd, const char *name)
{
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		return -1;
	r.ifr_flags |= IFF_UP;
	return ioctl(fd, SIOCSIFFLAGS, &r);
}

static int
address(int fd)
{
	struct rtentry rt;
	struct ifreq r;

	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "eth0");
	set(&r.ifr_addr, 0x0a00020f);
	if (ioctl(fd, SIOCSIFADDR, &r) < 0)
		return -1;
	set(&r.ifr_netmask, 0xffffff00);
	if (ioctl(fd, SIOCSIFNETMASK, &r) < 0 || up(fd, "eth0") < 0)
		return -1;
	memset(&rt, 0, sizeof(rt));
	set(&rt.rt_dst, 0);
	set(&rt.rt_genmask, 0);
	set(&rt.rt_gateway, 0x0a000202);
	rt.rt_flags = RTF_UP | RTF_GATEWAY;
	return ioctl(fd, SIOCADDRT, &rt);
}

void
guestnet_lo(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return;
	(void)up(fd, "lo");
	close(fd);
}

int
guestnet_mac(const uint8_t mac[6])
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;
	struct ifreq r;

	if (fd < 0)
		return -1;
	memset(&r, 0, sizeof(r));
	snprintf(r.ifr_name, sizeof(r.ifr_name), "eth0");
	r.ifr_hwaddr.sa_family = ARPHRD_ETHER;
	memcpy(r.ifr_hwaddr.sa_data, mac, 6);
	bad = if_nametoindex("eth0") ? ioctl(fd, SIOCSIFHWADDR, &r) : 0;
	close(fd);
	return bad;
}

int
guestnet_up(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;

	if (fd < 0)
		return -1;
	bad = if_nametoindex("eth0") ? address(fd) : 0;
	close(fd);
	return bad;
}
