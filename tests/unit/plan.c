/* limen: ISC licence, see LICENSE */
/*
 * link: bng/plan.c bng/ip4.c
 */
#include "../../bng/conf.h"
#include "../../bng/plan.h"
#include "../../bng/users.h"
#include "tap.h"

#define A(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (c) << 8 | (d))

/* of our address and the pool; own[] are addresses of users, until a 0 */
static struct plan
plan(uint32_t address, uint32_t first, uint32_t last, const uint32_t *own)
{
	struct conf c = {
		.address = address, .pool_first = first, .pool_last = last
	};
	struct user u[300] = { 0 };
	struct users us = { u, 0, 0 };

	for (; own && *own; own++)
		u[us.n++].addr = *own;
	return plan_make(&c, &us);
}

static void
networks(void)
{
	const uint32_t us = A(192, 168, 100, 1);
	uint32_t own[300] = { us + 1, us + 3, 0 };
	struct plan p;
	unsigned i;

	p = plan(us, us + 9, us + 98, NULL);
	OK(p.mask == 0xffffff00 && p.dns == us + 1);
	p = plan(us, us + 9, us + 98, own);
	OK_MSG(p.dns == us + 2, "a user's own address is not the server's");
	for (i = 0; i < 299; i++)
		own[i] = us + i + 1;
	p = plan(us, us + 9, us + 98, own);
	OK(p.mask == 0xfffffe00 && p.dns == us + 300);

	p = plan(A(10, 0, 0, 1), A(10, 0, 0, 2), A(10, 0, 0, 254), NULL);
	OK_MSG(p.mask == 0xfffffe00 && p.dns == A(10, 0, 0, 255),
	    "one more bit where all others are taken");
	p = plan(A(10, 0, 0, 1), A(10, 0, 0, 10), A(10, 0, 3, 255), NULL);
	OK(p.mask == 0xfffffc00 && p.dns == A(10, 0, 0, 2));
	p = plan(A(10, 1, 255, 1), A(10, 1, 0, 1), A(10, 1, 3, 255), NULL);
	OK(p.mask == 0xffff0000 && p.dns == A(10, 1, 255, 2));
	p = plan(A(10, 0, 1, 0), A(10, 0, 1, 1), A(10, 0, 1, 255), NULL);
	OK_MSG(p.mask == 0xfffffe00 && p.dns == A(10, 0, 0, 1),
	    "behind the last comes the first");
	p = plan(A(10, 64, 64, 64), us, us + 9, NULL);
	OK_MSG(p.mask == 0 && p.dns == A(10, 64, 64, 1),
	    "of a network that is everything, one near ours");
}

static void
hosts(void)
{
	struct conf c = { 0 };

	OK(!plan_unfit(&c, A(1, 0, 0, 0), A(1, 0, 0, 9)));
	OK(!plan_unfit(&c, A(126, 255, 255, 255), A(126, 255, 255, 255)));
	OK(!plan_unfit(&c, A(223, 255, 255, 255), A(223, 255, 255, 255)));
	OK(plan_unfit(&c, A(0, 255, 255, 255), A(1, 0, 0, 9)));
	OK(plan_unfit(&c, A(126, 255, 0, 0), A(127, 0, 0, 0)));
	OK(plan_unfit(&c, A(127, 255, 255, 255), A(128, 0, 0, 1)));
	OK(plan_unfit(&c, A(223, 0, 0, 1), A(224, 0, 0, 0)));
	OK(!plan_unfit(&c, A(10, 0, 2, 1), A(10, 0, 2, 1)));
	c.have_world = 1;
	OK(plan_unfit(&c, A(10, 0, 2, 1), A(10, 0, 2, 1)));
	OK(plan_unfit(&c, A(10, 0, 0, 1), A(10, 0, 2, 0)));
	OK(plan_unfit(&c, A(10, 0, 2, 255), A(10, 0, 3, 0)));
	OK(!plan_unfit(&c, A(10, 0, 0, 1), A(10, 0, 1, 255)));
	OK(!plan_unfit(&c, A(10, 0, 3, 0), A(10, 0, 3, 9)));
}

int
main(void)
{
	networks();
	hosts();
	return tap_done();
}
