/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_TAB_H
#define PPPOE_TAB_H

#include <stddef.h>
#include <stdint.h>

#include "eth.h"
#include "pppoe.h"
#include "pppoe_echo.h"

/*
 * The PPPoE sessions of an access concentrator in fixed memory: by session
 * id, by the AC-Cookie they were opened with, and counted by client, each by
 * a hash; nothing scans.
 */

#define PPPOE_TAB_MAX	65534
#define PPPOE_TAB_ALIGN 64 /* bytes of a cache line */
#define PPPOE_HEAD_MAX	(ETH_MAX + PPPOE_HEAD)

enum pppoe_session_state {
	PPPOE_FREE,
	PPPOE_ASKED, /* PADR came, the owner has not answered */
	PPPOE_UP,
};

/* what each frame needs and no more, one line of the processor's cache: with
 * thousands of sessions it is memory that takes the time */
struct pppoe_session {
	uint16_t sid;
	uint8_t state;
	/* the rest is the table's own, but for c */
	uint8_t headlen;
	uint8_t head[PPPOE_HEAD_MAX];
	uint32_t next_sid, next_cookie;
	struct pppoe_echo *c; /* the client */
	uint64_t id;
} __attribute__((aligned(PPPOE_TAB_ALIGN)));

struct pppoe_peer;

struct pppoe_tab {
	uint32_t max, count;
	struct pppoe_session *s;
	struct pppoe_peer *peer;
	uint32_t *by_sid, *by_cookie, *by_peer;
	uint32_t mask;
	uint32_t free_first, free_last, peer_free;
	uint16_t sid;
};

/* how much memory max sessions take */
size_t pppoe_tab_size(uint32_t max);

/* mem: that much, zeroed, aligned as malloc's; ids go up from sid */
void pppoe_tab_init(struct pppoe_tab *t, uint32_t max, void *mem, uint16_t sid);

/* a new session of client id (a hash) in state PPPOE_ASKED, its client filled
 * in from c; NULL when the table is full */
struct pppoe_session *pppoe_tab_add(
    struct pppoe_tab *t, uint64_t id, const struct pppoe_echo *c);

/* frees s; its struct stays as it was until many others came and went */
void pppoe_tab_del(struct pppoe_tab *t, struct pppoe_session *s);

/* the session with that number, or NULL */
struct pppoe_session *pppoe_tab_sid(const struct pppoe_tab *t, unsigned sid);

/* the session that client id opened with that cookie, or NULL */
struct pppoe_session *pppoe_tab_cookie(const struct pppoe_tab *t, uint64_t id,
    const uint8_t cookie[PPPOE_COOKIE_LEN]);

/* how many sessions client id has */
uint32_t pppoe_tab_clients(const struct pppoe_tab *t, uint64_t id);

#endif
