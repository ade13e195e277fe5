/* limen: ISC licence, see LICENSE */
/*
 * When the relay sends a client's Configure-Request once more.
 *
 * link: pppoe-l2tp-relay/kick.c pppoe-l2tp-relay/list.c
 */
#include <stdint.h>
#include <string.h>

#include "../../pppoe-l2tp-relay/relay.h"
#include "tap.h"

enum { GRACE = 50 };

static struct call calls[3];
static struct call_words words[3];
static struct tunnel tunnel;
static struct relay r = { .calls = calls, .now = 1000 };
static int kicks;
static uint8_t kicked[RELAY_CONFREQ];
static size_t nkicked;

void
path_kick(struct relay *rel, struct call *c)
{
	(void)rel;
	kicks++;
	nkicked = c->words->nconf;
	memcpy(kicked, c->words->conf, nkicked);
}

/* a PPP frame of LCP, as long as can be */
static const uint8_t *
lcp(unsigned code, unsigned id)
{
	static uint8_t b[128];

	memset(b, 'x', sizeof(b));
	b[0] = 0xc0;
	b[1] = 0x21;
	b[2] = (uint8_t)code;
	b[3] = (uint8_t)id;
	return b;
}

static struct call *
fresh(int i)
{
	struct call *c = &calls[i];

	kick_stop(&r, c);
	memset(c, 0, sizeof(*c));
	c->t = &tunnel;
	c->words = memset(&words[i], 0, sizeof(words[i]));
	kicks = 0;
	return c;
}

/* so long after the LNS's own request, is the client's sent again? */
static int
after(int64_t ms)
{
	r.now += ms;
	kick_tick(&r);
	return kicks;
}

static void
once(void)
{
	struct call *c = fresh(1);

	kick_client(c, lcp(1, 7), 20);
	OK(kick_deadline(&r) == -1);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK(kick_deadline(&r) == r.now + GRACE);
	OK(!after(GRACE - 1) && after(1) == 1 && after(1000) == 1);
	OK(nkicked == 20 && !memcmp(kicked, lcp(1, 7), 20));
	OK(c->lcp == RELAY_LCP_HEARD);
	c = fresh(1);
	kick_client(c, lcp(1, 7), 20);
	kick_client(c, lcp(1, 8), 20);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK_MSG(after(GRACE) && kicked[3] == 8, "the last that it sent");
}

static void
not_needed(void)
{
	struct call *c = fresh(1);

	kick_client(c, lcp(1, 7), 20);
	kick_lns(&r, c, lcp(1, 1), 20);
	kick_lns(&r, c, lcp(2, 7), 20);
	OK_MSG(!after(GRACE) && kick_deadline(&r) == -1, "it was answered");
	c = fresh(1);
	kick_client(c, lcp(1, 7), 20);
	kick_lns(&r, c, lcp(2, 7), 20);
	OK_MSG(c->lcp == RELAY_LCP_HEARD, "the LNS began with the answer");
	c = fresh(1);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK_MSG(!after(GRACE), "the LNS was the first to speak");
	c = fresh(1);
	kick_client(c, lcp(1, 7), 20);
	kick_lns(&r, c, lcp(1, 1), 20);
	c->t = NULL;
	OK_MSG(!after(GRACE), "the tunnel has gone");
	c = fresh(1);
	kick_client(c, lcp(9, 7), 20);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK_MSG(!after(GRACE), "an Echo-Request is none");
}

/* what is too long to be kept is not sent again, nor one before it: the client
 * waits for an answer to the last */
static void
too_long(void)
{
	struct call *c = fresh(1);

	kick_client(c, lcp(1, 7), RELAY_CONFREQ);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK(after(GRACE) && nkicked == RELAY_CONFREQ &&
	    !memcmp(kicked, lcp(1, 7), RELAY_CONFREQ));
	c = fresh(1);
	kick_client(c, lcp(1, 7), RELAY_CONFREQ + 1);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK(!after(GRACE) && c->lcp == RELAY_LCP_HEARD);
	c = fresh(1);
	kick_client(c, lcp(1, 7), 20);
	kick_client(c, lcp(1, 8), RELAY_CONFREQ + 1);
	kick_lns(&r, c, lcp(1, 1), 20);
	OK(!after(GRACE));
	c = fresh(1);
	kick_client(c, lcp(1, 7), 20);
	kick_lns(&r, c, lcp(1, 1), 20);
	kick_client(c, lcp(1, 8), RELAY_CONFREQ + 1);
	OK_MSG(!after(GRACE), "it came while the LNS was waited for");
}

static void
two(void)
{
	struct call *a = fresh(1), *b = fresh(2);

	kick_client(a, lcp(1, 7), 20);
	kick_client(b, lcp(1, 8), 20);
	kick_lns(&r, a, lcp(1, 1), 20);
	r.now += 20;
	kick_lns(&r, b, lcp(1, 1), 20);
	OK(after(GRACE - 20) == 1 && kicked[3] == 7);
	OK(after(20) == 2 && kicked[3] == 8);
}

int
main(void)
{
	once();
	not_needed();
	too_long();
	two();
	return tap_done();
}
