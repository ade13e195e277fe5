/* limen: ISC licence, see LICENSE */
#include <sys/mman.h>
#include <sys/socket.h>
#include <linux/if_packet.h>

#include <string.h>

#include "eth.h"
#include "pktring.h"

enum {
	SLOT = 2048,
	BLOCK = 1 << 16,
	SLOTS = 2048, /* 4 MiB: 25 ms of 1500-byte frames at 1 Gbit/s */
	RESERVE = 32, /* room for a VLAN tag and for the tool's own header */
	AHEAD = 4,    /* frames whose beginnings the processor fetches early */
};

int
pktring_open(struct pktring *r, int fd)
{
	struct tpacket_req req = { BLOCK, SLOTS / (BLOCK / SLOT), SLOT, SLOTS };
	int version = TPACKET_V2, reserve = RESERVE;
	void *m;

	memset(r, 0, sizeof(*r));
	if (setsockopt(fd, SOL_PACKET, PACKET_VERSION, &version,
		sizeof(version)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RESERVE, &reserve,
		sizeof(reserve)) < 0 ||
	    setsockopt(fd, SOL_PACKET, PACKET_RX_RING, &req, sizeof(req)) < 0)
		return -1;
	m = mmap(NULL, (size_t)SLOTS * SLOT, PROT_READ | PROT_WRITE, MAP_SHARED,
	    fd, 0);
	if (m == MAP_FAILED)
		return -1;
	r->map = m;
	r->size = (size_t)SLOTS * SLOT;
	r->slots = SLOTS;
	return 0;
}

uint8_t *
pktring_tag(uint8_t *p, unsigned tpid, unsigned tci)
{
	memmove(p - 4, p, 12);
	p -= 4;
	p[12] = (uint8_t)(tpid >> 8);
	p[13] = (uint8_t)tpid;
	p[14] = (uint8_t)(tci >> 8);
	p[15] = (uint8_t)tci;
	return p;
}

static struct tpacket2_hdr *
slot(const struct pktring *r, unsigned i)
{
	return (void *)(r->map + (size_t)(i % r->slots) * SLOT);
}

uint8_t *
pktring_next(struct pktring *r, size_t *len)
{
	struct tpacket2_hdr *h;
	unsigned status;
	uint8_t *p;

	while (r->held < r->slots) {
		h = slot(r, r->at);
		status = __atomic_load_n(&h->tp_status, __ATOMIC_ACQUIRE);
		if (!(status & TP_STATUS_USER))
			return NULL;
		p = (void *)slot(r, r->at + AHEAD);
		__builtin_prefetch(p);
		__builtin_prefetch(p + h->tp_mac);
		r->at = (r->at + 1) % r->slots;
		r->held++;
		if (h->tp_snaplen < h->tp_len) {
			r->cut++;
			continue;
		}
		p = (uint8_t *)h + h->tp_mac;
		*len = h->tp_snaplen;
		if (!(status & TP_STATUS_VLAN_VALID) || *len < 12)
			return p;
		*len += 4;
		return pktring_tag(p,
		    status & TP_STATUS_VLAN_TPID_VALID ? h->tp_vlan_tpid
						       : ETH_QTAG,
		    h->tp_vlan_tci);
	}
	return NULL;
}

void
pktring_done(struct pktring *r)
{
	unsigned i = r->at + r->slots - r->held;

	for (; r->held; r->held--, i++)
		__atomic_store_n(
		    &slot(r, i)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
}

void
pktring_close(struct pktring *r)
{
	if (r->map)
		munmap(r->map, r->size);
	r->map = NULL;
}
