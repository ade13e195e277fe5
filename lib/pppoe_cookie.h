/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_COOKIE_H
#define PPPOE_COOKIE_H

#include <stdint.h>

#include "pppoe.h"

/*
 * AC-Cookies (RFC 2516 section 5.3 and appendix A): a PADR is believed when it
 * brings back what a PADO gave to the same client, so that a flood of PADI and
 * PADR with forged addresses costs no memory. The cookie holds when it was
 * made, and a keyed hash over that and over whom it was made for.
 */

#define PPPOE_COOKIE_LEN 12

struct pppoe_cookie {
	uint32_t stamp; /* ms, of a clock that may wrap */
	uint64_t id;	/* the client: its address and VLAN */
	struct pppoe_str host_uniq;
};

void pppoe_cookie_make(const struct pppoe_cookie *c, const uint8_t key[16],
    uint8_t b[PPPOE_COOKIE_LEN]);

/* is got one that was made with key for c's client? 0 and its stamp in c,
 * or -1 */
int pppoe_cookie_check(
    struct pppoe_cookie *c, const uint8_t key[16], struct pppoe_str got);

#endif
