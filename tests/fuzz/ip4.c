/* limen: ISC licence, see LICENSE */
/*
 * link: bng/ip4.c
 */
#include <string.h>

#include "../../bng/ip4.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* fragments are whole packets that carry all the data, once and in order */
static void
fragments(const uint8_t *p, const struct ip4 *h, size_t mtu)
{
	uint8_t b[1500];
	size_t off = 0, at = 0, n;
	struct ip4 f;

	while ((n = ip4_fragment(p, &off, b, mtu)) > 0) {
		if (n > mtu || ip4_get(&f, b, n) < 0 || f.len != n ||
		    ip4_sum(b, f.hlen, 0) != 0)
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
	uint8_t b[576];
	struct ip4 h, i;
	size_t n;

	if (len < 2 || ip4_get(&h, data + 1, len - 1) < 0)
		return 0;
	if (h.len > len - 1 || h.hlen > h.len || h.hlen < 20)
		__builtin_trap();
	memcpy(copy, data + 1, h.len);
	fragments(copy, &h, 128 + data[0] * 5u);
	n = ip4_icmp_error(b, &e, copy, h.len);
	if (n &&
	    (ip4_get(&i, b, n) < 0 || i.dst != h.src || ip4_sum(b, 20, 0) ||
		ip4_sum(b + 20, n - 20, 0) || ip4_icmp_error(b, &e, b, n)))
		__builtin_trap();
	if (h.ttl && !ip4_sum(copy, h.hlen, 0)) {
		ip4_hop(copy);
		if (ip4_sum(copy, h.hlen, 0))
			__builtin_trap();
	}
	return 0;
}
