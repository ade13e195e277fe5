/* limen: ISC licence, see LICENSE */
#ifndef PPP_LINK_H
#define PPP_LINK_H

#include <stddef.h>
#include <stdint.h>

#include "ppp_auth.h"
#include "ppp_ip6cp.h"
#include "ppp_ipcp.h"
#include "ppp_lcp.h"
#include "ppp_peer.h"
#include "ppp_turn.h"

/*
 * One PPP session, end to end: the phases of RFC 1661 section 3.2. It is
 * server or client by its configuration only.
 *
 *	static struct ppp_turn t;		one for all links
 *	struct ppp_link_cfg cfg = ppp_link_defaults;
 *	cfg.lcp.auth[0] = PPP_AUTH_CHAP;	as server
 *
 *	ppp_link_init(&l, &cfg, random16);
 *	ppp_link_open(&l, ppp_turn(&t, now), 1492);
 *	drain(&l, &t);
 * then for each frame, and when ppp_link_deadline() has come
 *	ppp_link_input(&l, ppp_turn(&t, now), frame, len);
 *	ppp_link_tick(&l, ppp_turn(&t, now));
 *	drain(&l, &t);
 *
 *	while ((a = ppp_turn_next(&t)))
 *		switch (a->type) {
 *		case PPP_ACT_SEND:	send a->p, a->len to the peer
 *		case PPP_ACT_DELIVER:	a packet: a->proto says IPv4 or IPv6
 *		case PPP_ACT_SECRET:	ppp_link_secret(&l, &t, secret, n)
 *		case PPP_ACT_NETWORK:	ppp_link_network(&l, &t, &net)
 *		case PPP_ACT_UP4, DOWN4, UP6, DOWN6:
 *		case PPP_ACT_LOG:	a->u.log.machine, from, to, event
 *		case PPP_ACT_END:	a->u.end; then the link is done with
 *		}
 *
 * ppp_link_secret() and ppp_link_network() may be called while draining,
 * with the same turn, or later with another. After PPP_ACT_END nothing comes
 * any more, whatever goes in; ppp_link_init() makes it new.
 *
 * To send a packet when PPP_ACT_UP4 (UP6) has come and no DOWN since: put
 * PPP_IP (PPP_IP6) as 16 bits in front of it; not longer than u.ip4.mtu.
 *
 * The peer may renegotiate at any time: DOWN4 and DOWN6 come, and later
 * SECRET, NETWORK and UP4 again.
 */
enum ppp_link_phase {
	PPP_LINK_DEAD,
	PPP_LINK_ESTABLISH,
	PPP_LINK_AUTHENTICATE,
	PPP_LINK_ADMIT, /* waiting for ppp_link_network() */
	PPP_LINK_NETWORK,
	PPP_LINK_TERMINATE,
	PPP_LINK_ENDED,
	PPP_LINK_NPHASES
};

/* shared by any number of links; must outlive them */
struct ppp_link_cfg {
	struct ppp_lcp_cfg lcp;	  /* .auth: as server */
	struct ppp_auth_cfg auth; /* as server: challenges */
	struct ppp_peer_cfg peer; /* as client: name and secret */
	int setup; /* ms from ppp_link_open() until a network runs */
};

/* as server without authentication: RFC 1661's timers as ppp_cp_defaults, an
 * echo after 20 s of silence and 3 failures, 60 s to set up */
extern const struct ppp_link_cfg ppp_link_defaults;

/* which networks, with which addresses */
struct ppp_net {
	unsigned flags; /* PPP_NET_IP4, PPP_NET_IP6 */
	struct ppp_ipcp_cfg ip4;
	struct ppp_ip6cp_cfg ip6;
};
#define PPP_NET_IP4 1U
#define PPP_NET_IP6 2U

struct ppp_link {
	const struct ppp_link_cfg *cfg;
	uint8_t key[16];
	uint32_t count; /* random numbers taken */
	uint8_t phase, why;
	uint8_t nets; /* wanted: PPP_NET_... */
	uint8_t up;   /* running */
	int64_t setup_at;
	struct ppp_lcp lcp;
	struct ppp_ipcp ipcp;
	struct ppp_ip6cp ip6cp;
	struct ppp_auth auth;
	struct ppp_peer peer;
};

/* seed: 16 random bytes, never used for another link */
void ppp_link_init(
    struct ppp_link *l, const struct ppp_link_cfg *cfg, const uint8_t seed[16]);

/* the line below is up and carries packets of mru bytes */
void ppp_link_open(struct ppp_link *l, struct ppp_turn *t, uint16_t mru);

/* a frame: Protocol field first, or FF 03 before it */
void ppp_link_input(
    struct ppp_link *l, struct ppp_turn *t, const void *frame, size_t len);

/* answers PPP_ACT_SECRET; NULL: there is no such user */
void ppp_link_secret(
    struct ppp_link *l, struct ppp_turn *t, const void *secret, size_t len);

/* answers PPP_ACT_NETWORK; *net is copied */
void ppp_link_network(
    struct ppp_link *l, struct ppp_turn *t, const struct ppp_net *net);

/* to be called at ppp_link_deadline(); at any other time it does no harm */
void ppp_link_tick(struct ppp_link *l, struct ppp_turn *t);

/* when to tick, -1: not at all */
int64_t ppp_link_deadline(const struct ppp_link *l);

/* orderly: Terminate-Requests, then PPP_ACT_END within seconds */
void ppp_link_close(struct ppp_link *l, struct ppp_turn *t);

/* the line below is gone: PPP_ACT_END at once, nothing is sent. When the link
 * was about to end, the cause is what had started that. */
void ppp_link_down(struct ppp_link *l, struct ppp_turn *t);

const char *ppp_link_phase_name(unsigned phase);

/* the peer's authenticated name, "" without */
const char *ppp_link_name(const struct ppp_link *l);

#endif
