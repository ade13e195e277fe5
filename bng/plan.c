/* limen: ISC licence, see LICENSE */
#include <stddef.h>

#include "conf.h"
#include "ip4.h"
#include "plan.h"
#include "users.h"
#include "world.h"

const char *
plan_unfit(const struct conf *c, uint32_t first, uint32_t last)
{
	/* what lies between is of the same kind: so many are in each */
	if (!ip4_is_host(first) || !ip4_is_host(last))
		return "not for single hosts";
	if (c->have_world && first <= (WORLD_NET | ~WORLD_MASK) &&
	    last >= WORLD_NET)
		return "the network of --world";
	return NULL;
}

static int
nobodys(const struct conf *c, const struct users *us, uint32_t addr)
{
	size_t i;

	if (addr == c->address ||
	    (addr >= c->pool_first && addr <= c->pool_last))
		return 0;
	for (i = 0; i < us->n; i++)
		if (us->u[i].addr == addr)
			return 0;
	return 1;
}

/* 0: there is none */
static uint32_t
name_server(const struct conf *c, const struct users *us, uint32_t mask)
{
	const uint32_t net = c->address & mask, start = c->address & 0xffffff00;
	uint32_t i, a;

	for (i = 1; i < ~mask; i++) {
		a = net | ((start + i) & ~mask);
		if (a != net && a != (net | ~mask) && ip4_is_host(a) &&
		    nobodys(c, us, a))
			return a;
	}
	return 0;
}

struct plan
plan_make(const struct conf *c, const struct users *us)
{
	struct plan p = { 0xffffff00, 0 };

	while ((c->address & p.mask) != (c->pool_first & p.mask) ||
	       (c->address & p.mask) != (c->pool_last & p.mask) ||
	       !(p.dns = name_server(c, us, p.mask)))
		p.mask <<= 1;
	return p;
}
