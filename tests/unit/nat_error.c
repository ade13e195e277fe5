/* limen: ISC licence, see LICENSE */
/*
 * Where ICMP errors of libslirp come from, with those that libslirp 4.7 sent.
 *
 * link: bng/nat_error.c
 */
#include "../../bng/nat_error.h"
#include "hex.h"
#include "ip.h"
#include "tap.h"

/* UDP to a closed port of 192.168.100.1, fec0::2; a hop limit that is used up
 */
static const char refused4[] = "45c0004a 00014000 ff01d73d 7f000001 c0a8640a"
			       "03034685 00000000"
			       "4500002e 61a94000 0211cdb9 c0a8640a c0a86401"
			       "ed02829c 001a44bc 0202 0000000000000000"
			       "00000000 00000000";
static const char late4[] = "45c0004a 00004000 ff013196 c0a86401 c0a8640a"
			    "0b003e88 00000000"
			    "4500002e 61a84000 0111ceba c0a8640a c0a86401"
			    "ed02829b 001a45be 0101 0000000000000000"
			    "00000000 00000000";
#define QUOTED(hops)                                                    \
	"60024321001411" hops "fd62 6e67 8000 0000 b1d4 c25e 9741 8125" \
	"fec0 0000 0000 0000 0000 0000 0000 0002"
#define CLIENT "fd62 6e67 8000 0000 b1d4 c25e 9741 8125"
static const char refused6[] =
    "60000000 0044 3a ff"
    "0000 0000 0000 0000 0000 0000 0000 0001" CLIENT
    "0104d202 00000000" QUOTED("02") "ffc5829c 0014063c"
				     "000000000000000000000000";
static const char late6[] = "60000000 0044 3a ff"
			    "fe80 0000 0000 0000 0000 0000 0000 0002" CLIENT
			    "0300d185 00000000" QUOTED("01") "ffc5829b 0014063d"
							     "0000000000000000"
							     "00000000";

static const uint8_t router[16] = { 0xfd, 0x62, [15] = 0x53 };
static uint8_t in[128], out[128];
static struct ip ip;
static struct icmp icmp;

/* as nat_error() has it; 0 and ip, icmp: what comes of it */
static int
fate(const char *hex)
{
	const size_t n = hex_line(hex, in, sizeof(in));
	struct wr w;
	int got;

	wr_init(&w, out, sizeof(out));
	if ((got = nat_error(&w, router, in, n)))
		return got;
	OK(wr_len(&w) == n);
	OK_MSG(ip_get(&ip, out, n) == 0 && icmp_get(&icmp, &ip) == 0,
	    "right checksums");
	return 0;
}

static int
from(const uint8_t *a, size_t len)
{
	return !memcmp(ip.src, a, len);
}

static void
cut(const char *hex)
{
	size_t i, n = hex_line(hex, in, sizeof(in));
	struct wr w;
	int bad = 0;

	for (i = 0; i < n; i++) {
		wr_init(&w, out, sizeof(out));
		bad += nat_error(&w, router, in, i) != -1;
	}
	OK_MSG(!bad, "cut short");
}

int
main(void)
{
	static const uint8_t gateway[4] = { 192, 168, 100, 1 };
	static const uint8_t host[16] = { 0xfe, 0xc0, [15] = 2 };

	OK(fate(refused4) == 0 && from(gateway, 4) && icmp.type == 3);
	OK(ip.dst[3] == 10 && ip.ttl == 255 && icmp.len == 46);
	OK_MSG(fate(late4) == 1, "one that anybody takes");
	OK(fate(refused6) == 0 && from(host, 16) && icmp.type == 1);
	OK(icmp.code == 4 && icmp.len == 60);
	OK(fate(late6) == 0 && from(router, 16) && icmp.type == 3);
	cut(refused4);
	cut(refused6);
	return tap_done();
}
