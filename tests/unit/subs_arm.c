/* limen: ISC licence, see LICENSE */
/*
 * When a session is looked at again.
 *
 * link: tests/sim_bng.c bng/lns.c bng/lns_tunnel.c bng/lns_call.c
 * link: bng/subs.c bng/subs_link.c bng/pool.c bng/users.c bng/line.c
 */
#include <stdlib.h>

#include "../../bng/bng.h"
#include "../../bng/subs.h"
#include "../sim.h"
#include "tap.h"

struct sim_how sim;

uint32_t
sim_rnd(uint32_t n)
{
	(void)n;
	return 0;
}

void
sim_put(enum sim_to to, const void *p, size_t n)
{
	(void)to;
	(void)p;
	(void)n;
}

int
main(void)
{
	static struct conf conf = { .max = 2 };
	static struct bng b = { .conf = &conf, .now = 1000 };
	struct sub *s;

	b.ppp = ppp_link_defaults;
	subs_init(&b);
	OK((s = subs_new(&b, BEARER_PPPOE)) != NULL);
	subs_arm(&b, s);
	OK(subs_deadline(&b) < 0);
	conf.idle = 500;
	s->up_since = b.now;
	subs_arm(&b, s);
	OK(subs_deadline(&b) == 1500);
	s->moved = 1;
	subs_arm(&b, s);
	OK_MSG(subs_deadline(&b) == 1000,
	    "its address is another's: at once, whatever it says meanwhile");
	s->ending = 1;
	subs_arm(&b, s);
	OK(subs_deadline(&b) < 0);
	subs_free(&b);
	return tap_done();
}
