/* limen: ISC licence, see LICENSE */
#ifndef PPPOE_H
#define PPPOE_H

#include <stddef.h>
#include <stdint.h>

#include "rd.h"
#include "wr.h"

#define PPPOE_HEAD 6	/* bytes before the payload */
#define PPPOE_MRU  1492 /* RFC 2516 section 7 */

#define PPPOE_SID_NONE 0xffff /* reserved, section 4 */

/* RFC 2516 section 5 */
enum {
	PPPOE_SESSION = 0x00,
	PPPOE_PADO = 0x07,
	PPPOE_PADI = 0x09,
	PPPOE_PADR = 0x19,
	PPPOE_PADS = 0x65,
	PPPOE_PADT = 0xa7,
};

/* RFC 2516 appendix A; RFC 4638 section 3 */
enum {
	PPPOE_END = 0x0000,
	PPPOE_SERVICE = 0x0101,
	PPPOE_AC_NAME = 0x0102,
	PPPOE_HOST_UNIQ = 0x0103,
	PPPOE_COOKIE = 0x0104,
	PPPOE_VENDOR = 0x0105,
	PPPOE_RELAY_ID = 0x0110,
	PPPOE_MAX_PAYLOAD = 0x0120,
	PPPOE_SERVICE_ERR = 0x0201,
	PPPOE_AC_ERR = 0x0202,
	PPPOE_GENERIC_ERR = 0x0203,
};

struct pppoe {
	uint8_t code;
	uint16_t sid;
	const uint8_t *body; /* as long as its length field says */
	size_t len;
};

/* bytes within a packet; p is NULL when the tag was not there */
struct pppoe_str {
	const uint8_t *p;
	size_t len;
};

struct pppoe_tag {
	uint16_t type;
	struct pppoe_str v;
};

/* what a discovery packet says; the first of each kind counts */
struct pppoe_disc {
	struct pppoe_str service, ac_name, host_uniq, cookie, relay_id;
	struct pppoe_str circuit, remote; /* TR-101: vendor 0x0DE9, 1 and 2 */
	struct pppoe_tag error;		  /* type 0: none */
	uint16_t max_payload;		  /* 0: none */
};

/* the header; padding after the payload is cut off. 0, or -1 when version or
 * type are not 1, the length runs past the end, or the session id is the one
 * that must not be used */
int pppoe_get(struct pppoe *p, const void *buf, size_t len);

/* all tags of a discovery packet; 0, or -1 */
int pppoe_disc_get(struct pppoe_disc *d, const struct pppoe *p);

/* writes a header; hand the result to pppoe_end() after the payload */
size_t pppoe_put(struct wr *w, unsigned code, unsigned sid);
void pppoe_end(struct wr *w, size_t hole);

void pppoe_tag_put(struct wr *w, unsigned type, struct pppoe_str v);

/* nothing when v is 0 */
void pppoe_max_payload_put(struct wr *w, uint16_t v);

/* nothing when v.p is NULL; an empty v is put as an empty tag */
void pppoe_echo_put(struct wr *w, unsigned type, struct pppoe_str v);

/* the same bytes? (NULL counts as empty) */
int pppoe_str_is(struct pppoe_str a, struct pppoe_str b);

/* a C string as one, without its NUL */
struct pppoe_str pppoe_str(const char *s);

/* "PADI" ..., for messages */
const char *pppoe_name(unsigned code);

/* the MRU that is wanted, or less where an interface of that MTU (0: none)
 * carries no more: RFC 2516 section 7, RFC 4638 */
uint16_t pppoe_mru(uint16_t want, unsigned mtu);

#endif
