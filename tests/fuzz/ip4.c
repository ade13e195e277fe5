/* limen: ISC licence, see LICENSE */
/*
 * link: bng/ip4.c
 */
#include <string.h>

#include "../../bng/ip4.h"
#include "ip.h"
#include "ip_sum.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static unsigned
checksum(const uint8_t *p, size_t len)
{
	return ip_sum_fold(ip_sum(0, p, len));
}

/* fragments are whole packets that carry all the data, once and in order */
static void
fragments(const uint8_t *p, const struct ip4 *h, size_t mtu)
{
	uint8_t b[1500];
	size_t off = 0, at = 0, n;
	struct ip4 f;

	while ((n = ip4_fragment(p, &off, b, mtu)) > 0) {
		if (n > mtu || ip4_get(&f, b, n) < 0 || f.len != n ||
		    checksum(b, f.hlen) != 0)
			__builtin_trap();
		if (memcmp(b + f.hlen, p + h->hlen + at, n - f.hlen) != 0)
			__builtin_trap();
		at += n - f.hlen;
		if (at != off)
			__builtin_trap();
	}
	if (at != h->len - h->hlen)
		__builtin_trap();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static uint8_t copy[65536];
	struct ip4_error e = { IP4_UNREACH_FRAG, 0x0a000001, 1400 };
	uint8_t b[IP4_ERROR];
	struct ip4 h, i;
	unsigned sum;
	size_t n;

	if (len < 2 + IP4_HEAD || len > sizeof(copy))
		return 0;
	memcpy(copy, data + 1, --len);
	n = (copy[0] & 15) * 4U;
	if (n >= IP4_HEAD && n <= len) {
		copy[10] = copy[11] = 0;
		sum = checksum(copy, n);
		copy[10] = (uint8_t)(sum >> 8);
		copy[11] = (uint8_t)sum;
	}
	if (ip4_get(&h, copy, len) < 0)
		return 0;
	if (h.len > len || h.hlen > h.len || h.hlen < 20)
		__builtin_trap();
	fragments(copy, &h, 128 + data[0] * 5u);
	n = ip4_icmp_error(b, &e, copy, h.len);
	if (n && (ip4_get(&i, b, n) < 0 || i.dst != h.src || checksum(b, 20) ||
		     checksum(b + 20, n - 20) || ip4_icmp_error(b, &e, b, n)))
		__builtin_trap();
	return 0;
}
