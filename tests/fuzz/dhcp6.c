/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "dhcp6.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* an answer is whole options, has our identifier and the message's number */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const struct dhcp6_offer o = { { 2, 0, 0, 0, 0, 1 },
		{ 0xfd, 0x62, [15] = 0x10 }, { 0xfd, 0x63 }, 56,
		{ 0xfd, 0x64, [15] = 0x53 }, 7200, 3600 };
	uint8_t out[1024];
	struct dhcp6_lease lease = { 0 };
	struct dhcp6_log log;
	struct rd r, body;
	int server = 0;
	struct wr w;
	unsigned type;

	wr_init(&w, out, sizeof(out));
	if (dhcp6_answer(&w, data, len, &o, &lease, &log) < 0)
		return 0;
	rd_init(&r, out, wr_len(&w));
	type = rd_u8(&r);
	if (type != DHCP6_ADVERTISE && type != DHCP6_REPLY)
		__builtin_trap();
	if (len < 4 || memcmp(data + 1, out + 1, 3) != 0 || log.na > 1 ||
	    log.pd > 1)
		__builtin_trap();
	rd_skip(&r, 3);
	while (rd_left(&r)) {
		type = rd_u16(&r);
		body = rd_sub(&r, rd_u16(&r));
		if (r.err || body.err)
			__builtin_trap();
		server += type == DHCP6_SERVERID;
	}
	if (r.err || server != 1)
		__builtin_trap();
	return 0;
}
