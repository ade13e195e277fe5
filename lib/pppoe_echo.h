/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_ECHO_H
#define PPPOE_ECHO_H

#include <stddef.h>
#include <stdint.h>

#include "eth.h"
#include "pppoe.h"
#include "pppoe_cookie.h"

/*
 * What an access concentrator keeps of a client to answer it: addresses,
 * VLAN, and the tags that each answer repeats byte for byte; and the answers
 * as whole frames. A wr that ends in error is a frame that did not fit.
 */

#define PPPOE_ECHO_ROOM 192 /* Service-Name, Host-Uniq, Relay-Session-Id */

struct pppoe_echo {
	uint8_t mac[6], us[6];
	struct eth_tag tag[ETH_TAGS];
	uint8_t ntag;
	uint8_t nservice, nuniq, nrelay; /* bytes of b, 255: no tag */
	uint16_t max_payload;		 /* granted, 0: none */
	uint8_t cookie[PPPOE_COOKIE_LEN];
	uint8_t b[PPPOE_ECHO_ROOM];
};

/* what a concentrator offers */
struct pppoe_offer {
	const char *name; /* AC-Name */
	const char *const *service;
	int nservice;
};

/* the client that sent a frame with header e to us (an address) */
void pppoe_echo_init(
    struct pppoe_echo *c, const struct eth *e, const uint8_t us[6]);

/* keeps its tags; 0, or -1 when they are too long */
int pppoe_echo_save(struct pppoe_echo *c, const struct pppoe_disc *d);

/* the Ethernet header of a frame to the client */
void pppoe_echo_head(struct wr *w, const struct pppoe_echo *c, unsigned type);

/* the answers (RFC 2516 section 5); PADS and PADT carry an error tag when
 * err.type is not 0 */
void pppoe_echo_pado(
    struct wr *w, const struct pppoe_echo *c, const struct pppoe_offer *o);
void pppoe_echo_pads(struct wr *w, const struct pppoe_echo *c, unsigned sid,
    struct pppoe_tag err);
void pppoe_echo_padt(struct wr *w, const struct pppoe_echo *c, unsigned sid,
    struct pppoe_tag err);

/* in that client's VLAN (its number, not its priority), from its address? */
int pppoe_echo_is(const struct pppoe_echo *c, const struct eth *e);

#endif
