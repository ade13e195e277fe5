/* limen: ISC licence, see LICENSE */
/*
 * link: run-border-vm/border.c
 */
#include "../../run-border-vm/border.h"
#include "tap.h"

static struct border b;
static char text[512];
static const char *why, *key;

static int
parse(const char *s)
{
	snprintf(text, sizeof(text), "%s", s);
	border_init(&b);
	return border_parse(&b, text, &why, &key);
}

static void
addresses(void)
{
	struct border_usb u;
	char p[13];

	OK(border_pci("01:00.0", p) == 0);
	STREQ(p, "0000:01:00.0");
	OK(border_pci("000A:1f:1F.7", p) == 0);
	STREQ(p, "000a:1f:1f.7");
	OK(border_pci("01:20.0", p) < 0 && border_pci("01:00.8", p) < 0);
	OK(border_pci("1:00.0", p) < 0 && border_pci("", p) < 0);
	OK(border_pci("0000-01:00.0", p) < 0 && border_pci("01:00:0", p) < 0);
	OK_MSG(border_pci("\x10\x11:\x10\x10.0", p) < 0, "no digits");
	OK(border_usb("0bda:8153", &u) == 0 && u.vendor == 0xbda &&
	    u.product == 0x8153 && !u.where);
	OK(border_usb("0BDA:8153@2-1.4", &u) == 0);
	STREQ(u.where, "2-1.4");
	OK(border_usb("0bda:815", &u) < 0 && border_usb("0bda:81533", &u) < 0);
	OK(border_usb("0bda:8153@", &u) < 0 && border_usb("0bdg:8153", &u) < 0);
	OK(border_usb("0bda:8153@2-x", &u) < 0);
}

static void
good(void)
{
	OK(parse("") == 0 && parse("# x\n\n   \n\t# y = z") == 0);
	STREQ(b.nic, "lan");
	OK(b.address == 0x0a000001 && b.prefix == 24 && b.nat && b.ssh == 2222);
	OK(parse(" share =  a b \r\nkey=ssh # x\nkey = y z\n") == 0);
	STREQ(b.share, "a b");
	STREQ(b.key[0], "ssh # x");
	OK(b.nkey == 2);
	OK(parse("key = ~/.ssh/id_ed25519.pub") == 1);
	OK(parse("pci = 01:00.0\nusb = 0bda:8153\n") == 0 && !b.pci && !b.nic);
	OK(parse("reach = 10.0.2.10:443  [::1]:8443") == 0 && b.nreach == 1);
	STREQ(b.reach[0], "10.0.2.10:443");
	OK(parse("forward = udp:5000:69") == 0 && b.nforward == 1 &&
	    b.forward[0].host == 5000 && b.forward[0].guest == 69);
	OK(parse("address = 192.168.5.1/24") == 0);
	OK(b.dhcp[0] == 0xc0a8050c && b.dhcp[1] == 0xc0a805f0);
	OK(parse("address = 192.168.5.17/28\ndns = 9.9.9.9") == 0);
	OK(b.dhcp[0] == 0xc0a80512 && b.dhcp[1] == 0xc0a8051e);
	OK(parse("address = 1.2.3.2/30") == 0);
	OK(b.dhcp[0] == 0x01020302 && b.dhcp[1] == 0x01020302);
	OK(parse("dhcp = none\naddress = 1.2.3.4/8") == 0 && !b.dhcp[0]);
	OK(parse("memory = 1G\nssh = none\ndhcp = none\ntftp = none") == 0);
	OK(b.memory == 1024 && !b.ssh && !b.dhcp[0] && !b.tftp);
	OK(parse("mount = /a") == 0 && b.writable == 0);
	STREQ(b.mount, "/a");
	STREQ(b.tftp, "/a");
	OK(parse("tftp = /b\nmount = /a\nwritable = yes") == 0 && b.writable);
	STREQ(b.tftp, "/b");
}

static void
bad(void)
{
	static const char *const t[] = { "nonsense = 1", "nic", "nic =", "= x",
		"nic = none", "nic = nonsense", "address = 10.0.0.1/31",
		"address = fe80::1/24", "dhcp = 10.0.0.2", "cpus = 0",
		"dhcp = 10.0.0.3-10.0.0.2", "forward = tcp:1", "ssh = 65536",
		"forward = sctp:1:2", "forward = tcp:0:2", "writable = 1",
		"reach = 10.0.2.1:1", "reach = x:1 y:2",
		"reach = 10.0.3.1:1 10.0.0.1:1", "dns = localhost", "lns = a b",
		"memory = 2T", "user = me", "reach = 10.0.2.1:1 h,cmd:1",
		"mount = home", "tftp = x", "memory = 1M", "lns = a:b",
		"lns = :1701", "lns = a:0", "nat = maybe", "Nic = lan" };
	char s[80];
	size_t i;

	for (i = 0; i < sizeof(t) / sizeof(*t); i++) {
		snprintf(s, sizeof(s), "# one\nnic = lan\n%s\nmore", t[i]);
		OK_MSG(parse(s) == 3 && why, t[i]);
	}
	OK(parse("nonsense = 1") == 1);
	STREQ(why, "no such key; --example shows all");
	STREQ(key, "nonsense");
}

int
main(void)
{
	addresses();
	good();
	bad();
	return tap_done();
}
