/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_HOST_H
#define PPPOE_HOST_H

#include <stddef.h>
#include <stdint.h>

#include "eth.h"
#include "pppoe.h"
#include "wr.h"

/*
 * The host's (client's) side of PPPoE discovery (RFC 2516, 4638), one
 * session. Each call writes at most one frame into w (to be sent when
 * wr_len() is not 0; 1518 bytes are room enough) and returns what happened.
 */
enum pppoe_host_state {
	PPPOE_HOST_IDLE,
	PPPOE_HOST_LOOKING, /* PADI sent */
	PPPOE_HOST_ASKING,  /* PADR sent */
	PPPOE_HOST_UP,
	PPPOE_HOST_OVER,
	PPPOE_HOST_NSTATES
};

enum pppoe_host_event {
	PPPOE_HOST_NOTHING,
	PPPOE_HOST_OPENED,
	PPPOE_HOST_REFUSED, /* PADS with session id 0 */
	PPPOE_HOST_TIMEOUT, /* nobody answered; section 8: start again */
	PPPOE_HOST_CLOSED   /* PADT */
};

#define PPPOE_HOST_COOKIE 64 /* longest AC-Cookie and Relay-Session-Id */

struct pppoe_host_conf {
	const char *service;  /* wanted, "" any */
	const char *ac_name;  /* only this one, NULL any */
	int retry;	      /* ms, doubling */
	uint8_t tries;	      /* of PADI, and of PADR */
	uint16_t max_payload; /* to ask for (RFC 4638), 0 none */
};

struct pppoe_host {
	const struct pppoe_host_conf *conf;
	int64_t deadline;
	uint32_t uniq;
	uint8_t state, tries, cookielen, relaylen;
	uint8_t has_cookie, has_relay;
	uint8_t mac[6], ac[6];
	uint16_t sid, max_payload; /* granted, 0 none */
	uint8_t cookie[PPPOE_HOST_COOKIE], relay[PPPOE_HOST_COOKIE];
};

void pppoe_host_init(struct pppoe_host *h, const struct pppoe_host_conf *conf,
    const uint8_t mac[6], uint32_t uniq);

/* sends the first PADI */
void pppoe_host_start(struct pppoe_host *h, int64_t now, struct wr *w);

/* a discovery frame that is addressed to h->mac */
enum pppoe_host_event pppoe_host_input(
    struct pppoe_host *h, int64_t now, const struct eth *e, struct wr *w);

/* at h->deadline (-1: none) */
enum pppoe_host_event pppoe_host_tick(
    struct pppoe_host *h, int64_t now, struct wr *w);

/* PADT when there is a session */
void pppoe_host_close(struct pppoe_host *h, struct wr *w);

/* the header of a session frame with len bytes of payload; the caller writes
 * those */
void pppoe_host_head(const struct pppoe_host *h, struct wr *w, size_t len);

#endif
