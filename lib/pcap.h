/* limen: ISC licence, see LICENSE */
#ifndef PCAP_H
#define PCAP_H

#include <stdint.h>

#include "rd.h"
#include "wr.h"

/* pcap files (draft-ietf-opsawg-pcap), nanoseconds, little endian as written;
 * read in any of the four forms */

#define PCAP_HEAD 24 /* of the file */
#define PCAP_REC  16 /* of each packet */
#define PCAP_SNAP 262144

enum {
	PCAP_ETHERNET = 1,
	PCAP_RAW = 101, /* IPv4 or IPv6 without a header before it */
};

struct pcap {
	uint32_t link, snap;
	int nano, swapped;
};

struct pcap_rec {
	int64_t ns; /* since 1970 */
	uint32_t len, orig;
	const uint8_t *data;
};

void pcap_put(struct wr *w, uint32_t link);
void pcap_rec_put(struct wr *w, int64_t ns, uint32_t len);

/* the file's header; 0, or -1 when it is not one */
int pcap_get(struct rd *r, struct pcap *p);

/* the next packet: 1, 0 at the end, -1 when cut short or longer than snap */
int pcap_rec_get(struct rd *r, const struct pcap *p, struct pcap_rec *rec);

#endif
