/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_AC_H
#define PPPOE_AC_H

#include <stddef.h>
#include <stdint.h>

#include "bucket.h"
#include "eth.h"
#include "pppoe.h"
#include "pppoe_tab.h"

/*
 * The access concentrator's side of PPPoE (RFC 2516, RFC 4638), many
 * sessions. Driven thus:
 *
 *	pppoe_ac_input(ac, now, frame, len);	a discovery frame (0x8863)
 *	while (pppoe_ac_next(ac, &act))		drain before the next event
 *		switch (act.type) ...
 *
 * PPPOE_AC_OPEN asks: a client wants a session; the owner answers, at once or
 * later, with pppoe_ac_accept() or pppoe_ac_refuse(), and until then no
 * session frame passes. PPPOE_AC_CLOSE says that a session is over (the
 * client's PADT); its struct may be read until the next event, pending ones
 * too. Session frames (0x8864) go the short way: pppoe_ac_data() and
 * pppoe_ac_head().
 *
 * An AC-Cookie is a keyed hash over the time, the client's address, its VLAN
 * and its Host-Uniq: nothing is kept for a PADI, and a PADR without a good
 * and fresh one is ignored. The same PADR again opens nothing: while the
 * owner thinks it is dropped, then its PADS is sent again. Memory is fixed
 * (pppoe_ac_size() bytes that the owner gives), every look-up is a hash's,
 * nothing scans the sessions.
 */

#define PPPOE_AC_SERVICES 16

enum pppoe_ac_flags {
	PPPOE_AC_ANY = 1,      /* any Service-Name is served */
	PPPOE_AC_NO_BLANK = 2, /* an empty Service-Name is not */
	PPPOE_AC_DRAIN = 4,    /* no new sessions: PADI and PADR ignored */
	PPPOE_AC_UNTAGGED = 8, /* frames with a VLAN tag are ignored */
};

/* every number that is 0: no limit, no delay; strings outlive the machine */
struct pppoe_ac_conf {
	uint8_t mac[6];	  /* ours */
	const char *name; /* AC-Name */
	const char *service[PPPOE_AC_SERVICES];
	int nservice;
	unsigned flags;
	uint32_t max;		/* sessions, at most PPPOE_TAB_MAX; not 0 */
	uint32_t max_per_mac;	/* sessions of one client (address and VLAN) */
	uint32_t padi_rate;	/* PADI a second, in all */
	uint32_t padi_mac_rate; /* PADI a second of one client */
	int64_t pado_delay;	/* ms */
	int cookie_life;	/* ms; 0: 60 s */
	uint16_t max_payload;	/* PPP-Max-Payload granted; 0: none */
	uint8_t key[16];	/* secret random bytes */
};

enum pppoe_ac_type {
	PPPOE_AC_SEND,	/* frame, len: to the wire */
	PPPOE_AC_OPEN,	/* s; disc: what the PADR said */
	PPPOE_AC_CLOSE, /* s; disc: what the PADT said */
	PPPOE_AC_NOTE,	/* for the log: code of mac was dropped, why */
};

enum pppoe_ac_why {
	PPPOE_AC_OK,
	PPPOE_AC_MALFORMED,
	PPPOE_AC_NOT_OURS,
	PPPOE_AC_NO_SERVICE,
	PPPOE_AC_RATE,
	PPPOE_AC_FULL,
	PPPOE_AC_PER_MAC,
	PPPOE_AC_BAD_COOKIE,
	PPPOE_AC_OLD_COOKIE,
	PPPOE_AC_OTHER_AC,
	PPPOE_AC_TOO_LONG,
	PPPOE_AC_REPEATED,
	PPPOE_AC_UNKNOWN_SID,
	PPPOE_AC_DRAINING,
	PPPOE_AC_UNNAMED,
	PPPOE_AC_WHYS
};

struct pppoe_ac_act {
	enum pppoe_ac_type type;
	enum pppoe_ac_why why;
	uint8_t code;
	uint8_t mac[6];
	struct pppoe_session *s;
	const struct pppoe_disc *disc; /* points into the packet given */
	const uint8_t *frame;
	size_t len;
};

struct pppoe_ac_count {
	uint64_t padi, pado, padr, pads, padt_in, padt_out;
	uint64_t dropped[PPPOE_AC_WHYS];
};

struct pppoe_ac_mac;
struct pppoe_ac_late;

struct pppoe_ac {
	struct pppoe_ac_conf conf; /* limits and flags may change meanwhile */
	struct pppoe_tab tab;	   /* tab.count sessions, asked ones too */
	struct pppoe_ac_count n;
	/* the rest is the machine's own */
	struct pppoe_ac_late *late; /* PADOs that wait: a ring */
	uint32_t late_first, late_n;
	struct bucket all, stray;
	struct pppoe_ac_mac *macs;
	struct pppoe_disc disc;
	struct pppoe_ac_act act[4];
	int nact, at;
	uint8_t out[1526];
};

/* how much memory conf->max sessions take */
size_t pppoe_ac_size(const struct pppoe_ac_conf *conf);

/* mem: that much, zeroed, aligned as malloc's; the owner's, to be freed when
 * the machine is done */
void pppoe_ac_init(
    struct pppoe_ac *ac, const struct pppoe_ac_conf *conf, void *mem);

void pppoe_ac_input(
    struct pppoe_ac *ac, int64_t now, const void *frame, size_t len);
int pppoe_ac_next(struct pppoe_ac *ac, struct pppoe_ac_act *act);

/* when pppoe_ac_tick() is due (a delayed PADO), -1: never; each tick is one
 * event, so tick and drain until the deadline lies ahead */
int64_t pppoe_ac_deadline(const struct pppoe_ac *ac);
void pppoe_ac_tick(struct pppoe_ac *ac, int64_t now);

/* the answer to PPPOE_AC_OPEN: PADS with the session, or with the error tag
 * (PPPOE_SERVICE_ERR, PPPOE_AC_ERR, PPPOE_GENERIC_ERR) and a reason, after
 * which s is free. On a session in another state they do nothing. */
void pppoe_ac_accept(struct pppoe_ac *ac, struct pppoe_session *s);
void pppoe_ac_refuse(struct pppoe_ac *ac, struct pppoe_session *s, unsigned tag,
    const char *reason);

/* ends a session of ours with PADT; reason (or NULL) goes into Generic-Error.
 * One that is still asked for is dropped without a word. */
void pppoe_ac_close(
    struct pppoe_ac *ac, struct pppoe_session *s, const char *reason);

/*
 * The session that a frame is for, when it is what most are: one without a
 * VLAN tag, whole, for a session that is up, from its client to us. NULL: go
 * the long way (eth_get(), pppoe_get(), pppoe_ac_data()). The PPP frame is at
 * PPPOE_AC_PLAIN, its length in *n. Before that pppoe_ac_ahead() has the
 * processor fetch it, best for some frames at a time; its slot, most likely,
 * or -1.
 */
#define PPPOE_AC_PLAIN (ETH_HEAD + PPPOE_HEAD)
struct pppoe_session *pppoe_ac_plain(
    const struct pppoe_ac *ac, const uint8_t *frame, size_t len, size_t *n);
int32_t pppoe_ac_ahead(
    const struct pppoe_ac *ac, const uint8_t *frame, size_t len);

/* the session of a frame with type 0x8864: sent to us, by the client whose
 * it is, in its VLAN, and up; else NULL */
struct pppoe_session *pppoe_ac_data(
    struct pppoe_ac *ac, const struct eth *e, const struct pppoe *p);

/* a session frame that was nobody's: its sender is told so (PADT), at most
 * 50 times a second; helps clients to see a restart here at once */
void pppoe_ac_stray(struct pppoe_ac *ac, int64_t now, const struct eth *e,
    const struct pppoe *p);

/* writes the header of a session frame that carries len bytes at dst, which
 * has room for PPPOE_HEAD_MAX; returns how long it is */
size_t pppoe_ac_head(const struct pppoe_session *s, uint8_t *dst, size_t len);
/* the same length, without writing */
size_t pppoe_ac_headlen(const struct pppoe_session *s);

/* the session's number from 0 to max - 1, for tables of the owner's, and back
 */
uint32_t pppoe_ac_slot(
    const struct pppoe_ac *ac, const struct pppoe_session *s);
struct pppoe_session *pppoe_ac_at(const struct pppoe_ac *ac, uint32_t slot);

/* for the log: "AC-Cookie not ours" ... */
const char *pppoe_ac_why(enum pppoe_ac_why why);

#endif
