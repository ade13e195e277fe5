/* limen: ISC licence, see LICENSE */
#include <string.h>

#include "ppp.h"
#include "relay.h"

/*
 * The first LCP Configure-Request of a client goes to the LNS right behind
 * ICCN, and an LNS that starts pppd for each call is not listening yet: the
 * client would wait 3 s before it repeats it. So the last that came is kept,
 * and when the LNS's first frame is its own Configure-Request and no answer to
 * the client's follows within GRACE, the client's is sent once more. (An LNS
 * that listens at once says its own before it sees the client's, too: to
 * send another at once would double the work of a mass dial-in.) What is too
 * long to be kept is not sent again.
 */
enum {
	GRACE = 50, /* ms */
};

/* is this PPP frame an LCP Configure-Request? p is behind ff 03 */
static int
is_confreq(const uint8_t *p, size_t n)
{
	return n >= 6 && p[0] == PPP_LCP >> 8 && p[1] == (PPP_LCP & 0xff) &&
	       p[2] == PPP_CONF_REQ;
}

void
kick_client(struct call *c, const uint8_t *p, size_t n)
{
	if (!is_confreq(p, n))
		return;
	c->words->nconf = n > sizeof(c->words->conf) ? 0 : (uint8_t)n;
	memcpy(c->words->conf, p, c->words->nconf);
}

void
kick_stop(struct relay *r, struct call *c)
{
	if (c->lcp == RELAY_LCP_ASKED)
		list_del(r, &r->kick, offsetof(struct call, kick),
		    (uint16_t)(c - r->calls));
	c->lcp = RELAY_LCP_HEARD;
}

void
kick_lns(struct relay *r, struct call *c, const uint8_t *p, size_t n)
{
	if (!is_confreq(p, n)) {
		kick_stop(r, c);
	} else if (c->lcp == RELAY_LCP_SILENT) {
		if (!c->words->nconf) { /* it will see the client's */
			c->lcp = RELAY_LCP_HEARD;
			return;
		}
		c->lcp = RELAY_LCP_ASKED;
		c->words->asked = r->now;
		list_add(r, &r->kick, offsetof(struct call, kick),
		    (uint16_t)(c - r->calls));
	}
}

void
kick_tick(struct relay *r)
{
	struct call *c;

	while (r->kick.first && kick_deadline(r) <= r->now) {
		c = &r->calls[r->kick.first];
		kick_stop(r, c);
		if (c->t && c->words->nconf)
			path_kick(r, c);
	}
}

int64_t
kick_deadline(const struct relay *r)
{
	return r->kick.first ? r->calls[r->kick.first].words->asked + GRACE
			     : -1;
}
