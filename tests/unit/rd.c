/* limen: ISC licence, see LICENSE */
#include <stdint.h>

#include "rd.h"
#include "tap.h"
#include "wr.h"

static void
reads(void)
{
	static const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8, 'a', 0, 9 };
	struct rd r, s;

	rd_init(&r, b, sizeof(b));
	OK(rd_u8(&r) == 1);
	OK(rd_u16(&r) == 0x0203);
	OK(rd_u8(&r) == 4 && rd_u16(&r) == 0x0506);
	s = rd_sub(&r, 2);
	OK(rd_u16(&s) == 0x0708 && rd_left(&s) == 0 && !s.err);
	OK(rd_u8(&s) == 0 && s.err && !r.err);
	STREQ(rd_str(&r), "a");
	OK(rd_str(&r) == NULL && r.err);
	OK_MSG(rd_u8(&r) == 0 && rd_left(&r) == 0, "the error sticks");
	rd_init(&r, b, 3);
	OK_MSG(rd_u32(&r) == 0 && r.err, "one byte short is an error");
	rd_init(&r, NULL, 0);
	OK(rd_left(&r) == 0 && rd_bytes(&r, 1) == NULL && r.err);
	rd_init(&r, b, 8);
	OK(rd_le16(&r) == 0x0201 && rd_le32(&r) == 0x06050403);
	s = rd_sub(&r, SIZE_MAX);
	OK(s.err && r.err);
}

static void
writes(void)
{
	static const uint8_t want[] = { 7, 0, 3, 'a', 'b', 'c', 1, 2, 3, 4 };
	uint8_t b[10], big[70000];
	struct wr w;
	size_t hole;

	wr_init(&w, b, sizeof(b));
	wr_u8(&w, 7);
	hole = wr_hole16(&w);
	wr_str(&w, "abc");
	wr_fill16(&w, hole, 0);
	wr_u32(&w, 0x01020304);
	OK(wr_len(&w) == 10);
	MEMEQ(b, want, 10);
	wr_u8(&w, 1);
	OK(w.err && wr_len(&w) == 0);
	wr_init(&w, b, sizeof(b));
	wr_hex(&w, "\x09\xaf\x00", 3);
	OK(wr_len(&w) == 6 && !memcmp(b, "09AF00", 6));
	wr_init(&w, big, sizeof(big));
	hole = wr_hole16(&w);
	wr_zero(&w, 65535);
	wr_fill16(&w, hole, 0);
	OK(!w.err && big[0] == 0xff && big[1] == 0xff);
	wr_u8(&w, 0);
	wr_fill16(&w, hole, 0);
	OK_MSG(w.err, "a length over 16 bits is an error");
}

int
main(void)
{
	reads();
	writes();
	return tap_done();
}
