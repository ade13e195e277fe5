/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "mss.h"
#include "tap.h"

/* PPP, IPv4, TCP SYN with NOP NOP MSS(1460) and END; the sum is made below */
static const uint8_t syn[] = { 0xff, 3, 0, 0x21, 0x45, 0, 0, 48, 0, 1, 0x40, 0,
	64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 0x30, 0x39, 0, 80, 0, 0, 0, 1, 0,
	0, 0, 0, 0x70, 2, 0xff, 0xff, 0, 0, 0, 0, 1, 1, 2, 4, 5, 0xb4, 0, 0 };
enum { IP = 4, TCP = 24, OPT = 44, MSS = 48 };

/* the TCP checksum over the pseudo header */
static unsigned
sum(const uint8_t *b, size_t len)
{
	uint32_t s = 6 + (uint32_t)(len - TCP);
	size_t i;

	for (i = IP + 12; i < len; i += 2)
		s += (uint32_t)(b[i] << 8 | (i + 1 < len ? b[i + 1] : 0));
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return ~s & 0xffff;
}

static void
fill(uint8_t *b)
{
	unsigned s;

	b[TCP + 16] = b[TCP + 17] = 0;
	s = sum(b, sizeof(syn));
	b[TCP + 16] = (uint8_t)(s >> 8);
	b[TCP + 17] = (uint8_t)s;
}

static int
same(uint8_t *b, const char *what)
{
	uint8_t old[sizeof(syn)];
	int r;

	memcpy(old, b, sizeof(old));
	r = mss_clamp(b, sizeof(syn), 1400);
	OK_MSG(!r && !memcmp(old, b, sizeof(old)), what);
	return r;
}

/* the same SYN over IPv6, from and to the unspecified address */
static void
ip6(void)
{
	enum { HEAD = 40, AT = 4 + HEAD + MSS - TCP };
	uint8_t b[4 + HEAD + sizeof(syn) - TCP] = { 0xff, 3, 0, 0x57, 0x60 };
	uint8_t old[sizeof(b)];
	unsigned was, is;

	b[4 + 6] = 6;
	memcpy(b + 4 + HEAD, syn + TCP, sizeof(syn) - TCP);
	memcpy(old, b, sizeof(b));
	was = (unsigned)(b[4 + HEAD + 16] << 8 | b[4 + HEAD + 17]);
	OK(mss_clamp(b, sizeof(b), 1520) == 0 && !memcmp(old, b, sizeof(b)));
	OK(mss_clamp(b, sizeof(b), 1400) == 1);
	OK((b[AT] << 8 | b[AT + 1]) == 1340);
	is = (unsigned)(b[4 + HEAD + 16] << 8 | b[4 + HEAD + 17]);
	OK_MSG(is == ((was + 1460 - 1340) & 0xffff) % 0xffff,
	    "the checksum grows by what the MSS lost");
	memcpy(b, old, sizeof(b));
	b[4 + 6] = 17;
	OK_MSG(mss_clamp(b, sizeof(b), 1400) == 0, "UDP has no MSS");
}

int
main(void)
{
	uint8_t b[sizeof(syn)], odd[sizeof(syn)];
	size_t n;

	memcpy(b, syn, sizeof(b));
	fill(b);
	OK(mss_clamp(b, sizeof(b), 1400) == 1);
	OK((b[MSS] << 8 | b[MSS + 1]) == 1360);
	OK_MSG(sum(b, sizeof(b)) == 0, "the checksum still fits");
	same(b, "twice changes nothing");
	memcpy(b, syn, sizeof(b));
	b[OPT] = 2;
	b[OPT + 1] = 4;
	same(b, "an MSS at a strange place is read there: 516 stays");
	memcpy(odd, syn, sizeof(odd));
	memcpy(odd + OPT, "\x01\x02\x04\x05\xb4\x01\x01\x01", 8);
	fill(odd);
	OK(mss_clamp(odd, sizeof(odd), 1400) == 1 && odd[OPT + 3] == 5);
	OK_MSG(sum(odd, sizeof(odd)) == 0, "also at an odd place");
	memcpy(b, syn, sizeof(b));
	b[OPT] = 9;
	b[OPT + 1] = 0;
	same(b, "an option of length zero ends it (CVE-2001-0026)");
	b[OPT + 1] = 200;
	same(b, "an option past the end");
	memcpy(b, syn, sizeof(b));
	b[IP + 6] = 0x20;
	same(b, "a fragment");
	b[IP + 6] = 0x40;
	b[IP] = 0x44;
	same(b, "an IP header of 16 bytes");
	b[IP] = 0x45;
	b[TCP + 12] = 0x40;
	same(b, "a TCP header of 16 bytes");
	b[TCP + 12] = 0xf0;
	same(b, "a TCP header past the end");
	b[TCP + 12] = 0x70;
	b[TCP + 13] = 0x10;
	same(b, "no SYN");
	memcpy(b, syn, sizeof(b));
	for (n = 0; n < TCP + 20; n++)
		if (mss_clamp(b, n, 1400))
			break;
	OK_MSG(n == TCP + 20, "cut short anywhere before the options");
	OK_MSG(mss_clamp(b, sizeof(b), 40) == 0, "an MTU of headers alone");
	memmove(b, syn + 3, sizeof(b) - 3); /* one byte of protocol */
	OK(mss_clamp(b, sizeof(b) - 3, 1400) == 1);
	memmove(b, syn + 2, sizeof(b) - 2);
	OK(mss_clamp(b, sizeof(b) - 2, 1400) == 1);
	ip6();
	return tap_done();
}
