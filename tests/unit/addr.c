/* limen: ISC licence, see LICENSE */
#include <arpa/inet.h>

#include "addr.h"
#include "tap.h"

static int
within(const char *a, const char *net)
{
	struct sockaddr_storage ss;
	struct addr_net n;
	socklen_t len;

	if (addr_sock(a, 1, &ss, &len) < 0 || addr_net(net, &n) < 0)
		return -1;
	return addr_in((struct sockaddr *)&ss, &n);
}

int
main(void)
{
	struct sockaddr_storage a, b;
	socklen_t la, lb;
	uint8_t mac[6];
	char s[ADDR_LEN], h[32];
	uint16_t port = 7;
	uint32_t ip;

	OK(addr_mac("ba:ad:1D:ea:21-02", mac) == 0 && mac[5] == 2);
	STREQ(addr_macstr(s, mac), "ba:ad:1d:ea:21:02");
	OK(addr_mac("ba:ad:1d:ea:21", mac) < 0);
	OK(addr_mac("ba:ad:1d:ea:21:02:", mac) < 0);
	OK(addr_mac("ba:ad:1d:ea:21:0", mac) < 0);
	OK(addr_ip4("10.0.2.255", &ip) == 0 && ip == 0x0a0002ff);
	OK(addr_ip4("10.0.2", &ip) < 0 && addr_ip4("1.2.3.256", &ip) < 0);
	STREQ(addr_ip4str(s, 0xc0a80801), "192.168.8.1");
	OK(within("192.168.8.251", "192.168.8.251") == 1);
	OK(within("192.168.8.252", "192.168.8.251") == 0);
	OK(within("192.168.9.1", "192.168.8.0/23") == 1);
	OK(within("192.168.10.1", "192.168.8.0/23") == 0);
	OK(within("[::ffff:10.1.2.3]:1", "10.0.0.0/8") == 1);
	OK(within("fe80::1", "fe80::/10") == 1);
	OK(within("10.0.0.1", "::/0") == 0 && within("1.2.3.4", "0.0.0.0/0"));
	OK(within("1.2.3.4", "1.2.3.4/33") == -1);
	OK(addr_hostport("lns.example:1701", h, sizeof(h), &port) == 0 &&
	    port == 1701 && !strcmp(h, "lns.example"));
	OK(addr_hostport("::1", h, sizeof(h), &port) == 0 && port == 1701);
	OK(addr_hostport("[::1]:5", h, sizeof(h), &port) == 0 && port == 5);
	OK(addr_hostport("[::1", h, sizeof(h), &port) < 0);
	OK(addr_hostport("fe80::1%eth0", h, sizeof(h), &port) == 0 &&
	    strcmp(h, "fe80::1%eth0") == 0);
	OK(addr_hostport("a:b:c", h, sizeof(h), &port) < 0);
	OK(addr_hostport("[lns]:5", h, sizeof(h), &port) < 0);
	OK(addr_hostport("tftp://h/f", h, sizeof(h), &port) < 0);
	OK(addr_hostport("h:65536", h, sizeof(h), &port) < 0);
	OK(addr_hostport("h:", h, sizeof(h), &port) < 0);
	port = 69;
	OK(addr_server("h", h, sizeof(h), &port) == 0 && port == 69);
	OK(addr_server(":1701", h, sizeof(h), &port) < 0);
	OK(addr_server("h:0", h, sizeof(h), &port) < 0);
	OK(addr_sock("127.0.0.1:69", 1, &a, &la) == 0);
	STREQ(addr_portstr(s, (struct sockaddr *)&a), "127.0.0.1:69");
	OK(addr_sock("[::ffff:127.0.0.1]:69", 1, &b, &lb) == 0);
	OK(addr_same((struct sockaddr *)&a, (struct sockaddr *)&b));
	OK(addr_sock("[::1]", 70, &b, &lb) == 0);
	STREQ(addr_portstr(s, (struct sockaddr *)&b), "[::1]:70");
	OK(!addr_same((struct sockaddr *)&a, (struct sockaddr *)&b));
	OK(addr_sock("[fe80::1%lo]", 70, &a, &la) == 0);
	b = a;
	OK(addr_same((struct sockaddr *)&a, (struct sockaddr *)&b));
	((struct sockaddr_in6 *)&b)->sin6_scope_id++;
	OK(!addr_same((struct sockaddr *)&a, (struct sockaddr *)&b));
	return tap_done();
}
