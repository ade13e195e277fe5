/* limen: ISC licence, see LICENSE */
/*
 * link: bng/reass.c bng/ip4.c
 */
#include <string.h>

#include "../../bng/ip4.h"
#include "../../bng/reass.h"
#include "ip.h"
#include "ip_sum.h"
#include "tap.h"
#include "wr.h"

static struct reass *r;
static uint8_t data[65536];
static size_t whole;
static uint8_t *got;
static uint32_t sender = 0x0a000001;

/* fragment of packet id: bytes from to from + n of data */
static int
put(unsigned id, int64_t now, size_t from, size_t n, int more)
{
	static uint8_t b[65600];
	struct wr w;

	wr_init(&w, b, sizeof(b));
	wr_u32(&w, 0x45000000);
	wr_u32(&w, id << 16);
	wr_u32(&w, 0x40110000);
	wr_u32(&w, sender);
	wr_u32(&w, 0x0a000002);
	wr_bytes(&w, data + from, n);
	ip4_finish(b, IP4_HEAD, IP4_HEAD + n,
	    (unsigned)(from / 8) | (more ? IP_FRAG_MORE : 0));
	got = reass_add(r, now, b, wr_len(&w), &whole);
	return got != NULL;
}

/* is got one of n bytes of data? */
static int
good(size_t n)
{
	struct ip4 h;

	return got && whole == n + IP4_HEAD && ip4_get(&h, got, whole) == 0 &&
	       h.len == whole && !h.off && h.proto == 17 && h.src == sender &&
	       !ip_sum_fold(ip_sum(0, got, IP4_HEAD)) &&
	       !memcmp(got + IP4_HEAD, data, n);
}

static void
orders(void)
{
	size_t i;

	OK(!put(1, 0, 0, 1480, 1) && !put(1, 0, 1480, 1480, 1));
	OK(put(1, 0, 2960, 41, 0) && good(3001));
	OK_MSG(!put(1, 0, 2960, 41, 0), "the last one again begins another");
	OK(!put(1, 0, 1480, 1480, 1) && !put(1, 0, 1480, 1480, 1));
	OK_MSG(put(1, 0, 0, 1480, 1) && good(3001), "any order, doubled");
	OK(!put(2, 0, 1480, 3, 0) && !put(3, 0, 1480, 9, 0));
	OK(put(2, 0, 0, 1480, 1) && good(1483));
	OK(put(3, 0, 0, 1480, 1) && good(1489));
	for (i = 0; i + 8 < 65512; i += 8)
		if (put(4, 0, i, 8, 1))
			break;
	OK_MSG(put(4, 0, i, 65515 - i, 0) && good(65515), "the longest");
}

static void
bad(void)
{
	int i;

	OK(!put(5, 0, 0, 1479, 1) && !put(5, 0, 0, 0, 1));
	OK_MSG(!put(5, 0, 65512, 8, 0), "longer than can be");
	OK(!put(6, 0, 0, 8, 1) && !put(6, 0, 40, 8, 1));
	OK_MSG(!put(6, 0, 8, 8, 0), "what lies behind the last is no part");
	OK(!put(6, 0, 0, 16, 1) && put(6, 0, 16, 1, 0) && good(17));
	OK(!put(7, 0, 0, 8, 1) && !put(7, 30000, 8, 1, 0));
	OK_MSG(put(7, 30001, 0, 8, 1) && good(9), "30 s are its life");
	OK(!put(100, 40000, 0, 8, 1));
	for (i = 1; i < REASS_PACKETS; i++)
		(void)put(100 + (unsigned)i, 40000 + i, 0, 8, 1);
	OK(put(100, 41000, 8, 1, 0) && good(9));
	OK(!put(200, 41000, 0, 8, 1) && !put(201, 41000, 0, 8, 1));
	OK_MSG(!put(101, 41000, 8, 1, 0), "the oldest made room");
}

/* one that never ends its packets, and others beside it */
static void
flood(void)
{
	unsigned i, lost = 0;

	for (i = 0; i < 30; i++) {
		sender = 0x0a000100 + i;
		lost += put(1, 90000, 0, 8, 1);
	}
	sender = 0x0a000099;
	for (i = 0; i < 1000; i++)
		(void)put(i, 90000 + i, 0, 8, 1);
	for (i = 0; i < 30; i++) {
		sender = 0x0a000100 + i;
		lost += !put(1, 91000, 8, 1, 0) || !good(9);
	}
	OK_MSG(!lost, "a flood of fragments makes its own go");
	sender = 0x0a000099;
	OK_MSG(put(999, 91000, 8, 1, 0) && good(9), "the latest of it stays");
}

int
main(void)
{
	size_t i;

	for (i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7 + i / 256);
	r = reass_new();
	orders();
	bad();
	flood();
	reass_free(r);
	return tap_done();
}
