/* limen: ISC licence, see LICENSE */
/*
 * link: bng/pool.c
 */
#include "../../bng/pool.h"
#include "tap.h"

static void
range(void)
{
	struct pool p;
	uint32_t i, bad = 0;

	OK(pool_init(&p, 100, 299) == 0);
	for (i = 0; i < 200; i++)
		bad += pool_take(&p, 0, i) != 100 + i;
	OK_MSG(!bad, "the lowest first, all of them");
	OK(pool_take(&p, 0, 7) == 0);
	OK(pool_owner(&p, 150) == 50 && pool_owner(&p, 99) == POOL_NONE);
	pool_give(&p, 150);
	pool_give(&p, 150);
	pool_give(&p, 120);
	OK_MSG(pool_take(&p, 0, 1) == 120, "the one given back last");
	OK(pool_take(&p, 0, 2) == 150 && !pool_take(&p, 0, 3));
	pool_give(&p, 299);
	pool_give(&p, 298);
	OK(pool_take(&p, 299, 4) == 299 && pool_take(&p, 299, 5) == 0);
	OK(pool_take(&p, 0, 6) == 298 && !pool_take(&p, 0, 6));
	pool_free(&p);
}

/* a user's own address is nobody else's, dial he or not */
static void
kept(void)
{
	struct pool p;

	OK(pool_init(&p, 10, 13) == 0);
	pool_keep(&p, 10);
	pool_keep(&p, 12);
	pool_keep(&p, 12);
	pool_keep(&p, 99);
	OK(pool_take(&p, 0, 1) == 11 && pool_take(&p, 0, 2) == 13);
	OK(!pool_take(&p, 0, 3));
	OK(pool_take(&p, 12, 4) == 12 && !pool_take(&p, 12, 5));
	OK(pool_owner(&p, 12) == 4);
	pool_give(&p, 12);
	OK_MSG(!pool_take(&p, 0, 6), "given back it is kept still");
	OK(pool_take(&p, 12, 7) == 12);
	pool_give(&p, 11);
	pool_give(&p, 13);
	OK(pool_take(&p, 0, 8) == 13 && pool_take(&p, 0, 9) == 11);
	pool_give(&p, 13);
	pool_unkeep(&p, 10);
	pool_unkeep(&p, 10);
	pool_unkeep(&p, 11);
	OK_MSG(pool_take(&p, 0, 1) == 10, "nobody's own any more");
	OK(pool_take(&p, 0, 2) == 13 && !pool_take(&p, 0, 3));
	pool_keep(&p, 13);
	pool_unkeep(&p, 12);
	OK_MSG(!pool_take(&p, 0, 3), "it is another's still");
	pool_give(&p, 13);
	pool_give(&p, 12);
	OK_MSG(pool_take(&p, 0, 3) == 12 && !pool_take(&p, 0, 4),
	    "kept, and not, from when they are given back on");
	OK(pool_take(&p, 13, 4) == 13);
	pool_free(&p);
}

/* addresses that are kept do not change whose turn it is among the others */
static void
sorted(void)
{
	struct pool p;

	OK(pool_init(&p, 10, 15) == 0);
	pool_keep(&p, 13);
	pool_keep(&p, 14);
	pool_sort(&p);
	OK(pool_take(&p, 0, 1) == 10 && pool_take(&p, 0, 2) == 11);
	pool_sort(&p);
	OK(pool_take(&p, 0, 3) == 12 && pool_take(&p, 0, 4) == 15);
	OK(!pool_take(&p, 0, 5) && pool_take(&p, 14, 5) == 14);
	pool_free(&p);
}

/* as many sessions as there can be, with addresses of their own that lie so far
 * from each other: how many cannot have theirs */
static uint32_t
lacking(uint32_t apart)
{
	struct pool p;
	uint32_t i, bad = 0;

	OK(pool_init(&p, 10, 10) == 0);
	for (i = 1; i < 65535; i++)
		bad += pool_take(&p, 0x0a000000 + i * apart, i) == 0;
	for (i = 1; i < 65535; i++)
		bad += pool_owner(&p, 0x0a000000 + i * apart) != i;
	for (i = 1; i < 65535; i++)
		pool_give(&p, 0x0a000000 + i * apart);
	bad += pool_owner(&p, 0x0a000000 + apart) != POOL_NONE;
	pool_free(&p);
	return bad;
}

static void
outside(void)
{
	struct pool p;
	uint32_t i, bad = 0;

	OK(pool_init(&p, 10, 10) == 0 && pool_has(&p, 10) && !pool_has(&p, 11));
	for (i = 0; i < 1000; i++)
		bad += pool_take(&p, 5000 + i * 8192, i) != 5000 + i * 8192;
	for (i = 0; i < 1000; i++)
		bad += pool_owner(&p, 5000 + i * 8192) != i;
	OK_MSG(!bad, "a thousand users' own addresses");
	OK(!pool_take(&p, 5000, 1));
	pool_give(&p, 5000);
	OK(pool_owner(&p, 5000) == POOL_NONE && pool_take(&p, 5000, 1) == 5000);
	OK(pool_owner(&p, 0) == POOL_NONE);
	pool_free(&p);
	OK(!lacking(1) && !lacking(256) && !lacking(8192) && !lacking(65521));
}

int
main(void)
{
	range();
	kept();
	sorted();
	outside();
	return tap_done();
}
