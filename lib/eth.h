/* limen: ISC licence, see LICENSE */
#ifndef ETH_H
#define ETH_H

#include <stddef.h>
#include <stdint.h>

#include "wr.h"

#define ETH_HEAD 14
#define ETH_TAGS 2
#define ETH_MAX	 (ETH_HEAD + 4 * ETH_TAGS) /* the longest header here */

enum {
	ETH_IP = 0x0800,
	ETH_ARP = 0x0806,
	ETH_QTAG = 0x8100, /* IEEE 802.1Q */
	ETH_IP6 = 0x86dd,
	ETH_PPPOED = 0x8863,
	ETH_PPPOES = 0x8864,
	ETH_STAG = 0x88a8, /* IEEE 802.1ad, the outer tag of QinQ */
};

/* one VLAN tag: its type and the control word (priority and number) */
struct eth_tag {
	uint16_t tpid, tci;
};

struct eth {
	uint8_t dst[6], src[6];
	struct eth_tag tag[ETH_TAGS]; /* the outer one first */
	int ntag;
	uint16_t type;
	const uint8_t *body; /* in the frame */
	size_t len;
};

/* reads a frame's header and at most ETH_TAGS VLAN tags; 0, or -1 when it is
 * cut short or has more tags */
int eth_get(struct eth *e, const void *frame, size_t len);

/* writes the header: addresses, tags and type */
void eth_put(struct wr *w, const struct eth *e);

/* the number of the VLAN, 0 without a tag (and for priority tags) */
unsigned eth_vlan(const struct eth_tag *t);

/* the numbers of n tags in one; a tag of priority alone names no VLAN (IEEE
 * 802.1Q section 9.6) and does not count */
uint32_t eth_vlans(const struct eth_tag *t, int n);

#endif
